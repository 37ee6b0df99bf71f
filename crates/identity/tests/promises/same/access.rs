//! Who may do what: every action as everybody.

use serde_json::{Value, json};

use super::only;
use super::records::place;
use crate::walk::Walk;

const NULL: Value = Value::Null;

pub(super) async fn walk(walk: &mut Walk) {
    walk.about("who may do what");
    let (alice, bob, red, blue) = (
        walk.id("alice"),
        walk.id("bob"),
        walk.id("red"),
        walk.id("blue"),
    );
    let reading = [
        "/v3/users".to_owned(),
        format!("/v3/users/{alice}"),
        format!("/v3/users/{bob}"),
        "/v3/users/nobody".to_owned(),
        format!("/v3/users/{alice}/projects"),
        "/v3/projects".to_owned(),
        format!("/v3/projects/{red}"),
        format!("/v3/projects/{blue}"),
        "/v3/projects/nothing".to_owned(),
        "/v3/roles".to_owned(),
        format!("/v3/roles/{}", walk.id("role member")),
        format!("/v3/roles/{}", walk.id("role admin")),
        "/v3/roles/nothing".to_owned(),
        "/v3/role_assignments".to_owned(),
        format!("/v3/role_assignments?user.id={alice}"),
        format!("/v3/role_assignments?scope.project.id={red}"),
        format!("/v3/projects/{red}/users/{alice}/roles"),
        place(walk, "alice", "red", "member"),
        "/v3/domains".to_owned(),
        "/v3/domains/default".to_owned(),
        "/v3/domains/other".to_owned(),
        "/v3/services".to_owned(),
        "/v3/endpoints".to_owned(),
        "/v3/regions".to_owned(),
        format!("/v3/users/{alice}/application_credentials"),
    ];
    for path in &reading {
        for who in [
            "alice",
            "rita",
            "carl",
            "sam",
            "bob",
            "alice by id",
            "rubbish",
            "-",
        ] {
            walk.status(who, &format!("GET {path}"), NULL).await;
        }
    }
    for what in [
        "GET /v3/users".to_owned(),
        format!("GET /v3/projects/{blue}"),
        "GET /v3/role_assignments".to_owned(),
    ] {
        walk.say("alice", &what, NULL).await;
        walk.say("-", &what, NULL).await;
        walk.say("rubbish", &what, NULL).await;
    }
    writing(walk, &[&alice, &bob, &red]).await;
}

async fn writing(walk: &mut Walk, ids: &[&str; 3]) {
    let [alice, bob, red] = ids;
    let changes = [
        (
            "POST /v3/users".to_owned(),
            only("user", json!({"name": walk.own("evil")})),
        ),
        (
            "POST /v3/projects".to_owned(),
            only("project", json!({"name": walk.own("evil")})),
        ),
        (
            format!("PATCH /v3/users/{alice}"),
            only("user", json!({"password": "taken"})),
        ),
        (
            format!("PATCH /v3/users/{bob}"),
            only("user", json!({"password": "taken"})),
        ),
        (
            format!("PATCH /v3/projects/{red}"),
            only("project", json!({"enabled": false})),
        ),
        (format!("DELETE /v3/users/{bob}"), NULL),
        (format!("DELETE /v3/projects/{red}"), NULL),
        (
            format!("PUT {}", place(walk, "alice", "red", "admin")),
            NULL,
        ),
        (
            format!("PUT {}", place(walk, "alice", "red", "member")),
            NULL,
        ),
        (
            format!("DELETE {}", place(walk, "alice", "red", "member")),
            NULL,
        ),
        (
            format!("POST /v3/users/{bob}/application_credentials"),
            only("application_credential", json!({"name": "evil"})),
        ),
    ];
    for (what, body) in &changes {
        for who in [
            "alice",
            "rita",
            "carl",
            "sam",
            "alice by id",
            "rubbish",
            "-",
        ] {
            // A client without a body on a method that has none.
            walk.say(who, what, body.clone()).await;
        }
    }
}

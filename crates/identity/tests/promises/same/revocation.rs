//! What ends tokens: being revoked, another password, a disabled or deleted user or project, a role that is taken.

use serde_json::{Value, json};

use super::only;
use super::records::place;
use crate::walk::Walk;

const NULL: Value = Value::Null;
const SHOW: &str = "GET /v3/auth/tokens?nocatalog";

pub(super) async fn walk(walk: &mut Walk) {
    revoked(walk).await;
    passwords(walk).await;
    roles(walk).await;
    disabled(walk).await;
    deleted(walk).await;
}

async fn revoked(walk: &mut Walk) {
    walk.about("revoked tokens");
    walk.settle().await;
    walk.password("alice", "first", "red").await;
    walk.password("bob", "first", "blue").await;
    let revoke = "DELETE /v3/auth/tokens";
    walk.about_token("alice", "bob", revoke, NULL).await;
    walk.about_token("sam", "bob", revoke, NULL).await;
    walk.about_token("alice", "alice", revoke, NULL).await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.say("alice", "GET /v3/auth/projects", NULL).await;
    walk.status_about("alice", "alice", SHOW).await;
    walk.about_token("admin", "bob", revoke, NULL).await;
    walk.status_about("admin", "bob", SHOW).await;
    walk.status_about("admin", "bob", revoke).await;
}

async fn passwords(walk: &mut Walk) {
    walk.about("another password");
    walk.password("alice", "first", "red").await;
    let change = format!("POST /v3/users/{}/password", walk.id("alice"));
    let to =
        |old: &str, new: &str| only("user", json!({"original_password": old, "password": new}));
    walk.say("-", &change, to("wrong", "second")).await;
    walk.status("-", &change, only("user", json!({"password": "second"})))
        .await;
    walk.status(
        "-",
        &change,
        only("user", json!({"original_password": "first"})),
    )
    .await;
    walk.say("-", "POST /v3/users/nobody/password", to("first", "second"))
        .await;
    walk.say("-", &change, to("first", "second")).await;
    walk.settle().await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.password("alice", "first", "red").await;
    walk.password("alice", "second", "red").await;
    // The administrator's way.
    let set = format!("PATCH /v3/users/{}", walk.id("alice"));
    walk.say("admin", &set, only("user", json!({"password": "third"})))
        .await;
    walk.settle().await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.password("alice", "second", "red").await;
    walk.password("alice", "third", "red").await;
}

async fn roles(walk: &mut Walk) {
    walk.about("a role that is taken");
    walk.settle().await;
    let (member, reader) = (
        place(walk, "alice", "red", "member"),
        place(walk, "alice", "red", "reader"),
    );
    walk.say("admin", &format!("PUT {reader}"), NULL).await;
    walk.password("alice", "third", "red").await;
    walk.say("admin", &format!("DELETE {member}"), NULL).await;
    walk.settle().await;
    // Whether the token ends or has fewer roles, it is no member any more.
    walk.status_about("admin", "alice", SHOW).await;
    walk.password("alice", "third", "red").await;
    walk.say("admin", &format!("DELETE {reader}"), NULL).await;
    walk.settle().await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.password("alice", "third", "red").await;
    walk.password("alice", "third", "blue").await;
}

async fn disabled(walk: &mut Walk) {
    walk.about("disabled users and projects");
    let user = format!("PATCH /v3/users/{}", walk.id("alice"));
    let project = format!("PATCH /v3/projects/{}", walk.id("red"));
    let enabled = |kind: &str, on: bool| only(kind, json!({"enabled": on}));
    walk.say("admin", &user, enabled("user", false)).await;
    walk.settle().await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.say("alice", "GET /v3/auth/projects", NULL).await;
    walk.password("alice", "third", "blue").await;
    walk.password("alice", "third", "-").await;
    walk.say("admin", &user, enabled("user", true)).await;
    walk.status_about("admin", "alice", SHOW).await;
    walk.password("alice", "third", "blue").await;
    walk.password("rita", "first", "red").await;
    walk.say("admin", &project, enabled("project", false)).await;
    walk.settle().await;
    walk.status_about("admin", "rita", SHOW).await;
    walk.password("rita", "first", "red").await;
    walk.password("rita", "first", "-").await;
    walk.say("rita", "GET /v3/auth/projects", NULL).await;
    walk.say("admin", &project, enabled("project", true)).await;
    walk.password("rita", "first", "red").await;
}

async fn deleted(walk: &mut Walk) {
    walk.about("deleted users and projects");
    walk.settle().await;
    for name in ["rita", "alice", "bob", "carl", "sam", "dora", "mute"] {
        let what = format!("DELETE /v3/users/{}", walk.id(name));
        walk.say("admin", &what, NULL).await;
    }
    walk.settle().await;
    walk.status_about("admin", "rita", SHOW).await;
    walk.password("rita", "first", "red").await;
    for name in ["red", "blue"] {
        let what = format!("DELETE /v3/projects/{}", walk.id(name));
        walk.say("admin", &what, NULL).await;
    }
    let assignments = format!("GET /v3/role_assignments?user.id={}", walk.id("rita"));
    walk.status("admin", &assignments, NULL).await;
}

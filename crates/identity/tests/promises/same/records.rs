//! Versions, domains, roles, projects, users and their roles, as an administrator works with them.

use serde_json::{Value, json};

use super::only;
use crate::walk::Walk;

const NULL: Value = Value::Null;

pub(super) async fn walk(walk: &mut Walk) {
    versions(walk).await;
    fixed(walk).await;
    projects(walk).await;
    users(walk).await;
    assignments(walk).await;
}

async fn versions(walk: &mut Walk) {
    walk.about("versions");
    for what in ["GET /", "GET /v3", "GET /v3/"] {
        walk.say("-", what, NULL).await;
    }
    walk.status("-", "GET /v3/nothing", NULL).await;
    walk.say("-", "POST /v3/auth/catalog", json!({})).await;
    walk.say("-", "PUT /v3/auth/tokens", json!({})).await;
    walk.say("-", "DELETE /v3/users", NULL).await;
}

async fn fixed(walk: &mut Walk) {
    walk.about("what is fixed");
    for what in [
        "GET /v3/domains?name=Default",
        "GET /v3/domains?name=Other",
        "GET /v3/domains/default",
        "GET /v3/domains/other",
        "GET /v3/roles?name=member",
        "GET /v3/roles?name=other",
        "GET /v3/roles/other",
        "GET /v3/regions",
        "GET /v3/services?type=image",
        "GET /v3/endpoints?interface=public",
        "GET /v3/auth/catalog",
        "GET /v3/auth/domains",
        "GET /v3/auth/projects",
    ] {
        // The lab's administrator has roles in the system and in a domain; ours has not.
        if matches!(what, "GET /v3/auth/domains" | "GET /v3/auth/projects") {
            walk.status("admin", what, NULL).await;
        } else {
            walk.say("admin", what, NULL).await;
        }
    }
    for role in ["reader", "member", "manager", "admin"] {
        let what = format!("GET /v3/roles/{}", walk.id(&format!("role {role}")));
        walk.say("admin", &what, NULL).await;
    }
}

/// Makes a project or a user of this walk.
async fn make(walk: &mut Walk, kind: &str, name: &str, mut members: Value) {
    members["name"] = json!(walk.own(name));
    let said = walk
        .say("admin", &format!("POST /v3/{kind}s"), only(kind, members))
        .await;
    walk.call(said.body[kind]["id"].as_str().unwrap(), name);
}

// long: one list of calls
async fn projects(walk: &mut Walk) {
    walk.about("projects");
    make(walk, "project", "red", json!({})).await;
    let more = json!({"description": "the other one", "domain_id": "default", "enabled": true});
    make(walk, "project", "blue", more).await;
    let spaced = json!({"name": format!(" {} ", walk.own("blue"))});
    walk.status("admin", "POST /v3/projects", only("project", spaced))
        .await;
    make(
        walk,
        "project",
        "gone",
        json!({"enabled": false, "colour": "grey"}),
    )
    .await;
    let taken = only("project", json!({"name": walk.own("red")}));
    walk.status("admin", "POST /v3/projects", taken).await;
    for members in [
        json!({}),
        json!({"name": ""}),
        json!({"name": 5}),
        json!({"name": null}),
        json!({"name": "x".repeat(65)}),
        json!({"name": walk.own("x"), "enabled": "perhaps"}),
        json!({"name": walk.own("x"), "description": 5}),
    ] {
        walk.status("admin", "POST /v3/projects", only("project", members))
            .await;
    }
    let elsewhere = only(
        "project",
        json!({"name": walk.own("x"), "domain_id": "other"}),
    );
    walk.say("admin", "POST /v3/projects", elsewhere).await;
    let (red, gone) = (walk.id("red"), walk.id("gone"));
    for what in [
        format!("GET /v3/projects?name={}", walk.own("red")),
        format!(
            "GET /v3/projects?name={}&domain_id=default",
            walk.own("red")
        ),
        format!("GET /v3/projects?name={}&domain_id=other", walk.own("red")),
        format!("GET /v3/projects?name={}&enabled=false", walk.own("red")),
        format!("GET /v3/projects?name={}&enabled=False", walk.own("gone")),
        "GET /v3/projects?name=none-has-this-name".to_owned(),
        format!("GET /v3/projects/{red}"),
        "GET /v3/projects/nothing".to_owned(),
    ] {
        walk.say("admin", &what, NULL).await;
    }
    for change in [
        json!({"description": "red as a rose"}),
        json!({}),
        json!({"name": walk.own("red"), "enabled": true}),
        json!({"colour": "red"}),
        json!({"colour": null}),
    ] {
        let what = format!("PATCH /v3/projects/{red}");
        walk.say("admin", &what, only("project", change)).await;
    }
    let nothing = only("project", json!({"description": "x"}));
    walk.say("admin", "PATCH /v3/projects/nothing", nothing)
        .await;
    for _ in 0..2 {
        let what = format!("DELETE /v3/projects/{gone}");
        walk.say("admin", &what, NULL).await;
    }
}

async fn users(walk: &mut Walk) {
    walk.about("users");
    for name in ["alice", "rita", "bob", "carl", "sam"] {
        make(walk, "user", name, json!({"password": "first"})).await;
    }
    let red = walk.id("red");
    let all = json!({
        "password": "first", "email": "dora@example.org", "description": "Dora", "enabled": true,
        "domain_id": "default", "default_project_id": red,
    });
    make(walk, "user", "dora", all).await;
    make(walk, "user", "mute", json!({})).await;
    let taken = only("user", json!({"name": walk.own("alice"), "password": "x"}));
    walk.say("admin", "POST /v3/users", taken).await;
    for members in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "  "}),
        json!({"name": format!(" {} ", walk.own("alice"))}),
        json!({"name": 5}),
        json!({"name": "x".repeat(256)}),
        json!({"name": walk.own("x"), "password": 5}),
        json!({"name": walk.own("x"), "enabled": "perhaps"}),
    ] {
        walk.status("admin", "POST /v3/users", only("user", members))
            .await;
    }
    let dora = walk.id("dora");
    for what in [
        format!("GET /v3/users?name={}", walk.own("dora")),
        format!("GET /v3/users?name={}&domain_id=default", walk.own("dora")),
        format!("GET /v3/users?name={}&enabled=false", walk.own("dora")),
        "GET /v3/users?name=none-has-this-name".to_owned(),
        format!("GET /v3/users/{dora}"),
        "GET /v3/users/nobody".to_owned(),
    ] {
        walk.say("admin", &what, NULL).await;
    }
    for change in [
        json!({"email": "dora@example.net", "shoe": "38"}),
        json!({"email": null}),
        json!({"name": walk.own("doris"), "description": "Doris"}),
        json!({"name": walk.own("dora"), "default_project_id": red}),
        json!({"enabled": true}),
    ] {
        let what = format!("PATCH /v3/users/{dora}");
        walk.say("admin", &what, only("user", change)).await;
    }
    let taken = only("user", json!({"name": walk.own("alice")}));
    walk.status("admin", &format!("PATCH /v3/users/{dora}"), taken)
        .await;
    let nobody = only("user", json!({"email": "x"}));
    walk.say("admin", "PATCH /v3/users/nobody", nobody).await;
}

async fn assignments(walk: &mut Walk) {
    walk.about("roles in projects");
    for (user, project, role) in [
        ("alice", "red", "member"),
        ("alice", "red", "member"),
        ("alice", "blue", "reader"),
        ("rita", "red", "reader"),
        ("bob", "blue", "member"),
        ("carl", "red", "manager"),
        ("sam", "red", "service"),
        ("dora", "red", "admin"),
    ] {
        let what = format!("PUT {}", place(walk, user, project, role));
        walk.say("admin", &what, NULL).await;
    }
    let (alice, red) = (walk.id("alice"), walk.id("red"));
    let member = walk.id("role member");
    for what in [
        format!("PUT /v3/projects/{red}/users/{alice}/roles/nothing"),
        format!("PUT /v3/projects/{red}/users/nobody/roles/{member}"),
        format!("PUT /v3/projects/nothing/users/{alice}/roles/{member}"),
        format!("GET {}", place(walk, "alice", "red", "member")),
        format!("HEAD {}", place(walk, "alice", "red", "member")),
        format!("GET {}", place(walk, "alice", "red", "admin")),
        format!("HEAD {}", place(walk, "alice", "red", "admin")),
        format!("DELETE {}", place(walk, "alice", "red", "admin")),
        format!("GET /v3/projects/{red}/users/{alice}/roles"),
        format!("GET /v3/projects/{red}/users/nobody/roles"),
        format!("GET /v3/projects/nothing/users/{alice}/roles"),
        format!("GET /v3/role_assignments?user.id={alice}"),
        format!("GET /v3/role_assignments?user.id={alice}&include_names"),
        format!("GET /v3/role_assignments?user.id={alice}&include_names=0"),
        format!("GET /v3/role_assignments?scope.project.id={red}&include_names=True"),
        format!("GET /v3/role_assignments?scope.project.id={red}&role.id={member}"),
        format!("GET /v3/role_assignments?user.id={alice}&scope.project.id={red}&effective"),
        format!("GET /v3/users/{alice}/projects"),
        "GET /v3/users/nobody/projects".to_owned(),
    ] {
        walk.say("admin", &what, NULL).await;
    }
}

/// The path of a user's role in a project.
pub(super) fn place(walk: &Walk, user: &str, project: &str, role: &str) -> String {
    format!(
        "/v3/projects/{}/users/{}/roles/{}",
        walk.id(project),
        walk.id(user),
        walk.id(&format!("role {role}"))
    )
}

//! Application credentials, and what programs that have one may not do.

use serde_json::{Value, json};

use super::only;
use super::records::place;
use crate::rig::in_project;
use crate::walk::Walk;

const NULL: Value = Value::Null;
const KIND: &str = "application_credential";

pub(super) async fn walk(walk: &mut Walk) {
    making(walk).await;
    logging_in(walk).await;
    escalating(walk).await;
    ending(walk).await;
}

async fn make(walk: &mut Walk, who: &str, name: &str, mut members: Value) -> Option<String> {
    members["name"] = json!(name);
    let user = walk.id(who.split(' ').next().unwrap());
    let what = format!("POST /v3/users/{user}/application_credentials");
    let said = walk.say(who, &what, only(KIND, members)).await;
    let made = &said.body[KIND];
    walk.call(made["id"].as_str()?, name);
    Some(made["secret"].as_str()?.to_owned())
}

async fn making(walk: &mut Walk) {
    walk.about("making application credentials");
    let alice = walk.id("alice");
    let member = walk.id("role member");
    make(
        walk,
        "alice",
        "plain",
        json!({"secret": "plain", "description": "a robot"}),
    )
    .await;
    make(
        walk,
        "alice",
        "again",
        json!({"secret": "again", "roles": [{"id": member}]}),
    )
    .await;
    let some = json!({
        "secret": "some", "roles": [{"name": "reader"}], "unrestricted": true,
        "expires_at": "2100-01-01T00:00:00Z",
    });
    make(walk, "alice", "some", some).await;
    make(walk, "alice", "plain", json!({})).await;
    make(walk, "alice", "more", json!({"roles": [{"name": "admin"}]})).await;
    make(
        walk,
        "alice",
        "none",
        json!({"roles": [{"name": "nothing"}]}),
    )
    .await;
    make(
        walk,
        "alice",
        "past",
        json!({"expires_at": "2020-01-01T00:00:00Z"}),
    )
    .await;
    make(walk, "alice", "never", json!({"expires_at": "never"})).await;
    // No project, no credential: Keystone's words are those of its internals.
    let what = format!("POST /v3/users/{alice}/application_credentials");
    walk.status("alice", &what, only(KIND, json!({}))).await;
    walk.status("alice", &what, only(KIND, json!({"name": ""})))
        .await;
    let list = format!("GET /v3/users/{alice}/application_credentials");
    for who in ["alice", "admin"] {
        walk.say(who, &list, NULL).await;
        walk.say(who, &format!("{list}?name=some"), NULL).await;
    }
    let one = format!("{list}/{}", walk.id("plain"));
    for who in ["alice", "admin", "bob", "-"] {
        walk.say(who, &one, NULL).await;
    }
    walk.say("alice", &format!("{list}/nothing"), NULL).await;
}

fn by_id(walk: &Walk, name: &str, secret: &str) -> Value {
    json!({"methods": [KIND], KIND: {"id": walk.id(name), "secret": secret}})
}

async fn logging_in(walk: &mut Walk) {
    walk.about("logging in with application credentials");
    for name in ["plain", "again", "some"] {
        let identity = by_id(walk, name, name);
        walk.log_in(name, identity, NULL).await;
    }
    let user = json!({"name": walk.own("alice"), "domain": {"id": "default"}});
    let named = |name: &str, user: &Value, secret: &str| json!({"methods": [KIND], KIND: {"name": name, "user": user, "secret": secret}});
    walk.log_in("-", named("some", &user, "some"), NULL).await;
    let id = json!({"id": walk.id("alice")});
    walk.log_in("-", named("some", &id, "some"), NULL).await;
    walk.log_in("-", named("some", &id, "wrong"), NULL).await;
    let bob = json!({"id": walk.id("bob")});
    for (name, user) in [
        ("some", &bob),
        ("nothing", &id),
        ("some", &json!({"id": "nobody"})),
    ] {
        let auth = only("auth", json!({"identity": named(name, user, "some")}));
        walk.status("-", "POST /v3/auth/tokens", auth).await;
    }
    let wrong = by_id(walk, "plain", "wrong");
    walk.log_in("-", wrong, NULL).await;
    let unknown = json!({"methods": [KIND], KIND: {"id": "nothing", "secret": "x"}});
    walk.log_in("-", unknown, NULL).await;
    for scope in [
        in_project(&walk.own("red")),
        in_project(&walk.own("blue")),
        json!({"unscoped": {}}),
    ] {
        let identity = by_id(walk, "plain", "plain");
        walk.log_in("-", identity, scope).await;
    }
}

async fn escalating(walk: &mut Walk) {
    walk.about("what a program may not do");
    let alice = walk.id("alice");
    let made = format!("/v3/users/{alice}/application_credentials");
    let further = only(KIND, json!({"name": "further", "unrestricted": true}));
    walk.say("plain", &format!("POST {made}"), further).await;
    let itself = format!("DELETE {made}/{}", walk.id("plain"));
    walk.say("plain", &itself, NULL).await;
    walk.say("plain", &format!("GET {made}?name=plain"), NULL)
        .await;
    // One that may make others gives no more than it has.
    let more = json!({"name": "more", "roles": [{"name": "member"}]});
    walk.say("some", &format!("POST {made}"), only(KIND, more))
        .await;
    for name in ["plain", "some"] {
        let token = walk.token(name).unwrap();
        let identity = json!({"methods": ["token"], "token": {"id": token}});
        for scope in [
            NULL,
            in_project(&walk.own("red")),
            in_project(&walk.own("blue")),
            json!({"unscoped": {}}),
        ] {
            walk.log_in("-", identity.clone(), scope).await;
        }
    }
    for what in ["GET /v3/users", "GET /v3/projects", "GET /v3/auth/projects"] {
        walk.say("some", what, NULL).await;
    }
}

async fn ending(walk: &mut Walk) {
    walk.about("the end of application credentials");
    let alice = walk.id("alice");
    let plain = format!(
        "DELETE /v3/users/{alice}/application_credentials/{}",
        walk.id("plain")
    );
    for who in ["bob", "alice", "alice"] {
        walk.say(who, &plain, NULL).await;
    }
    walk.status_about("admin", "plain", "GET /v3/auth/tokens?nocatalog")
        .await;
    let identity = by_id(walk, "plain", "plain");
    walk.log_in("-", identity, NULL).await;
    // A program loses the role that its user loses.
    let member = place(walk, "alice", "red", "member");
    walk.say("admin", &format!("DELETE {member}"), NULL).await;
    walk.settle().await;
    walk.status_about("admin", "some", "GET /v3/auth/tokens?nocatalog")
        .await;
    let list = format!("GET /v3/users/{alice}/application_credentials");
    walk.say("admin", &list, NULL).await;
    walk.say("admin", &format!("PUT {member}"), NULL).await;
    walk.say("admin", &list, NULL).await;
}

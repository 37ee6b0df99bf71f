//! Logging in, and what tokens are good for.

use serde_json::{Value, json};

use super::only;
use crate::rig::in_project;
use crate::walk::Walk;

const NULL: Value = Value::Null;

pub(super) async fn walk(walk: &mut Walk) {
    passwords(walk).await;
    scopes(walk).await;
    malformed(walk).await;
    exchanged(walk).await;
    shown(walk).await;
}

async fn passwords(walk: &mut Walk) {
    walk.about("passwords");
    for (user, project) in [
        ("alice", "red"),
        ("rita", "red"),
        ("bob", "blue"),
        ("carl", "red"),
        ("sam", "red"),
        ("dora", "red"),
    ] {
        walk.password(user, "first", project).await;
    }
    let id = json!({"id": walk.id("alice"), "password": "first"});
    let by_id = json!({"methods": ["password"], "password": {"user": id}});
    walk.log_in("alice by id", by_id, NULL).await;
    let by_domain = json!({
        "name": walk.own("alice"), "domain": {"name": "Default"}, "password": "first",
    });
    let by_domain = json!({"methods": ["password"], "password": {"user": by_domain}});
    walk.log_in("alice by domain", by_domain, NULL).await;
    for (user, password) in [
        ("alice", "second"),
        ("alice", ""),
        ("nobody", "first"),
        ("mute", "first"),
        ("mute", ""),
        ("ALICE", "first"),
    ] {
        walk.password(user, password, "-").await;
    }
    let other = json!({
        "name": walk.own("alice"), "domain": {"id": "other"}, "password": "first",
    });
    let other = json!({"methods": ["password"], "password": {"user": other}});
    walk.log_in("-", other, NULL).await;
}

async fn scopes(walk: &mut Walk) {
    walk.about("scopes");
    let (red, blue) = (walk.id("red"), walk.id("blue"));
    let rose = walk.own("red");
    for scope in [
        NULL,
        json!("unscoped"),
        json!({"unscoped": {}}),
        json!({"project": {"id": red}}),
        json!({"project": {"id": blue}}),
        json!({"project": {"name": rose, "domain": {"name": "Default"}}}),
        json!({"project": {"name": rose, "domain": {"id": "other"}}}),
        json!({"project": {"name": rose}}),
        json!({"project": {"id": "nothing"}}),
        json!({"project": {"id": walk.id("gone")}}),
        json!({"project": {}}),
        json!({"domain": {"id": "default"}}),
        json!({"domain": {"id": "other"}}),
        json!({"system": {"all": true}}),
        json!({}),
        json!({"moon": {}}),
    ] {
        let identity = walk.with_password("bob", "first");
        walk.log_in("-", identity, scope).await;
    }
    // The default project.
    for scope in [NULL, json!({"unscoped": {}})] {
        let identity = walk.with_password("dora", "first");
        walk.log_in("-", identity, scope).await;
    }
}

async fn malformed(walk: &mut Walk) {
    walk.about("log-ins that are none");
    let post = "POST /v3/auth/tokens";
    walk.say("-", post, json!([])).await;
    walk.say("-", post, json!({})).await;
    let user = |members: Value| json!({"methods": ["password"], "password": {"user": members}});
    for identity in [
        json!({}),
        json!({"methods": ["magic"], "magic": {}}),
        json!({"methods": ["password"]}),
        json!({"methods": ["token"]}),
        json!({"methods": ["token"], "token": {}}),
        json!({"methods": ["application_credential"]}),
        user(json!({"name": "x", "password": "first"})),
        user(json!({"password": "first"})),
    ] {
        let auth = only("auth", json!({"identity": identity}));
        walk.status("-", post, auth).await;
    }
    walk.status("-", post, only("auth", json!({}))).await;
}

async fn exchanged(walk: &mut Walk) {
    walk.about("a token for another");
    walk.password("alice", "first", "-").await;
    let unscoped = walk.token("alice").unwrap();
    let of = |token: &str| json!({"methods": ["token"], "token": {"id": token}});
    let (red, blue) = (in_project(&walk.own("red")), in_project(&walk.own("blue")));
    walk.log_in("alice in blue", of(&unscoped), blue.clone())
        .await;
    let from_blue = of(&walk.token("alice in blue").unwrap());
    walk.log_in("alice again", from_blue, red.clone()).await;
    walk.log_in("-", of(&unscoped), NULL).await;
    walk.log_in("-", of(&unscoped), json!({"unscoped": {}}))
        .await;
    walk.log_in("-", of(&unscoped), in_project("admin")).await;
    walk.log_in("-", of(&unscoped), json!({"system": {"all": true}}))
        .await;
    let bob = of(&walk.token("bob").unwrap());
    walk.log_in("-", bob, red.clone()).await;
    let rubbish = only("auth", json!({"identity": of("rubbish")}));
    walk.status("-", "POST /v3/auth/tokens", rubbish).await;
    walk.password("alice", "first", "red").await;
}

async fn shown(walk: &mut Walk) {
    walk.about("what a token is good for");
    for (who, whose) in [
        ("alice", "alice"),
        ("alice", "alice in blue"),
        ("alice", "bob"),
        ("admin", "bob"),
        ("sam", "bob"),
        ("carl", "alice"),
        ("bob", "admin"),
        ("dora", "admin"),
        ("alice", "rubbish"),
        ("admin", "rubbish"),
        ("rubbish", "alice"),
        ("rubbish", "rubbish"),
        ("-", "alice"),
        ("alice", "-"),
        ("-", "-"),
    ] {
        let missing = matches!((who, whose), (_, "rubbish"));
        for method in ["GET", "HEAD"] {
            let what = format!("{method} /v3/auth/tokens?nocatalog");
            if missing {
                // Keystone's words are of its own kind of token.
                walk.status_about(who, whose, &what).await;
            } else {
                walk.about_token(who, whose, &what, NULL).await;
            }
        }
    }
    walk.about_token("alice", "alice", "GET /v3/auth/tokens", NULL)
        .await;
    for what in ["GET /v3/auth/catalog", "GET /v3/auth/projects"] {
        for who in ["alice", "alice by id", "rubbish", "-"] {
            walk.say(who, what, NULL).await;
        }
    }
}

//! Callers who mean no good: guesses, floods, odd bodies, and attempts to be somebody else.

use std::time::Duration;

use identity::limits;
use identity::own::{Error, NewUser, Own, Proof, ROLES, Scope, Settings, UserChange, Who};
use identity::{Identity as _, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::rig::{Rig, in_project};

#[tokio::test]
async fn guessing_is_slowed_down_and_then_sent_away_also_for_names_that_nobody_has() {
    let rig = Rig::sqlite().await;
    for name in ["admin", "nobody"] {
        let mut answers = Vec::new();
        // Each failure beyond the free ones earns a longer pause; the one that is too long is not waited for.
        for _ in 0..20 {
            let said = rig.service.password(name, "guess", json!(null)).await;
            answers.push(said.status);
            if said.status == 429 {
                let later = said.headers["retry-after"].to_str().unwrap();
                assert!(later.parse::<u64>().unwrap() >= limits::PATIENCE.as_secs());
                break;
            }
        }
        assert_eq!(answers.pop(), Some(429), "{name}");
        assert!(answers.len() > limits::FREE_FAILURES as usize, "{name}");
        assert!(answers.iter().all(|status| *status == 401), "{name}");
    }
    // Somebody else is not made to wait, and who has a token goes on.
    let new = NewUser {
        name: "alice".to_owned(),
        password: Some("first".into()),
        ..NewUser::default()
    };
    rig.own.create_user(new, Timestamp::now()).await.unwrap();
    let said = rig.service.password("alice", "first", json!(null)).await;
    assert_eq!(said.status, 201);
}

#[tokio::test]
async fn a_log_in_that_succeeds_forgets_the_failures_before_it() {
    let rig = Rig::sqlite().await;
    for _ in 0..4 {
        for _ in 0..limits::FREE_FAILURES - 1 {
            let said = rig.service.password("admin", "guess", json!(null)).await;
            assert_eq!(said.status, 401);
        }
        rig.admin().await;
    }
}

#[tokio::test]
async fn a_flood_of_log_ins_is_answered_and_leaves_the_service_usable() {
    let rig = Rig::sqlite().await;
    let many = limits::PASSWORDS_WAITING + limits::PASSWORD_CHECKS + 40;
    let floods = (0..many).map(|number| {
        let service = rig.service.clone();
        tokio::spawn(async move {
            let name = format!("nobody-{number}");
            service.password(&name, "guess", json!(null)).await.status
        })
    });
    let mut busy = 0;
    for flood in floods.collect::<Vec<_>>() {
        match flood.await.unwrap() {
            401 => {}
            429 => busy += 1,
            status => panic!("{status}"),
        }
    }
    assert!(busy < many, "nobody was let in");
    rig.admin().await;
}

#[tokio::test]
async fn odd_requests_are_refused_and_never_break_anything() {
    for rig in Rig::each("odd_requests").await {
        let token = rig.admin().await;
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let bodies: [Vec<u8>; 9] = [
            b"".to_vec(),
            b"{".to_vec(),
            b"null".to_vec(),
            b"\xff\xfe".to_vec(),
            deep.clone().into_bytes(),
            format!(r#"{{"auth":{deep}}}"#).into_bytes(),
            br#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a\u0000b","domain":{"id":"default"},"password":"x"}}}}}"#.to_vec(),
            br#"{"user":{"name":"a\u0000b"}}"#.to_vec(),
            br#"{"project":{"name":"a\u0007b","description":"\u0000"}}"#.to_vec(),
        ];
        for path in ["/v3/auth/tokens", "/v3/users", "/v3/projects"] {
            for body in &bodies {
                let tokens = [Some(token.as_str()), None];
                let said = rig
                    .service
                    .say_bytes("POST", path, Some(body.clone()), tokens);
                let status = said.await.status;
                assert!((400..500).contains(&status), "{path} {status}");
            }
            let large = vec![b' '; limits::MAX_BODY + 1];
            let tokens = [Some(token.as_str()), None];
            let said = rig
                .service
                .say_bytes("POST", path, Some(large), tokens)
                .await;
            assert_eq!(said.status, 413, "{path}");
        }
        for path in [
            "/v3/users/%00",
            "/v3/users?name=%00",
            "/v3/users/..%2f..%2fetc",
            "/v3/users/%ff",
            "/v3/projects/'%20OR%201=1",
            "/v3/role_assignments?user.id=%27%20OR%201=1--",
            &format!("/v3/users/{}", "x".repeat(5000)),
        ] {
            let tokens = [Some(token.as_str()), None];
            let said = rig.service.say("GET", path, None, tokens).await;
            assert!(said.status < 500, "{path} {}", said.status);
            assert!(
                said.status >= 400 || said.body["role_assignments"] == json!([]),
                "{path}"
            );
        }
        assert!(rig.own.caller(&token).await.is_ok());
    }
}

#[tokio::test]
async fn attributes_beyond_the_limit_are_refused_and_smaller_ones_are_kept() {
    let rig = Rig::sqlite().await;
    let token = rig.admin().await;
    for (size, status) in [(1000, 201), (limits::MAX_EXTRA, 400)] {
        let user = json!({"user": {"name": format!("u{size}"), "note": "x".repeat(size)}});
        let said = rig
            .service
            .say("POST", "/v3/users", Some(user), [Some(&token), None])
            .await;
        assert_eq!(said.status, status, "{size}");
    }
    // What a client sends cannot stand for what the service knows.
    let user = json!({"user": {
        "name": "liar", "id": "admin", "links": "x", "enabled": false, "password_expires_at": "x", "extra": {"id": "x"},
    }});
    let said = rig
        .service
        .say("POST", "/v3/users", Some(user), [Some(&token), None])
        .await;
    let liar = &said.body["user"];
    assert_eq!(
        (&liar["enabled"], &liar["password_expires_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(liar["id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn nothing_that_lets_anybody_in_is_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let address = database::file(&path).unwrap();
    let rig = Rig::on(&address, folder, Settings::default()).await;
    let token = rig.admin().await;
    let body = json!({"application_credential": {"name": "robot"}});
    let to = format!("/v3/users/{}/application_credentials", rig.first.user.id);
    let said = rig
        .service
        .say("POST", &to, Some(body), [Some(&token), None])
        .await;
    let secret = said.body["application_credential"]["secret"]
        .as_str()
        .unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        seen += text.matches("$argon2id$v=19$m=19456,t=2,p=1$").count();
        for secret in [rig.password(), &token, secret] {
            assert!(!text.contains(secret));
        }
    }
    assert!(seen >= 2, "{seen}");
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_changed_by_who_knew_the_old_one() {
    for rig in Rig::each("a_password_that_was_changed_meanwhile").await {
        let id = rig.first.user.id.clone();
        for round in 0..4 {
            let set = |password: &str| UserChange {
                password: Some(password.into()),
                ..UserChange::default()
            };
            rig.own.change_user(&id, set("known")).await.unwrap();
            let (known, theirs) = ("known".into(), "theirs".into());
            let (thief, owner) = tokio::join!(
                rig.own.change_password(&id, &known, &theirs),
                rig.own.change_user(&id, set("safe"))
            );
            owner.unwrap();
            let proof = |password: &str| Proof::Password(Who::Id(id.clone()), password.into());
            let log_in = async |password: &str| {
                let proof = proof(password);
                let tried = rig.own.log_in(&proof, &Scope::Unscoped, Timestamp::now());
                tried.await.is_ok()
            };
            let (safe, stolen) = (log_in("safe").await, log_in("theirs").await);
            // Whoever was last has the say; the thief is last only when the owner's change was not there yet.
            assert!(safe != stolen, "{round}");
            if matches!(thief, Err(Error::Denied)) {
                assert!(safe, "{round}");
            }
        }
    }
}

#[tokio::test]
async fn tokens_end_on_time_and_no_token_outlives_the_one_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let address = database::file(&folder.path().join("db")).unwrap();
    let settings = Settings {
        token_life: Duration::from_secs(600),
    };
    let rig = Rig::on(&address, folder, settings).await;
    let later = |seconds: u64| Timestamp::now() + Duration::from_secs(seconds);
    let token = rig.admin().await;
    assert!(rig.own.session(&token, later(590)).await.unwrap().is_some());
    assert!(rig.own.session(&token, later(600)).await.unwrap().is_none());
    let exchanged = rig
        .own
        .log_in(&Proof::Token(token.into()), &Scope::Unscoped, later(300))
        .await
        .unwrap();
    assert!(exchanged.session.expires <= later(600));
    // A token ends with its application credential.
    let credential = identity::own::NewCredential {
        name: "short".to_owned(),
        secret: Some("short".into()),
        description: None,
        expires: Some(later(60)),
        unrestricted: None,
        roles: vec![&ROLES[0]],
    };
    let (user, project) = (&rig.first.user.id, &rig.first.project.id);
    let made = rig
        .own
        .create_credential(user, project, credential, Timestamp::now());
    let (made, secret) = made.await.unwrap();
    let proof = Proof::Credential(made.id, secret);
    let grant = rig
        .own
        .log_in(&proof, &Scope::Unsaid, Timestamp::now())
        .await
        .unwrap();
    assert!(grant.session.expires <= later(60));
    let refused = rig.own.log_in(&proof, &Scope::Unsaid, later(61)).await;
    assert!(matches!(refused, Err(Error::Denied)));
}

#[tokio::test]
async fn tokens_that_have_ended_take_no_room_and_nobody_has_too_many() {
    for rig in Rig::each("tokens_that_have_ended_take_no_room").await {
        let pool = database::connect(&rig.address).await.unwrap();
        let count = async || {
            let row = sqlx::query("SELECT COUNT(*) FROM identity_tokens").fetch_one(&pool);
            row.await.unwrap().get::<i64, _>(0)
        };
        let log_in = async |later: u64| {
            let proof = Proof::Password(Who::Id(rig.first.user.id.clone()), rig.password().into());
            let now = Timestamp::now() + Duration::from_secs(later);
            rig.own.log_in(&proof, &Scope::Unscoped, now).await.unwrap();
        };
        log_in(0).await;
        log_in(1).await;
        assert_eq!(count().await, 2);
        log_in(limits::TOKEN_LIFE.as_secs() + 60).await;
        assert_eq!(count().await, 1);
        let many = "INSERT INTO identity_tokens (digest, user_id, user_stamp, project_stamp, methods, audit, issued, expires)
            SELECT digest || $2, user_id, user_stamp, project_stamp, methods, audit, issued + $1, expires FROM identity_tokens";
        // Twice as many each time.
        for round in 0..13 {
            let copies = sqlx::query(many)
                .bind(1_i64 << round)
                .bind(format!("-{round}"));
            copies.execute(&pool).await.unwrap();
        }
        assert!(count().await > limits::MAX_TOKENS);
        log_in(limits::TOKEN_LIFE.as_secs() + 61).await;
        assert_eq!(count().await, limits::MAX_TOKENS);
    }
}

#[tokio::test]
async fn a_lost_database_is_no_reason_to_call_a_token_unknown() {
    let rig = Rig::sqlite().await;
    let token = rig.admin().await;
    let pool = database::connect(&rig.address).await.unwrap();
    let own = Own::open(pool.clone(), Settings::default()).await.unwrap();
    pool.close().await;
    let refused = own.caller(&token).await.unwrap_err();
    assert!(matches!(refused, Refusal::Unavailable(_)), "{refused:?}");
    let said = rig
        .service
        .password("admin", rig.password(), in_project("admin"))
        .await;
    assert_eq!(said.status, 201);
}

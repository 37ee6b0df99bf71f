//! Logging in, staying in, and getting out.

use dashboard::limits::{IDLE, LONGEST_SESSION, MAX_SESSIONS};

use crate::rig::{OPERATOR, PASSWORD, Rig, Setup, VISITOR, login};

#[test]
fn a_wrong_password_lets_nobody_in_and_is_not_repeated() {
    let rig = Rig::start();
    let (cookies, token) = rig.visit("");
    let answer = rig.post("/login", &cookies, &login(&token, "wrong word"));
    assert_eq!(answer.status, 401);
    assert!(answer.cookie("ectype_session").is_none());
    assert!(answer.body.contains("Wrong user name") && !answer.body.contains("wrong word"));
    assert!(answer.body.contains("value=\"visitor\""));
}

#[test]
fn the_session_is_a_cookie_that_no_script_and_no_other_site_gets() {
    let rig = Rig::start();
    let (cookies, token) = rig.visit("");
    let answer = rig.post("/login", &cookies, &login(&token, PASSWORD));
    let cookie = answer.headers("set-cookie").join("\n");
    for attribute in ["ectype_session=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.header("location"), "/images");
}

#[test]
fn a_token_never_leaves_the_server() {
    let rig = Rig::start();
    let session = rig.log_in();
    for page in [
        "/images",
        "/images/c3",
        "/activity",
        "/about",
        "/upload",
        "/life",
    ] {
        let answer = rig.get(page, &session);
        let all = format!("{}{}", answer.head, answer.body);
        for secret in [VISITOR, OPERATOR, PASSWORD] {
            assert!(!all.contains(secret), "{page}");
        }
    }
}

#[test]
fn an_id_that_somebody_else_chose_is_not_taken_up() {
    let rig = Rig::start();
    let (cookies, token) = rig.visit("");
    let chosen = format!("ectype_session={}; {cookies}", "a".repeat(64));
    let answer = rig.post("/login", &chosen, &login(&token, PASSWORD));
    let session = answer.cookie("ectype_session").unwrap();
    assert!(!session.contains("aaaaaaaa"));
    let list = rig.get("/images", &format!("ectype_session={}", "a".repeat(64)));
    assert!(!list.body.contains("private one"));
}

#[test]
fn who_logs_out_is_out_even_with_the_old_cookie() {
    let rig = Rig::start();
    let session = rig.log_in();
    let token = rig.get("/images", &session).token();
    let out = rig.post("/logout", &session, &[("token", &token)]);
    assert_eq!(out.status, 303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert!(!rig.get("/images", &session).body.contains("private one"));
    assert_eq!(rig.get("/upload", &session).status, 303);
}

#[test]
fn a_session_ends_when_nothing_is_done() {
    let rig = Rig::start();
    let session = rig.log_in();
    rig.later(IDLE.as_secs());
    assert!(rig.get("/images", &session).body.contains("private one"));
    rig.later(IDLE.as_secs() + 1);
    let list = rig.get("/images", &session);
    assert!(!list.body.contains("private one"));
    assert!(
        list.headers("set-cookie")
            .join(" ")
            .contains("ectype_session=; HttpOnly; Max-Age=0")
    );
}

#[test]
fn a_session_ends_after_its_longest_time_whatever_is_done() {
    let rig = Rig::start();
    let session = rig.log_in();
    let step = IDLE.as_secs() / 2;
    for _ in 0..(LONGEST_SESSION.as_secs() / step) - 1 {
        rig.later(step);
        assert!(rig.get("/images", &session).body.contains("private one"));
    }
    rig.later(step);
    assert!(!rig.get("/images", &session).body.contains("private one"));
}

#[test]
fn a_session_ends_with_its_token() {
    let rig = Rig::with(Setup {
        tokens_end: "2026-11-25T12:10:00Z",
        ..Setup::default()
    });
    let session = rig.log_in();
    rig.later(9 * 60);
    assert_eq!(rig.get("/images/c3", &session).status, 200);
    rig.later(2 * 60);
    assert_eq!(rig.get("/images/c3", &session).status, 404);
}

#[test]
fn a_token_that_the_cloud_takes_back_ends_the_session() {
    let rig = Rig::start();
    let session = rig.log_in();
    rig.cloud.put("/v2/images/c3", world::Page::status(401));
    let answer = rig.get("/images/c3", &session);
    assert_eq!(answer.status, 401);
    assert!(
        answer.body.contains("href=\"/login?next="),
        "{}",
        answer.body
    );
    // Nobody has kept the password to get another token with it.
    let asked = rig.cloud.requests_to("/v3/auth/tokens");
    let by_password = |seen: &&world::Seen| String::from_utf8_lossy(&seen.body).contains(PASSWORD);
    assert_eq!(asked.iter().filter(by_password).count(), 1);
    assert_eq!(rig.get("/upload", &session).status, 303);
}

#[test]
fn there_are_never_more_sessions_than_the_limit_and_the_idlest_goes_first() {
    let rig = Rig::start();
    let first = rig.log_in();
    rig.later(1);
    let second = rig.log_in();
    for _ in 0..MAX_SESSIONS - 1 {
        rig.log_in();
    }
    assert_eq!(rig.get("/upload", &first).status, 303);
    assert_eq!(rig.get("/upload", &second).status, 200);
}

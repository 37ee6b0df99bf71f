//! Requests that mean no good, and the headers that keep pages from being misused.

use crate::rig::{Rig, Setup};

#[test]
fn every_answer_carries_the_headers_that_keep_others_out() {
    let rig = Rig::start();
    for path in [
        "/",
        "/images",
        "/images/b2",
        "/images/none",
        "/nowhere",
        "/assets/style.css",
        "/health",
        "/images?sort=x",
        "/upload",
    ] {
        let answer = rig.get(path, "");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let kept = answer.header("cache-control");
        assert_eq!(
            kept == "no-store",
            !path.starts_with("/assets"),
            "{path}: {kept}"
        );
    }
}

#[test]
fn no_page_has_a_script_or_a_style_in_it() {
    let rig = Rig::start();
    let session = rig.log_in();
    for path in [
        "/images",
        "/images/c3",
        "/life",
        "/activity",
        "/about",
        "/upload",
    ] {
        let body = rig.get(path, &session).body;
        assert!(
            !body.contains(" style=") && !body.contains("<style") && !body.contains(" onclick="),
            "{path}"
        );
        for script in body.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/dashboard.js"), "{path}");
        }
        for address in body.split("src=\"").skip(1) {
            assert!(
                address.starts_with('/') && !address.starts_with("//"),
                "{path}"
            );
        }
    }
}

#[test]
fn what_is_asked_badly_is_answered_with_a_no_and_never_with_a_fault_of_ours() {
    let rig = Rig::start();
    let session = rig.log_in();
    let long = format!("/images?q={}", "x".repeat(100_000));
    for path in [
        "/images?sort=evil",
        "/images?page=0",
        "/images?page=99999999999999999999999",
        "/images?nonsense=1",
        "/images/..%2f..%2fetc%2fpasswd",
        "/images/%00",
        "/images/%ff",
        "/images/a%2Fb",
        "/images/%3Cscript%3E",
        "/assets/..%2fCargo.toml",
        "/assets/none",
        "/theme/pink",
        "/uploads/none",
        "/nowhere/at/all",
        &long,
    ] {
        let status = rig.get(path, &session).status;
        assert!(
            (400..500).contains(&status),
            "{}: {status}",
            path.get(..60).unwrap_or(path)
        );
    }
    for raw in [
        "POST /images HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "DELETE /images/a1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        "GET /images HTTP/9.9\r\n\r\n",
        "rubbish\r\n\r\n",
    ] {
        let status = rig.raw(raw.as_bytes()).status;
        assert!((300..500).contains(&status), "{raw}: {status}");
    }
}

#[test]
fn a_form_that_is_too_long_is_refused_before_it_is_read() {
    let rig = Rig::start();
    let (cookies, token) = rig.visit("");
    let long = "x".repeat(100_000);
    let answer = rig.post("/login", &cookies, &[("token", &token), ("user", &long)]);
    assert_eq!(answer.status, 413);
    let many: Vec<(String, String)> = (0..500)
        .map(|n| (format!("f{n}"), "x".to_owned()))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(rig.post("/login", &cookies, &many).status, 400);
}

/// Sends these parts of a form as an upload.
fn upload(rig: &Rig, cookies: &str, parts: &[&str]) -> u16 {
    let body: String = parts
        .iter()
        .map(|part| format!("--B\r\n{part}\r\n"))
        .collect();
    let body = format!("{body}--B--\r\n");
    let text = format!(
        "POST /upload HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    rig.raw(text.as_bytes()).status
}

fn field(name: &str, value: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}")
}

#[test]
fn an_upload_wants_a_log_in_a_token_before_all_else_and_a_file() {
    let rig = Rig::start();
    let session = rig.log_in();
    let token = field("token", &rig.get("/upload", &session).token());
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"x.raw\"\r\n\r\nbytes";
    let (name, long) = (field("name", "n"), field("name", &"n".repeat(600)));
    let (wrong, evil) = (field("token", "0"), field("evil", "1"));
    let before = rig.cloud.requests().len();
    for (cookies, parts, status) in [
        ("", vec![token.as_str(), file], 303),
        (&session, vec![file], 403),
        (&session, vec![&wrong, file], 403),
        (&session, vec![&name, &token, file], 403),
        (&session, vec![&token], 400),
        (&session, vec![&token, &evil], 400),
        (&session, vec![&token, &long, file], 400),
        (&session, vec![], 400),
    ] {
        assert_eq!(upload(&rig, cookies, &parts), status, "{parts:?}");
    }
    assert_eq!(rig.cloud.requests().len(), before);
}

#[test]
fn a_file_that_is_larger_than_allowed_is_refused() {
    let rig = Rig::start();
    let session = rig.log_in();
    let token = field("token", &rig.get("/upload", &session).token());
    let large = "x".repeat((1 << 20) + 1);
    let file =
        format!("Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{large}");
    assert_eq!(upload(&rig, &session, &[&token, &file]), 413);
}

#[test]
fn under_a_name_that_is_not_its_own_it_does_not_answer() {
    let rig = Rig::with(Setup {
        hosts: vec!["127.0.0.1".to_owned(), "images.example".to_owned()],
        ..Setup::default()
    });
    assert_eq!(rig.get("/images", "").status, 200);
    for (host, status) in [
        ("images.example", 200),
        ("IMAGES.example:443", 200),
        ("evil.example", 421),
        ("evil.example:8790", 421),
        ("", 421),
    ] {
        let text = format!("GET /images HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(rig.raw(text.as_bytes()).status, status, "{host}");
    }
}

#[test]
fn a_cloud_that_lies_or_fails_is_said_to_and_breaks_nothing() {
    let rig = Rig::start();
    for page in [
        world::Page::bytes("not json"),
        world::Page::bytes("{\"images\": 3}"),
        world::Page::refusal(403, "<b>no</b>"),
        world::Page::status(400),
    ] {
        rig.cloud.put("/v2/images", page);
        let answer = rig.get("/images", "");
        assert!(
            [400, 403, 502].contains(&answer.status),
            "{}",
            answer.status
        );
        assert!(!answer.body.contains("<b>no</b>"));
        assert!(answer.body.contains("</html>"));
    }
}

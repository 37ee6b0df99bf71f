//! Forms that are not ours change nothing.

use crate::rig::{PASSWORD, Rig, Setup, login};

/// Everything that changes something.
const FORMS: [&str; 4] = [
    "/logout",
    "/images/c3/verify",
    "/images/c3/visibility",
    "/login",
];

#[test]
fn a_form_without_its_token_or_with_another_s_is_refused_and_nothing_is_asked_of_the_cloud() {
    let rig = Rig::start();
    let session = rig.log_in();
    let (_, foreign) = rig.visit("");
    let before = rig.cloud.requests().len();
    for form in FORMS {
        for token in ["", "0", &foreign] {
            let fields = [
                ("token", token),
                ("visibility", "public"),
                ("user", "visitor"),
                ("password", PASSWORD),
            ];
            let answer = rig.post(form, &session, &fields);
            assert_eq!(answer.status, 403, "{form} {token}");
        }
    }
    assert_eq!(rig.cloud.requests().len(), before);
    assert_eq!(rig.get("/upload", &session).status, 200);
}

#[test]
fn a_token_without_the_cookie_that_it_belongs_to_is_none() {
    let rig = Rig::start();
    let (_, token) = rig.visit("");
    assert_eq!(rig.post("/login", "", &login(&token, PASSWORD)).status, 403);
}

#[test]
fn a_form_sent_from_another_site_is_refused_with_the_right_token_too() {
    let rig = Rig::start();
    let session = rig.log_in();
    let token = rig.get("/images", &session).token();
    for header in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        let answer = rig.post_from("/logout", &session, &[("token", &token)], header);
        assert_eq!(answer.status, 403, "{header}");
    }
    assert_eq!(rig.get("/upload", &session).status, 200);
}

#[test]
fn nobody_changes_an_image_without_having_logged_in() {
    let rig = Rig::start();
    let (cookies, token) = rig.visit("");
    let fields = [("token", token.as_str()), ("visibility", "public")];
    assert_eq!(
        rig.post("/images/a1/visibility", &cookies, &fields).status,
        303
    );
    let changes = rig
        .cloud
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "PATCH");
    assert_eq!(changes.count(), 0);
}

#[test]
fn the_visibility_of_an_own_image_is_changed_with_the_visitor_s_token() {
    let rig = Rig::start();
    let session = rig.log_in();
    let token = rig.get("/images/c3", &session).token();
    let answer = rig.post(
        "/images/c3/visibility",
        &session,
        &[("token", &token), ("visibility", "shared")],
    );
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/images/c3")
    );
    let seen = rig.cloud.requests();
    let change = seen.iter().find(|seen| seen.method == "PATCH").unwrap();
    assert_eq!(change.header("x-auth-token"), Some(crate::rig::VISITOR));
    let said: serde_json::Value = serde_json::from_slice(&change.body).unwrap();
    assert_eq!(
        said,
        serde_json::json!([{"op": "replace", "path": "/visibility", "value": "shared"}])
    );
    let wrong = rig.post(
        "/images/c3/visibility",
        &session,
        &[("token", &token), ("visibility", "everybody")],
    );
    assert_eq!(wrong.status, 400);
}

#[test]
fn a_way_back_leads_nowhere_else() {
    let rig = Rig::start();
    for back in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/images\r\nX: y",
        "é",
    ] {
        let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let answer = rig.get(&format!("/theme/dark?back={back}"), "");
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/images"),
            "{back}"
        );
    }
    let (cookies, token) = rig.visit("");
    let mut form = login(&token, PASSWORD).to_vec();
    form.push(("next", "https://evil.example/"));
    assert_eq!(
        rig.post("/login", &cookies, &form).header("location"),
        "/images"
    );
}

#[test]
fn a_form_that_fails_elsewhere_does_not_log_in_here() {
    let rig = Rig::with(Setup {
        public: false,
        ..Setup::default()
    });
    rig.cloud
        .put("/v3/auth/tokens", world::Page::refusal(503, "{}"));
    let (cookies, token) = rig.visit("");
    let answer = rig.post("/login", &cookies, &login(&token, PASSWORD));
    assert_eq!(answer.status, 502);
    assert!(answer.cookie("ectype_session").is_none() && !answer.body.contains(PASSWORD));
}

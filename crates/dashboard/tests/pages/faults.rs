//! When a page cannot be had: what happened, where, when, and what to do, in the dashboard's own look.

use std::time::Duration;

use dashboard::limits::IDLE;
use world::Page;

use crate::rig::{Answer, PASSWORD, Rig, Setup, login};

/// That this is a page of ours which says what went wrong, where, and how to go on.
fn says(answer: &Answer, status: u16, place: &str, words: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let place = format!("<dt>Asked for</dt><dd class=\"value\">{place}</dd>");
    let rest = [
        "<header class=\"top\">",
        "role=\"alert\"",
        "<dt>Cloud</dt><dd class=\"value\">a cloud</dd>",
        "<dt>When</dt><dd class=\"value\">2026-11-25 1",
        "All images</a>",
        &place,
    ];
    for word in rest.iter().chain(words) {
        assert!(answer.body.contains(word), "no {word:?} in {}", answer.body);
    }
}

#[test]
fn what_is_not_there_or_not_allowed_is_said_with_the_place_and_a_way_on() {
    let rig = Rig::start();
    let log_in = "href=\"/login?next=";
    let none = rig.get("/images/none", "");
    says(&none, 404, "/images/none", &["Not there", log_in]);
    let nowhere = rig.get("/no/such/page", "");
    let words = ["There is no such page.", log_in];
    says(&nowhere, 404, "/no/such/page", &words);
    let odd = rig.get("/images?sort=colour", "");
    says(&odd, 400, "/images", &["“colour”", "Go back"]);
    let read = rig.get("/logout", "");
    says(&read, 405, "/logout", &["Not possible here"]);

    let session = rig.log_in();
    let form = [("token", "0"), ("visibility", "public")];
    let foreign = rig.post("/images/c3/visibility", &session, &form);
    let words = ["Not allowed", "load the page anew"];
    says(&foreign, 403, "/images/c3/visibility", &words);
    let absent = rig.get("/images/none", &session);
    assert!(!absent.body.contains(log_in), "{}", absent.body);
    // With a log-in, what the cloud forbids is said in its words.
    rig.cloud
        .put("/v2/images/c3", Page::refusal(403, "that is not for you"));
    let refused = rig.get("/images/c3", &session);
    says(&refused, 403, "/images/c3", &["that is not for you"]);
}

#[test]
fn whose_log_in_has_ended_is_told_so_and_comes_back_to_the_page() {
    let rig = Rig::with(Setup {
        public: false,
        ..Setup::default()
    });
    let session = rig.log_in();
    let token = rig.get("/images/c3", &session).token();
    rig.later(IDLE.as_secs() + 1);
    let form = [("token", token.as_str()), ("visibility", "public")];
    let answers = [
        rig.get("/images/c3?a=b", &session),
        rig.post("/images/c3/visibility", &session, &form),
        rig.post("/images/c3/verify", &session, &form),
    ];
    for (answer, next) in answers.iter().zip(["%3Fa%3Db", "", ""]) {
        let to = format!("/login?next=%2Fimages%2Fc3{next}&ended=1");
        assert_eq!((answer.status, answer.header("location")), (303, &*to));
    }
    // The browser has forgotten the session by then.
    let (cookies, _) = rig.visit("");
    let page = rig.get(answers[1].header("location"), &cookies);
    assert!(page.body.contains("The log-in has come to its end."));
    let mut form = login("", PASSWORD).to_vec();
    let token = page.token();
    form[0] = ("token", &token);
    form.push(("next", "/images/c3"));
    let inside = rig.post("/login", &cookies, &form);
    assert_eq!(inside.header("location"), "/images/c3");
    // Nobody is told so who was never logged in.
    let first = rig.get("/images", "");
    assert_eq!(first.header("location"), "/login?next=%2Fimages");
}

#[test]
fn whose_log_in_has_ended_sees_what_everybody_sees_and_why() {
    let rig = Rig::start();
    let session = rig.log_in();
    rig.later(IDLE.as_secs() + 1);
    let notice = "Your log-in has come to its end.";
    for (page, next) in [("/images", "%2Fimages"), ("/images/c3", "%2Fimages%2Fc3")] {
        let answer = rig.get(page, &session);
        assert!(answer.body.contains(notice), "{}", answer.body);
        let link = format!("href=\"/login?next={next}\">Log in again");
        assert!(answer.body.contains(&link), "{}", answer.body);
        assert!(!rig.get(page, "").body.contains(notice));
    }
}

#[test]
fn a_token_that_the_cloud_takes_no_more_leads_to_the_log_in_and_back() {
    let rig = Rig::start();
    let session = rig.log_in();
    rig.cloud.put("/v2/images/c3", Page::status(401));
    let answer = rig.get("/images/c3", &session);
    let link = "href=\"/login?next=%2Fimages%2Fc3\"";
    says(&answer, 401, "/images/c3", &["Your log-in has ended", link]);
}

#[test]
fn a_cloud_that_takes_too_long_is_not_waited_for_and_can_be_asked_again() {
    let rig = Rig::with(Setup {
        patience: Duration::from_secs(2),
        ..Setup::default()
    });
    let session = rig.log_in();
    let token = rig.get("/images/c3", &session).token();
    rig.cloud
        .put("/v2/images", Page::bytes("{}").stall_before_answer());
    let list = rig.get("/images?q=a", "");
    let words = [
        "The cloud does not answer",
        "The cloud has not answered for 2 seconds.",
        "href=\"/images?q=a\">Try again",
    ];
    says(&list, 504, "/images", &words);
    // Whether a change has come about is not known, so nobody is led to ask for it once more.
    rig.cloud
        .put("/v2/images/c3", Page::bytes("{}").stall_before_answer());
    let form = [("token", token.as_str()), ("visibility", "shared")];
    let change = rig.post("/images/c3/visibility", &session, &form);
    says(
        &change,
        504,
        "/images/c3/visibility",
        &["Nobody knows whether"],
    );
    assert!(!change.body.contains("Try again</a>"));
}

#[test]
fn a_cloud_that_is_away_is_said_to_be_with_the_reason() {
    let rig = Rig::start();
    let session = rig.log_in();
    rig.cloud
        .put("/v2/images/c3", Page::bytes("{}").cut_in_headers());
    let answer = rig.get("/images/c3", &session);
    let words = [
        "The cloud does not answer",
        "No answer from http://127.0.0.1:",
        "Try again in a moment",
        "href=\"/images/c3\">Try again",
    ];
    says(&answer, 502, "/images/c3", &words);
    // Whoever asks after health is told, too.
    rig.cloud.put("/v2/images", Page::bytes("no list"));
    let about = rig.get("/about", "");
    assert!(about.body.contains("badge bad\">bad"), "{}", about.body);
}

/// A service that serves these pages itself is asked at an address of its own machine.
#[test]
fn what_fails_is_told_with_the_address_that_people_know() {
    let shown = Some("https://images.example/v2");
    let rig = Rig::with(Setup {
        shown,
        ..Setup::default()
    });
    let session = rig.log_in();
    rig.cloud
        .put("/v2/images/c3", Page::bytes("{}").cut_in_headers());
    let answer = rig.get("/images/c3", &session);
    let words = ["No answer from https://images.example/v2/images/c3."];
    says(&answer, 502, "/images/c3", &words);
    assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
}

//! Whom the dashboard of `ectype serve` is for: nobody, who has logged in, or everybody, who then sees what is there for
//! everybody and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "serve/binary.rs"]
mod binary;
#[path = "serve/visitor.rs"]
mod visitor;

use std::path::Path;

use binary::{Running, ectype, free_port, keystone};
use visitor::{Visitor, image, status};

/// What a visitor without a log-in can ask for.
const PAGES: [&str; 11] = [
    "/dashboard/",
    "/dashboard/images",
    "/dashboard/images?hidden=both",
    "/dashboard/images?hidden=only",
    "/dashboard/images?visibility=private",
    "/dashboard/images?visibility=shared",
    "/dashboard/images?q=secret",
    "/dashboard/images?sort=-size",
    "/dashboard/life",
    "/dashboard/activity",
    "/dashboard/about",
];

/// One image of each kind, by name; their ids.
fn images(data: &Path) -> [String; 5] {
    let clouds = data.join("clouds.yaml");
    let make = |name: &str, options: &[&str]| image(&clouds, "ectype", name, options);
    [
        make("seen-by-all", &["--public"]),
        make("offered-to-all", &["--community"]),
        make("put-away", &["--public", "--hidden"]),
        make("a-secret", &["--private"]),
        make("a-shared-secret", &["--shared"]),
    ]
}

#[test]
fn a_private_image_is_on_no_page_of_the_public_dashboard() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &["--dashboard", "public"], &[]);
    let [all, offered, away, secret, shared] = images(&data);
    let list = running.get("/dashboard/images");
    assert_eq!(status(&list), "200", "{list}");
    assert!(list.contains("seen-by-all") && list.contains("offered-to-all"));
    // As for a client of the service: what is hidden is listed for those who ask for what is hidden.
    assert!(!list.contains("put-away"));
    let hidden = running.get("/dashboard/images?hidden=only");
    assert!(hidden.contains("put-away") && !hidden.contains("seen-by-all"));
    for page in PAGES {
        let body = running.get(page);
        for told in ["a-secret", "a-shared-secret", &secret, &shared] {
            assert!(!body.contains(told), "{page} has {told}");
        }
    }
    for id in [&all, &offered, &away] {
        let page = running.get(&format!("/dashboard/images/{id}"));
        assert_eq!(status(&page), "200", "{page}");
    }
    for id in [&secret, &shared] {
        for page in ["", "/standing"] {
            let answer = running.get(&format!("/dashboard/images/{id}{page}"));
            assert_eq!(status(&answer), "404", "{answer}");
            assert!(!answer.contains("a-secret") && !answer.contains("a-shared"));
        }
    }
    running.end();
}

/// What is counted in front of these words.
fn counted(page: &str, words: &str) -> usize {
    let (before, _) = page.split_once(words).expect(page);
    let digits = |c: char| c.is_ascii_digit();
    let text = before.trim_end_matches(|c| !digits(c));
    let start = text.rfind(|c| !digits(c)).map_or(0, |at| at + 1);
    text[start..].parse().unwrap()
}

#[test]
fn a_hidden_image_counts_nowhere_and_is_in_no_list_unless_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &["--dashboard", "public"], &[]);
    images(&data);
    let anybody = Visitor::new(running.port(), "/dashboard");
    let admin = Visitor::admin(running.port(), "/dashboard", &data.join("clouds.yaml"));
    // Two are shown to everybody, and four to who made them; one more is hidden.
    for (visitor, all) in [(&anybody, 2), (&admin, 4)] {
        let list = visitor.get("/images");
        assert_eq!(counted(&list, "</b> in all"), all);
        assert_eq!(counted(&list, "</option>\n</select></p>\n<p><label"), all);
        assert!(list.contains(&format!("<caption>{all} of {all} images")));
        let about = visitor.get("/about");
        assert!(about.contains(&format!("answers; {all} images")), "{about}");
        for page in ["/images", "/life", "/activity"] {
            assert!(!visitor.get(page).contains("put-away"), "{page}");
        }
        let only = visitor.get("/images?hidden=only");
        assert_eq!(counted(&only, "</b> in all"), 1);
        let both = visitor.get("/images?hidden=both");
        assert_eq!(counted(&both, "</b> in all"), all + 1);
        for page in ["/images?hidden=both", "/activity?hidden=both"] {
            assert!(visitor.get(page).contains("put-away"), "{page}");
        }
        assert_eq!(status(&visitor.get("/activity?hidden=maybe")), "400");
    }
    running.end();
}

#[test]
fn hidden_builds_of_a_definition_are_for_who_has_logged_in_or_asks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &["--dashboard", "public"], &[]);
    let clouds = data.join("clouds.yaml");
    let build = |name: &str, build: &str, options: &[&str]| {
        let build = format!("ectype_build={build}");
        let described = ["--property", "ectype_definition=debian-13", "--public"];
        let options = [&described[..], &["--property", &build], options].concat();
        image(&clouds, "ectype", name, &options)
    };
    let now = build("now", "20261101", &[]);
    let before = build("before", "20261001", &["--hidden"]);
    let page = format!("/images/{now}");
    let anybody = Visitor::new(running.port(), "/dashboard").get(&page);
    assert!(!anybody.contains("20261001") && !anybody.contains(&before));
    let (_, link) = anybody.split_once("images?q=debian-13").unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let list = running.get(&format!("/dashboard/images?q=debian-13{link}"));
    assert!(list.contains(&now) && list.contains(&before), "{list}");
    let admin = Visitor::admin(running.port(), "/dashboard", &clouds).get(&page);
    assert!(admin.contains("20261001") && admin.contains(&before));
    running.end();
}

#[test]
fn in_public_mode_nothing_can_be_done_without_a_log_in_and_logging_in_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &[], &[("ECTYPE_SERVE_DASHBOARD", "public")]);
    let [all, ..] = images(&data);
    let list = running.get("/dashboard/images");
    assert!(list.contains("/dashboard/login"), "{list}");
    let page = running.get(&format!("/dashboard/images/{all}"));
    assert!(!page.contains("Verify now") && !page.contains("Who may see it"));
    let visitor = Visitor::new(running.port(), "/dashboard");
    for (page, form) in [("verify", ""), ("visibility", "&visibility=private")] {
        let answer = visitor.post(&format!("/images/{all}/{page}"), form);
        assert!(matches!(status(&answer), "303" | "403"), "{answer}");
    }
    let upload = running.get("/dashboard/upload");
    assert!(upload.contains("/dashboard/login?next="), "{upload}");
    let visibility = running.get(&format!("/dashboard/images/{all}"));
    assert!(visibility.contains("<li>public</li>"), "{visibility}");

    // Who logs in sees their project's images; what they did is nobody else's business.
    let admin = Visitor::admin(running.port(), "/dashboard", &data.join("clouds.yaml"));
    let own = admin.get("/images");
    assert!(own.contains("a-secret"), "{own}");
    let activity = running.get("/dashboard/activity");
    assert!(!activity.contains("admin for project"), "{activity}");
    let about = running.get("/dashboard/about");
    assert!(!about.contains("Log-ins"), "{about}");
    running.end();
}

#[test]
fn visitors_are_told_the_addresses_that_they_know() {
    let folder = tempfile::tempdir().unwrap();
    let outside = ["--public-url", "https://localhost"];
    let words = [&["--dashboard", "public"], &outside[..]].concat();
    let running = Running::start(folder.path(), &words, &[]);
    for (page, told) in [
        ("/dashboard/about", "https://localhost/v2/"),
        ("/dashboard/about", "https://localhost/identity/v3"),
        ("/dashboard/login", "https://localhost/identity/v3"),
    ] {
        let answer = running.get(page);
        assert!(answer.contains(told), "{answer}");
        assert!(!answer.contains(&running.port().to_string()), "{answer}");
    }
    running.end();
}

#[test]
fn without_a_word_the_dashboard_shows_nothing_before_a_log_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &[], &[]);
    let ids = images(&data);
    for page in PAGES {
        let answer = running.get(page);
        for told in ["seen-by-all", "offered-to-all", "put-away", "a-secret"] {
            assert!(!answer.contains(told), "{page} has {told}");
        }
    }
    let list = running.get("/dashboard/images");
    assert!(list.contains("location: /dashboard/login?next="), "{list}");
    let page = running.get(&format!("/dashboard/images/{}", ids[0]));
    assert!(page.contains("location: /dashboard/login?next="), "{page}");
    running.end();
}

#[test]
fn an_option_goes_before_a_variable_and_that_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |word: &str| {
        let file = folder.path().join("config.yaml");
        std::fs::write(file, format!("dashboard: {word}\n")).unwrap();
    };
    let is_public = |arguments: &[&str], variables: &[(&str, &str)]| {
        let running = Running::start(folder.path(), arguments, variables);
        let list = running.get("/dashboard/images");
        running.end();
        status(&list) == "200"
    };
    write("public");
    assert!(is_public(&[], &[]));
    assert!(!is_public(&[], &[("ECTYPE_SERVE_DASHBOARD", "login")]));
    let login = [("ECTYPE_SERVE_DASHBOARD", "login")];
    assert!(is_public(&["--dashboard", "public"], &login));
    write("off");
    let port = free_port();
    let words = ["--dashboard", "off"];
    let running = Running::start_at(folder.path(), port, &words, &[]);
    // Nobody is told of it, and to its address the image service answers as to any that is none: with its versions.
    assert!(!running.said().contains("dashboard"), "{}", running.said());
    let answer = running.get("/dashboard/images");
    assert_eq!(status(&answer), "300", "{answer}");
    assert!(running.get("/healthcheck").contains("200 OK"));
    running.end();
    write("everybody");
    let out = ectype()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3), "{out:?}");
    assert!(String::from_utf8_lossy(&out.stderr).contains("everybody"));
}

#[test]
fn a_keystone_is_not_asked_who_everybody_is() {
    let Some((_, text, keystone)) = keystone() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let config = format!("dashboard: public\n{keystone}");
    std::fs::write(folder.path().join("config.yaml"), config).unwrap();
    let port = free_port();
    let running = Running::start_at(folder.path(), port, &[], &[]);
    // The lab's clouds.yaml leads to its Glance; its words lead here.
    let own = folder.path().join("here.yaml");
    let here = text.replace(
        "lab-admin:",
        &format!("lab-admin:\n    image_endpoint_override: http://127.0.0.1:{port}"),
    );
    std::fs::write(&own, here).unwrap();
    image(&own, "lab-admin", "seen-by-all", &["--public"]);
    image(&own, "lab-admin", "a-secret", &["--private"]);
    let list = running.get("/dashboard/images?hidden=both");
    assert!(list.contains("seen-by-all"), "{list}");
    assert!(!list.contains("a-secret"), "{list}");
    running.end();
}

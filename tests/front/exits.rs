//! The exit codes: every one that `image`, `cloud` and the command line itself can end in, and their list in docs/.

use std::fs;

use serde_json::json;
use world::{Page, World};

use crate::fake::{cloud, image, user_of};
use crate::run::Ectype;

#[test]
fn an_answer_ends_in_0_and_a_wrong_command_line_in_2() {
    let world = cloud(&json!([image(1, "one")]));
    let ectype = user_of(&world);
    assert_eq!(ectype.run(&["image", "show", "one"]).code, 0);
    assert_eq!(ectype.run(&["image", "show"]).code, 2);
    assert_eq!(ectype.run(&["--frob"]).code, 2);
    assert_eq!(ectype.run(&[]).code, 2);
}

#[test]
fn a_missing_or_contradictory_configuration_ends_in_3_and_contacts_nobody() {
    let none = Ectype::new().run(&["image", "list"]);
    assert_eq!(none.code, 3);
    assert!(
        none.stderr
            .starts_with("error: no cloud chosen\n  looked at"),
        "{}",
        none.stderr
    );
    let world = World::start();
    let half = Ectype::new()
        .env("OS_AUTH_URL", world.url("/v3"))
        .run(&["image", "list"]);
    assert_eq!(half.code, 3, "{}", half.stderr);
    let broken = Ectype::new();
    fs::write(broken.home().join("clouds.yaml"), "clouds:\n  a: [\n").unwrap();
    assert_eq!(broken.run(&["image", "list", "--os-cloud", "a"]).code, 3);
    assert_eq!(world.connections(), 0);
}

#[test]
fn a_refusal_ends_in_4_and_names_the_request() {
    for status in [401, 403] {
        let world = cloud(&json!([]));
        let page = Page::refusal(status, "{\"error\":{\"message\":\"no\"}}")
            .header("x-openstack-request-id", "req-77");
        world.put("/v3/auth/tokens", page);
        let ended = user_of(&world).run(&["image", "list"]);
        assert_eq!(ended.code, 4, "{status} {}", ended.stderr);
        assert!(ended.stderr.contains("req-77"), "{}", ended.stderr);
    }
    let world = cloud(&json!([]));
    world.put("/image/v2/images", Page::refusal(403, "no"));
    assert_eq!(user_of(&world).run(&["image", "list"]).code, 4);
}

#[test]
fn what_does_not_exist_ends_in_5() {
    let world = cloud(&json!([image(1, "Debian 13")]));
    let ectype = user_of(&world);
    let ended = ectype.run(&["image", "show", "Debian 12"]);
    assert_eq!(ended.code, 5);
    assert!(
        ended.stderr.contains("Debian 13"),
        "near names are told: {}",
        ended.stderr
    );
    fs::write(
        ectype.home().join("clouds.yaml"),
        "clouds: {lab: {auth: {auth_url: http://127.0.0.1:1}}}",
    )
    .unwrap();
    assert_eq!(ectype.run(&["image", "list", "--os-cloud", "prod"]).code, 5);
}

#[test]
fn nobody_there_ends_in_7() {
    // Port 1 of loopback: nobody listens there, and the connection is refused at once.
    let ectype = Ectype::new()
        .env("OS_AUTH_URL", "http://127.0.0.1:1/v3")
        .env("OS_USERNAME", "u")
        .env("OS_PASSWORD", "p")
        .env("OS_PROJECT_ID", "p");
    let ended = ectype.run(&["image", "list"]);
    assert_eq!(ended.code, 7, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .starts_with("error: no answer from http://127.0.0.1:1/"),
        "{}",
        ended.stderr
    );
    let world = cloud(&json!([]));
    world.put("/image/v2/images", Page::bytes("this is no Glance"));
    assert_eq!(user_of(&world).run(&["image", "list"]).code, 7);
}

#[test]
fn the_documented_codes_are_the_program_s() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let documented: Vec<String> = fs::read_to_string(root.join("docs/exit-codes.md"))
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| ")?.split(" |").next()?.to_owned()))
        .filter(|cell| cell.parse::<u8>().is_ok())
        .collect();
    let source = fs::read_to_string(root.join("src/failure.rs")).unwrap();
    let programmed: Vec<String> = source
        .lines()
        .skip_while(|line| !line.contains("enum Exit {"))
        .take_while(|line| *line != "}")
        .filter_map(|line| Some(line.split(" = ").nth(1)?.trim_end_matches(',').to_owned()))
        .collect();
    assert!(programmed.len() > 10);
    assert_eq!(documented, programmed);
}

#[test]
fn usage_errors_read_as_they_should() {
    let ectype = Ectype::new();
    let lines: &[&[&str]] = &[
        &[],
        &["image"],
        &["imgae"],
        &["image", "list", "--hiden"],
        &["image", "list", "--public", "--private"],
        &["image", "list", "--limit", "many"],
        &["image", "list", "--sort", "name:up"],
        &["image", "list", "--property", "os_distro"],
        &["image", "list", "-f", "xml"],
        &["image", "list", "-f", "shell"],
        &["image", "list", "-c", "colour"],
        &["image", "show"],
        &["image", "show", "x", "-f", "csv"],
        &["completions"],
        &["image", "list", "--insecure", "--verify"],
    ];
    let mut all = String::new();
    for args in lines {
        let ended = ectype.run(args);
        all.push_str(&format!(
            "$ ectype {}\n{}{}\n\n",
            args.join(" "),
            ended.stderr,
            ended.code
        ));
    }
    insta::assert_snapshot!("usage", all);
}

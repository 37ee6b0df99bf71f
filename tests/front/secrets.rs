//! No secret is seen in any output, however much is asked for.

use serde_json::json;
use world::Page;

use crate::fake::{PASSWORD, TOKEN, cloud, image, user_of};
use crate::run::Ectype;

const LINES: &[&[&str]] = &[
    &["cloud", "show", "-vv"],
    &["cloud", "show", "-f", "json", "-vv"],
    &["image", "list", "-vv"],
    &["image", "show", "one", "-vv", "-f", "json"],
    &["image", "show", "nowhere", "-vv"],
    &["image", "list", "-vv", "--frob"],
];

fn seen(ectype: &Ectype, extra: &[&str], secrets: &[&str]) {
    for args in LINES {
        let args = [args, extra].concat();
        let ended = ectype.run(&args);
        for secret in secrets {
            let both = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!both.contains(secret), "{args:?} {both}");
        }
    }
}

#[test]
fn a_password_is_never_seen_wherever_it_came_from() {
    let world = cloud(&json!([image(1, "one")]));
    seen(&user_of(&world), &[], &[PASSWORD, TOKEN]);
    assert!(
        !world.requests_to("/v3/auth/tokens").is_empty(),
        "the password was used"
    );

    let by_flag = Ectype::new();
    let url = world.url("/v3");
    let flags = [
        "--os-auth-url",
        &url,
        "--os-username",
        "demo",
        "--os-password",
        PASSWORD,
        "--os-project-name",
        "demo",
        "--os-user-domain-name",
        "Default",
        "--os-project-domain-name",
        "Default",
    ];
    seen(&by_flag, &flags, &[PASSWORD, TOKEN]);
    assert!(
        by_flag
            .run(&[&["image", "list"][..], &flags].concat())
            .stdout
            .contains("one")
    );

    let by_file = Ectype::new();
    let clouds = format!(
        "clouds:\n  a:\n    auth: {{auth_url: '{url}', username: demo, password: {PASSWORD}, project_name: demo, user_domain_name: Default, project_domain_name: Default}}\n"
    );
    std::fs::write(by_file.home().join("clouds.yaml"), clouds).unwrap();
    seen(&by_file, &["--os-cloud", "a"], &[PASSWORD, TOKEN]);
    assert!(
        by_file
            .run(&["image", "list", "--os-cloud", "a"])
            .stdout
            .contains("one")
    );
}

#[test]
fn a_server_that_repeats_a_secret_does_not_get_it_seen() {
    let world = cloud(&json!([image(1, "one")]));
    let repeating = |secret| Page::refusal(403, format!("I was told {secret} and say no"));
    world.put("/image/v2/images", repeating(TOKEN));
    world.put("/image/v2/images/one", repeating(TOKEN));
    let user = user_of(&world);
    seen(&user, &[], &[PASSWORD, TOKEN]);
    assert!(
        user.run(&["image", "list"])
            .stderr
            .contains("I was told *** and say no")
    );
    world.put("/v3/auth/tokens", repeating(PASSWORD));
    let user = user_of(&world);
    seen(&user, &[], &[PASSWORD, TOKEN]);
    assert!(
        user.run(&["image", "list"])
            .stderr
            .contains("I was told *** and say no")
    );
}

#[test]
fn a_password_within_an_address_is_not_seen() {
    let world = cloud(&json!([]));
    world.put("/v3/auth/tokens", Page::refusal(401, "no"));
    let address = world
        .url("/v3")
        .replace("http://", &format!("http://demo:{PASSWORD}@"));
    let ectype = Ectype::new()
        .env("OS_AUTH_URL", address)
        .env("OS_USERNAME", "u")
        .env("OS_PASSWORD", "p");
    seen(&ectype, &[], &[PASSWORD]);
    assert_eq!(ectype.run(&["image", "list", "-vv"]).code, 4);
}

//! Hints: a plain cause is told with what to do about it, and no other cause is.

use std::fs;

use serde_json::json;
use world::{Authority, Page, Tls, World};

use crate::fake::{cloud, user_of};
use crate::run::Ectype;

fn hint(ended: &crate::run::Ended) -> Option<&str> {
    ended
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("  hint: "))
}

#[test]
fn a_cloud_with_an_authority_of_its_own_is_met_with_os_cacert_which_then_helps() {
    let authority = Authority::new("a cloud's own");
    let world = World::secure(&Tls::by(&authority));
    let ectype = user_of(&world);
    let ended = ectype.run(&["image", "list"]);
    assert_eq!(ended.code, 7, "{}", ended.stderr);
    assert!(
        hint(&ended).unwrap().contains("`--os-cacert FILE`"),
        "{}",
        ended.stderr
    );
    let file = ectype.home().join("ca.pem");
    fs::write(&file, authority.pem()).unwrap();
    let known = ectype.run(&["image", "list", "--os-cacert", file.to_str().unwrap()]);
    assert!(!known.stderr.contains("authority"), "{}", known.stderr);
}

#[test]
fn a_vendor_with_an_unknown_authority_is_not_met_with_the_cloud_s_option() {
    let authority = Authority::new("a vendor's own");
    let world = World::secure(&Tls::by(&authority));
    world.put("/disk.raw", Page::bytes(vec![7; 4096]));
    let url = world.url("/disk.raw");
    let ectype = Ectype::new();
    let ended = ectype.run(&["digest", &url]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let told = hint(&ended).unwrap();
    assert!(
        told.contains("SSL_CERT_FILE") && !told.contains("cacert"),
        "{told}"
    );
    let file = ectype.home().join("ca.pem");
    fs::write(&file, authority.pem()).unwrap();
    let ectype = ectype.env("SSL_CERT_FILE", file.to_str().unwrap());
    assert_eq!(ectype.run(&["digest", &url]).code, 0);
}

#[test]
fn a_certificate_for_another_name_leads_to_the_address_and_not_to_an_authority() {
    let authority = Authority::new("x");
    let world = World::secure(&Tls::by(&authority).named("elsewhere.example"));
    let ectype = user_of(&world);
    let file = ectype.home().join("ca.pem");
    fs::write(&file, authority.pem()).unwrap();
    let ended = ectype.run(&["image", "list", "--os-cacert", file.to_str().unwrap()]);
    let told = hint(&ended).unwrap();
    assert!(
        told.contains("`ectype cloud show`") && !told.contains("cacert"),
        "{told}"
    );
}

#[test]
fn a_name_that_nobody_knows_leads_to_the_address_and_a_refused_connection_to_nothing() {
    let at = |url: &str| {
        let ectype = Ectype::new()
            .env("OS_AUTH_URL", url)
            .env("OS_USERNAME", "u")
            .env("OS_PASSWORD", "p")
            .env("OS_PROJECT_ID", "p");
        ectype.run(&["image", "list"])
    };
    // A resolver that is down says something else, and then there is nothing to be said.
    let unknown = at("http://no-such-host.invalid/v3");
    assert_eq!(unknown.code, 7);
    if unknown.stderr.contains("not known") {
        assert!(
            hint(&unknown).unwrap().starts_with("check the address"),
            "{}",
            unknown.stderr
        );
    }
    assert_eq!(hint(&at("http://127.0.0.1:1/v3")), None);
}

#[test]
fn a_token_that_keystone_cannot_read_is_no_wrong_address() {
    // The words of a real Keystone (30.0) about the token `abc`, by exchange and by question.
    for (status, words) in [
        (404, "Could not recognize Fernet token"),
        (401, "The request you have made requires authentication."),
    ] {
        let world = cloud(&json!([]));
        let body = json!({ "error": { "code": status, "message": words, "title": "x" } });
        world.put(
            "/v3/auth/tokens",
            Page::refusal(status, body.to_string()).header("Content-Type", "application/json"),
        );
        let ectype = Ectype::new()
            .env("OS_AUTH_TYPE", "v3token")
            .env("OS_AUTH_URL", world.url("/v3"))
            .env("OS_TOKEN", "abc")
            .env("OS_PROJECT_NAME", "demo")
            .env("OS_PROJECT_DOMAIN_NAME", "Default");
        let ended = ectype.run(&["image", "list"]);
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert!(
            hint(&ended).unwrap().contains("the token has expired"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn digest_names_no_option_that_only_verify_has() {
    let world = World::start();
    let ended = Ectype::new().run(&["digest", &world.url("/gone.qcow2")]);
    assert_eq!((ended.code, hint(&ended)), (5, None), "{}", ended.stderr);
    let folder = Ectype::new().run(&["digest", "/"]);
    assert_eq!(folder.code, 5);
    assert!(folder.stderr.contains("a folder"), "{}", folder.stderr);
}

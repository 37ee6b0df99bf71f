//! What is told when a configuration does not resolve, and that no secret is ever told.

use super::bench::{Bench, LAB, TWO, complaint};

#[test]
fn an_unknown_cloud_is_told_with_the_ones_there_are() {
    let bench = Bench::new().file("here/clouds.yaml", TWO).cloud("prd");
    assert_eq!(
        bench.complaint(),
        "there is no cloud `prd` (named by --os-cloud)\n\
         looked at  ./clouds.yaml (2 clouds: lab, prod)\n\
         hint: --os-cloud prod"
    );
    let nowhere = Bench::new().env(&[("OS_CLOUD", "prod")]);
    assert_eq!(
        nowhere.complaint(),
        "there is no cloud `prod` (named by OS_CLOUD)\n\
         looked at  ./clouds.yaml (absent), ~/.config/openstack/clouds.yaml (absent), \
         ROOT/etc/xdg/openstack/clouds.yaml (absent), ROOT/etc/openstack/clouds.yaml (absent)"
    );
}

#[test]
fn everything_that_is_missing_is_told_at_once_in_the_words_of_its_source() {
    let file = Bench::new()
        .file("here/clouds.yaml", "clouds: {lab: {auth: {username: u}}}")
        .cloud("lab");
    assert_eq!(
        file.complaint(),
        "auth.auth_url and auth.password are not set\n\
         looked at  cloud `lab` of ./clouds.yaml, named by --os-cloud\n\
         hint: write auth.auth_url and auth.password into the cloud `lab` of ./clouds.yaml or of a secure.yaml"
    );
    let environment = Bench::new().env(&[("OS_USERNAME", "u"), ("OS_PASSWORD", "p")]);
    assert_eq!(
        environment.complaint(),
        "OS_AUTH_URL is not set\nlooked at  the OS_* variables\nhint: export OS_AUTH_URL=…"
    );
    let named = Bench::new().env(&[
        ("OS_AUTH_URL", "http://a.example"),
        ("OS_APPLICATION_CREDENTIAL_NAME", "n"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
    ]);
    assert!(
        named.complaint().starts_with("OS_USERNAME is not set"),
        "a credential's name needs its user"
    );
}

#[test]
fn kinds_of_log_in_that_are_not_spoken_are_told() {
    for kind in [
        "none",
        "http_basic",
        "admin_token",
        "v3oidcpassword",
        "v2password",
        "v3totp",
    ] {
        let text = format!("{LAB}    auth_type: {kind}\n");
        let bench = Bench::new().file("here/clouds.yaml", &text);
        assert_eq!(
            bench.complaint(),
            format!(
                "auth_type `{kind}` (./clouds.yaml:12) is not supported\n\
                 supported are password, v3password, token, v3token, v3applicationcredential"
            )
        );
    }
    for (kind, spoken) in [("password", "password"), ("v3password", "password")] {
        let bench = Bench::new().file("here/clouds.yaml", &format!("{LAB}    auth_type: {kind}\n"));
        assert_eq!(bench.resolve().unwrap().0.auth_type(), spoken);
    }
}

#[test]
fn two_scopes_at_once_are_a_contradiction() {
    let bench = Bench::new().file(
        "here/clouds.yaml",
        &LAB.replace("region_name", "system_scope: all\n    region_name"),
    );
    assert_eq!(
        bench.complaint(),
        "more than one scope is asked for: project_name (./clouds.yaml:8), system_scope (./clouds.yaml:11)\n\
         hint: leave all but one out"
    );
    let both = Bench::new().file(
        "here/clouds.yaml",
        &LAB.replace(
            "project_name: demo",
            "project_name: demo\n      project_id: '7'",
        ),
    );
    assert!(
        both.resolve().is_ok(),
        "an openrc file of Horizon names the project by id and by name"
    );
    let flag = Bench::new()
        .file("here/clouds.yaml", LAB)
        .flag("system_scope", "all");
    assert!(
        flag.resolve().is_ok(),
        "a flag takes the place of the file's scope"
    );
}

#[test]
fn an_application_credential_takes_no_scope_and_says_so() {
    let bench = Bench::new().env(&[
        ("OS_AUTH_URL", "http://a.example"),
        ("OS_APPLICATION_CREDENTIAL_ID", "7"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
        ("OS_PROJECT_NAME", "left over"),
    ]);
    assert_eq!(
        bench.resolve().unwrap().0.auth_type(),
        "v3applicationcredential"
    );
    assert_eq!(
        bench.warnings(),
        [
            "an application credential carries its own scope; project_name (OS_PROJECT_NAME) is left out"
        ]
    );
    assert_eq!(bench.value("project_name"), None);
}

#[test]
fn a_file_that_is_named_outright_must_be_there() {
    let bench = Bench::new().env(&[("OS_CLIENT_CONFIG_FILE", "/nowhere/clouds.yaml")]);
    assert_eq!(
        bench.complaint(),
        "OS_CLIENT_CONFIG_FILE names /nowhere/clouds.yaml, which does not exist"
    );
    let text = format!("{LAB}    cacert: /nowhere/ca.pem\n");
    let bench = Bench::new().file("here/clouds.yaml", &text);
    assert_eq!(
        bench.complaint(),
        "cacert (./clouds.yaml:12) names /nowhere/ca.pem, which is no file"
    );
}

#[test]
fn an_address_of_identity_v2_is_refused() {
    let bench = Bench::new().file("here/clouds.yaml", &LAB.replace("5000/v3", "5000/v2.0"));
    assert!(
        bench
            .complaint()
            .starts_with("auth_url (./clouds.yaml:5) is an address of identity v2")
    );
    let bench = Bench::new().file(
        "here/clouds.yaml",
        &format!("{LAB}    identity_api_version: 2\n"),
    );
    assert!(
        bench
            .complaint()
            .starts_with("identity_api_version is `2` (./clouds.yaml:12)")
    );
}

#[test]
fn a_mistake_in_the_text_is_shown_with_its_line() {
    let bench = Bench::new().file(
        "here/clouds.yaml",
        "clouds:\n  lab:\n    auth:\n      username: a\n      username: b\n",
    );
    let told = bench.cloud("lab").complaint();
    assert!(
        told.starts_with("./clouds.yaml cannot be read: line 5, column 7: "),
        "{told}"
    );
    assert!(told.contains("   5 |       username: b\n"), "{told}");
    let bench = Bench::new()
        .file("here/clouds.yaml", "clouds:\n  lab:\n    auth: [1, 2]\n")
        .cloud("lab");
    assert!(
        bench
            .complaint()
            .starts_with("./clouds.yaml cannot be read: line 3, "),
        "{}",
        bench.complaint()
    );
}

/// Secrets as they are typed by people who do not know YAML: each is a mistake, and none may be repeated.
#[test]
fn a_mistake_in_a_secret_does_not_tell_the_secret() {
    for written in [
        "*S3cretWord",
        "%S3cretWord",
        "@S3cretWord",
        "S3cretWord: x",
        "\"S3cretWord",
        "'S3cretWord",
        "[S3cretWord",
        "{S3cretWord",
        "!S3cretWord\n        - x",
        "`S3cretWord",
        "|S3cretWord",
        "&S3cretWord *S3cretWord",
    ] {
        let text = LAB.replace("file-s3cret", written);
        let bench = Bench::new().file("here/clouds.yaml", &text);
        match bench.resolve() {
            Ok((config, _)) => assert!(!format!("{config:?}").contains("S3cretWord"), "{written}"),
            Err(error) => {
                let told = format!("{}\n{error:?}", complaint(&error));
                assert!(!told.contains("S3cretWord"), "{written}: {told}");
            }
        }
    }
}

#[test]
fn no_secret_is_shown_by_any_value_or_debug_output() {
    let text =
        format!("{LAB}    auth_type: password\n").replace("http://", "http://user:urlS3cret@");
    let bench = Bench::new()
        .file(
            "here/clouds.yaml",
            &text.replace("file-s3cret", "fileS3cret"),
        )
        .env(&[("OS_PASSWORD", "envS3cret"), ("OS_TOKEN", "envS3cret")])
        .flag("token", "flagS3cret")
        .flag("application_credential_secret", "flagS3cret")
        .cloud("lab");
    let (config, warnings) = bench.resolve().unwrap();
    let values: Vec<String> = config
        .values()
        .map(|(name, value, origin)| format!("{name}={value} {origin} {origin:?}"))
        .collect();
    let all = format!(
        "{config:?} {warnings:?} {:?} {values:?} {} {}",
        bench.sources(),
        config.auth_url(),
        config.source()
    );
    assert!(!all.contains("S3cret"), "{all}");
    assert!(all.contains("password=***"));
}

//! openstacksdk itself, asked the same questions.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::bench::{Bench, LAB, TWO};

/// Settings that both sides name alike.
const COMPARED: &[&str] = &[
    "auth_url",
    "username",
    "user_id",
    "user_domain_name",
    "user_domain_id",
    "project_name",
    "project_id",
    "project_domain_name",
    "project_domain_id",
    "domain_name",
    "domain_id",
    "system_scope",
    "application_credential_id",
    "application_credential_name",
    "region_name",
];

/// What the script of samples/ answers to all cases at once.
fn openstacksdk(lab: &str, cases: &[Case]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/openstacksdk.py");
    let case = |(_, bench, wanted): &Case| json!({"env": bench.env, "cwd": bench.here(), "wanted": wanted});
    let mut child = Command::new(Path::new(lab).join("venv/bin/python"))
        .args(["-W", "ignore"])
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = Value::from_iter(cases.iter().map(case)).to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "openstacksdk fails; its reason is above"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn agree(what: &str, bench: &Bench, theirs: &Value) {
    let (config, _) = bench
        .resolve()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let ours = |name: &str| {
        let found = config.values().find(|(found, ..)| *found == name);
        found
            .filter(|(.., origin)| **origin != cloud::config::Origin::Default)
            .map(|(_, value, _)| value)
    };
    for name in COMPARED {
        let expected = theirs
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        assert_eq!(ours(name).as_deref(), expected, "{what}: {name}\n{theirs}");
    }
    let transport = config.transport(net::Options::default());
    let verify = match (transport.verify, &transport.ca_file) {
        (true, Some(file)) => json!(file),
        (verify, _) => json!(verify),
    };
    assert_eq!(verify, theirs["transport"][0], "{what}: verify");
    let interface = ours("interface").unwrap_or_else(|| "public".to_owned());
    assert_eq!(interface, theirs["interface"], "{what}: interface");
    let endpoint = ours("image_endpoint_override");
    assert_eq!(
        endpoint.as_deref(),
        theirs.get("image_endpoint").and_then(Value::as_str),
        "{what}: image endpoint"
    );
}

/// A question, and what openstacksdk is asked for besides the files and the environment.
type Case = (&'static str, Bench, Value);

fn file(text: &str) -> Bench {
    Bench::new().file("here/clouds.yaml", text)
}

/// What a cloud says, in all the ways that are in use.
fn spellings() -> Vec<Case> {
    let any = |what, from: &str, to: &str| (what, file(&LAB.replace(from, to)), json!({}));
    let region = |what, to: &str| any(what, "region_name: RegionOne", to);
    let domains = "user_domain_name: Default\n      project_domain_name: Default";
    let project = format!("project_name: demo\n      {domains}");
    let values = "regions:\n      - A\n      - name: B\n        values: {interface: internal, auth: {project_name: b}}";
    let (_, second, _) = region("", values);
    vec![
        any("as it is", "", ""),
        any("tenant", "project_name: demo", "tenant_name: demo"),
        any("dashes", "project_domain_name", "project-domain-name"),
        any("one domain for both", domains, "domain_name: Default"),
        any("a domain's scope", &project, "domain_name: Default"),
        any(
            "the system's scope",
            "project_name: demo",
            "system_scope: all",
        ),
        region("a project inside auth and outside", "project_name: outer"),
        region("a user inside auth and outside", "username: outer"),
        region("regions", "regions: [A, B]"),
        region("endpoint_type", "endpoint_type: internal"),
        region(
            "another image service",
            "image_endpoint_override: http://i.example/v2",
        ),
        region("verify: no", "verify: no"),
        region("insecure", "insecure: true"),
        (
            "a region's own values",
            second.flag("region_name", "B"),
            json!({"region_name": "B"}),
        ),
    ]
}

/// Where files are, and which cloud is meant.
fn places() -> Vec<Case> {
    let secure = "clouds: {lab: {auth: {username: other, password: p}}}";
    let public = "public-clouds: {v: {auth: {auth_url: 'https://{region_name}.example/'}, region_name: east}}";
    let profile = "clouds: {m: {profile: v, auth: {username: u, password: p, project_id: '1', user_domain_id: d}}}";
    let elsewhere = Bench::new().file("xdg/openstack/clouds.yml", LAB);
    let xdg = elsewhere.path("xdg").display().to_string();
    let named = file(TWO).file("named.yaml", LAB);
    let path = named.path("named.yaml").display().to_string();
    let ca =
        file(&LAB.replace("region_name: RegionOne", "cacert: ~/ca.pem")).file("home/ca.pem", "");
    vec![
        (
            "a named cloud",
            file(TWO).cloud("prod"),
            json!({"cloud": "prod"}),
        ),
        ("OS_CLOUD", file(TWO).env(&[("OS_CLOUD", "lab")]), json!({})),
        ("a private authority", ca, json!({})),
        (
            "secure.yaml",
            file(LAB).file("home/.config/openstack/secure.yaml", secure),
            json!({}),
        ),
        (
            "XDG_CONFIG_HOME",
            elsewhere.env(&[("XDG_CONFIG_HOME", &xdg)]),
            json!({}),
        ),
        (
            "OS_CLIENT_CONFIG_FILE",
            named.env(&[("OS_CLIENT_CONFIG_FILE", &path)]),
            json!({}),
        ),
        (
            "profile",
            file(profile).file("home/.config/openstack/clouds-public.yaml", public),
            json!({}),
        ),
    ]
}

/// Variables alone, and beside a clouds.yaml.
fn environments() -> Vec<Case> {
    let openrc = Bench::new().env(&[
        ("OS_AUTH_URL", "http://env.example:5000/v3"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_PROJECT_ID", "1"),
        ("OS_PROJECT_NAME", "one"),
        ("OS_USER_DOMAIN_NAME", "Default"),
        ("OS_PROJECT_DOMAIN_ID", "default"),
        ("OS_REGION_NAME", "RegionOne"),
        ("OS_INTERFACE", "internal"),
        ("OS_IDENTITY_API_VERSION", "3"),
        ("OS_IMAGE_ENDPOINT_OVERRIDE", "http://i.example"),
    ]);
    let credential = Bench::new().env(&[
        ("OS_AUTH_TYPE", "v3applicationcredential"),
        ("OS_AUTH_URL", "http://env.example:5000/v3"),
        ("OS_APPLICATION_CREDENTIAL_ID", "7"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
    ]);
    let beside = || {
        file(LAB).env(&[
            ("OS_AUTH_URL", "http://env.example/v3"),
            ("OS_USERNAME", "u"),
            ("OS_PASSWORD", "p"),
            ("OS_TENANT_NAME", "t"),
            ("OS_DOMAIN_NAME", "D"),
        ])
    };
    vec![
        ("openrc", openrc, json!({})),
        ("application credential", credential, json!({})),
        ("openrc beside a clouds.yaml", beside(), json!({})),
        (
            "a cloud named beside an openrc",
            beside().env(&[("OS_CLOUD", "lab")]),
            json!({}),
        ),
    ]
}

#[test]
fn openstacksdk_understands_the_same() {
    let Ok(lab) = std::env::var("ECTYPE_TEST_LAB") else {
        eprintln!("skipped: openstacksdk_understands_the_same: no lab (ECTYPE_TEST_LAB)");
        return;
    };
    let cases: Vec<Case> = [spellings(), places(), environments()]
        .into_iter()
        .flatten()
        .collect();
    let answers = openstacksdk(&lab, &cases);
    assert_eq!(answers.len(), cases.len());
    for ((what, bench, _), theirs) in cases.iter().zip(&answers) {
        agree(what, bench, theirs);
    }
}

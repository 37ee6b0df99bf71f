//! openstacksdk itself, asked the same questions.

use std::path::Path;
use std::process::Command;

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

/// What the script of samples/ prints, run with the bench's environment and current folder.
fn openstacksdk(lab: &str, bench: &Bench, wanted: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/openstacksdk.py");
    let output = Command::new(Path::new(lab).join("venv/bin/python"))
        .args(["-W", "ignore"])
        .arg(script)
        .arg(wanted.to_string())
        .env_clear()
        .envs(&bench.env)
        .current_dir(bench.here())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn agree(lab: &str, what: &str, bench: &Bench, wanted: &Value) {
    let theirs = openstacksdk(lab, bench, wanted);
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

#[test]
fn openstacksdk_understands_the_same() {
    let Ok(lab) = std::env::var("ECTYPE_TEST_LAB") else {
        eprintln!("skipped: openstacksdk_understands_the_same: no lab (ECTYPE_TEST_LAB)");
        return;
    };
    let lab = lab.as_str();
    let file = |text: &str| Bench::new().file("here/clouds.yaml", text);
    let instead = |from: &str, to: &str| file(&LAB.replace(from, to));
    let any = json!({});

    agree(lab, "the only cloud", &file(LAB), &any);
    agree(
        lab,
        "a named cloud",
        &file(TWO).cloud("prod"),
        &json!({"cloud": "prod"}),
    );
    agree(
        lab,
        "OS_CLOUD",
        &file(TWO).env(&[("OS_CLOUD", "lab")]),
        &any,
    );
    agree(
        lab,
        "tenant",
        &instead("project_name: demo", "tenant_name: demo"),
        &any,
    );
    agree(
        lab,
        "dashes",
        &instead("project_domain_name", "project-domain-name"),
        &any,
    );
    agree(
        lab,
        "one domain for both",
        &instead(
            "user_domain_name: Default\n      project_domain_name: Default",
            "domain_name: Default",
        ),
        &any,
    );
    agree(
        lab,
        "a domain's scope",
        &instead(
            "project_name: demo\n      user_domain_name: Default\n      project_domain_name: Default",
            "domain_name: Default",
        ),
        &any,
    );
    agree(
        lab,
        "project outside auth",
        &instead("region_name: RegionOne", "project_name: outer"),
        &any,
    );
    agree(
        lab,
        "project inside and outside",
        &instead("region_name: RegionOne", "project_name: outer"),
        &any,
    );
    agree(
        lab,
        "system",
        &instead("project_name: demo", "system_scope: all"),
        &any,
    );
    agree(
        lab,
        "regions",
        &instead("region_name: RegionOne", "regions: [A, B]"),
        &any,
    );
    let values = "regions:\n      - A\n      - name: B\n        values: {interface: internal, auth: {project_name: b}}";
    let second = instead("region_name: RegionOne", values).flag("region_name", "B");
    agree(
        lab,
        "a region's own values",
        &second,
        &json!({"region_name": "B"}),
    );
    agree(
        lab,
        "endpoint_type",
        &instead("region_name: RegionOne", "endpoint_type: internal"),
        &any,
    );
    agree(
        lab,
        "override",
        &instead(
            "region_name: RegionOne",
            "image_endpoint_override: http://i.example/v2",
        ),
        &any,
    );
    agree(
        lab,
        "verify: no",
        &instead("region_name: RegionOne", "verify: no"),
        &any,
    );
    agree(
        lab,
        "insecure",
        &instead("region_name: RegionOne", "insecure: true"),
        &any,
    );
    let ca =
        file(&LAB.replace("region_name: RegionOne", "cacert: ~/ca.pem")).file("home/ca.pem", "");
    agree(lab, "a private authority", &ca, &any);
    let secure = "clouds: {lab: {auth: {username: other, password: p}}}";
    agree(
        lab,
        "secure.yaml",
        &file(LAB).file("home/.config/openstack/secure.yaml", secure),
        &any,
    );
    let elsewhere = Bench::new().file("xdg/openstack/clouds.yml", LAB);
    let xdg = elsewhere.path("xdg").display().to_string();
    agree(
        lab,
        "XDG_CONFIG_HOME",
        &elsewhere.env(&[("XDG_CONFIG_HOME", &xdg)]),
        &any,
    );
    let named = file(TWO).file("named.yaml", LAB);
    let path = named.path("named.yaml").display().to_string();
    agree(
        lab,
        "OS_CLIENT_CONFIG_FILE",
        &named.env(&[("OS_CLIENT_CONFIG_FILE", &path)]),
        &any,
    );
    let public = "public-clouds: {v: {auth: {auth_url: 'https://{region_name}.example/'}, region_name: east}}";
    let profile = file(
        "clouds: {m: {profile: v, auth: {username: u, password: p, project_id: '1', user_domain_id: d}}}",
    );
    agree(
        lab,
        "profile",
        &profile.file("home/.config/openstack/clouds-public.yaml", public),
        &any,
    );
    environment(lab);
}

fn environment(lab: &str) {
    let any = json!({});
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
    agree(lab, "openrc", &openrc, &any);
    let credential = Bench::new().env(&[
        ("OS_AUTH_TYPE", "v3applicationcredential"),
        ("OS_AUTH_URL", "http://env.example:5000/v3"),
        ("OS_APPLICATION_CREDENTIAL_ID", "7"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "s"),
    ]);
    agree(lab, "application credential", &credential, &any);
    let beside = Bench::new().file("here/clouds.yaml", LAB).env(&[
        ("OS_AUTH_URL", "http://env.example/v3"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_TENANT_NAME", "t"),
        ("OS_DOMAIN_NAME", "D"),
    ]);
    agree(lab, "openrc beside a clouds.yaml", &beside, &any);
    agree(
        lab,
        "a cloud named beside an openrc",
        &beside.env(&[("OS_CLOUD", "lab")]),
        &any,
    );
}

//! The same calls to our own service and to a real Keystone: the same statuses and the same words.
//!
//! `keystone.txt` is what Keystone 30.0.0 answered. Where there is a lab it is compared with the lab's Keystone first, so
//! that the record cannot go stale; `ECTYPE_TEST_RECORD=1` writes it anew.

mod access;
mod credentials;
mod records;
mod revocation;
mod tokens;

use std::path::Path;

use serde_json::{Value, json};

use crate::rig::{Rig, Service, in_project};
use crate::walk::Walk;

const RECORD: &str = include_str!("keystone.txt");

/// The whole walk.
async fn walk(service: &Service, password: &str, slow: bool) -> String {
    let said = service
        .password("admin", password, in_project("admin"))
        .await;
    assert_eq!(said.status, 201, "{}", said.body);
    let token = &said.body["token"];
    let services = token["catalog"].as_array().unwrap();
    let image = services.iter().find(|own| own["type"] == "image").unwrap();
    let image = image["endpoints"][0]["url"].as_str().unwrap();
    let mut walk = Walk::new(service, image, slow);
    walk.keep("admin", &said);
    walk.call(token["user"]["id"].as_str().unwrap(), "admin");
    walk.call(token["project"]["id"].as_str().unwrap(), "admin's project");
    let roles = service
        .say("GET", "/v3/roles", None, [said.token.as_deref(), None])
        .await;
    for role in roles.body["roles"].as_array().unwrap() {
        let name = role["name"].as_str().unwrap();
        walk.call(role["id"].as_str().unwrap(), &format!("role {name}"));
    }
    records::walk(&mut walk).await;
    tokens::walk(&mut walk).await;
    access::walk(&mut walk).await;
    credentials::walk(&mut walk).await;
    revocation::walk(&mut walk).await;
    walk.written()
}

/// Fails at the first difference, with what came before it.
fn compare(found: &str, expected: &str, whose: &str) {
    let pairs = found.lines().zip(expected.lines());
    let same = pairs.take_while(|(found, expected)| found == expected);
    let count = same.count();
    let line = |text: &str| text.lines().nth(count).unwrap_or("(the end)").to_owned();
    let before: Vec<&str> = found.lines().take(count).collect();
    let before = before[before.len().saturating_sub(4)..].join("\n");
    assert!(
        found == expected,
        "line {}:\n{before}\n{whose}: {}\nKeystone: {}",
        count + 1,
        line(found),
        line(expected)
    );
}

#[tokio::test]
async fn our_service_answers_as_keystone_does() {
    for rig in Rig::each("our_service_answers_as_keystone_does").await {
        let found = walk(&rig.service, rig.password(), false).await;
        compare(&found, RECORD, &rig.address);
    }
}

#[tokio::test]
async fn the_record_of_keystone_is_what_a_keystone_answers() {
    let Some(lab) = std::env::var_os("ECTYPE_TEST_LAB") else {
        eprintln!(
            "skipped: the_record_of_keystone_is_what_a_keystone_answers, for want of ECTYPE_TEST_LAB"
        );
        return;
    };
    let keystone = address(Path::new(&lab));
    let found = walk(&Service::at(&keystone), "lab-admin", true).await;
    if std::env::var_os("ECTYPE_TEST_RECORD").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/promises/keystone.txt");
        std::fs::write(file, &found).unwrap();
        return;
    }
    compare(&found, RECORD, "the lab's");
}

/// Makes the lab's SQLite forget the roles of an application credential with the credential. It does not keep to foreign
/// keys as other engines do, and the next credential, which has the same number, could not be made.
fn heal(lab: &Path) {
    let script = "import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=60) as base:
    base.execute('DELETE FROM application_credential_role WHERE application_credential_id NOT IN '
                 '(SELECT internal_id FROM application_credential)')
    base.execute('CREATE TRIGGER IF NOT EXISTS heal AFTER DELETE ON application_credential BEGIN '
                 'DELETE FROM application_credential_role '
                 'WHERE application_credential_id = OLD.internal_id; END')";
    let done = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(lab.join("state/keystone.db"))
        .status();
    assert!(done.unwrap().success());
}

/// The address of a lab's Keystone.
pub(crate) fn address(lab: &Path) -> String {
    heal(lab);
    let openrc = std::fs::read_to_string(lab.join("openrc")).unwrap();
    let mut lines = openrc.lines();
    let line = lines.find_map(|line| line.strip_prefix("export OS_AUTH_URL="));
    line.unwrap().trim_end_matches("/v3").to_owned()
}

/// What is sent: one member with others inside.
#[allow(clippy::needless_pass_by_value)] // so that a literal can be given
fn only(name: &str, members: Value) -> Value {
    json!({ name: members })
}

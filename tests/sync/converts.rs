//! A cloud that converts what it fetches (`web-download`) to raw: what arrived is another file than the vendor's, and is held
//! to what the vendor lists of the disk.

use serde_json::{Value, json};
use world::Page;

use crate::rig::{CLOUDS, Rig, Wanted, outcomes};
use crate::run::{Made, sum};

/// A rig on the lab that converts.
fn find(test: &str) -> Option<Rig> {
    Rig::find_at(test, "ECTYPE_TEST_LAB_CONVERT")
}

/// Publishes an original, and beside it a checksum file with the digests of the qcow2 and of the raw disk in it.
fn listed(rig: &Rig, id: &'static str, made: &Made, program: &str, raw: &str) -> Wanted {
    let mut wanted = rig.publish(id, "1", made);
    wanted.digest = None;
    let name = format!("{}S", program.to_uppercase());
    let text = format!("{}{raw}  1.raw\n", made.sums(program, "1.qcow2"));
    rig.world
        .put(&format!("/{id}/{name}"), Page::bytes(text.into_bytes()));
    wanted
}

fn fetched(rig: &Rig, wanted: &Wanted, code: i32) -> Value {
    rig.wants(&[wanted]);
    rig.sync(&["--import", "web-download"], code)
}

/// That nothing came of it, and that the message has these words.
fn nothing_but(rig: &Rig, report: &Value, words: &str) {
    assert_eq!(outcomes(report), ["import failed", "promote skipped"]);
    let error = report["clouds"][0]["steps"][0]["error"].to_string();
    assert!(error.contains(words), "{error}");
    assert_eq!(rig.records(CLOUDS[0]), Vec::<Value>::new());
}

/// That the image is the disk, and that there is nothing more to do.
fn is_there(rig: &Rig, made: &Made) {
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["disk_format"], "raw");
    assert_eq!(records[0]["ectype_state"], "current");
    let disk = json!(sum("sha512sum", &made.raw));
    assert_eq!(records[0]["os_hash_value"], disk);
    assert_eq!(rig.plan()["steps"], json!([]));
}

#[test]
fn a_converted_image_is_held_to_the_disk_that_the_vendor_lists() {
    let Some(rig) = find("a_converted_image_is_held_to_the_disk_that_the_vendor_lists") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let raw = sum("sha512sum", &made.raw);
    let other = sum("sha512sum", &made.qcow2);
    let wrong = listed(&rig, "one", &made, "sha512sum", &other);
    let report = fetched(&rig, &wrong, 6);
    nothing_but(&rig, &report, "is listed");
    let right = listed(&rig, "one", &made, "sha512sum", &raw);
    let report = fetched(&rig, &right, 0);
    assert_eq!(outcomes(&report), ["import done", "promote done"]);
    is_there(&rig, &made);
}

#[test]
fn a_converted_image_is_read_back_where_the_cloud_computes_another_digest_than_the_vendor() {
    let Some(rig) = find("a_converted_image_is_read_back_where_the_cloud_computes_another_digest")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let raw = sum("sha256sum", &made.raw);
    let other = sum("sha256sum", &made.qcow2);
    let wrong = listed(&rig, "one", &made, "sha256sum", &other);
    let report = fetched(&rig, &wrong, 6);
    nothing_but(&rig, &report, "is listed");
    let right = listed(&rig, "one", &made, "sha256sum", &raw);
    fetched(&rig, &right, 0);
    is_there(&rig, &made);
}

#[test]
fn a_converted_image_of_whose_disk_nothing_is_listed_is_deleted_and_the_message_says_why() {
    let Some(rig) = find("a_converted_image_of_whose_disk_nothing_is_listed_is_deleted") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let one = rig.publish("one", "1", &made);
    let report = fetched(&rig, &one, 6);
    nothing_but(&rig, &report, "the vendor lists no digest of the disk");
    // Where the definition wants what the cloud does not store, that is said.
    let mut qcow2 = one.clone();
    qcow2.format = "qcow2";
    let report = fetched(&rig, &qcow2, 6);
    nothing_but(&rig, &report, "stored it as raw");
    // Without it the bytes pass through this machine, and are compared.
    rig.wants(&[&one]);
    rig.sync(&[], 0);
    is_there(&rig, &made);
}

//! Five defects of a well-known tool for the same task, each by its own steps and with the opposite outcome.

use serde_json::Value;
use world::Held;

use crate::disk::Original;
use crate::one::{One, debian};
use crate::operator::text;

/// The name of a field that says of which build an image is.
const CLAIMS: [&str; 5] = [
    "image_source",
    "image_build_date",
    "ectype_build",
    "ectype_file_digest",
    "os_hash_value",
];

fn claims(image: &Value) -> [String; 5] {
    CLAIMS.map(|field| text(image, field))
}

/// 1: a new build in the catalogue, and an old image that is given the new one's records over its old bytes.
#[test]
fn records_of_a_new_build_are_never_given_to_old_bytes() {
    let test = "records_of_a_new_build_are_never_given_to_old_bytes";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    let old = one.operator.images().remove(0);
    one.publish(1);
    // The image of the new build never arrives: every attempt ends before its bytes are sent.
    let uploads = |call: &world::Call| call.method == "PUT";
    one.operator.gate.forget();
    one.operator
        .mirror
        .world
        .remove(&(debian(1).folder() + &debian(1).file()));
    assert_ne!(one.sync().code, 0);
    assert!(!one.operator.gate.writes().iter().any(uploads));
    assert_eq!(one.operator.images(), std::slice::from_ref(&old));
    one.operator.mirror.show();
    one.synced();
    let images = one.operator.images();
    let same = images.iter().find(|image| image["id"] == old["id"]);
    assert_eq!(claims(same.unwrap()), claims(&old));
    one.expect(&[debian(0), debian(1)], true);
}

/// 2: a run that ended between the import and the change of names, and two public generic images for ever.
#[test]
fn a_run_that_ended_between_import_and_rotation_is_healed_and_two_images_are_never_generic() {
    let test =
        "a_run_that_ended_between_import_and_rotation_is_healed_and_two_images_are_never_generic";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    one.publish(1);
    // POST of the lock, POST, PUT and PATCH of the import; then what demotes.
    let demote = 4;
    assert!(one.operator.kill_at(&One::SYNC, demote, Held::Before));
    let generic = |image: &&Value| {
        image["os_purpose"] == "generic"
            && image["os_hidden"] == false
            && image["visibility"] == "public"
    };
    let images = one.operator.images();
    let shown: Vec<&Value> = images.iter().filter(generic).collect();
    assert_eq!((images.len(), shown.len()), (2, 1), "{images:#?}");
    assert_eq!(text(shown[0], "ectype_build"), debian(0).name);
    one.synced();
    one.expect(&[debian(0), debian(1)], true);
}

/// 3: other bytes than the listed ones, at the right address.
#[test]
fn bytes_that_were_replaced_at_their_source_are_not_published() {
    let test = "bytes_that_were_replaced_at_their_source_are_not_published";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    let new = one.publish(1);
    let home = one.operator.mirror.home.path();
    let tampered = Original::make(home, "tampered").bytes();
    one.operator
        .mirror
        .put(&(new.folder() + &new.file()), tampered);
    let run = one.sync();
    assert_eq!(run.code, 6, "{}{}", run.stdout, run.stderr);
    one.expect(&[debian(0)], true);
}

/// 4: one entry with a fault, and images of the same catalogue that are deleted because nobody claims them any more.
#[test]
fn a_definition_with_a_fault_deletes_nothing_even_where_deleting_is_allowed() {
    let test = "a_definition_with_a_fault_deletes_nothing_even_where_deleting_is_allowed";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.define("    uuid_validity: none\n");
    one.synced();
    one.publish(1);
    one.synced();
    let before = one.operator.images();
    assert_eq!(before.len(), 2);
    let delete = [&One::SYNC[..], &["--max-delete", "9"]].concat();
    // `latest` names no build that would stay what it is.
    for fault in [
        "    uuid_validity: never\n",
        "    evidence: signed\n",
        "    build: latest\n",
    ] {
        one.define(fault);
        let run = one.operator.run(&delete);
        assert_ne!(run.code, 0, "{fault}");
        assert_eq!(
            (one.operator.gate.writes(), one.operator.images()),
            (vec![], before.clone()),
            "{fault}"
        );
    }
    // Nor when the whole entry is gone.
    one.operator.file("one.yaml", "catalogue: 1\n");
    one.operator.run(&delete);
    assert_eq!(
        (one.operator.gate.writes(), one.operator.images()),
        (vec![], before)
    );
    // With the fault put right what is due is deleted, by its id.
    one.define("    uuid_validity: none\n");
    let run = one.operator.run(&delete);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    one.expect(&[debian(1)], true);
}

/// 5: the cloud refuses, and nobody is told why.
#[test]
fn what_the_cloud_refuses_is_told_with_its_reason_and_the_next_run_goes_on() {
    let test = "what_the_cloud_refuses_is_told_with_its_reason_and_the_next_run_goes_on";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    one.publish(1);
    // The writes of a rotation: lock, make, send, mark as ready, demote, promote; and of one whose image is ready: lock,
    // demote, promote.
    let refusals = [(1, 403), (2, 413), (2, 409), (3, 403), (4, 403), (2, 403)];
    for (number, status) in refusals {
        one.operator.gate.inject(number, status);
        let run = one.operator.go_on(&One::SYNC);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(
            run.code != 0 && run.code != 9,
            "{number}: {} {said}",
            run.code
        );
        assert!(said.contains(&status.to_string()), "{number}: {said}");
    }
    one.synced();
    one.expect(&[debian(0), debian(1)], true);
}

/// 5, as it was seen there: the cloud may not fetch from this host, and says so in an answer that nobody reads.
#[test]
fn a_cloud_that_may_not_fetch_from_a_vendor_says_so_to_the_operator() {
    let test = "a_cloud_that_may_not_fetch_from_a_vendor_says_so_to_the_operator";
    let Some(one) = One::find(test) else { return };
    one.define("    format: qcow2\n");
    let by_cloud = [&One::SYNC[..], &["--import", "web-download"]].concat();
    let run = one.operator.run(&by_cloud);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(run.code != 0 && run.code != 9, "{said}");
    assert!(said.contains("does not pass filtering"), "{said}");
    assert_eq!(one.operator.images(), Vec::<Value>::new());
    one.synced();
}

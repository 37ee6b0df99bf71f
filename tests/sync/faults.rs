//! What goes wrong shows nothing to anybody, stops nothing else, and is gone with the next run.

use std::process::Command;
use std::sync::{Mutex, mpsc};

use serde_json::json;
use world::Page;

use crate::rig::{CLOUDS, Rig, other, outcomes};
use crate::run::{Made, sum};

#[test]
fn an_original_of_another_digest_is_never_seen_and_stops_only_its_own_image() {
    let Some(rig) =
        Rig::find("an_original_of_another_digest_is_never_seen_and_stops_only_its_own_image")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let mut bad = rig.publish("bad", "1", &made);
    bad.digest = Some(sum("sha256sum", &made.raw));
    rig.wants(&[&bad, &rig.publish("good", "1", &made)]);
    let report = rig.sync(&[], 8);
    assert_eq!(
        outcomes(&report),
        [
            "import failed",
            "promote skipped",
            "import done",
            "promote done"
        ]
    );
    assert_eq!(report["clouds"][0]["steps"][0]["error"]["exit_code"], 6);
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["ectype_definition"], "good");
    // Alone its code is that of the run.
    rig.wants(&[&bad]);
    rig.sync(&[], 6);
}

#[test]
fn an_upload_that_fails_leaves_nothing_and_the_next_run_goes_on() {
    let Some(rig) = Rig::find("an_upload_that_fails_leaves_nothing_and_the_next_run_goes_on")
    else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    rig.wants(&[&rig.publish("one", "1", &first)]);
    rig.sync(&[], 0);
    let before = rig.records(CLOUDS[0]);
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    // The writes are: the lock, the record, the bytes.
    for (status, code) in [(413, 4), (500, 7)] {
        rig.gates[0].inject(2, status);
        let report = rig.sync(&[], code);
        assert_eq!(
            outcomes(&report),
            ["import failed", "demote skipped", "promote skipped"]
        );
        assert_eq!(rig.records(CLOUDS[0]), before, "{status}");
    }
    rig.gates[0].forget();
    rig.sync(&[], 0);
    assert_eq!(rig.records(CLOUDS[0]).len(), 2);
}

#[test]
fn an_image_in_use_is_kept_and_deleted_by_a_later_run() {
    let Some(rig) = Rig::find("an_image_in_use_is_kept_and_deleted_by_a_later_run") else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    rig.wants(&[&rig.publish("one", "1", &first)]);
    rig.sync(&[], 0);
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    rig.sync(&[], 0);
    // The writes are: the lock, the deletion.
    rig.gates[0].inject(1, 409);
    let report = rig.sync(&["--max-delete", "1"], 0);
    assert_eq!(outcomes(&report), ["delete kept"]);
    assert_eq!(rig.records(CLOUDS[0]).len(), 2);
    rig.gates[0].forget();
    assert_eq!(
        outcomes(&rig.sync(&["--max-delete", "1"], 0)),
        ["delete done"]
    );
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
}

#[test]
fn an_original_that_is_older_than_its_checksum_file_is_read_once_more_and_never_believed() {
    let Some(rig) = Rig::find(
        "an_original_that_is_older_than_its_checksum_file_is_read_once_more_and_never_believed",
    ) else {
        return;
    };
    let (old, new) = (Made::new(&["-c"]), other());
    let mut one = rig.publish("one", "1", &old);
    one.digest = None;
    rig.wants(&[&one]);
    rig.world.put(
        "/one/SHA256SUMS",
        Page::bytes(new.sums("sha256sum", "1.qcow2")),
    );
    // It stays so: the vendor's server says nothing new.
    let report = rig.sync(&[], 6);
    assert_eq!(outcomes(&report), ["import failed", "promote skipped"]);
    assert!(rig.records(CLOUDS[0]).is_empty());
    // The vendor ends publishing while it is read.
    let pages = [old.original(), new.original()].map(|bytes| Page::bytes(bytes).without_ranges());
    rig.world.put_each("/one/1.qcow2", pages);
    rig.sync(&[], 0);
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["checksum"], json!(sum("md5sum", &new.raw)));
    assert_eq!(
        records[0]["ectype_file_digest"],
        json!(format!("sha512:{}", sum("sha512sum", &new.qcow2)))
    );
}

#[test]
fn a_run_that_is_interrupted_takes_back_what_it_began() {
    let Some(rig) = Rig::find("a_run_that_is_interrupted_takes_back_what_it_began") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let one = rig.publish("one", "1", &made);
    rig.wants(&[&one]);
    let page = Page::bytes(made.original()).without_ranges();
    rig.world
        .put("/one/1.qcow2", page.clone().stall_after(4 << 20));
    let mut child = rig.begin("/one/1.qcow2");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(rig.records(CLOUDS[0]).is_empty());
    rig.world.put("/one/1.qcow2", page);
    rig.sync(&[], 0);
}

#[test]
fn a_record_that_somebody_changes_in_between_is_left_alone() {
    let Some(rig) = Rig::find("a_record_that_somebody_changes_in_between_is_left_alone") else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    rig.wants(&[&rig.publish("one", "1", &first)]);
    rig.sync(&[], 0);
    let image = rig.records(CLOUDS[0]).remove(0);
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    // The vendor answers when the record was changed, and the plan is made by then.
    let (asked, is_asked) = mpsc::channel();
    let (changed, is_changed) = mpsc::channel::<()>();
    let (asked, is_changed) = (Mutex::new(asked), Mutex::new(is_changed));
    let bytes = second.original();
    let page = Page::made_by(move |_| {
        // Later requests find nobody who waits.
        let _ = asked.lock().unwrap().send(());
        let _ = is_changed.lock().unwrap().recv();
        Page::bytes(bytes.clone())
    });
    rig.world.put("/one/2.qcow2", page);
    let report = std::thread::scope(|scope| {
        let run = scope.spawn(|| rig.sync(&[], 8));
        is_asked.recv().unwrap();
        rig.patch(
            &image,
            &json!([{"op": "add", "path": "/note", "value": "mine"}]),
        );
        drop(changed);
        run.join().unwrap()
    });
    assert_eq!(
        outcomes(&report),
        ["import done", "demote failed", "promote skipped"]
    );
    let records = rig.records(CLOUDS[0]);
    let same = records.iter().find(|one| one["id"] == image["id"]).unwrap();
    assert_eq!(same["note"], "mine");
    assert_eq!(
        (&same["name"], &same["ectype_state"]),
        (&image["name"], &json!("current"))
    );
    // The next run plans with what is there now.
    assert_eq!(outcomes(&rig.sync(&[], 0)), ["demote done", "promote done"]);
}

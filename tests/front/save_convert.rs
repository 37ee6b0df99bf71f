//! Saving as another format: the stored bytes are compared all the same, before the file appears.

use std::fs;

use serde_json::{Value, json};
use world::Page;

use crate::create_qcow2::{assert_is, disk, made};
use crate::run::Ended;
use crate::save::{DATA, Setting, sum};

/// A cloud that has these bytes, recorded as this format, but for a change of the record.
fn stored(bytes: &[u8], format: &str, change: fn(&mut Value)) -> Setting {
    let setting = Setting::new(|record| {
        record["size"] = json!(bytes.len());
        record["disk_format"] = json!(format);
        record["checksum"] = json!(sum("md5sum", bytes));
        record["os_hash_value"] = json!(sum("sha512sum", bytes));
        change(record);
    });
    let page = Page::bytes(bytes).without_validators().ignoring_if_range();
    setting.world.put(DATA, page);
    setting
}

fn save(setting: &Setting, more: &[&str]) -> Ended {
    let args = ["image", "save", "disk", "--file", "out.raw", "--convert"];
    setting.ectype.run(&[&args[..], more].concat())
}

#[test]
fn an_image_of_any_format_is_saved_as_any_that_is_written() {
    let packed = made(&disk(), "qcow2", "compression_type=zstd");
    for (bytes, stored_as) in [(disk(), "raw"), (packed, "qcow2")] {
        let setting = stored(&bytes, stored_as, |_| {});
        for (args, format) in [
            (&["raw"][..], "raw"),
            (&["qcow2"], "qcow2"),
            (&["qcow2", "--compress", "zlib"], "qcow2"),
            (&["vmdk"], "vmdk"),
        ] {
            let what = format!("{stored_as} {args:?}");
            // What is there is replaced.
            fs::write(setting.file(), "before").unwrap();
            let ended = save(&setting, args);
            assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{what}");
            assert_is(&setting.file(), format, &disk(), &what);
            assert_eq!(setting.parts(), 0, "{what}");
        }
        let piped = setting
            .ectype
            .command(&["image", "save", "disk", "--convert", "raw"]);
        let out = { piped }.output().unwrap();
        assert!(out.status.success() && out.stdout == disk());
    }
}

#[test]
fn bytes_that_are_not_those_of_the_record_are_no_file_in_any_format() {
    let lies: [fn(&mut Value); 4] = [
        |record| record["os_hash_value"] = json!("0".repeat(128)),
        |record| record["checksum"] = json!("0".repeat(32)),
        |record| record["size"] = json!((9 << 20) - 1),
        |record| record["size"] = json!((9 << 20) + 1),
    ];
    for lie in lies {
        for format in ["raw", "qcow2", "vmdk"] {
            let setting = stored(&disk(), "raw", lie);
            let ended = save(&setting, &[format]);
            assert_eq!(ended.code, 6, "{format}: {}", ended.stderr);
            assert!(!setting.file().exists(), "{format}");
            assert_eq!(setting.parts(), 0, "{format}");
        }
        let setting = stored(&disk(), "raw", lie);
        let args = ["image", "save", "disk", "--convert", "raw"];
        let out = setting.ectype.command(&args).output().unwrap();
        assert_eq!(out.status.code(), Some(6));
    }
}

#[test]
fn a_download_that_is_cut_is_converted_all_the_same() {
    let setting = stored(&disk(), "raw", |_| {});
    let page = || Page::bytes(disk()).without_validators().ignoring_if_range();
    setting
        .world
        .put_each(DATA, [page().cut_after(3_000_000), page()]);
    let ended = save(&setting, &["qcow2"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_is(&setting.file(), "qcow2", &disk(), "cut");
}

#[test]
fn an_image_that_is_recorded_as_another_format_is_not_decoded() {
    let packed = made(&disk(), "qcow2", "compat=1.1");
    for (bytes, format) in [(packed, "raw"), (disk(), "qcow2")] {
        let setting = stored(&bytes, format, |_| {});
        let ended = save(&setting, &["raw"]);
        assert_eq!(ended.code, 6, "{}", ended.stderr);
        assert!(ended.stderr.contains("recorded as"), "{}", ended.stderr);
        assert!(!setting.file().exists());
    }
}

#[test]
fn what_cannot_be_written_there_is_refused_before_the_cloud_is_asked() {
    let setting = stored(&disk(), "raw", |_| {});
    for args in [
        &["--convert", "qcow2"][..],
        &["--file", "-", "--convert", "qcow2"],
        &["--file", "/dev/null", "--convert", "qcow2"],
        &[
            "--file",
            "out.raw",
            "--convert",
            "raw",
            "--compress",
            "zlib",
        ],
        &[
            "--file",
            "out.raw",
            "--convert",
            "vmdk",
            "--compress",
            "zstd",
        ],
        &["--file", "out.raw", "--compress", "zlib"],
    ] {
        let ended = setting
            .ectype
            .run(&[&["image", "save", "disk"], args].concat());
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.stderr);
    }
    assert_eq!(setting.world.connections(), 0);
}

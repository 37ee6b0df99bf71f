//! Saving from a cloud that cuts, lies and changes its mind: what appears under the name is right, or nothing is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use world::{Page, World};

use crate::fake::{cloud, image, user_of};
use crate::run::{Ectype, Ended};

/// Where the fake cloud has the bytes of image 1.
pub(crate) const DATA: &str = "/image/v2/images/00000000-0000-4000-8000-000000000001/file";

/// Bytes with a hole of zeros among them.
fn disk() -> Vec<u8> {
    let noise = (0..900_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]);
    let mut disk: Vec<u8> = noise.collect();
    disk[200_000..600_000].fill(0);
    disk
}

/// A digest by coreutils.
pub(crate) fn sum(tool: &str, bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let out = Command::new(tool).arg(file.path()).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

/// A cloud whose record is of [`disk`], and its user.
pub(crate) struct Setting {
    pub(crate) world: World,
    pub(crate) ectype: Ectype,
}

impl Setting {
    pub(crate) fn new(change: impl Fn(&mut Value)) -> Self {
        let mut record = image(1, "disk");
        record["size"] = json!(disk().len());
        record["checksum"] = json!(sum("md5sum", &disk()));
        record["os_hash_algo"] = json!("sha512");
        record["os_hash_value"] = json!(sum("sha512sum", &disk()));
        change(&mut record);
        let world = cloud(&json!([record]));
        let ectype = user_of(&world);
        Self { world, ectype }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.ectype.home().join("out.raw")
    }

    fn save(&self) -> Ended {
        self.ectype
            .run(&["image", "save", "disk", "--file", "out.raw"])
    }

    /// The hidden files that are left.
    pub(crate) fn parts(&self) -> usize {
        let names = fs::read_dir(self.ectype.home()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".part")).count()
    }
}

/// As Glance serves data: parts when asked, without announcing them.
fn honest() -> Page {
    Page::bytes(disk()).without_validators().ignoring_if_range()
}

#[test]
fn a_download_that_is_cut_anywhere_goes_on_and_is_right() {
    for cut in [0, 1, 65_535, 65_536, 199_999, 400_000, 899_999] {
        let setting = Setting::new(|_| {});
        setting
            .world
            .put_each(DATA, [honest().cut_after(cut), honest()]);
        let ended = setting.save();
        assert_eq!(ended.code, 0, "{cut}: {}", ended.stderr);
        assert!(fs::read(setting.file()).unwrap() == disk(), "{cut}");
        assert_eq!(setting.parts(), 0);
    }
}

#[test]
fn a_server_that_is_ill_for_a_moment_is_asked_again() {
    let setting = Setting::new(|_| {});
    setting
        .world
        .put_each(DATA, [Page::refusal(503, "busy"), honest()]);
    assert_eq!(setting.save().code, 0);
    assert!(fs::read(setting.file()).unwrap() == disk());
}

#[test]
fn wrong_bytes_never_appear_under_the_name() {
    let mut altered = disk();
    altered[700_000] ^= 1;
    let short = disk()[..800_000].to_vec();
    let mut long = disk();
    long.push(0);
    for bytes in [altered, short, long] {
        let setting = Setting::new(|_| {});
        fs::write(setting.file(), "precious").unwrap();
        setting.world.put(DATA, Page::bytes(bytes));
        let ended = setting.save();
        assert_eq!(ended.code, 6, "{}", ended.stderr);
        assert!(ended.stderr.contains("os_hash_value"), "{}", ended.stderr);
        assert_eq!(fs::read(setting.file()).unwrap(), b"precious");
        assert_eq!(setting.parts(), 0);
        let piped = setting
            .ectype
            .command(&["image", "save", "disk"])
            .output()
            .unwrap();
        assert_eq!(piped.status.code(), Some(6));
    }
}

#[test]
fn a_length_that_is_a_lie_is_no_success() {
    let setting = Setting::new(|_| {});
    let lie = disk().len() as u64 + 1000;
    setting.world.put(
        DATA,
        Page::bytes(disk()).without_ranges().claiming_length(lie),
    );
    let ended = setting.save();
    assert!([6, 7].contains(&ended.code), "{}", ended.stderr);
    assert!(!setting.file().exists());
}

#[test]
fn what_an_earlier_run_left_is_not_downloaded_again() {
    let setting = Setting::new(|_| {});
    setting.world.put(DATA, honest());
    let part = setting
        .ectype
        .home()
        .join(".out.raw.00000000-0000-4000-8000-000000000001.part");
    fs::write(&part, &disk()[..500_000]).unwrap();
    assert_eq!(setting.save().code, 0);
    assert!(fs::read(setting.file()).unwrap() == disk());
    let asked = setting.world.requests_to(DATA);
    let range = asked.last().unwrap().header("range").map(str::to_owned);
    assert_eq!(range.as_deref(), Some("bytes=500000-"));
    // What was left is wrong: all over again.
    fs::remove_file(setting.file()).unwrap();
    fs::write(&part, vec![9; 500_000]).unwrap();
    let ended = setting.save();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(fs::read(setting.file()).unwrap() == disk());
    assert_eq!(setting.parts(), 0);
}

#[test]
fn an_image_without_digests_is_saved_with_a_warning() {
    let setting = Setting::new(|record| {
        for field in ["checksum", "os_hash_algo", "os_hash_value"] {
            record[field] = Value::Null;
        }
    });
    setting.world.put(DATA, honest());
    let ended = setting.save();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("no digest"), "{}", ended.stderr);
}

#[test]
fn zeros_are_holes() {
    use std::os::unix::fs::MetadataExt as _;
    let setting = Setting::new(|_| {});
    setting.world.put(DATA, honest());
    assert_eq!(setting.save().code, 0);
    let used = fs::metadata(setting.file()).unwrap().blocks() * 512;
    assert!(used < 700_000, "{used}");
}

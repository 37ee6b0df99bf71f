//! What is known already is not fetched again, and is believed only as far as it goes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use world::{Page, World};

use crate::fake::{cloud, image, user_of};
use crate::run::Ectype;

/// The demonstration's original, or its disk as qemu-img decodes it.
fn demo(name: &str) -> PathBuf {
    static RAW: OnceLock<PathBuf> = OnceLock::new();
    let original = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("assets/demo/demo-linux-1-amd64-20260105.qcow2");
    match name {
        "demo.qcow2" => original,
        "demo.raw" => RAW.get_or_init(|| decoded(&original)).clone(),
        other => panic!("there is no {other}"),
    }
}

fn decoded(original: &Path) -> PathBuf {
    let raw = Path::new(env!("CARGO_TARGET_TMPDIR")).join("known-demo.raw");
    let mut command = Command::new("qemu-img");
    command.args(["convert", "-O", "raw"]);
    assert!(command.arg(original).arg(&raw).status().unwrap().success());
    raw
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(demo(name)).unwrap()
}

/// What the program prints for a file of the demonstration.
fn sum(program: &str, name: &str) -> String {
    let output = Command::new(program).arg(demo(name)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

/// A vendor who publishes the demonstration's qcow2, and a cloud that has stored its disk.
struct Scene {
    vendor: World,
    // It answers as long as it is there.
    _cloud: World,
    user: Ectype,
}

impl Scene {
    /// `stored` changes the image's record.
    fn new(stored: &Value) -> Self {
        let vendor = World::start();
        let mut image = image(1, "Debian 13");
        image["image_source"] = vendor.url("/13/debian.qcow2").into();
        image["os_hash_algo"] = "sha512".into();
        image["os_hash_value"] = sum("sha512sum", "demo.raw").into();
        image["checksum"] = sum("md5sum", "demo.raw").into();
        image["size"] = bytes("demo.raw").len().into();
        for (name, value) in stored.as_object().unwrap() {
            image[name] = value.clone();
        }
        let cloud = cloud(&json!([image]));
        let scene = Self {
            user: user_of(&cloud),
            vendor,
            _cloud: cloud,
        };
        scene.publish(Page::bytes(bytes("demo.qcow2")));
        scene.list(&[("debian.qcow2", &sum("sha512sum", "demo.qcow2"))]);
        scene
    }

    fn publish(&self, page: Page) {
        self.vendor.put("/13/debian.qcow2", page);
    }

    /// The original is there, and whoever reads it does not come to its end.
    fn publish_without_end(&self) {
        self.publish(
            Page::bytes(bytes("demo.qcow2"))
                .cut_after(100)
                .without_validators(),
        );
    }

    fn list(&self, lines: &[(&str, &str)]) {
        let lines = lines
            .iter()
            .map(|(name, digest)| format!("{digest}  {name}\n"));
        self.vendor
            .put("/13/SHA512SUMS", Page::bytes(lines.collect::<String>()));
    }

    /// Verdict or reason, way, exit code.
    fn verify(&self, more: &[&str]) -> (String, Value, i32) {
        let args = [&["verify", "--all", "-f", "json"], more].concat();
        let ended = self.user.run(&args);
        let verdict: Value = serde_json::from_str(&ended.stdout).unwrap();
        let verdict = &verdict[0];
        let word = verdict["reason"]["code"]
            .as_str()
            .or(verdict["verdict"].as_str());
        (word.unwrap().to_owned(), verdict["way"].clone(), ended.code)
    }
}

fn told(word: &str, way: &str, code: i32) -> (String, Value, i32) {
    (word.to_owned(), way.into(), code)
}

#[test]
fn a_second_run_needs_no_download_and_full_does_it_all_the_same() {
    let scene = Scene::new(&json!({}));
    assert_eq!(scene.verify(&[]), told("identical", "read", 0));
    scene.publish_without_end();
    assert_eq!(scene.verify(&[]), told("identical", "remembered", 0));
    let (word, _, code) = scene.verify(&["--full"]);
    assert_eq!((word.as_str(), code), ("original-truncated", 7));
    let text = scene.user.run(&["verify", "--all"]);
    assert!(
        text.stdout.contains("was not downloaded"),
        "{}",
        text.stdout
    );
}

#[test]
fn another_file_of_the_vendor_s_is_read_whatever_is_remembered() {
    let scene = Scene::new(&json!({}));
    assert_eq!(scene.verify(&[]), told("identical", "read", 0));
    // The checksum file lists another build by now; the image there is still the old one.
    scene.list(&[("debian.qcow2", &"a".repeat(128))]);
    assert_eq!(scene.verify(&[]), told("manifest-disagrees", "read", 6));
    // The same digest and another length is not the file that was read.
    scene.list(&[("debian.qcow2", &sum("sha512sum", "demo.qcow2"))]);
    let mut longer = bytes("demo.qcow2");
    longer.push(0);
    scene.publish(Page::bytes(longer));
    assert_eq!(scene.verify(&[]), told("manifest-disagrees", "read", 6));
}

#[test]
fn where_the_vendor_lists_the_disk_itself_nothing_is_downloaded() {
    let scene = Scene::new(&json!({}));
    let (qcow2, raw) = (sum("sha512sum", "demo.qcow2"), sum("sha512sum", "demo.raw"));
    scene.list(&[("debian.qcow2", &qcow2), ("debian.raw", &raw)]);
    scene.publish_without_end();
    assert_eq!(scene.verify(&[]), told("identical", "listed", 0));
    scene.publish(Page::bytes(bytes("demo.qcow2")));
    assert_eq!(scene.verify(&["--full"]), told("identical", "read", 0));
    // Another raw disk is listed: that is no answer, and the original is read.
    scene.list(&[("debian.qcow2", &qcow2), ("debian.raw", &"b".repeat(128))]);
    assert_eq!(scene.verify(&["--full"]), told("identical", "read", 0));
}

#[test]
fn a_no_is_only_ever_said_after_reading() {
    let scene =
        Scene::new(&json!({ "os_hash_value": "c".repeat(128), "checksum": "c".repeat(32) }));
    let (qcow2, raw) = (sum("sha512sum", "demo.qcow2"), sum("sha512sum", "demo.raw"));
    scene.list(&[("debian.qcow2", &qcow2), ("debian.raw", &raw)]);
    for _ in 0..2 {
        assert_eq!(scene.verify(&[]), told("digests-differ", "read", 1));
    }
    // Stored as a qcow2 it is no copy of the raw disk, whatever is listed.
    let scene = Scene::new(&json!({ "disk_format": "qcow2" }));
    scene.list(&[("debian.qcow2", &qcow2), ("debian.raw", &raw)]);
    assert_eq!(scene.verify(&[]), told("digests-differ", "read", 1));
}

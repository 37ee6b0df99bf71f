//! Beside the real thing: the same questions to the same cloud by `openstack` and by ectype, and the same answers.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Once;

use serde_json::Value;

use crate::run::Ectype;

/// The lab of `ECTYPE_TEST_LAB`, or a word about why a test is skipped.
pub(crate) struct Lab {
    folder: PathBuf,
    cloud: &'static str,
}

fn lab(test: &str) -> Option<Lab> {
    let lab = lab_of(test, "lab-alt")?;
    static SEEDED: Once = Once::new();
    SEEDED.call_once(|| lab.seed());
    Some(lab)
}

/// The lab as another project sees it, whose images a test may change while others compare lists of the first one's.
pub(crate) fn lab_to_change(test: &str) -> Option<Lab> {
    lab_of(test, "lab-demo")
}

/// A lab that converts what it imports to raw.
pub(crate) fn lab_that_converts(test: &str) -> Option<Lab> {
    lab_at(test, "ECTYPE_TEST_LAB_CONVERT", "lab-demo")
}

fn lab_of(test: &str, cloud: &'static str) -> Option<Lab> {
    lab_at(test, "ECTYPE_TEST_LAB", cloud)
}

fn lab_at(test: &str, variable: &str, cloud: &'static str) -> Option<Lab> {
    let Some(folder) = std::env::var_os(variable).filter(|v| !v.is_empty()) else {
        skipped(test, variable);
        return None;
    };
    Some(Lab {
        folder: folder.into(),
        cloud,
    })
}

#[allow(clippy::print_stderr)]
fn skipped(test: &str, variable: &str) {
    eprintln!("skipped: {test}: no lab ({variable})");
}

impl Lab {
    pub(crate) fn openstack(&self, args: &[&str]) -> String {
        let out = self
            .client("openstack")
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "openstack {args:?}: {stderr}");
        String::from_utf8(out.stdout).unwrap()
    }

    /// What the real client's Python prints, in one line.
    pub(crate) fn python(&self, args: &[&str], folder: &std::path::Path) -> String {
        let out = self
            .client("python")
            .args(args)
            .current_dir(folder)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{stderr}");
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// A program beside the real client, for this cloud and no other that the caller's variables describe.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.venv().join("bin").join(program));
        world::without_cloud(&mut command);
        command
            .env("OS_CLIENT_CONFIG_FILE", self.folder.join("clouds.yaml"))
            .env("OS_CLOUD", self.cloud);
        command
    }

    /// Where the real client is: labs may share it.
    fn venv(&self) -> PathBuf {
        let own = self.folder.join("venv");
        match std::env::var_os("ECTYPE_TEST_LAB") {
            Some(first) if !own.exists() => PathBuf::from(first).join("venv"),
            _ => own,
        }
    }

    pub(crate) fn ectype(&self) -> Ectype {
        let clouds = self
            .folder
            .join("clouds.yaml")
            .to_string_lossy()
            .into_owned();
        Ectype::new()
            .env("OS_CLIENT_CONFIG_FILE", clouds)
            .env("OS_CLOUD", self.cloud)
    }

    /// Two images with awkward names, made by the real client unless they are there.
    fn seed(&self) {
        let there = self.openstack(&["image", "list", "-f", "json"]);
        if there.contains("front door") {
            return;
        }
        let data = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(data.path(), vec![7_u8; 70_000]).unwrap();
        let file = data.path().to_str().unwrap();
        let quotes = r#"a "b" it's, \ $(x) ü"#;
        let property = format!("front_door={quotes}");
        self.openstack(&[
            "image",
            "create",
            "front door, größe",
            "--file",
            file,
            "--disk-format",
            "raw",
            "--tag",
            "b",
            "--tag",
            "a",
            "--property",
            &property,
            "--property",
            "os_distro=debian",
        ]);
        self.openstack(&[
            "image",
            "create",
            "front door \"2\"",
            "--file",
            file,
            "--disk-format",
            "raw",
            "--private",
        ]);
    }

    /// Both answers to the same arguments.
    pub(crate) fn both(&self, args: &[&str]) -> (String, String) {
        (self.ectype().answer(args), self.openstack(args))
    }
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn lists_are_what_the_real_client_prints() {
    let Some(lab) = lab("lists_are_what_the_real_client_prints") else {
        return;
    };
    for extra in [
        &[][..],
        &["--long"],
        &["--private"],
        &["--sort", "name:desc"],
        &["--property", "os_distro=debian"],
    ] {
        let args = [&["image", "list", "-f", "json"], extra].concat();
        let (ours, theirs) = lab.both(&args);
        assert!(
            !json(&theirs).as_array().unwrap().is_empty(),
            "{args:?} proves nothing"
        );
        assert_eq!(json(&ours), json(&theirs), "{args:?}");
    }
    for format in ["value", "csv", "table"] {
        let (ours, theirs) = lab.both(&["image", "list", "--long", "-f", format]);
        assert_eq!(ours, theirs, "{format}");
    }
    for args in [
        &["image", "list", "-f", "value", "-c", "id"][..],
        &["image", "list", "-f", "value", "-c", "ID", "-c", "name"],
        &["image", "list", "-f", "csv", "-c", "Name", "--quote", "all"],
        &["image", "list", "-f", "csv", "--long", "--quote", "minimal"],
        &[
            "image",
            "list",
            "-f",
            "value",
            "--sort-column",
            "Name",
            "--sort-descending",
        ],
        &["image", "list", "-f", "value", "--limit", "1"],
        &["image", "list", "-f", "value", "--tag", "a", "--tag", "b"],
        &[
            "image",
            "list",
            "-f",
            "csv",
            "--name",
            "nothing has this name",
        ],
    ] {
        let (ours, theirs) = lab.both(args);
        assert_eq!(ours, theirs, "{args:?}");
    }
}

#[test]
fn an_image_is_shown_as_the_real_client_shows_it() {
    let Some(lab) = lab("an_image_is_shown_as_the_real_client_shows_it") else {
        return;
    };
    let name = "front door, größe";
    let (ours, theirs) = lab.both(&["image", "show", name, "-f", "json"]);
    assert_eq!(json(&ours), json(&theirs));
    let (ours, theirs) = lab.both(&["image", "show", name, "-f", "table"]);
    assert_eq!(ours, theirs);
    for column in [
        "id",
        "name",
        "size",
        "tags",
        "protected",
        "checksum",
        "created_at",
    ] {
        let (ours, theirs) = lab.both(&["image", "show", name, "-f", "value", "-c", column]);
        assert_eq!(ours, theirs, "{column}");
    }
    let (ours, theirs) = lab.both(&[
        "image", "show", name, "-f", "shell", "-c", "id", "-c", "size", "--prefix", "x_",
    ]);
    assert_eq!(ours, theirs);
}

#[test]
fn yaml_means_what_the_real_client_s_yaml_means() {
    let Some(lab) = lab("yaml_means_what_the_real_client_s_yaml_means") else {
        return;
    };
    for args in [
        &["image", "list", "--long", "-f", "yaml"][..],
        &["image", "show", "front door, größe", "-f", "yaml"],
    ] {
        let (ours, theirs) = lab.both(args);
        assert_eq!(lab.read_yaml(&ours), lab.read_yaml(&theirs), "{args:?}");
    }
}

impl Lab {
    /// YAML as the parser of the real client reads it.
    fn read_yaml(&self, text: &str) -> Value {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let out = Command::new(self.venv().join("bin/python"))
            .args([
                "-c",
                "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))",
            ])
            .arg(file.path())
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{}\n{text}",
            String::from_utf8_lossy(&out.stderr)
        );
        json(&String::from_utf8(out.stdout).unwrap())
    }
}

//! The clients that people use, unchanged: the `openstack` command line, openstacksdk and python-glanceclient.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use world::{Page, World};

use crate::talk::{Talk, folder};
use crate::target::Who::{self, Admin, Member, Other, Reader};

/// The lab's Python with the clients in it.
fn python() -> Option<PathBuf> {
    let lab = || Some(PathBuf::from(std::env::var_os("ECTYPE_TEST_LAB")?).join("venv"));
    let venv = std::env::var_os("LAB_VENV").map(PathBuf::from).or_else(lab)?;
    Some(venv.join("bin/python")).filter(|python| python.exists())
}

/// Runs one of the scripts; without a Python that has the clients the case is skipped and says so.
fn script(t: &Talk, name: &str, arguments: &[&str]) -> Option<Value> {
    let Some(python) = python() else {
        t.skip("no Python with the clients (LAB_VENV)");
        return None;
    };
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(python)
        .arg(folder("clients").join(name))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("PYTHONWARNINGS", "ignore")
        .env("OS_CLIENT_CONFIG_FILE", &t.target.clouds)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{name}: {errors}");
    Some(serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{name}: {e}: {errors}")))
}

/// Runs `openstack` with each of these lines and writes down what it said. `MARK` is the case's own word.
fn openstack(t: &Talk, lines: &[(Who, &str)]) {
    let words = |line: &str| -> Vec<String> {
        line.split_whitespace().map(|word| word.replace("MARK", t.mark())).collect()
    };
    let commands: Vec<Vec<String>> = lines
        .iter()
        .map(|(who, line)| [vec!["--os-cloud".to_owned(), who.cloud().to_owned()], words(line)].concat())
        .collect();
    let Some(said) = script(t, "command_line.py", &[&json!(commands).to_string()]) else {
        return;
    };
    for ((who, line), said) in lines.iter().zip(said.as_array().unwrap()) {
        let text = |key: &str| said[key].as_str().unwrap_or_default().as_bytes().to_vec();
        t.note(&format!(
            "openstack {line} as {}: {}\n{}{}",
            who.name(),
            said["code"],
            crate::plain::body(&text("out"), "< "),
            crate::plain::body(&text("err"), "! "),
        ));
    }
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

pub(crate) fn openstack_makes_lists_shows_and_saves(t: &Talk) {
    let data = file(&[b'x'; 3000]);
    let saved = tempfile::tempdir().unwrap();
    let copy = saved.path().join("copy");
    t.hide(data.path().to_str().unwrap(), "FILE");
    t.hide(copy.to_str().unwrap(), "COPY");
    let create = format!(
        "image create MARK -f json --file {} --disk-format raw --private --property os_distro=debian --tag MARK --min-disk 2",
        data.path().display()
    );
    let save = format!("image save MARK --file {}", copy.display());
    openstack(
        t,
        &[
            (Member, &create),
            (Member, "image show MARK -f json"),
            (Member, "image list --tag MARK"),
            (Reader, "image list --tag MARK --long -f json"),
            (Member, "image list --tag MARK --property os_distro=debian --status active --private -f value -c Name"),
            (Member, "image list --tag MARK --sort name:asc --limit 1 -f json"),
            (Member, &save),
            (Member, "image set MARK --name MARK-2 --property a=b --min-ram 64 --hidden --os-version 13"),
            (Member, "image unset MARK-2 --property os_distro --tag MARK"),
            (Member, "image show MARK-2 -f json"),
            (Member, "image list --hidden --name MARK-2 -f value -c Name -c Status"),
            (Member, "image set MARK-2 --protected --deactivate"),
            (Member, "image delete MARK-2"),
            (Member, "image set MARK-2 --unprotected --activate --unhidden"),
            (Member, "image delete MARK-2"),
            (Member, "image show MARK-2"),
        ],
    );
    assert!(!copy.exists() || std::fs::read(&copy).unwrap() == [b'x'; 3000]);
}

pub(crate) fn openstack_shares_an_image(t: &Talk) {
    openstack(
        t,
        &[
            (Member, "image create MARK -f json --shared --tag MARK"),
            (Admin, "image add project MARK alt -f json"),
            (Member, "image member list MARK -f json"),
            (Other, "image list --tag MARK -f json"),
            (Other, "image list --shared --member-status pending --tag MARK -f value -c Name"),
            (Admin, "image remove project MARK alt"),
            (Member, "image member list MARK -f json"),
            (Member, "image set MARK --community"),
            (Other, "image list --community --tag MARK -f value -c Name"),
            (Member, "image set MARK --public"),
            (Member, "image delete MARK"),
            (Admin, "image create MARK -f json --public --tag MARK"),
            (Other, "image list --public --tag MARK -f value -c Name"),
            (Other, "image delete MARK"),
            (Admin, "image delete MARK"),
        ],
    );
}

pub(crate) fn openstack_imports(t: &Talk) {
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"imported".to_vec()));
    let web = format!("image import MARK --method web-download --uri {} --wait -f json", world.url("/disk.raw"));
    let data = file(b"staged and imported");
    t.hide(data.path().to_str().unwrap(), "FILE");
    let stage = format!("image stage MARK-2 --file {}", data.path().display());
    openstack(
        t,
        &[
            (Member, "image import info -f json"),
            (Member, "image create MARK -f json --disk-format raw --container-format bare"),
            (Member, &web),
            (Member, "image create MARK-2 -f json --disk-format raw"),
            (Member, &stage),
            (Member, "image import MARK-2 --method glance-direct --wait -f json"),
            (Member, "image import MARK-2 --method web-download --uri http://169.254.169.254/"),
            (Member, "image delete MARK MARK-2"),
        ],
    );
}

pub(crate) fn openstacksdk(t: &Talk) {
    if let Some(said) = script(t, "with_sdk.py", &[t.mark(), Member.cloud(), t.project(Other)]) {
        t.note(&crate::plain::pretty(&said));
    }
}

pub(crate) fn python_glanceclient(t: &Talk) {
    if let Some(said) = script(t, "with_glanceclient.py", &[t.mark(), Member.cloud(), t.project(Other)]) {
        t.note(&crate::plain::pretty(&said));
    }
}

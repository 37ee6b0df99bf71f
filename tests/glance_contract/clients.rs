//! The clients that people use, unchanged: the `openstack` command line, openstacksdk and python-glanceclient with its
//! `glance` command line.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use world::{Page, World};

use crate::http::Request;
use crate::talk::{Talk, folder};
use crate::target::Who::{self, Admin, Member, Other, Reader};
use crate::target::logins;

/// Runs one of the scripts; without a Python that has the clients the case is skipped and says so.
fn script(t: &Talk, name: &str, arguments: &[&str]) -> Option<Value> {
    let Some(python) = world::python() else {
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

/// Runs a command line's program with each of these lines. `MARK` is the case's own word.
fn lines(t: &Talk, program: &str, log_in: fn(&Talk, Who) -> Vec<String>, lines: &[(Who, &str)]) -> Vec<Value> {
    let words = |line: &str| -> Vec<String> {
        line.split_whitespace().map(|word| word.replace("MARK", t.mark())).collect()
    };
    let commands: Vec<Vec<String>> =
        lines.iter().map(|(who, line)| [log_in(t, *who), words(line)].concat()).collect();
    let said = script(t, "command_line.py", &[program, &json!(commands).to_string()]);
    let said = said.map(|said| said.as_array().unwrap().clone());
    said.unwrap_or_default()
}

/// Runs `openstack` with each of these lines and writes down what it said.
fn openstack(t: &Talk, asked: &[(Who, &str)]) {
    let said = lines(t, "openstack", |_, who| vec!["--os-cloud".to_owned(), who.cloud().to_owned()], asked);
    for ((who, line), said) in asked.iter().zip(&said) {
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

/// Runs `glance` with each of these lines and writes down what it said.
fn glance(t: &Talk, asked: &[(Who, &str)]) {
    let log_in = |t: &Talk, who: Who| {
        let logins = logins();
        let login = &logins[&who];
        let options = [
            ("auth-url", t.target.keystone.as_str()),
            ("username", &login.user),
            ("password", &login.password),
            ("project-name", &login.project),
            ("user-domain-name", "Default"),
            ("project-domain-name", "Default"),
            ("region-name", "RegionOne"),
        ];
        options.iter().flat_map(|(name, value)| [format!("--os-{name}"), (*value).to_owned()]).collect()
    };
    for ((who, line), said) in asked.iter().zip(&lines(t, "glance", log_in, asked)) {
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        // It shows how far the import has come, which is another thing each time.
        let out = if line.starts_with("image-import") { String::new() } else { text("out") };
        t.note(&format!(
            "glance {line} as {}: {}\n{}{}",
            who.name(),
            said["code"],
            crate::plain::body(crate::plain::table(&out).as_bytes(), "< "),
            crate::plain::body(text("err").as_bytes(), "! "),
        ));
    }
}

/// An id that no image has had.
fn unused_id() -> String {
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let digits = format!("{nanoseconds:032x}");
    let parts = [&digits[16..24], &digits[24..28], "4000", "8000", &digits[20..32]];
    parts.join("-")
}

/// That a client has saved what was uploaded; where the client is not there, nothing was saved.
fn saved(t: &Talk, copy: &Path, bytes: &[u8]) {
    assert!(t.skipped() || std::fs::read(copy).unwrap() == bytes, "{}", copy.display());
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

/// Waits until so many images of this name, or of one that begins so, have their data.
fn active(t: &Talk, count: usize) {
    let path = format!("/v2/images?name=in:{0},{0}-2", t.mark());
    let list = t.quiet(Member, Request::new("GET", &path)).expect(200).json();
    let images = list["images"].as_array().unwrap();
    assert_eq!(images.len(), count, "{list}");
    for image in images {
        t.settled(image["id"].as_str().unwrap(), &["active"]);
    }
}

pub(crate) fn openstack_makes_lists_shows_and_saves(t: &Talk) {
    let data = file(&[b'x'; 3000]);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
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
    saved(t, &copy, &[b'x'; 3000]);
}

pub(crate) fn openstack_shares_an_image(t: &Talk) {
    let (id, other) = (unused_id(), t.project(Other));
    openstack(
        t,
        &[
            (Member, &format!("image create MARK -f json --id {id} --shared --tag MARK")),
            (Admin, "image add project MARK alt -f json"),
            (Member, "image member list MARK -f json"),
            (Other, "image list --tag MARK -f json"),
            (Other, "image list --shared --member-status pending --tag MARK -f value -c Name"),
            (Admin, &format!("image member get {id} {other} -f json")),
            (Other, &format!("image set {id} --accept")),
            (Other, "image list --tag MARK -f json"),
            (Other, "image show MARK -f json"),
            (Member, "image member list MARK -f value -c Status"),
            (Other, &format!("image set {id} --reject")),
            (Other, "image list --tag MARK -f json"),
            (Member, "image set MARK --accept"),
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
        ],
    );
    if t.skipped() {
        return;
    }
    active(t, 2);
    openstack(
        t,
        &[
            (Member, "image show MARK -f json"),
            (Member, "image show MARK-2 -f json"),
            (Member, "image delete MARK MARK-2"),
        ],
    );
}

/// What a script that uses a library says: it imports from the web, too, and the other project has a say.
fn library(t: &Talk, name: &str) {
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"from the web".to_vec()));
    let arguments = [t.mark(), Member.cloud(), Other.cloud(), t.project(Other), &world.url("/disk.raw")];
    if let Some(said) = script(t, name, &arguments) {
        t.note(&crate::plain::pretty(&said));
    }
}

pub(crate) fn openstacksdk(t: &Talk) {
    library(t, "with_sdk.py");
}

pub(crate) fn python_glanceclient(t: &Talk) {
    library(t, "with_glanceclient.py");
}

pub(crate) fn glance_makes_lists_shows_and_saves(t: &Talk) {
    let data = file(&[b'g'; 4000]);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    t.hide(data.path().to_str().unwrap(), "FILE");
    t.hide(copy.to_str().unwrap(), "COPY");
    let id = unused_id();
    let data = data.path().display();
    let create = format!("image-create --id {id} --name MARK --file {data} --disk-format raw --container-format bare \
        --visibility private --property os_distro=debian --tags MARK --min-disk 2");
    glance(
        t,
        &[
            (Member, &create),
            (Member, &format!("image-show {id}")),
            (Member, "image-list --tag MARK"),
            (Reader, "image-list --tag MARK --property-filter os_distro=debian --visibility private"),
            (Member, &format!("image-download {id} --file {}", copy.display())),
            (Member, &format!("image-update {id} --name MARK-2 --property a=b --remove-property os_distro --min-ram 64 --hidden True")),
            (Member, &format!("image-tag-delete {id} MARK")),
            (Member, &format!("image-tag-update {id} glance")),
            (Member, "image-list --hidden True --tag glance"),
            (Member, &format!("image-deactivate {id}")),
            (Member, &format!("image-download {id} --file {}", copy.display())),
            (Member, &format!("image-reactivate {id}")),
            (Member, &format!("image-update {id} --protected True")),
            (Member, &format!("image-delete {id}")),
            (Member, &format!("image-update {id} --protected False --visibility public")),
            (Member, &format!("image-update {id} --protected False")),
            (Member, &format!("image-delete {id}")),
            (Member, &format!("image-show {id}")),
        ],
    );
    saved(t, &copy, &[b'g'; 4000]);
}

pub(crate) fn glance_shares_an_image(t: &Talk) {
    let (id, other) = (unused_id(), t.project(Other));
    glance(
        t,
        &[
            (Member, &format!("image-create --id {id} --name MARK --visibility shared --tags MARK")),
            (Member, &format!("member-create {id} {other}")),
            (Other, "image-list --tag MARK"),
            (Other, &format!("member-update {id} {other} accepted")),
            (Other, "image-list --tag MARK"),
            (Member, &format!("member-list --image-id {id}")),
            (Member, &format!("member-get {id} {other}")),
            (Member, &format!("member-update {id} {other} accepted")),
            (Member, &format!("member-delete {id} {other}")),
            (Member, &format!("member-list --image-id {id}")),
            (Other, &format!("image-delete {id}")),
            (Member, &format!("image-delete {id}")),
        ],
    );
}

pub(crate) fn glance_imports(t: &Talk) {
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"imported by glance".to_vec()));
    let data = file(b"staged by glance");
    t.hide(data.path().to_str().unwrap(), "FILE");
    let (fetched, staged, data) = (unused_id(), unused_id(), data.path().display());
    let formats = "--disk-format raw --container-format bare";
    let web = format!("--import-method web-download --uri {}", world.url("/disk.raw"));
    glance(
        t,
        &[
            (Member, &format!("image-create --id {fetched} --name MARK {formats}")),
            (Member, &format!("image-import {fetched} {web}")),
            (Member, &format!("image-create --id {staged} --name MARK-2 {formats}")),
            (Member, &format!("image-stage {staged} --file {data}")),
            (Member, &format!("image-import {staged} --import-method glance-direct")),
        ],
    );
    if t.skipped() {
        return;
    }
    active(t, 2);
    glance(
        t,
        &[
            (Member, &format!("image-show {fetched}")),
            (Member, &format!("image-show {staged}")),
            (Member, &format!("image-import {staged} --import-method glance-direct")),
            (Member, &format!("image-delete {fetched} {staged}")),
        ],
    );
}

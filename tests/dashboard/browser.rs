//! Every page in headless Chromium: nothing on the console, nothing for axe-core to mind, nothing wider than the window.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use world::{Page, World};

use crate::binary::{Running, free_port};
use crate::prefix::Prefix;
use crate::rig::{Rig, name};
use crate::run::{Made, tool};
use crate::visitor::image;

/// The folder that holds `node_modules` with puppeteer-core and axe-core, and the browser.
fn tools(test: &str) -> Option<(PathBuf, PathBuf)> {
    let folder = std::env::var_os("ECTYPE_TEST_BROWSER").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.join("node_modules/axe-core").is_dir());
    let browsers = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let browser = browsers
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists());
    let node = Command::new("node").arg("--version").output().is_ok();
    match (folder, browser, node) {
        (Some(folder), Some(browser), true) => Some((folder, browser)),
        _ => {
            eprintln!("skipped: {test}: no Chromium, Node.js or ECTYPE_TEST_BROWSER");
            None
        }
    }
}

/// Images as a cloud has them: managed ones, late ones, copies, one of somebody's own, and a hostile one.
struct Images {
    managed: String,
    copied: String,
    hostile: String,
    search: String,
    mark: String,
}

/// How the catalogue describes an image: options of its creation.
fn described(mark: &str, family: &str, release: &str, built: &str, old: bool) -> Vec<String> {
    // Ubuntu signs, with this key; of Debian's cloud images the checksums come over TLS.
    let evidence: &[&str] = match family {
        "ubuntu" => &[
            "ectype_evidence=signed",
            "ectype_signer=D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81",
        ],
        _ => &["ectype_evidence=tls"],
    };
    let state = if old { "old" } else { "current" };
    let properties = [
        format!("os_distro={family}"),
        format!("os_version={release}"),
        "os_purpose=generic".to_owned(),
        "replace_frequency=monthly".to_owned(),
        "provided_until=2099-12-31".to_owned(),
        "uuid_validity=last-3".to_owned(),
        format!("image_build_date={built}"),
        format!("image_original_user={family}"),
        format!("image_source=https://vendor.example/{family}-{release}.qcow2"),
        format!("ectype_definition={family}-{release}-{mark}"),
        format!("ectype_release={family}/{release}/x86_64"),
        format!("ectype_build={built}"),
        format!("ectype_state={state}"),
        format!("ectype_file_digest=sha512:{}", "5f".repeat(64)),
        "hw_disk_bus=scsi".to_owned(),
    ];
    let mut options = vec![
        "--public".to_owned(),
        "--tag".to_owned(),
        "managed".to_owned(),
    ];
    options.extend(old.then(|| "--hidden".to_owned()));
    let evidence = evidence.iter().map(|one| (*one).to_owned());
    for property in properties.into_iter().chain(evidence) {
        options.extend(["--property".to_owned(), property]);
    }
    options
}

fn strs(options: &[String]) -> Vec<&str> {
    options.iter().map(String::as_str).collect()
}

/// An image as the catalogue describes one.
fn managed(
    rig: &Rig,
    file: &Path,
    mark: &str,
    what: (&str, &str, &str),
    built: &str,
    old: bool,
) -> String {
    let (name, family, release) = what;
    let options = described(mark, family, release, built, old);
    let name = format!("{name} {mark}");
    rig.image("lab-admin", &name, file, &strs(&options))
}

/// A service whose dashboard shows everybody what is public, with an image of that kind, and one that is nobody's business. It
/// is below a path of another server's.
fn service(data: &Path) -> (Running, Value) {
    let port = free_port();
    let proxy = Prefix::before(port, "/images");
    let words = ["--dashboard", "public", "--public-url", &proxy.url()];
    let service = Running::start_at(data, port, &words, &[]);
    let clouds = data.join("clouds.yaml");
    let managed = described("here", "debian", "13", "2026-10-01", false);
    let id = image(&clouds, "ectype", "Debian 13", &strs(&managed));
    image(&clouds, "ectype", "a secret", &["--private"]);
    let address = format!("{}/dashboard", proxy.url());
    let clouds = std::fs::read_to_string(clouds).unwrap();
    let (_, password) = clouds.split_once("password: \"").unwrap();
    let password = password.split('"').next().unwrap();
    let plan = json!({ "address": address, "image": id, "password": password });
    (service, plan)
}

fn images(rig: &Rig, made: &Made, source: &str) -> Images {
    let mark = name("");
    let mark = mark.trim();
    let managed = |what, built: &str, old| managed(rig, &made.qcow2, mark, what, built, old);
    let ubuntu = managed(("Ubuntu 24.04", "ubuntu", "24.04"), "2026-11-01", false);
    managed(
        ("Ubuntu 24.04 20261001", "ubuntu", "24.04"),
        "2026-10-01",
        true,
    );
    managed(("Ubuntu 22.04", "ubuntu", "22.04"), "2020-01-01", false);
    managed(("Debian 13", "debian", "13"), "2026-10-24", false);
    let source = format!("image_source={source}");
    let copied = [
        "--property",
        source.as_str(),
        "--property",
        "os_distro=alpine",
    ];
    let copied = rig.image("lab-demo", &format!("copied {mark}"), &made.qcow2, &copied);
    let snapshot = ["--property", "image_type=snapshot"];
    let long = format!(
        "a machine with a name that nobody has typed: web-frontend-snapshot-before-the-upgrade.internal.example.org {mark}"
    );
    rig.image("lab-demo", &long, &made.qcow2, &snapshot);
    let hostile = ["--property", "note=\"><img src=x onerror=alert(2)>"];
    let hostile_name = format!("<script>alert(1)</script> {mark}");
    Images {
        managed: ubuntu,
        copied,
        hostile: rig.image("lab-demo", &hostile_name, &made.qcow2, &hostile),
        search: format!("ubuntu {mark}"),
        mark: mark.to_owned(),
    }
}

fn walk(folder: &Path, browser: &Path, plan: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dashboard/browser.mjs");
    let answer = tool(
        Command::new("node")
            .arg(script)
            .args([folder, browser])
            .arg(plan.to_string()),
    );
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn every_page_is_fit_for_everybody_in_a_real_browser() {
    let test = "every_page_is_fit_for_everybody_in_a_real_browser";
    let Some((folder, browser)) = tools(test) else {
        return;
    };
    let Some(rig) = Rig::start(test) else { return };
    let made = Made::new(&["-c"]);
    let vendor = World::start();
    vendor.put("/13/disk.qcow2", Page::bytes(made.original()));
    vendor.put(
        "/13/SHA512SUMS",
        Page::bytes(made.sums("sha512sum", "disk.qcow2")),
    );
    let images = images(&rig, &made, &vendor.url("/13/disk.qcow2"));
    let bad = made.folder.path().join("bad.qcow2");
    tool(
        Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", "raw", "-b"])
            .args([&made.raw, &bad]),
    );
    let uploaded = name("uploaded");
    let data = made.folder.path().join("service");
    let (service, mounted) = service(&data);
    let plan = json!({
        "address": rig.address, "user": "demo", "password": "lab-demo", "project": "demo",
        "file": made.qcow2, "bad": bad, "name": uploaded,
        "image": images.managed, "verify": images.copied, "hostile": images.hostile,
        "search": images.search, "found": 2, "mark": images.mark, "mounted": mounted,
        "shots": std::env::var("ECTYPE_TEST_SHOTS").ok(),
    });
    let answer = walk(&folder, &browser, &plan);
    for image in rig.named(&uploaded) {
        rig.sweep(image["ID"].as_str().unwrap());
    }
    service.end();
    for_everybody(&answer);
    works(&answer["seen"]);
    told(&answer["seen"], &images);
    below_a_path(&answer["seen"]);
}

/// Nothing on the console, nothing for axe-core to mind, nothing wider than the window.
fn for_everybody(answer: &Value) {
    assert_eq!(answer["console"], json!([]));
    let pages = answer["pages"].as_array().unwrap();
    assert!(pages.len() > 30);
    for page in pages {
        assert_eq!(page["violations"], json!([]), "{}", page["name"]);
        assert_eq!(page["wide"], 0, "{}", page["name"]);
    }
}

/// What was done has come about, with scripts and without.
fn works(seen: &Value) {
    // That axe-core minds what is to be minded.
    assert!(
        seen["spoilt"].to_string().contains("label")
            && seen["spoilt"].to_string().contains("image-alt"),
        "{seen}"
    );
    assert!(
        seen["hostile"]
            .as_str()
            .unwrap()
            .starts_with("<script>alert(1)</script>")
    );
    assert_eq!(seen["searched"].as_array().unwrap().len(), 2);
    assert_eq!(seen["searched"], seen["plain"]);
    assert_eq!(
        (&seen["stored"], &seen["plainStored"]),
        (&json!("Stored"), &json!("Stored"))
    );
    assert_eq!(
        (&seen["refused"], &seen["findings"]),
        (&json!("Refused"), &json!(["backing-file"]))
    );
    assert!(
        seen["verdict"].as_str().unwrap().starts_with("Identical"),
        "{seen}"
    );
    assert_eq!(
        (&seen["first"], &seen["jumped"]),
        (&json!("Skip to the content"), &json!("main"))
    );
    assert_ne!(seen["light"], seen["dark"]);
    assert!(seen["out"].as_str().unwrap().contains("Log in"));
}

/// What the pages said.
fn told(seen: &Value, images: &Images) {
    let mark = &images.mark;
    let named = |names: &[&str]| {
        json!(
            names
                .iter()
                .map(|name| format!("{name} {mark}"))
                .collect::<Vec<_>>()
        )
    };
    let managed = ["Debian 13", "Ubuntu 22.04", "Ubuntu 24.04"];
    let all = seen["by name"].as_array().unwrap();
    let back: Vec<&Value> = all.iter().rev().collect();
    assert_eq!(seen["by -name"], json!(back));
    let first = |by: &str| json!(seen[by].as_array().unwrap()[..3]);
    assert_eq!(
        first("by due"),
        named(&["Ubuntu 22.04", "Debian 13", "Ubuntu 24.04"])
    );
    assert_eq!(
        first("by until"),
        named(&["Ubuntu 22.04", "Ubuntu 24.04", "Debian 13"])
    );
    assert_eq!(seen["filtered"], named(&["copied"]));
    assert_eq!(seen["copied"], format!("ectype verify {}", images.managed));
    assert_eq!(
        (&seen["opened"], &seen["links"]),
        (
            &json!(true),
            &json!([
                "Vendor’s key",
                "File digest",
                "Disk digest",
                "Stored digest"
            ])
        )
    );
    // Other tests' images may be between ours, but late ones are before all others.
    let standings: Vec<&str> = seen["standings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    let late = standings.iter().rposition(|one| *one == "late").unwrap();
    assert!(standings[..late].iter().all(|one| *one == "late"), "{seen}");
    assert!(seen["bars"].as_u64().unwrap() >= managed.len() as u64);
    let told = seen["told"].as_array().unwrap();
    let under_way = |text: &Value| text.as_str().unwrap().ends_with(" % sent");
    assert!(told.iter().any(under_way), "{told:?}");
}

/// The service's pages, below a path of another server's.
fn below_a_path(seen: &Value) {
    assert_eq!(seen["mounted"], json!(["Debian 13"]));
    assert_eq!(seen["entered"], "/images/dashboard/upload");
    assert_eq!(seen["left"], "/images/dashboard/images");
    assert_eq!(
        (&seen["offered"], &seen["forms"], &seen["led"]),
        (
            &json!("Log in"),
            &json!(0),
            &json!("/images/dashboard/login")
        )
    );
}

//! What is not sure is not touched, and is said; it is nobody else's matter.

use serde_json::json;

use crate::bench::{Bench, actions, path};
use crate::home::{Gpg, How};

const ALMA: &str = "https://repo.almalinux.org/almalinux/";

/// AlmaLinux 9 as its vendor publishes it, but for the signature.
fn alma(bench: &Bench) {
    let name = "AlmaLinux-9-GenericCloud-9.8-20260810.x86_64.qcow2";
    let sums = format!("{}  {name}\n", "9".repeat(64));
    bench.put(
        &format!("{ALMA}9/cloud/x86_64/images/CHECKSUM"),
        sums.clone(),
    );
    bench.put(&format!("{ALMA}9.8/cloud/x86_64/images/CHECKSUM"), sums);
}

const BOTH: [&str; 8] = [
    "catalogue",
    "plan",
    "--only",
    "debian-13",
    "--only",
    "almalinux-9",
    "-f",
    "json",
];

#[test]
fn evidence_that_is_missing_freezes_what_it_concerns_and_nothing_else() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    alma(&bench);
    let run = bench.run(&BOTH);
    assert_eq!(run.code, 9, "{}", run.stderr);
    let plan = &run.json()["plans"][0]["plan"];
    assert_eq!(actions(plan), ["import", "promote"]);
    assert!(
        plan["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["definition"] == "debian-13")
    );
    assert_eq!(plan["notes"][0]["level"], "alarm");
    assert_eq!(plan["notes"][0]["definition"], "almalinux-9");
    assert!(
        run.stderr
            .starts_with("error: there is an alarm\n  almalinux-9: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("no signed one lists the original"),
        "{}",
        run.stderr
    );
    // An alarm is more than something to do, and comes first for people.
    let args = [
        "catalogue",
        "plan",
        "--only",
        "debian-13",
        "--only",
        "almalinux-9",
        "--exit-code",
    ];
    let run = bench.run(&args);
    assert_eq!(run.code, 9);
    assert!(
        run.stdout
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("alarm: almalinux-9: "),
        "{}",
        run.stdout
    );
}

#[test]
fn a_missing_signature_is_put_up_with_on_demand_and_written_down_as_what_it_is() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    alma(&bench);
    let run = bench.run(&[&BOTH[..], &["--allow-unsigned"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let plan = &run.json()["plans"][0]["plan"];
    let import = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["definition"] == "almalinux-9");
    assert_eq!(
        import.unwrap()["import"]["record"]["ectype_evidence"],
        "tls"
    );
    // A bad one never is.
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let key = bench.home().join("vendor.asc");
    std::fs::write(&key, gpg.export("vendor")).unwrap();
    let other = gpg.sign("vendor", How::Armoured, b"something else", &[]);
    bench.put(
        &format!("{ALMA}9.8/cloud/x86_64/images/CHECKSUM.asc"),
        other,
    );
    let key = ["--allow-unsigned", "--key", key.to_str().unwrap()];
    let run = bench.run(&[&BOTH[..], &key].concat());
    assert_eq!(run.code, 9, "{}", run.stderr);
    assert!(
        run.stderr.contains("the signature of CHECKSUM is not good"),
        "{}",
        run.stderr
    );
}

#[test]
fn who_signed_stands_in_the_plan() {
    let bench = Bench::new();
    alma(&bench);
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let key = bench.home().join("vendor.asc");
    std::fs::write(&key, gpg.export("vendor")).unwrap();
    let name = "AlmaLinux-9-GenericCloud-9.8-20260810.x86_64.qcow2";
    let sums = format!("{}  {name}\n", "9".repeat(64));
    let by = gpg.sign("vendor", How::Armoured, sums.as_bytes(), &[]);
    bench.put(&format!("{ALMA}9.8/cloud/x86_64/images/CHECKSUM.asc"), by);
    let args = [
        "catalogue",
        "plan",
        "--only",
        "almalinux-9",
        "-f",
        "json",
        "--key",
    ];
    let run = bench.run(&[&args[..], &[key.to_str().unwrap()]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let build = &run.json()["plans"][0]["plan"]["steps"][0]["import"]["build"];
    assert_eq!(build["evidence"], "signed");
    assert_eq!(build["signer"], gpg.fingerprint("vendor"));
}

#[test]
fn a_vendor_who_is_just_publishing_is_asked_again() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let sums = path("https://cloud.debian.org/images/cloud/trixie/20260712-2537/SHA512SUMS");
    let line = format!(
        "{:0128x}  debian-13-genericcloud-amd64-20260712-2537.qcow2\n",
        1
    );
    let old = world::Page::bytes(format!("{:0128x}  another\n", 7));
    let new = world::Page::bytes(line);
    // The first look is for the build, the second for the evidence.
    bench.vendors.put_each(&sums, [new.clone(), old, new]);
    assert_eq!(actions(&bench.planned(&[])), ["import", "promote"]);
}

#[test]
fn a_vendor_who_cannot_be_asked_leaves_the_image_as_it_is() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    bench.cloud.images()[0]["hw_disk_bus"] = json!("ide");
    bench.vendors.put(
        &path("https://cloud.debian.org/images/cloud/trixie/"),
        world::Page::status(404),
    );
    let run = bench.run(&[
        "catalogue",
        "plan",
        "--only",
        "debian-13",
        "-v",
        "-f",
        "json",
    ]);
    assert_eq!(run.code, 9, "{}", run.stderr);
    let plan = &run.json()["plans"][0]["plan"];
    assert_eq!(plan["steps"], json!([]));
    assert!(
        plan["kept"][0]["why"]
            .as_str()
            .unwrap()
            .contains("is not there"),
        "{plan}"
    );
}

#[test]
fn what_was_not_named_is_not_asked_for_and_not_spoken_of() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let mine = bench.file(
        "mine.yaml",
        "catalogue: 1\nimages: {fedora-44: {min_disk: 0}}\n",
    );
    let args = [
        "catalogue",
        "plan",
        mine.to_str().unwrap(),
        "--only",
        "debian-13",
    ];
    let run = bench.run(&args);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(!run.stdout.contains("fedora"), "{}", run.stdout);
    let elsewhere = |seen: &world::Seen| !seen.path().starts_with("/cloud.debian.org/");
    assert!(!bench.vendors.requests().iter().any(elsewhere));
    let run = bench.run(&["catalogue", "plan", "--only", "debain-13"]);
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("debian-13"), "{}", run.stderr);
    let run = bench.run(&["catalogue", "plan", "--family", "windows"]);
    assert_eq!(run.code, 5);
    assert!(run.stderr.contains("known: almalinux"), "{}", run.stderr);
}

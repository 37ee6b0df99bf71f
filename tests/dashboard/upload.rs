//! Uploads through the dashboard: what arrives in the cloud is what was in the file, and what is refused leaves nothing.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::http::Visitor;
use crate::rig::{Rig, name};
use crate::run::{Made, sum, tool};

fn convert(from: &Path, args: &[&str], to: &Path) {
    tool(
        Command::new("qemu-img")
            .arg("convert")
            .args(args)
            .arg(from)
            .arg(to),
    );
}

#[test]
fn a_vmdk_arrives_as_the_disk_that_qemu_img_finds_in_it_and_only_its_project_sees_it() {
    let Some(rig) = Rig::start(
        "a_vmdk_arrives_as_the_disk_that_qemu_img_finds_in_it_and_only_its_project_sees_it",
    ) else {
        return;
    };
    let made = Made::new(&[]);
    let vmdk = made.folder.path().join("disk.vmdk");
    convert(
        &made.raw,
        &["-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized"],
        &vmdk,
    );
    let visitor = Visitor::new(&rig, "demo", "lab-demo");
    let called = name("vmdk");
    let answer = visitor.upload(&called, false, &std::fs::read(&vmdk).unwrap());
    assert_eq!(answer.status, 303, "{}", answer.body);
    let report = visitor.get(answer.header("location"));
    assert!(
        report.body.contains("Stored</p>") && report.body.contains("vmdk"),
        "{}",
        report.body
    );
    let images = rig.named(&called);
    let image = &images[0];
    rig.sweep(image["ID"].as_str().unwrap());
    assert_eq!(
        (images.len(), &image["Visibility"], &image["Disk Format"]),
        (1, &"private".into(), &"raw".into())
    );
    assert_eq!(image["Checksum"], sum("md5sum", &made.raw));
    // Only then somebody else may see it.
    let form = format!("token={}&visibility=shared", report.token());
    let id = image["ID"].as_str().unwrap();
    assert_eq!(
        visitor
            .post(&format!("/images/{id}/visibility"), &form)
            .status,
        303
    );
    assert_eq!(rig.named(&called)[0]["Visibility"], "shared");
}

#[test]
fn a_qcow2_is_stored_as_it_is_and_as_raw_when_that_is_wanted() {
    let Some(rig) = Rig::start("a_qcow2_is_stored_as_it_is_and_as_raw_when_that_is_wanted") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let visitor = Visitor::new(&rig, "demo", "lab-demo");
    for (raw, format, file) in [(false, "qcow2", &made.qcow2), (true, "raw", &made.raw)] {
        let called = name(format);
        let answer = visitor.upload(&called, raw, &made.original());
        assert_eq!(answer.status, 303, "{}", answer.body);
        let images = rig.named(&called);
        rig.sweep(images[0]["ID"].as_str().unwrap());
        assert_eq!(images[0]["Disk Format"], format);
        assert_eq!(images[0]["Checksum"], sum("md5sum", file));
    }
}

#[test]
fn a_file_that_is_refused_or_breaks_off_leaves_nothing_in_the_cloud() {
    let Some(rig) = Rig::start("a_file_that_is_refused_or_breaks_off_leaves_nothing_in_the_cloud")
    else {
        return;
    };
    let made = Made::new(&[]);
    let backed = made.folder.path().join("backed.qcow2");
    tool(
        Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", "raw", "-b"])
            .args([&made.raw, &backed]),
    );
    let visitor = Visitor::new(&rig, "demo", "lab-demo");
    let called = name("backed");
    let answer = visitor.upload(&called, false, &std::fs::read(&backed).unwrap());
    let report = visitor.get(answer.header("location"));
    assert!(
        report.body.contains("Refused</p>")
            && report.body.contains("backing-file")
            && report.body.contains("<dt>Format</dt><dd>qcow2</dd>"),
        "{}",
        report.body
    );
    assert!(rig.named(&called).is_empty());

    // Cut in two, the file says that it is longer than what comes.
    let called = name("cut");
    let half = made.original().len() / 2;
    let answer = visitor.upload(&called, false, &made.original()[..half]);
    let report = visitor.get(answer.header("location"));
    assert!(report.body.contains("Failed</p>"), "{}", report.body);
    assert!(rig.named(&called).is_empty());

    // The browser goes away in the middle: a whole file so far, and nobody says that this is all.
    let called = name("gone");
    let raw = std::fs::read(&made.raw).unwrap();
    visitor.upload_half(&called, &raw);
    let told = || {
        visitor
            .get("/activity")
            .body
            .contains(&format!("{called}: failed"))
    };
    while !told() {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(rig.named(&called).is_empty());
}

/// A disk that `sfdisk` has partitioned, and that was then enlarged: its second table is not at its end.
fn enlarged(folder: &Path) -> Vec<u8> {
    let disk = folder.join("gpt.raw");
    std::fs::write(&disk, vec![0; 4 << 20]).unwrap();
    let mut sfdisk = Command::new("sfdisk")
        .args(["--quiet", "--label", "gpt"])
        .arg(&disk)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sfdisk, of util-linux");
    let table = b"size=1MiB, type=linux\n";
    sfdisk.stdin.take().unwrap().write_all(table).unwrap();
    assert!(sfdisk.wait().unwrap().success());
    let mut bytes = std::fs::read(&disk).unwrap();
    bytes.resize(5 << 20, 0);
    bytes
}

#[test]
fn what_only_the_last_bytes_show_stands_on_the_report_of_a_file_that_is_stored() {
    let Some(rig) =
        Rig::start("what_only_the_last_bytes_show_stands_on_the_report_of_a_file_that_is_stored")
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let visitor = Visitor::new(&rig, "demo", "lab-demo");
    let called = name("enlarged");
    let answer = visitor.upload(&called, false, &enlarged(folder.path()));
    let report = visitor.get(answer.header("location"));
    for image in rig.named(&called) {
        rig.sweep(image["ID"].as_str().unwrap());
    }
    assert!(report.body.contains("Stored</p>"), "{}", report.body);
    assert!(report.body.contains("gpt-backup"), "{}", report.body);
    assert!(report.body.contains("worth knowing"), "{}", report.body);
}

#[test]
fn a_reader_is_told_before_the_upload() {
    let Some(rig) = Rig::start("a_reader_is_told_before_the_upload") else {
        return;
    };
    let visitor = Visitor::new(&rig, "demo-reader", "lab-demo");
    let page = visitor.get("/upload");
    assert!(
        page.body.contains("Your roles in this project") && !page.body.contains("type=\"file\"")
    );
    assert_eq!(visitor.upload(&name("reader"), false, b"bytes").status, 403);
}

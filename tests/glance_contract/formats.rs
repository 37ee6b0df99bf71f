//! What is uploaded is looked at: it must be what the image says it is, and be safe.

use std::process::Command;

use serde_json::json;

use crate::talk::{Talk, upload};
use crate::target::Kind;
use crate::target::Who::Member;

/// A small image of qemu-img's making.
fn made(format: &str, options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disk");
    let out = Command::new("qemu-img")
        .args(["create", "-q", "-f", format])
        .args(options)
        .arg(&path)
        .arg("1M")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::read(path).unwrap()
}

fn offer(t: &Talk, format: &str, what: &str, bytes: &[u8]) {
    let id = t.image(Member, &json!({ "name": what, "disk_format": format, "container_format": "bare" }));
    t.try_out(&format!("{what} as {format}"), Member, &id, upload(&id, bytes));
}

fn refused_by_ours(t: &Talk, bytes: &[u8]) {
    let id = t.queued(Member);
    let status = t.quiet(Member, upload(&id, bytes)).status;
    assert_eq!(status, if t.target.kind == Kind::Own { 415 } else { 204 });
}

pub(crate) fn each_as_itself_and_as_another(t: &Talk) {
    let all = [
        ("qcow2", made("qcow2", &[])),
        ("raw", made("raw", &[])),
        ("vmdk", made("vmdk", &["-o", "subformat=monolithicSparse"])),
        ("vdi", made("vdi", &[])),
        ("vhdx", made("vhdx", &[])),
        ("vhd", made("vpc", &[])),
    ];
    for (what, bytes) in &all {
        for format in ["raw", "qcow2", "vmdk", "vdi", "vhdx", "vhd", "iso", "ami"] {
            // The real Glance takes any disk for a raw one. A guest that writes such a header into a raw disk has read
            // its host's files by it (CVE-2024-32498), so that ours does not.
            if format == "raw" && *what != "raw" {
                refused_by_ours(t, bytes);
            } else {
                offer(t, format, what, bytes);
            }
        }
    }
}

pub(crate) fn an_iso_and_a_partition_table(t: &Talk) {
    let mut iso = vec![0; 40_000];
    iso[32_768..32_775].copy_from_slice(b"\x01CD001\x01");
    let mut mbr = vec![0; 4096];
    mbr[510..512].copy_from_slice(b"\x55\xaa");
    mbr[446..462].copy_from_slice(&[0x80, 0, 2, 0, 0x83, 0, 8, 0, 1, 0, 0, 0, 7, 0, 0, 0]);
    let mut both = iso.clone();
    both[..4096].copy_from_slice(&mbr);
    for (what, bytes) in [("iso", &iso), ("mbr", &mbr), ("iso with mbr", &both)] {
        for format in ["iso", "raw", "qcow2"] {
            offer(t, format, what, bytes);
        }
    }
}

pub(crate) fn unsafe_ones(t: &Talk) {
    let folder = tempfile::tempdir().unwrap();
    let backed = made("qcow2", &["-u", "-b", "/etc/passwd", "-F", "raw"]);
    let data = format!("data_file={}", folder.path().join("data").display());
    let external = made("qcow2", &["-o", &data]);
    let flat = made("vmdk", &["-o", "subformat=streamOptimized"]);
    offer(t, "qcow2", "with a backing file", &backed);
    offer(t, "qcow2", "with an external data file", &external);
    offer(t, "vmdk", "stream-optimised", &flat);
    let descriptor = b"# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 2048 FLAT \"/etc/passwd\" 0\n";
    offer(t, "vmdk", "that names another file", descriptor);
    let mut cut = made("qcow2", &[]);
    cut.truncate(60);
    offer(t, "qcow2", "cut in the header", &cut);
    offer(t, "qcow2", "of zeros", &[0; 1000]);
    offer(t, "raw", "of zeros", &[0; 1000]);
    offer(t, "raw", "of one byte", &[1]);
    // Ours says why; the real one does not, and leaves the digests of what it has refused in the record.
    let id = t.image(Member, &json!({ "name": "a reason", "disk_format": "qcow2", "container_format": "bare" }));
    let refusal = t.quiet(Member, upload(&id, &backed)).text();
    assert!(refusal.contains("The request media type application/octet-stream is not supported by this server."), "{refusal}");
    if t.target.kind == Kind::Own {
        assert!(refusal.contains("backing file"), "{refusal}");
        assert_eq!(t.settled(&id, &["queued"])["checksum"], serde_json::Value::Null);
    }
}

//! `ectype digest`: lines that coreutils check, and what qemu-img decodes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "verify/run.rs"]
mod run;

use std::process::{Command, Stdio};

use run::{Made, ectype, sum, tool};
use world::{Page, World};

#[test]
fn the_lines_satisfy_sha512sum_beside_the_file_and_the_disk_that_qemu_img_writes() {
    let made = Made::new(&["-c"]);
    for packed in [false, true] {
        if packed {
            tool(Command::new("gzip").arg("-1").arg(&made.qcow2));
        }
        let name = if packed {
            "disk.qcow2.gz"
        } else {
            "disk.qcow2"
        };
        let run = ectype(made.folder.path(), &[], &["digest", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        std::fs::write(made.folder.path().join("SUMS"), &run.stdout).unwrap();
        let checked = tool(
            Command::new("sha512sum")
                .args(["-c", "--strict", "SUMS"])
                .current_dir(made.folder.path()),
        );
        assert_eq!(checked, format!("{name}: OK\ndisk.raw: OK\n"));
        assert!(
            run.stdout
                .contains(&format!("\n# disk md5 {}\n", sum("md5sum", &made.raw))),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn several_algorithms_are_for_cksum_and_one_is_for_its_own_program() {
    let made = Made::new(&["-c"]);
    let args = [
        "digest",
        "disk.qcow2",
        "--algorithm",
        "md5",
        "--algorithm",
        "sha256",
    ];
    std::fs::write(
        made.folder.path().join("SUMS"),
        ectype(made.folder.path(), &[], &args).stdout,
    )
    .unwrap();
    let checked = tool(
        Command::new("cksum")
            .args(["-c", "--strict", "SUMS"])
            .current_dir(made.folder.path()),
    );
    assert_eq!(checked.matches(": OK").count(), 4);
    let args = ["digest", "disk.qcow2", "--algorithm", "SHA-256"];
    let run = ectype(made.folder.path(), &[], &args);
    assert!(
        run.stdout
            .contains(&format!("\n{}  disk.raw\n", sum("sha256sum", &made.raw)))
    );
    let run = ectype(
        made.folder.path(),
        &[],
        &["digest", "disk.qcow2", "--algorithm", "crc32"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
}

#[test]
fn json_holds_both_layers_and_comes_from_url_and_pipe_too() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(made.original()));
    let url = world.url("/disk.qcow2");
    let from_url = ectype(made.folder.path(), &[], &["digest", &url, "-f", "json"]).json();
    assert_eq!(from_url["schema"], "ectype/digest/1");
    assert_eq!(
        from_url["file"]["digests"]["sha512"],
        sum("sha512sum", &made.qcow2)
    );
    assert_eq!(
        from_url["disk"]["digests"]["sha512"],
        sum("sha512sum", &made.raw)
    );
    assert_eq!(from_url["disk"]["digests"]["md5"], sum("md5sum", &made.raw));
    assert_eq!(
        (&from_url["disk"]["size"], &from_url["format"]),
        (&(24 << 20).into(), &"qcow2".into())
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    let input = std::fs::File::open(&made.qcow2).unwrap();
    let piped = tool(
        command
            .args(["digest", "-", "-f", "json"])
            .stdin(Stdio::from(input)),
    );
    let piped: serde_json::Value = serde_json::from_str(&piped).unwrap();
    assert_eq!(
        (&piped["file"], &piped["disk"]),
        (&from_url["file"], &from_url["disk"])
    );
}

#[test]
fn a_raw_file_is_its_own_disk() {
    let made = Made::new(&[]);
    let run = ectype(made.folder.path(), &[], &["digest", "disk.raw"]);
    assert_eq!(
        run.stdout.matches("  disk.raw\n").count(),
        1,
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains(&sum("sha512sum", &made.raw)));
}

#[test]
fn what_cannot_be_read_is_an_error_without_an_answer() {
    let made = Made::new(&["-c"]);
    let half = made.original();
    std::fs::write(made.folder.path().join("half"), &half[..half.len() / 2]).unwrap();
    for (name, code) in [("missing", 5), ("half", 6)] {
        let run = ectype(made.folder.path(), &[], &["digest", name]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (code, ""),
            "{}",
            run.stderr
        );
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn one_that_cannot_be_read_does_not_keep_the_others_from_their_answer() {
    let made = Made::new(&["-c"]);
    let args = ["digest", "disk.raw", "absent.qcow2", "disk.qcow2"];
    let run = ectype(made.folder.path(), &[], &args);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("warning: the original is not there: absent.qcow2"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("error: 1 of 3 images could not be read"),
        "{}",
        run.stderr
    );
    let json = ectype(
        made.folder.path(),
        &[],
        &[&args[..], &["-f", "json"]].concat(),
    );
    assert_eq!(json.code, 8);
    let values: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(values.as_array().unwrap().len(), 2);
    assert_eq!(
        values[1]["disk"]["digests"]["sha512"],
        sum("sha512sum", &made.raw)
    );
}

#[test]
fn disks_of_vhd_vhdx_and_vdi_are_what_qemu_img_decodes() {
    let made = Made::new(&[]);
    let here = made.folder.path();
    for (format, options, name) in [
        ("vpc", "subformat=dynamic", "image.vhd"),
        ("vpc", "subformat=fixed", "image.vhd"),
        ("vhdx", "subformat=dynamic", "image.vhdx"),
        ("vhdx", "subformat=fixed", "image.vhdx"),
        ("vdi", "static=off", "image.vdi"),
    ] {
        let qemu = |args: &[&str]| {
            tool(
                Command::new("qemu-img")
                    .arg("convert")
                    .args(args)
                    .current_dir(here),
            )
        };
        qemu(&["-f", "raw", "-O", format, "-o", options, "disk.raw", name]);
        qemu(&["-f", format, "-O", "raw", name, "image.raw"]);
        let run = ectype(here, &[], &["digest", name]);
        assert_eq!(run.code, 0, "{format} {options}: {}", run.stderr);
        assert!(
            run.stdout.contains(&format!("bytes, {format}\n")),
            "{}",
            run.stdout
        );
        std::fs::write(here.join("SUMS"), &run.stdout).unwrap();
        let checked = tool(
            Command::new("sha512sum")
                .args(["-c", "--strict", "SUMS"])
                .current_dir(here),
        );
        assert_eq!(checked, format!("{name}: OK\nimage.raw: OK\n"), "{options}");
    }
}

/// A VMDK of the same disk, and a package around it made by `tar`, with a manifest by `sha256sum`.
fn package(made: &Made) {
    let folder = made.folder.path();
    let convert = [
        "convert",
        "-O",
        "vmdk",
        "-o",
        "subformat=streamOptimized",
        "disk.raw",
        "machine.vmdk",
    ];
    tool(Command::new("qemu-img").args(convert).current_dir(folder));
    let descriptor = "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:o=\"http://schemas.dmtf.org/ovf/envelope/1\">\
        <References><File o:id=\"f\" o:href=\"machine.vmdk\"/></References>\
        <DiskSection><Disk o:diskId=\"d\" o:fileRef=\"f\"/></DiskSection></Envelope>";
    std::fs::write(folder.join("machine.ovf"), descriptor).unwrap();
    let digest = sum("sha256sum", &folder.join("machine.vmdk"));
    std::fs::write(
        folder.join("machine.mf"),
        format!("SHA256(machine.vmdk)= {digest}\n"),
    )
    .unwrap();
    let tar = [
        "-cf",
        "machine.ova",
        "machine.ovf",
        "machine.mf",
        "machine.vmdk",
    ];
    tool(Command::new("tar").args(tar).current_dir(folder));
}

#[test]
fn a_vmdk_and_a_package_have_the_disk_that_qemu_img_writes() {
    let made = Made::new(&[]);
    package(&made);
    let expected = sum("sha512sum", &made.raw);
    for (name, kind) in [("machine.vmdk", "vmdk"), ("machine.ova", "vmdk in ova")] {
        let run = ectype(made.folder.path(), &[], &["digest", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stdout.contains(&format!("bytes, {kind}\n")),
            "{}",
            run.stdout
        );
        assert!(
            run.stdout.contains(&format!("{expected}  machine.raw\n")),
            "{}",
            run.stdout
        );
        run::verify(&made, name, &[]).expect("identical", 0);
    }
    std::fs::write(
        made.folder.path().join("machine.mf"),
        format!("SHA1(machine.vmdk)= {}\n", "0".repeat(40)),
    )
    .unwrap();
    let tar = [
        "-cf",
        "machine.ova",
        "machine.ovf",
        "machine.vmdk",
        "machine.mf",
    ];
    tool(
        Command::new("tar")
            .args(tar)
            .current_dir(made.folder.path()),
    );
    run::verify(&made, "machine.ova", &[]).expect("ova-digest-mismatch", 6);
}

#[test]
fn a_vmdk_that_names_other_files_is_refused_with_its_reason() {
    let made = Made::new(&[]);
    let create = [
        "create",
        "-q",
        "-f",
        "vmdk",
        "-o",
        "subformat=monolithicFlat",
        "flat.vmdk",
        "1M",
    ];
    tool(
        Command::new("qemu-img")
            .args(create)
            .current_dir(made.folder.path()),
    );
    let run = run::verify(&made, "flat.vmdk", &[]).expect("external-data-file", 6);
    assert!(run.stderr.contains("`flat-flat.vmdk`"), "{}", run.stderr);
}

#[test]
fn an_iso_is_its_own_disk() {
    let made = Made::new(&[]);
    let mut disc = vec![0; 100_000];
    disc[32_768..32_774].copy_from_slice(b"\x01CD001");
    std::fs::write(made.folder.path().join("disc.iso"), &disc).unwrap();
    let run = ectype(made.folder.path(), &[], &["digest", "disc.iso"]);
    let expected = sum("sha512sum", &made.folder.path().join("disc.iso"));
    assert!(run.stdout.contains("bytes, iso\n"), "{}", run.stdout);
    assert_eq!(
        run.stdout
            .matches(&format!("{expected}  disc.iso\n"))
            .count(),
        1,
        "{}",
        run.stdout
    );
}

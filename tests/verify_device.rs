//! `ectype verify --stored`: a local file beside an original on a server that stalls, cuts and lies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "verify/run.rs"]
mod run;

use std::process::Command;

use run::{Made, ectype, flip, tool, verify};
use world::{Page, World};

#[test]
fn a_disk_is_identical_to_what_qemu_img_decodes_and_one_byte_makes_it_different() {
    for options in [
        &[][..],
        &["-c"],
        &["-c", "-o", "compression_type=zstd"],
        &["-o", "cluster_size=512"],
    ] {
        let made = Made::new(options);
        let path = made.qcow2.to_str().unwrap();
        let verdict = verify(&made, path, &[]).expect("identical", 0).json();
        assert_eq!(
            verdict["stored"]["digests"]["sha512"],
            run::sum("sha512sum", &made.raw)
        );
        assert_eq!(
            (&verdict["level"], &verdict["layer"]),
            (&"device".into(), &"disk".into())
        );
        for offset in [0, 3_000_000, (24 << 20) - 1] {
            flip(&made.raw, offset);
            let verdict = verify(&made, path, &[]).expect("bytes-differ", 1).json();
            assert_eq!(verdict["stored"]["first_difference"], offset);
            assert_eq!(
                verdict["stored"]["ranges"],
                serde_json::json!([[offset, offset + 1]])
            );
            flip(&made.raw, offset);
        }
    }
}

#[test]
fn a_disk_that_is_cut_or_has_more_behind_it_is_different() {
    let made = Made::new(&["-c"]);
    let path = made.qcow2.to_str().unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(&made.raw)
        .unwrap();
    for len in [(24 << 20) - 1, (24 << 20) + 1, 0] {
        file.set_len(len).unwrap();
        let verdict = verify(&made, path, &[]).expect("bytes-differ", 1).json();
        assert_eq!(verdict["stored"]["first_difference"], len.min(24 << 20));
    }
}

#[test]
fn the_published_file_itself_is_compared_as_a_file() {
    let made = Made::new(&["-c"]);
    let copy = made.folder.path().join("copy");
    std::fs::copy(&made.qcow2, &copy).unwrap();
    let args = [
        "verify",
        "--stored",
        "copy",
        "--original",
        "disk.qcow2",
        "-f",
        "json",
    ];
    let verdict = ectype(made.folder.path(), &[], &args)
        .expect("identical", 0)
        .json();
    assert_eq!(verdict["layer"], "file");
    tool(Command::new("xz").arg("-0k").arg(&made.qcow2));
    let args = [
        "verify",
        "--stored",
        "copy",
        "--original",
        "disk.qcow2.xz",
        "-f",
        "json",
    ];
    let verdict = ectype(made.folder.path(), &[], &args)
        .expect("identical", 0)
        .json();
    assert_eq!(
        (&verdict["layer"], &verdict["original"]["packings"]),
        (&"unpacked".into(), &serde_json::json!(["xz"]))
    );
}

#[test]
fn what_heals_is_healed() {
    let made = Made::new(&["-c"]);
    let honest = || Page::bytes(made.original());
    let half = made.original().len() / 2;
    for (what, pages) in [
        ("no ranges", vec![honest().without_ranges()]),
        ("no length", vec![honest().chunked().without_ranges()]),
        ("503 first", vec![Page::status(503), honest()]),
        ("cut and resumed", vec![honest().cut_after(half), honest()]),
        (
            "cut twice",
            vec![honest().cut_after(half), honest().cut_after(1000), honest()],
        ),
        (
            "stalled and resumed",
            vec![honest().stall_after(half), honest()],
        ),
    ] {
        let world = World::start();
        world.put_each("/disk.qcow2", pages);
        let run = verify(&made, &world.url("/disk.qcow2"), &["--stall-timeout", "1"]);
        assert_eq!(run.code_word(), "identical", "{what}: {}", run.stderr);
        assert_eq!(run.code, 0);
    }
}

#[test]
fn a_truncated_or_changed_download_is_never_identical() {
    let made = Made::new(&["-c"]);
    let honest = || Page::bytes(made.original());
    let (len, half) = (made.original().len(), made.original().len() / 2);
    let mut other = made.original();
    other[half + 1] ^= 1;
    for (what, pages, word, code) in [
        (
            "cut for good",
            vec![honest().without_ranges().cut_after(half)],
            "original-truncated",
            7,
        ),
        (
            "announces more",
            vec![honest().without_ranges().claiming_length(len as u64 + 1)],
            "original-truncated",
            7,
        ),
        (
            "half a file",
            vec![Page::bytes(&made.original()[..half])],
            "original-truncated",
            6,
        ),
        (
            "changed after a cut",
            vec![honest().cut_after(half), Page::bytes(other)],
            "original-changed",
            7,
        ),
    ] {
        let world = World::start();
        world.put_each("/disk.qcow2", pages);
        let run = verify(&made, &world.url("/disk.qcow2"), &[]);
        assert_eq!(
            (run.code_word().as_str(), run.code),
            (word, code),
            "{what}: {}",
            run.stderr
        );
        assert_eq!(run.json()["verdict"], "undecided");
    }
}

#[test]
fn an_original_that_cannot_be_had_is_undecided_and_the_reason_is_told_apart() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/gone", Page::status(410));
    world.put("/forbidden", Page::refusal(403, "no"));
    world.put("/broken", Page::status(500));
    verify(&made, &world.url("/missing"), &[]).expect("source-gone", 5);
    verify(&made, &world.url("/gone"), &[]).expect("source-gone", 5);
    verify(&made, "no/such/file", &[]).expect("source-gone", 5);
    verify(&made, &world.url("/forbidden"), &[]).expect("source-refused", 4);
    verify(&made, &world.url("/broken"), &[]).expect("source-unreachable", 7);
    let closed = { World::start().url("/x") };
    verify(&made, &closed, &[]).expect("source-unreachable", 7);
}

#[test]
fn a_redirect_is_followed_and_told() {
    let made = Made::new(&["-c"]);
    let (vendor, mirror) = (World::start(), World::start());
    mirror.put("/pool/disk.qcow2", Page::bytes(made.original()));
    vendor.put(
        "/disk.qcow2",
        Page::redirect(302, &mirror.url_by_name("localhost", "/pool/disk.qcow2")),
    );
    let verdict = verify(&made, &vendor.url("/disk.qcow2"), &[])
        .expect("identical", 0)
        .json();
    assert_eq!(verdict["original"]["redirected_to"], "localhost");
    let from = mirror.url_by_name("localhost", "/pool/disk.qcow2");
    assert_eq!(verdict["original"]["fetched_from"], from);
}

#[test]
fn originals_that_are_not_the_whole_disk_are_refused_by_name() {
    let made = Made::new(&["-c"]);
    let child = made.folder.path().join("child.qcow2");
    let create = ["create", "-f", "qcow2", "-F", "qcow2", "-b", "disk.qcow2"];
    tool(
        Command::new("qemu-img")
            .args(create)
            .arg(&child)
            .current_dir(made.folder.path()),
    );
    verify(&made, child.to_str().unwrap(), &[]).expect("backing-file", 6);
    let path = made.qcow2.to_str().unwrap();
    let run = verify(&made, path, &["--max-virtual-size", "23M"]).expect("limit-exceeded", 6);
    assert!(
        run.stderr.contains("hint: ") && run.stderr.contains("--max-virtual-size"),
        "{}",
        run.stderr
    );
    verify(&made, path, &["--max-virtual-size", "24M"]).expect("identical", 0);
}

#[test]
fn a_stored_file_that_cannot_be_read_is_undecided() {
    let made = Made::new(&["-c"]);
    let args = [
        "verify",
        "--stored",
        "nothing",
        "--original",
        "disk.qcow2",
        "-f",
        "json",
    ];
    ectype(made.folder.path(), &[], &args).expect("stored-unavailable", 5);
}

#[test]
fn people_see_the_verdict_and_what_differs() {
    let made = Made::new(&["-c"]);
    let args = ["verify", "--stored", "disk.raw", "--original", "disk.qcow2"];
    let run = ectype(made.folder.path(), &[], &args);
    assert!(
        run.stdout
            .starts_with("disk.raw                              identical   24.0 MiB in "),
        "{}",
        run.stdout
    );
    flip(&made.raw, 1_048_576);
    let run = ectype(made.folder.path(), &[], &args);
    let line =
        "disk.raw                              DIFFERENT   first difference at byte 1 048 576\n";
    assert!(run.stdout.starts_with(line), "{}", run.stdout);
    assert!(
        run.stdout.contains("\n  differs   1 byte: 1 048 576\n"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\u{1b}'));
    assert!(
        run.stderr
            .starts_with("error: `disk.raw` is not a true copy of its original"),
        "{}",
        run.stderr
    );
    let coloured = ectype(
        made.folder.path(),
        &[],
        &[&["--color", "always"][..], &args].concat(),
    );
    assert!(coloured.stdout.contains("\u{1b}[1;31mDIFFERENT\u{1b}[0m"));
}

#[test]
fn an_address_s_secrets_are_never_printed() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(made.original()));
    let url = format!(
        "http://me:hunter2@127.0.0.1:{}/disk.qcow2?X-Signature=s3cret",
        world.port()
    );
    for more in [&[][..], &["-vv"]] {
        let run = verify(&made, &url, more);
        for secret in ["hunter2", "s3cret"] {
            assert!(
                !run.stdout.contains(secret) && !run.stderr.contains(secret),
                "{}{}",
                run.stdout,
                run.stderr
            );
        }
    }
}

#[test]
fn a_reader_that_has_gone_does_not_turn_different_into_0() {
    let made = Made::new(&["-c"]);
    flip(&made.raw, 3_000_000);
    for form in ["table", "json", "value"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = Command::new(env!("CARGO_BIN_EXE_ectype"))
            .env_clear()
            .env("HOME", made.folder.path())
            .args(["verify", "-f", form, "--stored"])
            .arg(&made.raw)
            .arg("--original")
            .arg(&made.qcow2)
            .stdout(writer)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(1), "{form}");
    }
}

#[test]
fn disks_out_of_vhd_vhdx_and_vdi_are_identical_and_one_byte_makes_them_different() {
    let made = Made::new(&[]);
    let here = made.folder.path().to_owned();
    for (format, options) in [
        ("vpc", "subformat=dynamic"),
        ("vpc", "subformat=fixed"),
        ("vhdx", "subformat=dynamic"),
        ("vdi", "static=on"),
    ] {
        let qemu = |args: &[&str]| {
            tool(
                Command::new("qemu-img")
                    .arg("convert")
                    .args(args)
                    .current_dir(&here),
            )
        };
        qemu(&[
            "-f",
            "qcow2",
            "-O",
            format,
            "-o",
            options,
            "disk.qcow2",
            "image",
        ]);
        qemu(&["-f", format, "-O", "raw", "image", "disk.raw"]);
        let verdict = verify(&made, "image", &[]).expect("identical", 0).json();
        let told = (&verdict["layer"], &verdict["original"]["format"]);
        assert_eq!(told, (&"disk".into(), &format.into()), "{options}");
        flip(&made.raw, 3_000_000);
        verify(&made, "image", &[]).expect("bytes-differ", 1);
        let half = std::fs::read(here.join("image")).unwrap();
        std::fs::write(here.join("half"), &half[..half.len() / 2]).unwrap();
        flip(&made.raw, 3_000_000);
        // Half of a fixed VHD is half of a raw disk: nothing tells that there was more.
        let (word, code) = match options {
            "subformat=fixed" => ("bytes-differ", 1),
            _ => ("original-truncated", 6),
        };
        verify(&made, "half", &[]).expect(word, code);
    }
}

#[test]
fn a_fixed_vhd_that_is_stored_with_its_footer_is_identical_to_the_file() {
    let made = Made::new(&[]);
    let here = made.folder.path().to_owned();
    tool(
        Command::new("qemu-img")
            .args(["convert", "-O", "vpc", "-o", "subformat=fixed"])
            .args(["disk.qcow2", "image.vhd"])
            .current_dir(&here),
    );
    // What an upload of the file as `raw` stores, and what `qemu-img` takes the file for unless it is told.
    tool(
        Command::new("qemu-img")
            .args(["convert", "-f", "raw", "-O", "raw", "image.vhd", "disk.raw"])
            .current_dir(&here),
    );
    tool(Command::new("gzip").arg("-k").arg(here.join("image.vhd")));
    for (original, layer) in [("image.vhd", "file"), ("image.vhd.gz", "unpacked")] {
        let verdict = verify(&made, original, &[]).expect("identical", 0).json();
        assert_eq!(verdict["layer"], layer, "{original}");
    }
    let len = made.raw.metadata().unwrap().len();
    flip(&made.raw, len - 100);
    verify(&made, "image.vhd.gz", &[]).expect("bytes-differ", 1);
}

//! `ectype convert`: what it writes is what qemu-img reads, and nothing half-done has a name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "convert/ends.rs"]
mod ends;
#[path = "verify/run.rs"]
mod run;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use run::{Made, ectype, sum, tool};
use world::{Page, World};

/// Asserts that `qemu-img` takes the file for the disk and finds nothing wrong with it.
fn assert_good(made: &Made, name: &str, format: &str) {
    let path = made.folder.path().join(name);
    let compare = ["compare", "-f", "raw", "-F", format];
    let said = tool(
        Command::new("qemu-img")
            .args(compare)
            .arg(&made.raw)
            .arg(&path),
    );
    assert_eq!(said, "Images are identical.\n", "{name}");
    if format != "raw" {
        tool(
            Command::new("qemu-img")
                .args(["check", "-q", "-f", format])
                .arg(&path),
        );
    }
}

/// What is in the folder, hidden files too.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn qemu_img_reads_every_format_that_is_written_and_the_name_or_o_says_which() {
    let made = Made::new(&["-c"]);
    for (args, name, format) in [
        (&["disk.qcow2", "a.raw"][..], "a.raw", "raw"),
        (&["disk.qcow2", "a.img"], "a.img", "raw"),
        (&["disk.raw", "a.qcow2"], "a.qcow2", "qcow2"),
        (
            &["disk.qcow2", "b.qcow2", "--compress", "zlib"],
            "b.qcow2",
            "qcow2",
        ),
        (
            &[
                "disk.qcow2",
                "c",
                "-O",
                "qcow2",
                "--compress",
                "zstd",
                "--level",
                "9",
                "--cluster-size",
                "128K",
            ],
            "c",
            "qcow2",
        ),
        (
            &[
                "-O",
                "qcow2",
                "-o",
                "cluster_size=4k,compression_type=zlib,compat=1.1",
                "disk.raw",
                "d",
            ],
            "d",
            "qcow2",
        ),
        (&["disk.qcow2", "a.vmdk"], "a.vmdk", "vmdk"),
        (
            &[
                "disk.raw",
                "e",
                "-O",
                "vmdk",
                "-o",
                "subformat=streamOptimized",
                "--level",
                "1",
            ],
            "e",
            "vmdk",
        ),
    ] {
        let run = ectype(made.folder.path(), &[], &[&["convert"], args].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
        assert_good(&made, name, format);
    }
}

#[test]
fn the_lines_satisfy_sha512sum_for_both_files() {
    let made = Made::new(&["-c"]);
    for output in ["out.qcow2", "out.raw", "out.vmdk"] {
        let run = ectype(made.folder.path(), &[], &["convert", "disk.qcow2", output]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        fs::write(made.folder.path().join("SUMS"), &run.stdout).unwrap();
        let mut check = Command::new("sha512sum");
        check
            .args(["-c", "--strict", "SUMS"])
            .current_dir(made.folder.path());
        assert_eq!(tool(&mut check), format!("disk.qcow2: OK\n{output}: OK\n"));
        let disk = format!(
            "# its disk: {} bytes\n# sha512 {}\n",
            24 << 20,
            sum("sha512sum", &made.raw)
        );
        assert!(run.stdout.contains(&disk), "{}", run.stdout);
    }
}

#[test]
fn json_tells_the_digests_and_sizes_of_both_sides() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(made.original()));
    let url = world.url("/disk.qcow2");
    let args = [
        "convert",
        &url,
        "out.qcow2",
        "--compress",
        "zlib",
        "-f",
        "json",
        "--algorithm",
        "sha256",
        "--algorithm",
        "md5",
    ];
    let json = ectype(made.folder.path(), &[], &args).json();
    let out = made.folder.path().join("out.qcow2");
    let digests = |path: &Path| serde_json::json!({ "md5": sum("md5sum", path), "sha256": sum("sha256sum", path) });
    let size = |path: &Path| path.metadata().unwrap().len();
    let expected = serde_json::json!({
        "schema": "ectype/convert/1",
        "input": {
            "name": url, "format": "qcow2", "packings": [],
            "file": { "size": size(&made.qcow2), "digests": digests(&made.qcow2) },
            "disk": { "size": 24 << 20, "digests": digests(&made.raw) },
        },
        "output": {
            "name": "out.qcow2", "format": "qcow2", "compression": "zlib", "cluster_size": 65536,
            "file": { "size": size(&out), "digests": digests(&out) },
            "disk": { "size": 24 << 20 },
        },
    });
    assert_eq!(json, expected);
    assert_good(&made, "out.qcow2", "qcow2");
    let args = [
        "convert", "disk.raw", "out.raw", "-f", "value", "-c", "Layer", "-c", "Digest",
    ];
    let sum = sum("sha512sum", &made.raw);
    let run = ectype(made.folder.path(), &[], &args);
    assert_eq!(run.stdout, format!("file {sum}\ndisk {sum}\nfile {sum}\n"));
    let run = ectype(
        made.folder.path(),
        &[],
        &["convert", "disk.raw", "none.raw", "--no-digests"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.lines().all(|line| line.starts_with('#')),
        "{}",
        run.stdout
    );
}

#[test]
fn standard_input_and_output_are_files_like_others() {
    let made = Made::new(&["-c"]);
    let folder = made.folder.path();
    for (input, args, name, format) in [
        ("disk.qcow2", &["-", "-", "-O", "vmdk"][..], "a", "vmdk"),
        ("disk.qcow2", &["-", "-"], "b", "raw"),
        (
            "disk.raw",
            &["disk.qcow2", "-", "-O", "qcow2", "--compress", "zlib"],
            "c",
            "qcow2",
        ),
        ("disk.raw", &["-", "d.qcow2"], "", "qcow2"),
        ("disk.raw", &["-", "e.vmdk"], "", "vmdk"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
        command.arg("convert").args(args).current_dir(folder);
        command.stdin(fs::File::open(folder.join(input)).unwrap());
        let out = if name.is_empty() { "unused" } else { name };
        command.stdout(fs::File::create(folder.join(out)).unwrap());
        let ended = command.stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.success(), "{args:?}: {said}");
        let name = if name.is_empty() { args[1] } else { name };
        assert_good(&made, name, format);
        // The bytes are the answer; what else is said goes elsewhere.
        if args[1] == "-" {
            let sha512 = sum("sha512sum", &folder.join(name));
            assert!(
                said.contains(&format!("note: # sha512 {sha512}\n")),
                "{said}"
            );
        }
    }
    // The stream is the file.
    let file = ectype(
        folder,
        &[],
        &["convert", "disk.qcow2", "f.qcow2", "--compress", "zlib"],
    );
    assert_eq!(file.code, 0, "{}", file.stderr);
    assert!(fs::read(folder.join("c")).unwrap() == fs::read(folder.join("f.qcow2")).unwrap());
}

#[test]
fn packed_inputs_are_unpacked_on_the_way() {
    let made = Made::new(&["-c"]);
    tool(Command::new("xz").args(["-0", "-k"]).arg(&made.raw));
    for (name, format) in [("a.qcow2", "qcow2"), ("a.vmdk", "vmdk"), ("a.raw", "raw")] {
        let run = ectype(made.folder.path(), &[], &["convert", "disk.raw.xz", name]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stdout.starts_with("# from disk.raw.xz: raw in xz, "),
            "{}",
            run.stdout
        );
        assert_good(&made, name, format);
    }
    // Its size comes last, and a VMDK has it first.
    let run = ectype(
        made.folder.path(),
        &[],
        &["convert", "disk.raw.xz", "-", "-O", "vmdk"],
    );
    assert_eq!((run.code, run.stdout.len()), (2, 0), "{}", run.stderr);
    assert!(
        run.stderr.contains("size of the disk must be known"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_disk_that_is_no_whole_number_of_sectors_is_filled_up_and_that_is_said() {
    let made = Made::new(&["-c"]);
    fs::write(made.folder.path().join("odd"), [7; 1000]).unwrap();
    let run = ectype(
        made.folder.path(),
        &[],
        &["convert", "odd", "odd.qcow2", "-f", "json"],
    );
    assert_eq!(run.json()["output"]["disk"]["size"], 1024);
    assert!(run.stderr.contains("24 zeros were added"), "{}", run.stderr);
    let run = ectype(made.folder.path(), &[], &["convert", "odd", "odd.raw"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(
        fs::read(made.folder.path().join("odd.raw")).unwrap(),
        [7; 1000]
    );
}

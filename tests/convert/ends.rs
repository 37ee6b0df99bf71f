//! Conversions that do not end well: the exit code, the words, and nothing left behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use world::{Page, World};

use crate::names;
use crate::run::{Made, Run, ectype, tool};

/// Asserts how a conversion in `folder` fails, and that it leaves the folder as it was.
fn fails(folder: &Path, args: &[&str], code: i32, said: &str) -> Run {
    let before = names(folder);
    let run = ectype(folder, &[], &[&["convert"], args].concat());
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (code, ""),
        "{args:?}: {}",
        run.stderr
    );
    assert!(
        run.stderr.starts_with("error: "),
        "{args:?}: {}",
        run.stderr
    );
    assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
    assert_eq!(names(folder), before, "{args:?}");
    run
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_that_is_asked_for() {
    let made = Made::new(&["-c"]);
    let out = made.folder.path().join("out.raw");
    fs::write(&out, "before").unwrap();
    fails(
        made.folder.path(),
        &["disk.qcow2", "out.raw"],
        2,
        "`--overwrite`",
    );
    assert_eq!(fs::read(&out).unwrap(), b"before");
    let run = ectype(
        made.folder.path(),
        &[],
        &["convert", "disk.qcow2", "out.raw", "--overwrite"],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(fs::read(&out).unwrap() == fs::read(&made.raw).unwrap());
    // A failed run does not take the old one away.
    fails(
        made.folder.path(),
        &["absent", "out.raw", "--overwrite"],
        5,
        "absent",
    );
    assert!(fs::read(&out).unwrap() == fs::read(&made.raw).unwrap());
    // Onto itself.
    let run = ectype(
        made.folder.path(),
        &[],
        &[
            "convert",
            "disk.qcow2",
            "disk.qcow2",
            "--overwrite",
            "-O",
            "raw",
        ],
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(fs::read(&made.qcow2).unwrap() == fs::read(&made.raw).unwrap());
}

#[test]
fn an_input_that_cannot_be_read_leaves_nothing() {
    let made = Made::new(&["-c"]);
    let folder = made.folder.path();
    let original = made.original();
    fs::write(folder.join("half"), &original[..original.len() / 2]).unwrap();
    let mut backed = original.clone();
    backed[8..20].copy_from_slice(&[0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4]);
    backed[512..516].copy_from_slice(b"/etc");
    fs::write(folder.join("backed"), &backed).unwrap();
    for out in ["out.raw", "out.qcow2", "out.vmdk"] {
        fails(folder, &["absent", out], 5, "absent");
        fails(folder, &["half", out], 6, "truncated");
        fails(folder, &["backed", out], 6, "backing file");
        fails(
            folder,
            &["disk.qcow2", out, "--max-virtual-size", "1M"],
            6,
            "--max-virtual-size",
        );
    }
}

// long: one table
#[test]
fn options_that_do_not_fit_are_named_before_anything_is_read() {
    let made = Made::new(&["-c"]);
    for (args, said) in [
        (
            &["disk.qcow2", "out.raw", "--compress", "zlib"][..],
            "a raw disk has no `--compress`",
        ),
        (
            &["disk.qcow2", "out.raw", "-o", "preallocation=full"],
            "a raw disk has no options",
        ),
        (
            &["disk.qcow2", "out.qcow2", "--level", "3"],
            "`--level` is for compression",
        ),
        (
            &[
                "disk.qcow2",
                "out.qcow2",
                "--compress",
                "zlib",
                "--level",
                "13",
            ],
            "from 1 to 12",
        ),
        (
            &["disk.qcow2", "out.qcow2", "--cluster-size", "3000"],
            "a power of two",
        ),
        (
            &["disk.qcow2", "out.qcow2", "-o", "compat=0.10"],
            "qcow2 version 3",
        ),
        (
            &["disk.qcow2", "out.qcow2", "-o", "backing_file=x"],
            "`-o backing_file=x` is not known",
        ),
        (
            &["disk.qcow2", "out.vmdk", "-o", "subformat=monolithicFlat"],
            "streamOptimized",
        ),
        (
            &["disk.qcow2", "out.vmdk", "--compress", "zstd"],
            "zlib and nothing else",
        ),
        (
            &["disk.qcow2", "out.vhdx"],
            "`.vhdx` is nothing that ectype writes",
        ),
        (
            &["disk.qcow2", "out.raw.xz"],
            "`.xz` is nothing that ectype writes",
        ),
        (&["disk.qcow2", "."], "is a folder"),
        (
            &["disk.qcow2", "absent/out.raw"],
            "a folder that does not exist",
        ),
        (
            &["disk.qcow2", "-", "-f", "json"],
            "standard output is the image",
        ),
        (&["-", "-", "-O", "qcow2"], "the input is read twice"),
    ] {
        fails(made.folder.path(), args, 2, said);
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let made = Made::new(&["-c"]);
    let locked = made.folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), "").is_ok() {
        // Root may write everywhere; /proc takes no file from anybody.
        fails(
            made.folder.path(),
            &["disk.qcow2", "/proc/out.raw"],
            7,
            "cannot write `/proc/out.raw`",
        );
        return;
    }
    fails(
        made.folder.path(),
        &["disk.qcow2", "locked/out.raw"],
        7,
        "cannot write `locked/out.raw`",
    );
}

#[test]
fn a_full_disk_is_told_and_keeps_nothing() {
    let made = Made::new(&["-c"]);
    for (format, input) in [
        ("raw", "disk.qcow2"),
        ("vmdk", "disk.qcow2"),
        ("qcow2", "disk.raw"),
    ] {
        let run = fails(
            made.folder.path(),
            &[input, "/dev/full", "-O", format],
            7,
            "cannot write `/dev/full`",
        );
        assert!(run.stderr.contains("make room"), "{}", run.stderr);
    }
}

/// A file system of 1 MiB in a namespace of its own; where that is not allowed the test says so.
#[test]
fn a_full_file_system_keeps_nothing_under_the_name() {
    let made = Made::new(&["-c"]);
    let script = "mount -t tmpfs -o size=1m none \"$1\" || exit 99; shift; \"$@\"; code=$?; ls -A small; exit $code";
    fs::create_dir(made.folder.path().join("small")).unwrap();
    for out in ["small/out.raw", "small/out.qcow2", "small/out.vmdk"] {
        let mut command = Command::new("unshare");
        command.args([
            "-rm",
            "sh",
            "-c",
            script,
            "sh",
            "small",
            env!("CARGO_BIN_EXE_ectype"),
        ]);
        command
            .args(["convert", "disk.qcow2", out])
            .current_dir(made.folder.path());
        let ended = command.output();
        let Some(ended) = ended
            .ok()
            .filter(|ended| !matches!(ended.status.code(), Some(99 | 1 | 127)))
        else {
            eprintln!("skipped: a_full_file_system_keeps_nothing_under_the_name: no name space");
            return;
        };
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(7), "{out}: {said}");
        assert!(said.contains("make room"), "{out}: {said}");
        assert_eq!(String::from_utf8_lossy(&ended.stdout), "", "{out}");
    }
}

/// Starts a conversion of a URL that stops in the middle, and ends it by a signal when the bytes have begun to come.
fn ended_by(signal: &str, out: &str) -> (Option<i32>, Vec<String>) {
    let made = Made::new(&["-c"]);
    let world = World::start();
    let original = made.original();
    let half = original.len() / 2;
    world.put("/disk.qcow2", Page::bytes(original).stall_after(half));
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    let command = command
        .args(["convert", &world.url("/disk.qcow2"), out])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let begun = |name: &String| {
        folder
            .path()
            .join(name)
            .metadata()
            .is_ok_and(|file| file.len() > 0)
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while !names(folder.path()).iter().any(begun) {
        assert!(Instant::now() < deadline, "nothing was begun");
        std::thread::sleep(Duration::from_millis(10));
    }
    tool(Command::new("kill").args([signal, &child.id().to_string()]));
    let code = child.wait().unwrap().code();
    (code, names(folder.path()))
}

#[test]
fn ended_in_the_middle_it_leaves_nothing() {
    for out in ["out.raw", "out.qcow2", "out.vmdk"] {
        assert_eq!(ended_by("-INT", out), (Some(130), Vec::new()), "{out}");
    }
    assert_eq!(ended_by("-TERM", "out.raw"), (Some(143), Vec::new()));
}

#[test]
fn killed_in_the_middle_it_leaves_nothing_under_the_name() {
    for out in ["out.raw", "out.qcow2", "out.vmdk"] {
        let (code, left) = ended_by("-KILL", out);
        assert_eq!(code, None);
        assert!(
            left.iter()
                .all(|name| name.starts_with(&format!(".{out}."))),
            "{left:?}"
        );
    }
}

//! `ectype inspect`: the same answer whichever way a file comes, what the tools that made it say, and 6 for what must not
//! be used.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "verify/run.rs"]
mod run;

use std::path::Path;
use std::process::{Command, Stdio};

use run::{Made, Run, ectype, tool};
use serde_json::{Value, json};
use world::{Page, Seen, World};

/// A qcow2 with a GPT: `sfdisk` has partitioned the disk, `qemu-img` has wrapped it.
fn partitioned() -> Made {
    use std::io::Write;
    let made = Made::new(&["-c"]);
    let mut sfdisk = Command::new("sfdisk")
        .args(["-q", "disk.raw"])
        .current_dir(made.folder.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("sfdisk, of util-linux");
    let script = "label: gpt\nstart=2048, size=8192, type=U, name=\"esp\"\nstart=10240, size=20480, type=L\n";
    sfdisk
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    assert!(sfdisk.wait().unwrap().success());
    let line = [
        "convert",
        "-c",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "disk.raw",
        "disk.qcow2",
    ];
    tool(
        Command::new("qemu-img")
            .args(line)
            .current_dir(made.folder.path()),
    );
    made
}

fn inspect(made: &Made, args: &[&str]) -> Run {
    let all: Vec<&str> = ["inspect"].iter().chain(args).copied().collect();
    ectype(made.folder.path(), &[], &all)
}

fn piped(made: &Made, name: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    let input = std::fs::File::open(made.folder.path().join(name)).unwrap();
    let said = tool(
        command
            .args(["inspect", "-", "-f", "json"])
            .stdin(Stdio::from(input)),
    );
    serde_json::from_str(&said).unwrap()
}

/// Without what tells where the file came from and how it was wrapped.
fn image(mut document: Value) -> Value {
    for member in ["file", "size", "packings", "unpacked_size", "findings"] {
        document[member] = Value::Null;
    }
    document
}

#[test]
fn a_file_a_pipe_and_a_packed_file_get_the_same_answer() {
    let made = partitioned();
    let found = inspect(&made, &["disk.qcow2", "-f", "json"]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    let found = found.json();
    assert_eq!(found["schema"], "ectype/inspect/1");
    assert_eq!(
        (&found["format"], &found["virtual_size"]),
        (&json!("qcow2"), &json!(24 << 20))
    );
    assert_eq!(found["glance"]["verdict"], "accepted");
    assert_eq!(found["boot"]["uefi"], true);
    let partitions = found["partition_table"]["partitions"].as_array().unwrap();
    let places: Vec<_> = partitions
        .iter()
        .map(|p| (p["start"].as_u64().unwrap(), p["size"].as_u64().unwrap()))
        .collect();
    assert_eq!(places, [(1 << 20, 4 << 20), (5 << 20, 10 << 20)]);
    assert_eq!(partitions[0]["name"], "esp");
    assert_eq!(piped(&made, "disk.qcow2")["findings"], json!([]));
    assert_eq!(image(piped(&made, "disk.qcow2")), image(found.clone()));
    tool(
        Command::new("xz")
            .args(["-k", "-0", "disk.qcow2"])
            .current_dir(made.folder.path()),
    );
    for packed in [
        inspect(&made, &["disk.qcow2.xz", "-f", "json"]).json(),
        piped(&made, "disk.qcow2.xz"),
    ] {
        assert_eq!(packed["packings"], json!(["xz"]));
        assert_eq!(packed["unpacked_size"], found["size"]);
        assert_eq!(packed["findings"][0]["code"], "packed");
        assert_eq!(image(packed), image(found.clone()));
    }
}

/// The server gives 5 MiB of the whole and then nothing more: whoever wants all of it waits for ever.
#[test]
fn a_url_with_ranges_is_not_fetched_whole() {
    let made = partitioned();
    let mut bytes = made.original();
    let len = bytes.len() as u64;
    bytes.resize(64 << 20, 7);
    let world = World::start();
    let reply = move |seen: &Seen| {
        let page = Page::bytes(bytes.clone());
        match seen.header("range") {
            Some(_) => page,
            None => page.stall_after(5 << 20),
        }
    };
    world.put("/disk.qcow2", Page::made_by(reply));
    let url = world.url("/disk.qcow2");
    let found = inspect(&made, &[&url, "-f", "json"]).json();
    assert_eq!(found["size"], 64 << 20);
    assert_eq!(found["allocation"], Value::Null);
    let local = inspect(&made, &["disk.qcow2", "-f", "json"]).json();
    assert_eq!(local["size"], len);
    for member in [
        "partition_table",
        "boot",
        "virtual_size",
        "features",
        "usable",
    ] {
        assert_eq!(found[member], local[member], "{member}");
    }
}

#[test]
fn a_url_without_ranges_is_read_as_a_stream_and_with_map_to_its_end() {
    let made = partitioned();
    let world = World::start();
    world.put("/a", Page::bytes(made.original()).without_ranges());
    let url = world.url("/a");
    let local = inspect(&made, &["disk.qcow2", "-f", "json"]).json();
    let mapped = inspect(&made, &[&url, "--map", "-f", "json"]).json();
    assert_eq!(image(mapped), image(local));
}

// long: a row for each file, and all that is said of it.
#[test]
fn what_must_not_be_used_ends_with_6_and_the_answer_is_there_all_the_same() {
    let made = Made::new(&[]);
    let run = |line: &[&str]| {
        tool(
            Command::new("qemu-img")
                .args(line)
                .current_dir(made.folder.path()),
        )
    };
    run(&[
        "create", "-q", "-f", "qcow2", "-b", "disk.raw", "-F", "raw", "above",
    ]);
    run(&[
        "convert",
        "-O",
        "qcow2",
        "-o",
        "extended_l2=on",
        "disk.raw",
        "extended",
    ]);
    run(&[
        "convert",
        "-O",
        "vmdk",
        "-o",
        "subformat=monolithicFlat",
        "disk.raw",
        "flat",
    ]);
    let half = made.original();
    std::fs::write(made.folder.path().join("half"), &half[..half.len() / 2]).unwrap();
    for (name, code, severity) in [
        ("above", "backing-file", "refused-by-glance"),
        ("extended", "extended-l2", "refused-by-glance"),
        ("flat", "vmdk-text", "refused-by-ectype"),
        ("half", "truncated", "refused-by-ectype"),
    ] {
        let run = inspect(&made, &[name, "-f", "json"]);
        assert_eq!(run.code, 6, "{name}: {}", run.stdout);
        let found = run.json();
        assert_eq!(found["usable"], false);
        let findings = found["findings"].as_array().unwrap();
        let said = findings.iter().find(|finding| finding["code"] == code);
        assert_eq!(
            said.unwrap_or_else(|| panic!("{name}: {findings:?}"))["severity"],
            severity
        );
        assert!(
            run.stderr
                .starts_with(&format!("error: `{name}` must not be used: ")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("  hint: "), "{}", run.stderr);
    }
    let mismatch = inspect(&made, &["disk.qcow2", "--disk-format", "vmdk"]);
    assert_eq!(mismatch.code, 6);
    assert!(
        mismatch.stdout.contains("format-mismatch"),
        "{}",
        mismatch.stdout
    );
    let missing = inspect(&made, &["missing"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (5, ""));
}

#[test]
fn fields_can_be_picked_for_scripts() {
    let made = Made::new(&[]);
    let run = inspect(&made, &["disk.qcow2", "-f", "value", "-c", "virtual_size"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "25165824\n"));
    let run = inspect(&made, &["disk.qcow2", "-f", "value", "-c", "nothing"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
}

#[test]
fn the_members_of_the_document_are_those_that_are_described() {
    let made = partitioned();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/inspect.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page.split("| member | is |").nth(1).unwrap();
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let described: Vec<&str> = rows
        .flat_map(|names| names.split(", "))
        .filter_map(|name| name.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    let found = inspect(&made, &["disk.qcow2", "-f", "json"]).json();
    let mut members: Vec<&str> = found
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.retain(|member| *member != "schema");
    assert_eq!(members, described);
}

//! `ectype demo`: all steps come out as foretold, on loopback alone, and nothing is left behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A demonstration whose temporary files and home lie in `place`.
fn demo(place: &Path, arguments: &[&str]) -> Command {
    for name in ["tmp", "home"] {
        fs::create_dir_all(place.join(name)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", place.join("home"))
        .env("TMPDIR", place.join("tmp"))
        .arg("demo")
        .args(arguments)
        .current_dir(place)
        .stdin(Stdio::null());
    command
}

/// What it said, once it has ended well.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

/// That neither the temporary folder nor the home has got anything, and that no process is at work there.
fn is_clean(place: &Path) {
    let processes = fs::read_dir("/proc").unwrap();
    let at_work: Vec<_> = processes
        .filter_map(|process| fs::read_link(process.ok()?.path().join("cwd")).ok())
        .filter(|folder| folder.starts_with(place))
        .collect();
    assert!(at_work.is_empty(), "{at_work:?}");
    for name in ["tmp", "home"] {
        let left: Vec<_> = fs::read_dir(place.join(name)).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// That these words come one after the other.
fn in_order(text: &str, all: &[&str]) {
    let mut rest = text;
    for words in all {
        let Some((_, after)) = rest.split_once(words) else {
            panic!("`{words}` is not in its place: {text}");
        };
        rest = after;
    }
}

#[test]
fn the_signed_image_is_identical_and_with_one_bit_turned_over_it_is_different_there() {
    let place = tempfile::tempdir().unwrap();
    let output = demo(place.path(), &[]).output().unwrap();
    let text = said(&output);
    in_order(
        &text,
        &[
            "$ ectype serve --data service",
            "serving images at http://127.0.0.1:",
            "$ ectype catalogue plan catalogue.yaml",
            "evidence signed",
            "$ ectype catalogue sync catalogue.yaml",
            "2 done",
            "$ ectype verify \"Demo Linux 1\"",
            "identical",
            "signature good by your key vendor.asc",
            "seek=20000",
            "$ ectype verify \"Demo Linux 1\"",
            "DIFFERENT",
            "first difference at byte 20 000",
        ],
    );
    assert!(!text.contains("look-alike"), "{text}");
    is_clean(place.path());
}

#[test]
fn the_caller_s_clouds_proxies_and_settings_do_not_matter_nor_does_a_folder_that_is_read_only() {
    let place = tempfile::tempdir().unwrap();
    let here = place.path().join("here");
    fs::create_dir(&here).unwrap();
    fs::write(here.join("clouds.yaml"), "clouds: [this is none").unwrap();
    fs::set_permissions(&here, fs::Permissions::from_mode(0o555)).unwrap();
    // Nobody listens there: whoever asked a proxy would get no answer.
    let output = demo(place.path(), &["--once"])
        .current_dir(&here)
        .env("http_proxy", "http://127.0.0.1:9")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("OS_CLOUD", "elsewhere")
        .env("OS_AUTH_URL", "http://127.0.0.1:9/v3")
        .env("ECTYPE_DATA", "/nonexistent")
        .env("ECTYPE_SERVE_LISTEN", "127.0.0.1:1")
        .output()
        .unwrap();
    said(&output);
    let inside: Vec<_> = fs::read_dir(&here).unwrap().collect();
    assert_eq!(inside.len(), 1, "{inside:?}");
    is_clean(place.path());
}

/// In a network of its own that has loopback only. Where the machine lets nobody make one, it says so.
#[test]
fn it_needs_no_network() {
    let place = tempfile::tempdir().unwrap();
    let alone = |script: &str, arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            script,
            "sh",
        ]);
        command.args(arguments);
        command
    };
    let up = "ip link set lo up || ifconfig lo up";
    let possible = alone(up, &[]).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: it_needs_no_network: no network namespace can be made here");
        return;
    }
    let inner = demo(place.path(), &[]);
    let program = inner.get_program().to_str().unwrap().to_owned();
    let mut outer = alone(&format!("({up}) && exec \"$1\" demo"), &[&program]);
    outer
        .env("HOME", place.path().join("home"))
        .env("TMPDIR", place.path().join("tmp"))
        .stdin(Stdio::null());
    let text = said(&outer.output().unwrap());
    assert!(text.contains("DIFFERENT"), "{text}");
    is_clean(place.path());
}

#[test]
fn the_folder_that_is_kept_has_the_vendor_s_files_as_gpg_accepts_them_and_the_changed_byte() {
    let place = tempfile::tempdir().unwrap();
    let text = said(&demo(place.path(), &["--keep", "kept"]).output().unwrap());
    let kept = place.path().join("kept");
    let shown = format!("cd {}", fs::canonicalize(&kept).unwrap().display());
    assert!(text.contains(&shown), "{text}");
    let script = "
        set -e
        qemu-img convert -O raw vendor/demo-linux-1-amd64-20260105.qcow2 disk.raw
        (cd vendor && sha512sum --quiet --check SHA512SUMS)
        gpg --homedir . --batch --quiet --dearmor <vendor.asc >key.gpg
        gpgv --quiet --keyring ./key.gpg vendor/SHA512SUMS.gpg vendor/SHA512SUMS
        cmp -l disk.raw \"$(find service/store -type f)\" || true";
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(&kept)
        .output()
        .unwrap();
    let differs = said(&output);
    // `cmp` counts from one.
    let offsets: Vec<&str> = differs
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(offsets, ["20001"], "{output:?}");

    let again = demo(place.path(), &["--keep", "kept"]).output().unwrap();
    assert_eq!(again.status.code(), Some(3), "{again:?}");
    assert!(kept.join("service").is_dir());
    is_clean(place.path());
}

/// A demonstration that stays.
struct Staying {
    process: Child,
    out: BufReader<ChildStdout>,
    said: String,
}

impl Staying {
    fn start(place: &Path) -> Self {
        let mut command = demo(place, &["--stay"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            out,
            said: String::new(),
        }
    }

    /// Reads on until a line has these words in it, which is returned.
    fn until(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it has ended without `{words}`: {}", self.said);
            self.said += &line;
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Sends it this signal. All that it said, and how it ended.
    fn end(mut self, signal: &str) -> (String, Option<i32>) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        self.out.read_to_string(&mut self.said).unwrap();
        (self.said, self.process.wait().unwrap().code())
    }
}

#[test]
fn the_dashboard_answers_while_it_stays_and_nothing_is_at_work_after_it() {
    for signal in ["-INT", "-TERM"] {
        let place = tempfile::tempdir().unwrap();
        let mut staying = Staying::start(place.path());
        staying.until("stays up until Ctrl-C");
        let line = staying.until("/dashboard/");
        staying.until("user admin, password ");
        let address = line.trim().trim_start_matches("http://");
        let address = address.trim_end_matches("/dashboard/").to_owned();
        let mut stream = TcpStream::connect(&address).unwrap();
        let ask = format!(
            "GET /dashboard/login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("<html"), "{answer}");

        assert_eq!(staying.end(signal).1, Some(0));
        is_clean(place.path());
    }
}

#[test]
fn interrupted_half_way_it_leaves_nothing_and_its_code_says_so() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let place = tempfile::tempdir().unwrap();
        let mut staying = Staying::start(place.path());
        staying.until("serving images at http://");
        let (said, ended) = staying.end(signal);
        // On a slow machine the signal may come when all is done.
        let done = said.contains("stays up until Ctrl-C");
        assert_eq!(ended, Some(if done { 0 } else { code }), "{said}");
        is_clean(place.path());
    }
}

/// Waits until nobody takes connections at this address.
fn is_deaf(address: &str) {
    for _ in 0..600 {
        if TcpStream::connect(address).is_err() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("somebody still answers at {address}");
}

/// One that stays, the folder it is in, and where its service is.
fn staying(place: &Path) -> (Staying, String, String) {
    let mut staying = Staying::start(place);
    let folder = staying.until("$ cd ");
    let folder = folder.trim().trim_start_matches("$ cd ").to_owned();
    let line = staying.until("serving images at http://");
    let address = line.trim().trim_start_matches("serving images at http://");
    let address = address.trim_end_matches('/').to_owned();
    staying.until("stays up until Ctrl-C");
    (staying, folder, address)
}

/// Ends one so that it can remove nothing. The folder it has left.
fn killed(place: &Path) -> String {
    let (mut killed, folder, address) = staying(place);
    killed.process.kill().unwrap();
    killed.process.wait().unwrap();
    // Its service ends with it.
    is_deaf(&address);
    assert!(Path::new(&folder).exists());
    folder
}

#[test]
fn what_a_killed_one_has_left_is_removed_by_the_next_and_the_living_are_let_alone() {
    let place = tempfile::tempdir().unwrap();
    let dead = killed(place.path());
    let (living, alive, address) = staying(place.path());
    assert!(!Path::new(&dead).exists());
    let output = demo(place.path(), &["--once"]).output().unwrap();
    said(&output);
    assert!(Path::new(&alive).exists() && TcpStream::connect(address).is_ok());
    assert_eq!(living.end("-TERM").1, Some(0));
    is_clean(place.path());
}

#[test]
fn what_only_looks_like_a_folder_that_was_left_stays() {
    let place = tempfile::tempdir().unwrap();
    let dead = killed(place.path());
    let lock = fs::read(Path::new(&dead).join("demo.lock")).unwrap();
    let (tmp, elsewhere) = (place.path().join("tmp"), place.path().join("elsewhere"));
    let within = ["ectype-demo-other", "ectype-demo-mine", "mine"].map(|name| tmp.join(name));
    for folder in within.iter().chain([&elsewhere]) {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("precious"), "precious").unwrap();
    }
    let [other, mine, named_otherwise] = &within;
    fs::write(elsewhere.join("demo.lock"), &lock).unwrap();
    symlink(&elsewhere, tmp.join("ectype-demo-link")).unwrap();
    symlink(elsewhere.join("demo.lock"), other.join("demo.lock")).unwrap();
    fs::write(mine.join("demo.lock"), "mine").unwrap();
    fs::write(named_otherwise.join("demo.lock"), &lock).unwrap();
    fs::write(tmp.join("ectype-demo-file"), &lock).unwrap();

    let output = demo(place.path(), &["--once"]).output().unwrap();
    said(&output);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(notes.matches("removed ").count(), 1, "{notes}");
    assert!(
        notes.contains(&dead) && !Path::new(&dead).exists(),
        "{notes}"
    );
    for folder in within.iter().chain([&elsewhere]) {
        assert!(folder.join("precious").exists(), "{}", folder.display());
        fs::remove_dir_all(folder).unwrap();
    }
    for name in ["ectype-demo-link", "ectype-demo-file"] {
        fs::remove_file(tmp.join(name)).unwrap();
    }
    is_clean(place.path());
}

#[test]
fn it_has_no_form_for_programs() {
    let place = tempfile::tempdir().unwrap();
    let output = demo(place.path(), &["-f", "json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
}

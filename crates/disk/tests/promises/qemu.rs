//! `qemu-img`, `qemu-io`, the packers and coreutils of the machine, as oracles.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder to make images in, where the tools are installed.
pub(crate) struct Bench {
    dir: TempDir,
}

impl Bench {
    /// `None` where one of `tools` is missing: the test says so and is skipped, except in CI, where that is a failure.
    pub(crate) fn with(test: &str, tools: &[&str]) -> Option<Self> {
        for tool in tools {
            let there = Command::new(tool)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok();
            if !there {
                assert!(
                    std::env::var("CI").as_deref() != Ok("true"),
                    "{test}: no {tool}"
                );
                eprintln!("skipped: {test}: no {tool}");
                return None;
            }
        }
        Some(Self {
            dir: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn new(test: &str) -> Option<Self> {
        Self::with(test, &["qemu-img", "qemu-io"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs a program in the folder; it must succeed.
    pub(crate) fn run(&self, line: &[&str]) -> Vec<u8> {
        let output = self.try_run(line);
        assert!(
            output.status.success(),
            "{line:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    pub(crate) fn try_run(&self, line: &[&str]) -> std::process::Output {
        Command::new(line[0])
            .args(&line[1..])
            .current_dir(self.dir.path())
            .output()
            .unwrap()
    }

    /// `qemu-img create -f qcow2 -o OPTIONS NAME SIZE`.
    pub(crate) fn create(&self, name: &str, options: &str, size: u64) -> PathBuf {
        let size = size.to_string();
        let mut line = vec!["qemu-img", "create", "-q", "-f", "qcow2"];
        if !options.is_empty() {
            line.extend(["-o", options]);
        }
        line.extend([name, &size]);
        self.run(&line);
        self.path(name)
    }

    /// `qemu-img convert -O qcow2 … FROM TO`, from raw.
    pub(crate) fn convert(&self, flags: &[&str], from: &str, to: &str) -> PathBuf {
        let mut line = vec!["qemu-img", "convert", "-f", "raw", "-O", "qcow2"];
        line.extend(flags);
        line.extend([from, to]);
        self.run(&line);
        self.path(to)
    }

    /// `qemu-io -c COMMAND … NAME`.
    pub(crate) fn io(&self, name: &str, commands: &[&str]) {
        let mut line = vec!["qemu-io", "-f", "qcow2"];
        for command in commands {
            line.extend(["-c", command]);
        }
        line.push(name);
        let output = self.run(&line);
        let said = String::from_utf8_lossy(&output);
        assert!(!said.contains("failed"), "{commands:?}: {said}");
    }

    /// The raw disk as `qemu-img convert -O raw` writes it.
    pub(crate) fn raw(&self, image: &str) -> PathBuf {
        let raw = format!("{image}.raw");
        self.run(&[
            "qemu-img", "convert", "-f", "qcow2", "-O", "raw", image, &raw,
        ]);
        self.path(&raw)
    }

    /// Size, MD5, SHA-256 and SHA-512 of a file by coreutils.
    pub(crate) fn sums(&self, path: &Path) -> (u64, [String; 3]) {
        let sum = |tool: &str| {
            let output = self.run(&[tool, "-b", path.to_str().unwrap()]);
            String::from_utf8(output)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .to_owned()
        };
        (
            path.metadata().unwrap().len(),
            ["md5sum", "sha256sum", "sha512sum"].map(sum),
        )
    }

    /// Asserts that every way of reading `image` gives the disk that `qemu-img` gives.
    pub(crate) fn assert_like_qemu(&self, image: &str, what: &str) {
        let raw = self.raw(image);
        let (size, expected) = self.sums(&raw);
        crate::ways::assert_disk(&self.path(image), size, &expected, what);
    }
}

//! Running the real binary, and making real images with qemu-img.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A finished run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The answer as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}\n{}\n{}", self.stdout, self.stderr))
    }

    /// `identical`, or the code of the reason why not.
    pub(crate) fn code_word(&self) -> String {
        let verdict = self.json();
        let word = verdict["reason"]["code"]
            .as_str()
            .or(verdict["verdict"].as_str());
        word.unwrap_or_else(|| panic!("{}\n{}", self.stdout, self.stderr))
            .to_owned()
    }

    /// Fails the test unless the run ended so.
    pub(crate) fn expect(self, word: &str, code: i32) -> Self {
        assert_eq!(
            (self.code_word().as_str(), self.code),
            (word, code),
            "{}\n{}",
            self.stdout,
            self.stderr
        );
        // A run that does not end well says so, and one that does says nothing of errors.
        assert_eq!(
            self.stderr.contains("error: "),
            code != 0,
            "{}",
            self.stderr
        );
        self
    }
}

/// Runs `ectype` without anything of the caller's environment.
pub(crate) fn ectype(home: &Path, env: &[(&str, &Path)], args: &[&str]) -> Run {
    Run::of(&command(home, env, args).output().expect("the binary runs"))
}

/// The command that runs it so.
pub(crate) fn command(home: &Path, env: &[(&str, &Path)], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .envs(env.iter().copied())
        .args(args)
        .current_dir(home);
    command
}

/// Runs a program that must succeed and gives what it printed. A cloud that the caller's variables describe is not meant.
pub(crate) fn tool(command: &mut Command) -> String {
    world::without_cloud(command);
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let run = Run::of(&output);
    assert_eq!(run.code, 0, "{command:?}\n{}{}", run.stdout, run.stderr);
    run.stdout
}

/// The digest that `sha512sum`, `md5sum` … print for a file.
pub(crate) fn sum(program: &str, path: &Path) -> String {
    let line = tool(Command::new(program).arg(path));
    line.split_whitespace()
        .next()
        .expect("a digest")
        .trim_start_matches('\\')
        .to_owned()
}

/// An original and what it decodes to, in a folder of their own.
pub(crate) struct Made {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) qcow2: PathBuf,
    pub(crate) raw: PathBuf,
}

impl Made {
    /// A disk of 6 MiB of data in 24 MiB, and the qcow2 that `qemu-img convert` makes of it with these options.
    /// `qemu-img` decodes it again to the disk that counts.
    pub(crate) fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, qcow2, raw) = (
            folder.path().join("source"),
            folder.path().join("disk.qcow2"),
            folder.path().join("disk.raw"),
        );
        let mut data = world::noise(0, 4 << 20);
        data.resize(20 << 20, 0);
        data.extend(world::noise(0, 2 << 20).iter().map(|b| b & 0x0f));
        data.resize(24 << 20, 0);
        std::fs::write(&source, data).expect("written");
        let convert = |from: &Path, args: &[&str], to: &Path| {
            tool(
                Command::new("qemu-img")
                    .arg("convert")
                    .args(args)
                    .arg(from)
                    .arg(to),
            );
        };
        convert(
            &source,
            &[&["-f", "raw", "-O", "qcow2"], options].concat(),
            &qcow2,
        );
        convert(&qcow2, &["-O", "raw"], &raw);
        std::fs::remove_file(&source).expect("removed");
        Self { folder, qcow2, raw }
    }

    /// The bytes of the original.
    pub(crate) fn original(&self) -> Vec<u8> {
        std::fs::read(&self.qcow2).expect("read")
    }

    /// A checksum file that lists the original under a name, made by the real program.
    pub(crate) fn sums(&self, program: &str, name: &str) -> String {
        format!("{}  {name}\n", sum(program, &self.qcow2))
    }
}

/// Turns one bit of a file over.
pub(crate) fn flip(path: &Path, offset: u64) {
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::File::options()
        .read(true)
        .write(true)
        .open(path)
        .expect("opened");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("read");
    file.write_all_at(&[byte[0] ^ 1], offset).expect("written");
}

/// Compares the stored disk with an original, and answers in JSON.
pub(crate) fn verify(made: &Made, original: &str, more: &[&str]) -> Run {
    let stored = made.raw.to_str().unwrap();
    let args = [
        &[
            "verify",
            "--stored",
            stored,
            "--original",
            original,
            "-f",
            "json",
        ],
        more,
    ]
    .concat();
    ectype(made.folder.path(), &[], &args)
}

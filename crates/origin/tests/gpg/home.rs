//! GnuPG as the oracle: keys and signatures made by gpg, judged by gpgv.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A GnuPG home of its own, with its agent, that ends with the test.
pub(crate) struct Gpg {
    folder: tempfile::TempDir,
}

/// How a file is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Armoured,
    Binary,
    Text,
    Clear,
}

impl Gpg {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("g").tempdir().unwrap();
        let gpg = Self { folder };
        std::fs::create_dir(gpg.home()).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(gpg.home(), std::fs::Permissions::from_mode(0o700)).unwrap();
        gpg
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("h")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("GNUPGHOME", self.home())
            .env("LC_ALL", "C")
            .current_dir(self.folder.path());
        command
    }

    /// Runs gpg; it must succeed.
    pub(crate) fn run(&self, args: &[&str]) -> Vec<u8> {
        self.run_with(args, b"")
    }

    /// Runs gpg with this on standard input; it must succeed.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut command = self.command("gpg");
        command.args([
            "--quiet",
            "--no-tty",
            "--yes",
            "--passphrase",
            "",
            "--pinentry-mode",
            "loopback",
        ]);
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("gpg runs");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{args:?}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// Makes a key and gives its full fingerprint. `at` is when, `20200101T000000`.
    pub(crate) fn key(
        &self,
        name: &str,
        algorithm: &str,
        expires: &str,
        at: Option<&str>,
    ) -> String {
        let uid = format!("{name} <{name}@example.org>");
        let time = at.map(|at| format!("--faked-system-time={at}!"));
        let mut args: Vec<&str> = time.as_deref().into_iter().collect();
        args.extend([
            "--batch",
            "--quick-gen-key",
            &uid,
            algorithm,
            "sign",
            expires,
        ]);
        self.run(&args);
        self.fingerprint(name)
    }

    pub(crate) fn fingerprint(&self, name: &str) -> String {
        let listed = self.run(&["--list-keys", "--with-colons", name]);
        let listed = String::from_utf8(listed).unwrap();
        let line = listed
            .lines()
            .find(|line| line.starts_with("fpr:"))
            .unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// The public key, binary.
    pub(crate) fn export(&self, name: &str) -> Vec<u8> {
        self.run(&["--export", name])
    }

    /// Signs data: the signature, or for [`How::Clear`] the signed text.
    pub(crate) fn sign(&self, name: &str, how: How, data: &[u8], more: &[&str]) -> Vec<u8> {
        let way: &[&str] = match how {
            How::Armoured => &["--armor", "--detach-sign"],
            How::Binary => &["--detach-sign"],
            How::Text => &["--textmode", "--detach-sign"],
            How::Clear => &["--clear-sign"],
        };
        let args = [more, &["--batch", "--local-user", name], way].concat();
        self.run_with(&args, data)
    }

    /// What gpgv says of a signature with this keyring: the first word of its verdict, `GOODSIG`, `BADSIG`, `EXPKEYSIG`,
    /// `ERRSIG` …, or `NODATA`.
    pub(crate) fn verdict(&self, keyring: &[u8], signature: &[u8], data: Option<&[u8]>) -> String {
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(self.path(name), bytes).unwrap();
            format!("./{name}")
        };
        let mut args = vec![
            "--status-fd=1".to_owned(),
            "--keyring".to_owned(),
            write("ring.gpg", keyring),
        ];
        args.push(write("signature", signature));
        args.extend(data.map(|data| write("data", data)));
        let output: Output = self
            .command("gpgv")
            .args(&args)
            .output()
            .expect("gpgv runs");
        let status = String::from_utf8_lossy(&output.stdout).into_owned();
        let words = status
            .lines()
            .filter_map(|line| line.strip_prefix("[GNUPG:] ")?.split(' ').next());
        let verdicts: Vec<&str> = words
            .filter(|word| word.ends_with("SIG") && !matches!(*word, "NEWSIG" | "VALIDSIG"))
            .collect();
        let worst = verdicts.iter().find(|word| **word == "BADSIG");
        worst
            .or(verdicts.first())
            .map_or("NODATA", |word| *word)
            .to_owned()
    }

    /// The text that gpgv takes out of a signed one.
    pub(crate) fn text_of(&self, keyring: &[u8], signed: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("ring.gpg"), keyring).unwrap();
        std::fs::write(self.path("signed"), signed).unwrap();
        let args = ["--keyring", "./ring.gpg", "--output", "-", "./signed"];
        self.command("gpgv")
            .args(args)
            .output()
            .expect("gpgv runs")
            .stdout
    }

    /// Imports a file of this folder.
    pub(crate) fn import(&self, path: &Path) {
        self.run(&["--batch", "--import", path.to_str().unwrap()]);
    }

    /// Revokes a key for a reason: 1 compromised, 2 superseded, 3 no longer used.
    pub(crate) fn revoke(&self, name: &str, reason: char, at: Option<&str>) {
        let time = at.map(|at| format!("--faked-system-time={at}!"));
        let mut args: Vec<&str> = time.as_deref().into_iter().collect();
        args.extend(["--command-fd", "0", "--gen-revoke", name]);
        let certificate = self.run_with(&args, format!("y\n{reason}\n\ny\n").as_bytes());
        let path = self.path("revocation");
        std::fs::write(&path, certificate).unwrap();
        self.import(&path);
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // The agent of this home and no other.
        let _ = self.command("gpgconf").args(["--kill", "all"]).output();
    }
}

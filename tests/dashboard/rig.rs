//! A lab with a dashboard before it, and images that go away again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::run::{Run, ectype};

/// A lab and a dashboard that the binary serves.
pub(crate) struct Rig {
    folder: PathBuf,
    home: tempfile::TempDir,
    dashboard: Child,
    /// `http://127.0.0.1:…`
    pub(crate) address: String,
    made: Mutex<Vec<(&'static str, String)>>,
}

impl Rig {
    /// Starts a dashboard; without a lab the test is skipped and says so.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os("ECTYPE_TEST_LAB") else {
            eprintln!("skipped: {test}: no lab (ECTYPE_TEST_LAB)");
            return None;
        };
        let folder = PathBuf::from(folder);
        let home = tempfile::tempdir().unwrap();
        let mut dashboard = Command::new(env!("CARGO_BIN_EXE_ectype"))
            .env_clear()
            .env("HOME", home.path())
            .env("OS_CLIENT_CONFIG_FILE", folder.join("clouds.yaml"))
            .current_dir(home.path())
            .args([
                "dashboard",
                "--os-cloud",
                "lab-demo",
                "--listen",
                "127.0.0.1:0",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = dashboard.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut line).unwrap();
        assert!(line.starts_with("http://127.0.0.1:"), "{line}");
        Some(Self {
            folder,
            home,
            dashboard,
            address: line.trim().trim_end_matches('/').to_owned(),
            made: Mutex::default(),
        })
    }

    /// Runs `ectype` as a cloud of the lab's clouds.yaml.
    pub(crate) fn ectype(&self, cloud: &str, args: &[&str]) -> Run {
        let clouds = self.folder.join("clouds.yaml");
        let env = [
            ("OS_CLIENT_CONFIG_FILE", clouds.as_path()),
            ("OS_CLOUD", Path::new(cloud)),
        ];
        ectype(self.home.path(), &env, args)
    }

    /// Makes an image; it goes away with the rig.
    pub(crate) fn image(
        &self,
        cloud: &'static str,
        name: &str,
        file: &Path,
        options: &[&str],
    ) -> String {
        let file = file.to_str().unwrap();
        let args = [
            "image", "create", name, "--file", file, "-f", "value", "-c", "id",
        ];
        let ended = self.ectype(cloud, &[&args, options].concat());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let id = ended.stdout.trim().to_owned();
        self.made.lock().unwrap().push((cloud, id.clone()));
        id
    }

    /// The images of this name that project demo sees, as the cloud records them.
    pub(crate) fn named(&self, name: &str) -> Vec<Value> {
        let args = [
            "image", "list", "--all", "--name", name, "-f", "json", "--long",
        ];
        let list = self.ectype("lab-demo", &args).json();
        list.as_array().unwrap().clone()
    }

    /// Has an image go away with the rig.
    pub(crate) fn sweep(&self, id: &str) {
        self.made.lock().unwrap().push(("lab-demo", id.to_owned()));
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // By its own process id; it serves until then.
        self.dashboard.kill().unwrap();
        self.dashboard.wait().unwrap();
        for (cloud, id) in std::mem::take(&mut *self.made.lock().unwrap()) {
            self.ectype(cloud, &["image", "delete", &id]);
        }
    }
}

/// A name that no other test has.
pub(crate) fn name(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{what} dash{}x{number}", std::process::id())
}

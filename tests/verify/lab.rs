//! A real Keystone and Glance, found by an environment variable, and images in it that go away again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::run::{Run, ectype, tool};

/// A running lab.
pub(crate) struct Lab {
    folder: PathBuf,
    home: tempfile::TempDir,
}

impl Lab {
    /// The lab that the variable names; without it the test is skipped and says so.
    pub(crate) fn find(variable: &str, test: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os(variable) else {
            eprintln!("skipped: {test}: no lab ({variable})");
            return None;
        };
        Some(Self {
            folder: folder.into(),
            home: tempfile::tempdir().expect("a folder"),
        })
    }

    fn clouds(&self) -> PathBuf {
        self.folder.join("clouds.yaml")
    }

    /// Runs the real client as the ordinary user of project demo.
    pub(crate) fn openstack(&self, cloud: &str, args: &[&str]) -> String {
        let venv =
            std::env::var_os("ECTYPE_TEST_LAB").map_or_else(|| self.folder.clone(), PathBuf::from);
        let venv = if self.folder.join("venv").exists() {
            self.folder.clone()
        } else {
            venv
        };
        // Whatever is open as standard input, the client uploads it as an image: here it is closed.
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$@\" <&-", "sh"])
            .arg(venv.join("venv/bin/openstack"))
            .env("OS_CLIENT_CONFIG_FILE", self.clouds())
            .args(["--os-cloud", cloud])
            .args(args);
        tool(&mut command)
    }

    /// Creates an image of the given options and gives it back by id.
    pub(crate) fn create(&self, cloud: &'static str, name: &str, options: &[&str]) -> Image<'_> {
        let args = [
            &["image", "create", "-f", "value", "-c", "id", name],
            options,
        ]
        .concat();
        let printed = self.openstack(cloud, &args);
        let id = printed
            .lines()
            .next_back()
            .expect("an id")
            .trim()
            .to_owned();
        Image {
            lab: self,
            cloud,
            id,
        }
    }

    /// Uploads a file.
    pub(crate) fn upload(
        &self,
        name: &str,
        file: &Path,
        format: &str,
        source: Option<&str>,
    ) -> Image<'_> {
        let property = format!("image_source={}", source.unwrap_or_default());
        let file = file.to_str().expect("a plain path");
        let mut options = vec!["--file", file, "--disk-format", format];
        if source.is_some() {
            options.extend(["--property", &property]);
        }
        self.create("lab-demo", name, &options)
    }

    /// Runs `ectype verify … -f json` as a cloud of clouds.yaml.
    pub(crate) fn verify_as(&self, cloud: &str, args: &[&str]) -> Run {
        let clouds = self.clouds();
        let env = [
            ("OS_CLIENT_CONFIG_FILE", clouds.as_path()),
            ("OS_CLOUD", Path::new(cloud)),
        ];
        ectype(
            self.home.path(),
            &env,
            &[&["verify", "-f", "json"], args].concat(),
        )
    }

    /// The same as an ordinary member with an application credential.
    pub(crate) fn verify(&self, args: &[&str]) -> Run {
        self.verify_as("lab-demo-appcred", args)
    }
}

/// An image of the lab; deleted when dropped.
pub(crate) struct Image<'a> {
    lab: &'a Lab,
    cloud: &'static str,
    pub(crate) id: String,
}

impl Image<'_> {
    /// Where Glance keeps the bytes.
    pub(crate) fn stored(&self) -> PathBuf {
        self.lab.folder.join("state/images/fast").join(&self.id)
    }

    /// One field, as the real client shows it.
    pub(crate) fn field(&self, name: &str) -> String {
        self.lab
            .openstack(
                self.cloud,
                &["image", "show", &self.id, "-f", "value", "-c", name],
            )
            .trim()
            .to_owned()
    }
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.lab
                .openstack(self.cloud, &["image", "delete", &self.id]);
        }
    }
}

/// A name that no other test has.
pub(crate) fn name(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("verify {what} {} {number}", std::process::id())
}

//! A home, a current folder and an `/etc` of one's own, with files and an environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloud::config::Warning;
use cloud::{Config, Error, Sources};
use tempfile::TempDir;

/// A place to resolve configurations in.
pub(crate) struct Bench {
    root: TempDir,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) flags: BTreeMap<String, String>,
    pub(crate) cloud: Option<String>,
    pub(crate) clouds_file: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["home", "here", "etc"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        let env = BTreeMap::from([(
            "HOME".to_owned(),
            root.path().join("home").display().to_string(),
        )]);
        Self {
            root,
            env,
            flags: BTreeMap::new(),
            cloud: None,
            clouds_file: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file under `home/`, `here/` or `etc/`.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn env(mut self, pairs: &[(&str, &str)]) -> Self {
        self.env.extend(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self
    }

    pub(crate) fn flag(mut self, name: &str, value: &str) -> Self {
        self.flags.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn cloud(mut self, name: &str) -> Self {
        self.cloud = Some(name.to_owned());
        self
    }

    pub(crate) fn here(&self) -> PathBuf {
        self.path("here")
    }

    pub(crate) fn sources(&self) -> Sources {
        let mut sources = Sources::new(self.env.clone(), self.here());
        sources.system = self.path("etc");
        sources.cloud = self.cloud.clone();
        sources.clouds_file = self.clouds_file.clone();
        for (name, value) in &self.flags {
            sources.flag(name, value);
        }
        sources
    }

    pub(crate) fn resolve(&self) -> Result<(Config, Vec<Warning>), Error> {
        Config::resolve(&self.sources())
    }

    /// The value in effect and its origin as it is shown; the root's path is cut out.
    pub(crate) fn value(&self, name: &str) -> Option<(String, String)> {
        let (config, _) = self.resolve().unwrap();
        config
            .values()
            .find(|(found, ..)| *found == name)
            .map(|(_, value, origin)| (value, origin.to_string()))
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        self.resolve()
            .unwrap()
            .1
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Message, details and hint, a line each.
    pub(crate) fn complaint(&self) -> String {
        let error = self
            .resolve()
            .expect_err("this configuration should not resolve");
        complaint(&error).replace(&Path::new(self.root.path()).display().to_string(), "ROOT")
    }
}

pub(crate) fn complaint(error: &Error) -> String {
    let mut lines = vec![error.to_string()];
    lines.extend(error.details());
    lines.extend(error.hint().map(|hint| format!("hint: {hint}")));
    lines.join("\n")
}

/// A cloud that has all it needs.
pub(crate) const LAB: &str = "
clouds:
  lab:
    auth:
      auth_url: http://lab.example:5000/v3
      username: demo
      password: file-s3cret
      project_name: demo
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
";

pub(crate) const TWO: &str = "
clouds:
  lab: {auth: {auth_url: 'http://lab.example/v3', username: demo, password: a, project_name: demo}}
  prod: {auth: {auth_url: 'http://prod.example/v3', username: demo, password: b, project_name: demo}}
";

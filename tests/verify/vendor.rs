//! A vendor under its own host name, on loopback.

use std::path::Path;

use world::{Page, World};

use crate::home::Gpg;
use crate::run::{Made, Run, ectype};

/// A vendor's directory under its own host name: the world is the proxy through which every host but loopback is asked.
pub(crate) struct Vendor {
    pub(crate) world: World,
    pub(crate) made: Made,
    base: String,
    keys: Vec<String>,
}

impl Vendor {
    pub(crate) fn at(base: &str) -> Self {
        Self::with("disk.qcow2", base)
    }

    pub(crate) fn with(image: &str, base: &str) -> Self {
        let vendor = Self {
            world: World::start(),
            made: Made::new(&["-c"]),
            base: base.to_owned(),
            keys: Vec::new(),
        };
        vendor.put(image, vendor.made.original());
        vendor
    }

    pub(crate) fn put(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.pages(name, [Page::bytes(bytes)]);
    }

    pub(crate) fn pages(&self, name: &str, pages: impl IntoIterator<Item = Page>) {
        self.world.put_each(&format!("{}/{name}", self.base), pages);
    }

    /// The user names this key with every question.
    pub(crate) fn key(mut self, gpg: &Gpg, name: &str) -> Self {
        let file = self.made.folder.path().join(format!("{name}.key"));
        std::fs::write(&file, gpg.export(name)).unwrap();
        self.keys
            .extend(["--key".to_owned(), file.to_str().unwrap().to_owned()]);
        self
    }

    pub(crate) fn sums(&self) -> Vec<u8> {
        self.made.sums("sha256sum", "disk.qcow2").into_bytes()
    }

    pub(crate) fn ask(&self, image: &str, more: &[&str]) -> Run {
        let proxy = self.world.url("");
        let (original, stored) = (format!("{}/{image}", self.base), &self.made.raw);
        let mut args = vec![
            "verify",
            "--stored",
            stored.to_str().unwrap(),
            "--original",
            &original,
        ];
        args.extend(self.keys.iter().map(String::as_str));
        args.extend(more);
        let env = [
            ("http_proxy", Path::new(&proxy)),
            ("no_proxy", Path::new("127.0.0.1")),
        ];
        ectype(self.made.folder.path(), &env, &args)
    }

    pub(crate) fn json(&self, more: &[&str]) -> Run {
        self.ask("disk.qcow2", &[&["-f", "json"], more].concat())
    }
}

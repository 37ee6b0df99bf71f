//! A server in the place of vendors: each host of theirs is a folder of it.

use serde_json::Value;
use world::{Page, World};

use crate::run::{Made, Run, ectype, sum};

/// The hosts that are mapped.
const HOSTS: [&str; 9] = [
    "cloud.debian.org",
    "cloud-images.ubuntu.com",
    "repo.almalinux.org",
    "dl.rockylinux.org",
    "download.cirros-cloud.net",
    "fedoraproject.org",
    "dl.fedoraproject.org",
    "cloud.centos.org",
    "dl-cdn.alpinelinux.org",
];

/// Vendors on this machine.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) made: Made,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self {
            world: World::start(),
            made: Made::new(&["-c"]),
        }
    }

    /// Puts a page at the vendor's own address.
    pub(crate) fn put(&self, url: &str, page: impl Into<Vec<u8>>) {
        self.world.put(&Self::path(url), Page::bytes(page));
    }

    pub(crate) fn path(url: &str) -> String {
        format!(
            "/{}",
            url.strip_prefix("https://").expect("a vendor's address")
        )
    }

    /// A folder's page with these names, as Apache writes it.
    pub(crate) fn list(&self, url: &str, names: &[&str]) {
        let rows = names
            .iter()
            .map(|name| format!("<a href=\"{name}\">{name}</a>  2026-07-12 08:42  -\n"));
        self.put(
            url,
            format!(
                "<html><pre><a href=\"../\">..</a>\n{}</pre></html>",
                rows.collect::<String>()
            ),
        );
    }

    /// A build of Debian 13, complete.
    pub(crate) fn debian(&self, build: &str) -> String {
        let folder = format!("https://cloud.debian.org/images/cloud/trixie/{build}/");
        let name = format!("debian-13-genericcloud-amd64-{build}");
        self.put(&format!("{folder}{name}.qcow2"), self.made.original());
        let sums = format!(
            "{}{}  {name}.raw\n",
            self.made.sums("sha512sum", &format!("{name}.qcow2")),
            sum("sha512sum", &self.made.raw)
        );
        self.put(&format!("{folder}SHA512SUMS"), sums);
        format!("{folder}{name}.qcow2")
    }

    /// The arguments that map every vendor's host to here.
    pub(crate) fn args(&self, args: &[&str]) -> Vec<String> {
        let own = args.iter().map(|arg| (*arg).to_owned());
        let mirrors = HOSTS.iter().flat_map(|host| {
            let url = self.world.url(&format!("/{host}/"));
            ["--mirror".to_owned(), format!("{host}={url}")]
        });
        own.chain(["--allow-private".to_owned()])
            .chain(mirrors)
            .collect()
    }

    /// Runs the product with the vendors' hosts mapped.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let args = self.args(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        ectype(self.made.folder.path(), &[], &args)
    }

    /// Whether a file of this name is in the folder that the product runs in, or one that was left behind.
    pub(crate) fn left(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.made.folder.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|file| file.contains(name))
            .collect()
    }
}

/// Rows of an answer in JSON, by one of their columns.
pub(crate) fn by<'a>(rows: &'a Value, column: &str, value: &str) -> &'a Value {
    let found = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row[column] == value);
    found.unwrap_or_else(|| panic!("no {column} {value} in {rows}"))
}

//! The seven vendors on this machine: under their own names, over TLS, with trees and signatures like theirs.
//!
//! The product is told of a proxy, an authority and the vendors' keys; all tunnels of the proxy end in one world, which
//! has a certificate for the vendors' hosts. So everything goes the way that it goes for users, and nothing leaves here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use world::{Authority, Page, Proxy, Tls, World};

use crate::build::{Build, shipped};
use crate::disk::Original;
use crate::home::{Gpg, How};
use crate::layout::{self, Pages, Published};
use crate::run::{Run, command};

const HOSTS: [&str; 10] = [
    "cloud-images.ubuntu.com",
    "cloud.debian.org",
    "cdimage.debian.org",
    "dl.fedoraproject.org",
    "download.fedoraproject.org",
    "fedoraproject.org",
    "repo.almalinux.org",
    "dl.rockylinux.org",
    "download.cirros-cloud.net",
    "github.com",
];

/// Who signs. Their keys lie in the folder of keys that the user trusts.
const SIGNERS: [&str; 4] = ["ubuntu", "fedora", "almalinux", "rocky"];

const CIRROS: &str = include_str!("../../assets/families/cirros.yaml");

/// Ends of support that are far away: what is published here is in support in some years, too.
fn dates() -> Value {
    let mut products = serde_json::Map::new();
    for build in shipped("") {
        let product = build.family.trim_end_matches("-minimal");
        let product = products.entry(product).or_insert(json!({"releases": []}));
        let ends = json!([{"kind": "security", "date": "2099-12-31", "source": "us"}]);
        let release = json!({"release": build.release, "released": "2021-01-01", "ends": ends});
        let releases = product["releases"].as_array_mut().unwrap();
        if !releases.contains(&release) {
            releases.push(release);
        }
    }
    json!({"data_date": "2026-11-01", "products": products})
}

/// The vendors, and a home for who asks them.
pub(crate) struct Mirror {
    pub(crate) world: World,
    pub(crate) gpg: Gpg,
    pub(crate) home: TempDir,
    proxy: Proxy,
    published: Vec<Published>,
    shown: HashMap<&'static str, Pages>,
    signatures: HashMap<Vec<u8>, Vec<u8>>,
}

impl Mirror {
    /// Vendors who have published nothing yet.
    pub(crate) fn new() -> Self {
        let authority = Authority::new("vendors");
        let world = World::secure(&Tls::by(&authority).for_hosts(&HOSTS));
        let mirror = Self {
            proxy: Proxy::into(&world),
            world,
            gpg: Gpg::new(),
            home: tempfile::tempdir().expect("a folder"),
            published: Vec::new(),
            shown: HashMap::new(),
            signatures: HashMap::new(),
        };
        for folder in ["keys", "families"] {
            std::fs::create_dir_all(mirror.config().join(folder)).unwrap();
        }
        std::fs::create_dir(mirror.home.path().join("originals")).unwrap();
        std::fs::write(mirror.roots(), authority.pem()).unwrap();
        std::fs::write(mirror.config().join("lifecycle.json"), dates().to_string()).unwrap();
        for name in SIGNERS.iter().chain(&["stranger"]) {
            mirror.gpg.key(name, "ed25519", "0", None);
        }
        for name in SIGNERS {
            let file = mirror.config().join(format!("keys/{name}.gpg"));
            std::fs::write(file, mirror.gpg.export(name)).unwrap();
        }
        mirror
    }

    /// With the newest builds of all that the shipped catalogue has, of this day and for these architectures.
    pub(crate) fn shipped(day: &str, archs: &[&str]) -> Self {
        let mut mirror = Self::new();
        let builds = shipped(day).into_iter();
        mirror.publish(builds.filter(|build| archs.contains(&build.arch)));
        mirror
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home.path().join(".config/ectype")
    }

    fn roots(&self) -> PathBuf {
        self.home.path().join("roots.pem")
    }

    /// Publishes builds, each after those of its release that are there.
    pub(crate) fn publish(&mut self, builds: impl IntoIterator<Item = Build>) {
        for build in builds {
            let name = format!("{}-{}-{}", build.family, build.release, build.arch);
            let folder = self.home.path().join("originals");
            let original = Original::make(&folder, &format!("{name}-{}", build.name));
            self.published.push(Published { build, original });
        }
        self.show();
    }

    /// Takes a build away.
    pub(crate) fn withdraw(&mut self, build: &Build) {
        self.published.retain(|one| one.build != *build);
        self.show();
    }

    /// The bytes of a published build.
    pub(crate) fn original(&self, build: &Build) -> Original {
        let found = self.published.iter().find(|one| one.build == *build);
        found.expect("a published build").original.clone()
    }

    /// Puts every page to what it should be; what a test had put wrong is right again.
    pub(crate) fn show(&mut self) {
        for family in [
            "almalinux",
            "cirros",
            "debian",
            "fedora",
            "rocky",
            "ubuntu",
            "ubuntu-minimal",
        ] {
            let theirs = self.published.iter();
            let theirs: Vec<Published> = theirs
                .filter(|one| one.build.family == family)
                .cloned()
                .collect();
            let mut pages = layout::family(family, &theirs);
            self.sign(&theirs, &mut pages);
            for gone in self.shown.remove(family).unwrap_or_default().keys() {
                self.world.remove(gone);
            }
            for (at, bytes) in &pages {
                self.world.put(at, Page::bytes(bytes.clone()));
            }
            self.shown.insert(family, pages);
        }
        self.pin();
    }

    /// Signs every checksum file whose vendor does.
    fn sign(&mut self, theirs: &[Published], pages: &mut Pages) {
        for one in theirs {
            let Some(key) = one.build.key() else { continue };
            let (at, family) = (one.build.manifest_at(), one.build.family);
            let text = pages[&at].clone();
            if family == "fedora" {
                // Both architectures have files of their own, so each is signed once.
                let signed = self.signature(key, How::Clear, &text);
                pages.insert(at, signed);
                continue;
            }
            let signed = self.signature(key, How::Armoured, &text);
            pages.insert(one.build.signature_at(), signed);
        }
    }

    fn signature(&mut self, key: &str, how: How, text: &[u8]) -> Vec<u8> {
        let known = [key.as_bytes(), &[how as u8], text].concat();
        let gpg = &self.gpg;
        let made = self.signatures.entry(known);
        made.or_insert_with(|| gpg.sign(key, how, text, &[]))
            .clone()
    }

    /// Lets somebody else sign the checksum file of a build, until it is shown again.
    pub(crate) fn sign_as(&self, build: &Build, signer: &str) {
        let theirs = self.published.iter();
        let theirs: Vec<Published> = theirs
            .filter(|one| one.build.family == build.family)
            .cloned()
            .collect();
        let text = &layout::family(build.family, &theirs)[&build.manifest_at()];
        let (at, how) = match build.family {
            "fedora" => (build.manifest_at(), How::Clear),
            _ => (build.signature_at(), How::Armoured),
        };
        let signed = self.gpg.sign(signer, how, text, &[]);
        self.world.put(&at, Page::bytes(signed));
    }

    /// What lies at a place when everything is as it should be. `at` is without `https://`.
    pub(crate) fn page(&self, at: &str) -> Vec<u8> {
        let mut all = self.shown.values();
        let page = all.find_map(|pages| pages.get(at));
        page.expect("a page of a published build").clone()
    }

    /// A detached signature of anything.
    pub(crate) fn signed(&self, signer: &str, text: &[u8]) -> Vec<u8> {
        self.gpg.sign(signer, How::Armoured, text, &[])
    }

    /// The vendor's key is revoked as compromised, and the user has the key that says so.
    pub(crate) fn revoke(&self, name: &str) {
        self.gpg.revoke(name, '1', None);
        let file = self.config().join(format!("keys/{name}.gpg"));
        std::fs::write(file, self.gpg.export(name)).unwrap();
    }

    /// Puts other bytes in the place of a published file, until it is shown again. `at` is without `https://`.
    pub(crate) fn put(&self, at: &str, bytes: impl Into<Vec<u8>>) {
        self.world.put(at, Page::bytes(bytes));
    }

    /// CirrOS publishes no digest that counts: the family's file has them, and here it has those of our originals.
    fn pin(&self) {
        let (shipped, image) = CIRROS.split_once("pinned:\n").expect("pinned digests");
        let (_, image) = image.split_once("image:\n").expect("the rest");
        let theirs = self.published.iter();
        let pins: String = theirs
            .filter(|one| one.build.family == "cirros")
            .map(|one| {
                let digest = one.original.sum("sha256sum");
                format!("  {}: sha256:{digest}\n", one.build.file())
            })
            .collect();
        let pinned = if pins.is_empty() { "" } else { "pinned:\n" };
        let text = format!("{shipped}{pinned}{pins}image:\n{image}");
        std::fs::write(self.config().join("families/cirros.yaml"), text).unwrap();
    }

    /// The command, not yet run: in the home, by way of the proxy.
    pub(crate) fn command(&self, more: &[(&str, &Path)], args: &[&str]) -> Command {
        let (proxy, roots) = (self.proxy.url(), self.roots());
        let env = [
            ("https_proxy", Path::new(&proxy)),
            ("no_proxy", Path::new("127.0.0.1")),
            ("SSL_CERT_FILE", &roots),
        ];
        command(self.home.path(), &[&env, more].concat(), args)
    }

    /// Runs the product.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(&self.command(&[], args).output().expect("the binary runs"))
    }
}

//! What lies in the vendors' trees when these builds are published, form by form as in the real ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::build::Build;
use crate::disk::Original;
use crate::pages::{apache, bsd, gnu, nginx, table};

/// A published build with its bytes.
#[derive(Clone)]
pub(crate) struct Published {
    pub(crate) build: Build,
    pub(crate) original: Original,
}

/// Pages by place, host first, without `https://`. Signatures are not among them.
pub(crate) type Pages = BTreeMap<String, Vec<u8>>;

/// Digests of neighbours that nobody downloads.
fn other(name: &str, digits: usize) -> String {
    let digest: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    digest.chars().cycle().take(digits).collect()
}

/// Everything of one family.
pub(crate) fn family(name: &str, published: &[Published]) -> Pages {
    let mut pages = Pages::new();
    for one in published {
        let at = one.build.folder() + &one.build.file();
        pages.insert(at, one.original.bytes());
    }
    for (at, builds) in folders(published) {
        let (at, text) = manifest(&at, &builds);
        pages.insert(at, text.into_bytes());
    }
    let mut index = Vec::new();
    match name {
        "ubuntu" => index = listings(published, "release/", apache),
        "debian" => index = listings(published, "latest/", table),
        "rocky" => index.push(points(published)),
        "ubuntu-minimal" => index.push(streams(published)),
        "fedora" => index.push(releases(published)),
        "cirros" => index.extend(published.last().map(|last| {
            let at = "download.cirros-cloud.net/version/released";
            (at.to_owned(), format!("{}\n", last.build.name))
        })),
        _ => index = majors(published),
    }
    pages.extend(index.into_iter().map(|(at, text)| (at, text.into_bytes())));
    pages
}

/// The builds that lie in one folder and have one checksum file.
fn folders(published: &[Published]) -> BTreeMap<String, Vec<&Published>> {
    let mut folders: BTreeMap<String, Vec<&Published>> = BTreeMap::new();
    for one in published {
        folders
            .entry(one.build.manifest_at())
            .or_default()
            .push(one);
    }
    folders
}

/// The checksum file of a folder.
fn manifest(at: &str, builds: &[&Published]) -> (String, String) {
    let files = |program: &str| -> Vec<(String, String)> {
        let line = |one: &&Published| (one.build.file(), one.original.sum(program));
        builds.iter().map(line).collect()
    };
    let last = builds.last().expect("a build");
    let build = &last.build;
    let size = last.original.bytes().len();
    let text = match build.family {
        "ubuntu" | "ubuntu-minimal" => {
            let mut files = files("sha256sum");
            for name in ["amd64.manifest", "amd64.vmdk", "s390x.img"] {
                let name = format!("{}-cloudimg-{name}", build.release);
                files.push((name.clone(), other(&name, 64)));
            }
            gnu(" *", &files)
        }
        "debian" => {
            let mut lines = files("sha512sum");
            for one in builds {
                let raw = one.build.file().replace(".qcow2", ".raw");
                lines.push((raw, crate::run::sum("sha512sum", &one.original.raw)));
                let tar = one.build.file().replace(".qcow2", ".tar.xz");
                lines.push((tar.clone(), other(&tar, 128)));
            }
            gnu("  ", &lines)
        }
        "cirros" => gnu("  ", &files("md5sum")),
        "almalinux" => gnu("  ", &with_neighbours(files("sha256sum"))),
        _ => bsd(&with_neighbours(files("sha256sum")), size),
    };
    (at.to_owned(), text)
}

/// With other variants of each build, and the moving name of each.
fn with_neighbours(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, digest) in files {
        let (from, variants) = match name.split('-').next() {
            Some("AlmaLinux") => ("GenericCloud", ["GenericCloud-ext4", "OpenNebula"]),
            Some("Rocky") => ("GenericCloud-Base", ["GenericCloud-LVM", "Azure-Base"]),
            _ => ("Base-Generic", ["Base-UEFI-UKI", "Base-Azure"]),
        };
        for variant in variants {
            let name = name.replace(from, variant);
            all.push((name.clone(), other(&name, 64)));
        }
        all.push((name, digest));
    }
    all
}

type Index = Vec<(String, String)>;

/// The listings of folders of builds by release, the moving link among them.
fn listings(
    published: &[Published],
    moving: &str,
    page: impl Fn(&str, &[String]) -> String,
) -> Index {
    let mut parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in published {
        let folder = one.build.folder();
        let at = folder
            .trim_end_matches('/')
            .rfind('/')
            .map_or(0, |at| at + 1);
        let (parent, name) = folder.split_at(at);
        parents
            .entry(parent.to_owned())
            .or_default()
            .push(name.to_owned());
    }
    let shown = parents.into_iter().map(|(at, mut names)| {
        names.extend(["daily/".to_owned(), moving.to_owned()]);
        names.sort();
        names.dedup();
        let text = page(&at, &names);
        (at, text)
    });
    shown.collect()
}

/// Rocky Linux: major and minor versions, a text, and the vault's link.
fn points(published: &[Published]) -> (String, String) {
    let minors = published
        .iter()
        .map(|one| format!("{}/", one.build.minor()));
    let mut names: Vec<String> = minors
        .chain(["8/", "9/", "10/", "fullfilelist"].map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    let text = nginx("/pub/rocky/", &names);
    ("dl.rockylinux.org/pub/rocky/".to_owned(), text)
}

/// AlmaLinux: the checksum file of the major version names the newest build and its moving twin.
fn majors(published: &[Published]) -> Index {
    let mut newest: BTreeMap<String, &Published> = BTreeMap::new();
    for one in published {
        let (release, arch) = (one.build.release, one.build.arch);
        let at = format!("repo.almalinux.org/almalinux/{release}/cloud/{arch}/images/CHECKSUM");
        newest.insert(at, one);
    }
    let shown = newest.into_iter().map(|(at, one)| {
        let name = one.build.file();
        let digest = one.original.sum("sha256sum");
        let twin = name.replace(&one.build.name, "latest");
        let mut files = with_neighbours(vec![(name, digest.clone())]);
        files.push((twin, digest));
        (at, gnu("  ", &files))
    });
    shown.collect()
}

/// Ubuntu Minimal's products, with a milestone that is none.
fn streams(published: &[Published]) -> (String, String) {
    let mut products = serde_json::Map::new();
    for one in published {
        let build = &one.build;
        let (release, arch) = (build.release, build.vendor_arch());
        let product = format!("com.ubuntu.cloud:minimal:{release}:{arch}");
        let product = products.entry(product).or_insert_with(|| {
            json!({"arch": arch, "os": "ubuntu", "release": build.codename(), "release_title": release,
                   "supported": true, "version": release, "versions": {}})
        });
        let code = build.codename();
        let item = |label: &str, serial: &str, file: &str, digest: String, size: usize| -> Value {
            json!({"label": label, "items": {"disk1.img": {"ftype": "disk1.img", "sha256": digest, "size": size,
                   "path": format!("{code}/release-{serial}/{file}")}}})
        };
        let (file, digest) = (build.file(), one.original.sum("sha256sum"));
        let size = one.original.bytes().len();
        product["versions"][&build.name] =
            item("minimal release", &build.name, &file, digest, size);
        product["versions"]["20990101"] = item("beta1", "20990101", &file, other(&file, 64), size);
    }
    let all = json!({"content_id": "com.ubuntu.cloud:released:download", "datatype": "image-downloads",
                     "format": "products:1.0", "products": products, "updated": "Fri, 24 Jul 2026 03:33:58 +0000"});
    let at = "cloud-images.ubuntu.com/minimal/releases/streams/v1/com.ubuntu.cloud:released:download.json";
    (at.to_owned(), format!("{all:#}"))
}

/// Fedora's list of everything, with variants and a beta that do not count.
fn releases(published: &[Published]) -> (String, String) {
    let mut all = Vec::new();
    for one in published {
        let (build, size) = (&one.build, one.original.bytes().len().to_string());
        let link = build.url().replace("dl.fedora", "download.fedora");
        let digest = one.original.sum("sha256sum");
        let entry = |version: &str, link: &str| {
            json!({"version": version, "arch": build.arch, "link": link, "variant": "Cloud",
                   "subvariant": "Cloud_Base", "sha256": digest, "size": size})
        };
        all.push(entry(build.release, &link.replace("Generic", "UEFI-UKI")));
        all.push(entry(build.release, &link));
    }
    all.push(
        json!({"version": "45 Beta", "arch": "x86_64", "variant": "Cloud", "subvariant": "Cloud_Base",
        "sha256": other("beta", 64), "size": "5", "link": "https://download.fedoraproject.org/pub/fedora/linux/releases/test/\
        45_Beta/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-45_Beta-1.3.x86_64.qcow2"}),
    );
    let at = "fedoraproject.org/releases.json";
    (at.to_owned(), format!("{:#}", Value::Array(all)))
}

//! Vendors' real pages through the shipped families: which builds they name, by every way that a page comes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;

use origin::feed::{self, Feed, Recorded, Wanted, Web};
use origin::{Build, Families, Family, Mirror, Route};
use world::{Page, World};

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read(path.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn text(name: &str) -> String {
    String::from_utf8(sample(name)).unwrap()
}

/// One way that pages come.
enum Way {
    Recorded(Recorded),
    Web(World),
}

impl Way {
    /// Both ways, with these pages.
    fn both(pages: &[(&str, Vec<u8>)]) -> [Self; 2] {
        let recorded = pages.iter().fold(Recorded::default(), |all, (url, page)| {
            all.with(url, page.clone())
        });
        let world = World::start();
        for (url, page) in pages {
            let url = url::Url::parse(url).unwrap();
            let path = format!("/{}{}", url.host_str().unwrap(), url.path());
            world.put(&path, Page::bytes(page.clone()));
        }
        [Self::Recorded(recorded), Self::Web(world)]
    }

    async fn newest(&self, family: &Family, wanted: Wanted<'_>) -> Vec<feed::Found> {
        let run = async |feed: &dyn Feed| feed::newest(family, wanted, &|_| true, feed).await;
        match self {
            Self::Recorded(recorded) => run(recorded).await,
            Self::Web(world) => {
                let mirrors: Vec<Mirror> = family
                    .hosts
                    .iter()
                    .map(|host| {
                        Mirror::parse(&format!("{host}={}", world.url(&format!("/{host}/"))))
                    })
                    .collect::<Result<_, _>>()
                    .unwrap();
                let route = Route::new(family, &mirrors);
                let client = net::Client::new(&net::Options::default()).unwrap();
                let client = &client;
                run(&Web {
                    client,
                    route: &route,
                    cache: None,
                })
                .await
            }
        }
    }
}

fn families() -> Families {
    Families::load(&[]).unwrap_or_else(|e| panic!("{e}"))
}

fn all(arch: &str) -> Wanted<'_> {
    Wanted {
        arch,
        release: None,
        build: None,
    }
}

/// The builds found, both ways alike.
async fn builds(family: &str, wanted: Wanted<'_>, pages: &[(&str, Vec<u8>)]) -> Vec<Build> {
    let families = families();
    let family = families.get(family).unwrap();
    let mut found = Vec::new();
    for way in Way::both(pages) {
        let some: Vec<Build> = way
            .newest(family, wanted)
            .await
            .into_iter()
            .filter_map(|(_, build)| build.ok())
            .collect();
        found.push(some);
    }
    assert_eq!(found[0], found[1], "recorded pages and the web disagree");
    found.remove(0)
}

fn told(build: &Build) -> (String, String, String) {
    let date = build.date.map(|date| date.to_string()).unwrap_or_default();
    (build.build.clone(), date, build.url.to_string())
}

#[tokio::test]
async fn a_checksum_file_used_as_an_index_gives_the_dated_build_and_its_digest() {
    let base = "https://repo.almalinux.org/almalinux";
    let found = builds(
        "almalinux",
        all("x86_64"),
        &[
            (
                &format!("{base}/9/cloud/x86_64/images/CHECKSUM"),
                sample("CHECKSUM.almalinux9-x86_64"),
            ),
            (
                &format!("{base}/10/cloud/x86_64/images/CHECKSUM"),
                sample("CHECKSUM.almalinux10-x86_64"),
            ),
        ],
    )
    .await;
    assert_eq!(found.len(), 2);
    assert_eq!(
        told(&found[1]),
        (
            "10.2-20260526.0".to_owned(),
            "2026-05-26".to_owned(),
            format!(
                "{base}/10.2/cloud/x86_64/images/AlmaLinux-10-GenericCloud-10.2-20260526.0.x86_64.qcow2"
            )
        )
    );
    assert_eq!(
        found[1].digests[0].to_string(),
        "47f2218668dd4776be140dd92fa3bea700be1766e2c7d88bdfd6a4b50f477b4d"
    );
    assert_eq!(
        (&found[0].release[..], &found[0].build[..]),
        ("9", "9.8-20260526")
    );
}

#[tokio::test]
async fn the_newest_of_many_builds_in_one_file_is_found_by_its_number() {
    let base = "https://cloud.centos.org/centos/9-stream/x86_64/images/CHECKSUM";
    let sample = || sample("CHECKSUM.stream9-x86_64");
    let found = builds("centos-stream", all("x86_64"), &[(base, sample())]).await;
    let listed = text("CHECKSUM.stream9-x86_64");
    let mut dated: Vec<&str> = listed
        .split("CentOS-Stream-GenericCloud-9-")
        .filter_map(|after| after.split(".x86_64.qcow2").next())
        .filter(|id| id.len() < 14 && id.starts_with("20"))
        .collect();
    dated.sort_unstable();
    assert_eq!(found[0].build, *dated.last().unwrap());
    // An older one by its name.
    let wanted = Wanted {
        release: Some("9"),
        build: Some(dated[0]),
        ..all("x86_64")
    };
    let older = builds("centos-stream", wanted, &[(base, sample())]).await;
    assert_eq!(older[0].build, dated[0]);
    let wanted = Wanted {
        build: Some("20200101.0"),
        ..wanted
    };
    assert_eq!(
        builds("centos-stream", wanted, &[(base, sample())]).await,
        []
    );
}

#[tokio::test]
async fn a_folder_of_builds_is_followed_to_the_newest_that_is_complete() {
    let base = "https://cloud.debian.org/images/cloud/trixie/";
    let sums = text("SHA512SUMS.trixie-daily-20260717-2542")
        .replace("-daily-20260717-2542", "-20260716-2541");
    // The newest folder is there, and its checksum file is not yet.
    let pages = [
        (base, sample("index-trixie-daily-202607.html")),
        (
            &format!("{base}20260716-2541/SHA512SUMS"),
            sums.into_bytes(),
        ),
    ];
    let wanted = Wanted {
        release: Some("trixie"),
        ..all("aarch64")
    };
    let found = builds("debian", wanted, &pages).await;
    assert_eq!(
        told(&found[0]),
        (
            "20260716-2541".to_owned(),
            "2026-07-16".to_owned(),
            format!("{base}20260716-2541/debian-13-genericcloud-arm64-20260716-2541.qcow2")
        )
    );
    assert_eq!(
        found[0].raw.as_deref(),
        Some("debian-13-genericcloud-arm64-20260716-2541.raw")
    );
    assert_eq!(found[0].release, "13");
}

#[tokio::test]
async fn ubuntu_s_releases_are_found_by_folder_and_its_minimal_ones_by_stream() {
    let base = "https://cloud-images.ubuntu.com/releases/jammy/";
    let listing = r#"<a href="release-20260705/">release-20260705/</a> <a href="release/">release/</a>
        <a href="release-20260722/">x</a> <a href="release-20260722.1/">x</a> <a href="beta-20270101/">x</a>"#;
    let pages = [
        (base, listing.as_bytes().to_vec()),
        (
            &format!("{base}release-20260722/SHA256SUMS"),
            sample("ubuntu-jammy-20260722-SHA256SUMS"),
        ),
    ];
    let found = builds("ubuntu", all("x86_64"), &pages).await;
    assert_eq!(found[0].build, "20260722");
    let signed = text("ubuntu-jammy-20260722-SHA256SUMS");
    let line = format!(
        "{} *ubuntu-22.04-server-cloudimg-amd64.img",
        found[0].digests[0]
    );
    assert!(signed.contains(&line));
    let stream = "https://cloud-images.ubuntu.com/minimal/releases/streams/v1/com.ubuntu.cloud:released:download.json";
    let old = text("ubuntu-minimal-released-download.excerpt.json").replace("23.10", "24.04");
    let found = builds(
        "ubuntu-minimal",
        all("aarch64"),
        &[(stream, old.into_bytes())],
    )
    .await;
    let newest = &found[0];
    assert_eq!(
        (
            &newest.build[..],
            newest.size.is_some(),
            newest.digests.len()
        ),
        ("20231025", true, 1)
    );
    // 23.10 is no long-term release.
    let page = sample("ubuntu-minimal-released-download.excerpt.json");
    assert_eq!(
        builds("ubuntu-minimal", all("x86_64"), &[(stream, page)]).await,
        []
    );
}

#[tokio::test]
async fn a_beta_of_fedora_is_no_release() {
    let url = "https://fedoraproject.org/releases.json";
    let page = text("releases-2024.json");
    assert_eq!(
        builds("fedora", all("x86_64"), &[(url, page.clone().into_bytes())]).await,
        []
    );
    let released = page
        .replace("test/41_Beta", "41")
        .replace("41_Beta-1.2", "41-1.4");
    let found = builds("fedora", all("aarch64"), &[(url, released.into_bytes())]).await;
    assert_eq!(found.len(), 1);
    let base = "https://dl.fedoraproject.org/pub/fedora/linux/releases/41/Cloud/aarch64/images";
    assert_eq!(
        found[0].url.as_str(),
        format!("{base}/Fedora-Cloud-Base-Generic-41-1.4.aarch64.qcow2")
    );
    assert_eq!(
        found[0].manifest.as_ref().unwrap().as_str(),
        format!("{base}/Fedora-Cloud-41-1.4-aarch64-CHECKSUM")
    );
}

#[tokio::test]
async fn rocky_s_newest_point_release_is_found_by_number() {
    let base = "https://dl.rockylinux.org/pub/rocky/";
    let listing = ["8.10/", "9/", "9.7/", "10/", "10.0/", "10.1/", "10.2-RC1/"]
        .map(|name| format!("<a href=\"{name}\">{name}</a>\n"))
        .concat();
    let pages = [
        (base, listing.into_bytes()),
        (
            &format!("{base}10.1/images/x86_64/CHECKSUM")[..],
            sample("10.1-x86_64-combined.checksum"),
        ),
        (
            &format!("{base}9.7/images/x86_64/CHECKSUM"),
            sample("9.7-x86_64-combined.checksum"),
        ),
        (
            &format!("{base}8.10/images/x86_64/CHECKSUM"),
            sample("8.10-x86_64-combined.checksum"),
        ),
    ];
    let found = builds("rocky", all("x86_64"), &pages).await;
    let names: Vec<&str> = found.iter().map(|build| &build.build[..]).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[2], "10.1-20251116.0");
    assert!(
        found[0].url.as_str().contains("/8.10/images/"),
        "{}",
        found[0].url
    );
}

#[tokio::test]
async fn cirros_and_flatcar_name_their_newest_version_in_a_text() {
    let url = "https://download.cirros-cloud.net/version/released";
    let found = builds("cirros", all("x86_64"), &[(url, b"0.6.3\n".to_vec())]).await;
    assert_eq!(
        (&found[0].release[..], &found[0].build[..]),
        ("0.6", "0.6.3")
    );
    assert!(found[0].pinned.is_some());
    let url = "https://stable.release.flatcar-linux.net/arm64-usr/current/version.txt";
    let page =
        b"FLATCAR_BUILD=4459\nFLATCAR_VERSION=4459.2.1\nFLATCAR_SDK_VERSION=1.0.0\n".to_vec();
    let found = builds("flatcar", all("aarch64"), &[(url, page)]).await;
    assert!(
        found[0]
            .url
            .as_str()
            .ends_with("/arm64-usr/4459.2.1/flatcar_production_openstack_image.img")
    );
}

#[tokio::test]
async fn a_page_that_cannot_be_had_is_never_taken_for_no_builds() {
    let families = families();
    let family = families.get("cirros").unwrap();
    let [_, web] = Way::both(&[]);
    let Way::Web(world) = &web else { panic!() };
    world.put(
        "/download.cirros-cloud.net/version/released",
        Page::status(403),
    );
    let found = web.newest(family, all("x86_64")).await;
    assert!(
        matches!(&found[..], [(None, Err(feed::Error::Page { .. }))]),
        "{found:?}"
    );
    world.put(
        "/download.cirros-cloud.net/version/released",
        Page::bytes(*b"<html>maintenance</html>"),
    );
    let found = web.newest(family, all("x86_64")).await;
    assert!(
        matches!(&found[..], [(None, Err(feed::Error::Nothing { .. }))]),
        "{found:?}"
    );
}

//! Pages of every kind: the names on them, and how they are kept for the next time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;

use origin::family::{Kind, Step, Template};
use origin::feed::{self, Entry, Feed, Web};
use origin::{Cache, Families, Mirror, Route};
use world::{Page, World};

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read(path.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn entries(read: Kind, name: &str) -> Vec<Entry> {
    let any = || Template::parse("x").unwrap();
    let step = Step {
        read,
        at: any(),
        entry: any(),
        label: None,
    };
    feed::entries(&step, &sample(name)).unwrap()
}

fn names(name: &str) -> Vec<String> {
    let entries = entries(Kind::Listing, name);
    entries.into_iter().map(|entry| entry.name).collect()
}

#[test]
fn every_web_server_s_listing_gives_the_names_that_a_reader_sees() {
    let ubuntu = names("index-noble-202607.html");
    let serials: Vec<&String> = ubuntu
        .iter()
        .filter(|name| name.starts_with("2026"))
        .collect();
    assert_eq!(serials.len(), 6, "{ubuntu:?}");
    assert!(ubuntu.contains(&"current/".to_owned()));
    let debian = entries(Kind::Listing, "index-trixie-daily-202607.html");
    let last = debian
        .iter()
        .find(|entry| entry.name == "20260717-2542/")
        .unwrap();
    assert_eq!(last.date.unwrap().to_string(), "2026-07-17");
    assert!(!debian.iter().any(|entry| entry.name == "20260710-2535/ "));
    let alma = entries(Kind::Listing, "index-isos-nginx-202609.excerpt.html");
    assert_eq!(alma.len(), 4);
    assert_eq!(alma[1].name, "AlmaLinux-10.3-beta-1-aarch64-boot.iso");
    assert_eq!(alma[1].date.unwrap().to_string(), "2026-09-11");
    let fedora = names("index-releases.html");
    assert!(fedora.contains(&"30/".to_owned()) && !fedora.iter().any(|name| name.contains('?')));
    let leap = names("index-leap-mirrorbrain-2021.html");
    assert!(leap.contains(&"15.3/".to_owned()), "{leap:?}");
    let cloud = names("index-images-cloud-202110.html");
    assert!(cloud.contains(&"bullseye/".to_owned()), "{cloud:?}");
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again_and_a_damaged_copy_is_not_used() {
    let families = Families::load(&[]).unwrap_or_else(|e| panic!("{e}"));
    let family = families.get("almalinux").unwrap();
    let world = World::start();
    let page = sample("CHECKSUM.almalinux9-x86_64");
    let answer = Page::bytes(page.clone()).etag("\"v1\"");
    world.put(
        "/a/CHECKSUM",
        Page::made_by(move |seen| match seen.header("If-None-Match") {
            Some("\"v1\"") => Page::status(304),
            _ => answer.clone(),
        }),
    );
    let mirror = Mirror::parse(&world.url("/")).unwrap();
    let route = Route::new(family, &[mirror]);
    let client = net::Client::new(&net::Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().to_owned());
    let web = Web {
        client: &client,
        route: &route,
        cache: Some(&cache),
    };
    let url = family.base.join("a/CHECKSUM").unwrap();
    for tag in [None, Some("\"v1\""), Some("\"v1\"")] {
        assert!(web.page(&url).await.unwrap().unwrap() == page);
        let seen = world.requests_to("/a/CHECKSUM");
        assert_eq!(seen.last().unwrap().header("If-None-Match"), tag);
    }
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[0] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    assert!(web.page(&url).await.unwrap().unwrap() == page);
    let seen = world.requests_to("/a/CHECKSUM");
    assert_eq!(seen.last().unwrap().header("If-None-Match"), None);
}

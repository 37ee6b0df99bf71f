//! What several look-ups need is fetched once: pages, and checksum files that list several originals.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use origin::feed::{Feed, Once, PageFuture};
use origin::{Address, Answer, Client, Outcome, Search, Trouble, Trust, beside};
use world::{Page, World};

/// Pages that take a moment, counted; those called `gone` cannot be had.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Feed for Counted {
    fn page<'a>(&'a self, url: &'a url::Url) -> PageFuture<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::task::yield_now().await;
            match url.path() {
                "/gone" => Err(origin::Error::File {
                    path: "gone".to_owned(),
                    source: std::io::ErrorKind::PermissionDenied.into(),
                }),
                path => Ok(Some(path.as_bytes().to_vec())),
            }
        })
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

#[test]
fn a_page_is_asked_for_once_also_when_it_cannot_be_had() {
    let counted = Counted::default();
    let once = Once::new(&counted);
    let url = |path: &str| format!("https://vendor.example/{path}").parse().unwrap();
    let (a, b, gone) = (url("a"), url("b"), url("gone"));
    run(async {
        let pages = [&a, &b, &a, &a].map(|url| once.page(url));
        let pages = futures_util::future::join_all(pages).await;
        let pages: Vec<_> = pages
            .into_iter()
            .map(|page| page.unwrap().unwrap())
            .collect();
        assert_eq!(pages, [b"/a", b"/b", b"/a", b"/a"]);
        assert_eq!(counted.0.load(Ordering::SeqCst), 2);
        for _ in 0..3 {
            let error = once.page(&gone).await.unwrap_err();
            assert_eq!(error.to_string(), "cannot read `gone`");
            assert_eq!(error.trouble(), Trouble::Refused);
        }
        assert_eq!(counted.0.load(Ordering::SeqCst), 3);
    });
}

/// What the checksum file at `/SHA256SUMS` says of these files.
fn listing(world: &World, files: &[&str]) -> Vec<Search> {
    let mut trust = Trust::shipped(SystemTime::now()).unwrap();
    trust.pause = Duration::from_millis(1);
    let client = Client::new(&net::Options::default()).unwrap();
    let address = |path: &str| Address::typed(&world.url(path)).unwrap();
    let files: Vec<Address> = files.iter().map(|file| address(file)).collect();
    let sums = address("/SHA256SUMS");
    run(beside::listing(&sums, &files, &client, &trust))
}

fn line(digit: &str, name: &str) -> String {
    format!("{}  {name}\n", digit.repeat(64))
}

#[test]
fn a_checksum_file_is_read_once_for_all_that_it_lists() {
    let world = World::start();
    let sums = line("1", "a.qcow2") + &line("2", "b.qcow2");
    world.put("/SHA256SUMS", Page::bytes(sums));
    let searches = listing(&world, &["/b.qcow2", "/a.qcow2"]);
    for (search, digit) in searches.iter().zip(["2", "1"]) {
        let Answer::Found(found) = &search.answer else {
            panic!("{search:?}");
        };
        assert_eq!(found.listing.digests[0].to_string(), digit.repeat(64));
    }
    assert_eq!(world.requests_to("/SHA256SUMS").len(), 1);
    assert_eq!(world.requests_to("/SHA256SUMS.gpg").len(), 1);
}

#[test]
fn one_that_does_not_list_all_yet_is_read_again_and_what_stays_away_is_told_apart() {
    let world = World::start();
    let (first, both) = (
        line("1", "a.qcow2"),
        line("1", "a.qcow2") + &line("2", "b.qcow2"),
    );
    let pages = [Page::bytes(first.clone()), Page::bytes(both)];
    world.put_each("/SHA256SUMS", pages);
    let searches = listing(&world, &["/a.qcow2", "/b.qcow2"]);
    assert!(
        searches
            .iter()
            .all(|one| matches!(one.answer, Answer::Found(_)))
    );
    world.put("/SHA256SUMS", Page::bytes(first));
    let searches = listing(&world, &["/a.qcow2", "/b.qcow2"]);
    assert!(matches!(searches[0].answer, Answer::Found(_)));
    assert_eq!(searches[1].answer, Answer::Nothing);
    assert_eq!(searches[1].looked[0].outcome, Outcome::NotListed);
    // A bare digest is nobody's where there are several.
    world.put("/SHA256SUMS", Page::bytes("3".repeat(64)));
    let alone = listing(&world, &["/a.qcow2"]);
    assert!(matches!(alone[0].answer, Answer::Found(_)));
    let several = listing(&world, &["/a.qcow2", "/b.qcow2"]);
    assert!(several.iter().all(|one| one.answer == Answer::Nothing));
}

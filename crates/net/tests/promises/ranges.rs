//! Random access: every part is of the file the download began with.

use net::{Error, Request};
use world::{Page, World};

use crate::{bytes, client, get};

const LEN: usize = 200_000;

#[tokio::test]
async fn any_part_is_the_files_own_bytes() {
    let file = bytes(LEN);
    let world = World::start();
    world.put("/f", Page::bytes(file.clone()));
    let ranges = client()
        .download(get(&world, "/f"))
        .await
        .unwrap()
        .ranges()
        .unwrap();
    assert_eq!(ranges.len(), LEN as u64);
    for (offset, len) in [(0, 1), (0, LEN), (1, 512), (LEN - 1, 1), (LEN / 2, 65_536)] {
        let part = ranges.read(offset as u64, len).await.unwrap();
        assert!(part == file[offset..offset + len], "{offset}+{len}");
    }
    assert!(ranges.read(LEN as u64 - 5, 100).await.unwrap() == file[LEN - 5..]);
    let before = world.requests().len();
    assert!(ranges.read(LEN as u64, 1).await.unwrap().is_empty());
    assert!(ranges.read(u64::MAX, 1).await.unwrap().is_empty());
    assert!(ranges.read(0, 0).await.unwrap().is_empty());
    assert_eq!(
        world.requests().len(),
        before,
        "what cannot exist is not asked for"
    );
}

#[tokio::test]
async fn ranges_are_offered_only_when_they_can_be_trusted() {
    let world = World::start();
    let page = Page::bytes(bytes(LEN));
    let without = [
        page.clone().without_ranges(),
        page.clone().without_validators(),
        page.clone()
            .etag("W/\"1\"")
            .last_modified("Sun, 01 Feb 2026 00:00:00 GMT"),
        page.clone().chunked(),
    ];
    for page in without {
        world.put("/f", page);
        assert!(
            client()
                .download(get(&world, "/f"))
                .await
                .unwrap()
                .ranges()
                .is_none()
        );
    }
    // Glance neither announces ranges nor gives validators, but its data never change.
    world.put("/f", page.without_validators().ignoring_if_range());
    let request = Request {
        immutable: true,
        ..get(&world, "/f")
    };
    let ranges = client().download(request).await.unwrap().ranges().unwrap();
    assert!(ranges.read(100, 50).await.unwrap() == bytes(LEN)[100..150]);
}

#[tokio::test]
async fn a_part_cut_short_is_asked_for_again() {
    let file = bytes(LEN);
    let page = Page::bytes(file.clone());
    let world = World::start();
    world.put_each(
        "/f",
        [
            page.clone(),
            page.clone().cut_after(10),
            Page::status(502),
            page.clone().cut_after(0),
            page,
        ],
    );
    let ranges = client()
        .download(get(&world, "/f"))
        .await
        .unwrap()
        .ranges()
        .unwrap();
    assert!(ranges.read(1000, 1000).await.unwrap() == file[1000..2000]);
    assert_eq!(world.requests().len(), 5);
}

#[tokio::test]
async fn a_file_changed_between_ranges_is_an_error() {
    let world = World::start();
    world.put("/f", Page::bytes(bytes(LEN)));
    let ranges = client()
        .download(get(&world, "/f"))
        .await
        .unwrap()
        .ranges()
        .unwrap();
    ranges.read(0, 10).await.unwrap();
    for other in [
        Page::bytes(vec![1; LEN]),
        Page::bytes(vec![1; LEN]).ignoring_if_range(),
        Page::bytes(vec![1; 5]).ignoring_if_range(),
        Page::bytes(vec![1; LEN]).without_ranges(),
    ] {
        world.put("/f", other);
        let error = ranges.read(10, 10).await.unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_offers_ranges_and_gives_none_is_told_apart() {
    let world = World::start();
    world.put("/f", Page::bytes(bytes(LEN)).ignoring_ranges());
    let ranges = client()
        .download(get(&world, "/f"))
        .await
        .unwrap()
        .ranges()
        .unwrap();
    let error = ranges.read(10, 10).await.unwrap_err();
    assert!(matches!(error, Error::NoRanges { .. }), "{error}");
}

#[test]
fn a_decoder_on_a_thread_reads_parts_too() {
    let file = bytes(LEN);
    let world = World::start();
    world.put("/f", Page::bytes(file.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let download = client().download(get(&world, "/f")).await.unwrap();
        let ranges = download
            .ranges()
            .unwrap()
            .blocking(&tokio::runtime::Handle::current());
        let work = tokio::task::spawn_blocking(move || {
            let mut part = [0; 100];
            let count = ranges.read_at(&mut part, LEN as u64 - 40).unwrap();
            (count, part)
        });
        let (count, part) = work.await.unwrap();
        assert_eq!(count, 40);
        assert!(part[..40] == file[LEN - 40..]);
    });
}

#[tokio::test]
async fn a_part_shorter_than_asked_for_is_never_taken_for_the_whole() {
    let file = bytes(LEN);
    let world = World::start();
    world.put("/f", Page::bytes(file.clone()).etag("\"e\""));
    let ranges = client()
        .download(get(&world, "/f"))
        .await
        .unwrap()
        .ranges()
        .unwrap();
    let short = Page::refusal(206, &file[10..15])
        .header("ETag", "\"e\"")
        .header("Content-Range", "bytes 10-14/200000");
    world.put("/f", short);
    let error = ranges.read(10, 10).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Truncated {
                got: 5,
                expected: Some(10),
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(world.requests().len(), 6, "one before, five attempts");
}

//! Downloads: the same bytes, or an error; never a mix and never less.

use http::StatusCode;
use net::{Error, Request};
use world::{Page, World};

use crate::{bytes, client, fetch, get};

const LEN: usize = 300_000;

#[tokio::test]
async fn a_file_arrives_as_it_is_however_it_is_framed() {
    let file = bytes(LEN);
    let world = World::start();
    world.put("/length", Page::bytes(file.clone()));
    world.put("/chunked", Page::bytes(file.clone()).chunked());
    world.put("/close", Page::bytes(file.clone()).until_close());
    world.put("/empty", Page::bytes(Vec::new()));
    for (path, len) in [
        ("/length", Some(LEN as u64)),
        ("/chunked", None),
        ("/close", None),
    ] {
        let download = client().download(get(&world, path)).await.unwrap();
        assert_eq!((download.len(), download.status()), (len, StatusCode::OK));
        let (got, end) = crate::drain(download).await;
        end.unwrap();
        assert!(got == file, "{path}");
    }
    let (got, end) = fetch(get(&world, "/empty")).await;
    end.unwrap();
    assert!(got.is_empty());
}

#[tokio::test]
async fn a_download_cut_anywhere_resumes_to_exactly_the_same_bytes() {
    let file = bytes(LEN);
    for at in [0, 1, 16 << 10, LEN / 2, LEN - 1] {
        for cut in [
            Page::bytes(file.clone()),
            Page::bytes(file.clone()).chunked(),
        ] {
            let world = World::start();
            world.put_each("/f", [cut.cut_after(at), Page::bytes(file.clone())]);
            let (got, end) = fetch(get(&world, "/f")).await;
            end.unwrap();
            assert!(got == file, "cut at {at}");
            let again = world.requests().remove(1);
            let etag = again.header("if-range").unwrap();
            assert!(
                etag.starts_with('"'),
                "the resume is bound to a strong ETag: {etag}"
            );
            assert_eq!(again.header("range"), Some(format!("bytes={at}-").as_str()));
        }
    }
}

#[tokio::test]
async fn a_download_survives_being_cut_again_and_again() {
    let file = bytes(LEN);
    let world = World::start();
    let page = Page::bytes(file.clone());
    world.put_each(
        "/f",
        [
            page.clone().cut_after(1000),
            page.clone().cut_after(1),
            page.clone().cut_in_headers(),
            Page::status(503),
            page.clone().cut_after(100_000),
            page,
        ],
    );
    let (got, end) = fetch(get(&world, "/f")).await;
    end.unwrap();
    assert!(got == file);
    assert_eq!(world.requests().len(), 6);
}

#[tokio::test]
async fn a_server_that_always_cuts_ends_in_truncated() {
    let world = World::start();
    world.put("/f", Page::bytes(bytes(LEN)).cut_after(10));
    let (got, end) = fetch(get(&world, "/f")).await;
    let error = end.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Truncated {
                got: 50,
                expected: Some(300_000),
                ..
            }
        ),
        "{error}"
    );
    assert!(got == bytes(50));
}

#[tokio::test]
async fn a_resume_by_last_modified_needs_it_to_be_old_enough() {
    let file = bytes(LEN);
    let page = |modified| {
        Page::bytes(file.clone())
            .without_etag()
            .last_modified(modified)
    };
    let old = "Thu, 01 Jan 2026 00:00:00 GMT";
    let world = World::start();
    world.put_each("/old", [page(old).cut_after(LEN / 2), page(old)]);
    let (got, end) = fetch(get(&world, "/old")).await;
    end.unwrap();
    assert!(got == file);
    assert_eq!(world.requests()[1].header("if-range"), Some(old));
    // 59 s before the answers' date.
    let fresh = "Sat, 31 Jan 2026 23:59:01 GMT";
    world.put_each("/fresh", [page(fresh).cut_after(LEN / 2), page(fresh)]);
    let (_, end) = fetch(get(&world, "/fresh")).await;
    assert!(matches!(end, Err(Error::Truncated { .. })), "{end:?}");
    assert_eq!(world.requests_to("/fresh").len(), 1);
}

#[tokio::test]
async fn a_file_that_changes_between_cut_and_resume_is_an_error_and_no_mix() {
    let (old, new) = (bytes(LEN), vec![7; LEN]);
    let cut = Page::bytes(old.clone()).cut_after(LEN / 2);
    let others = [
        ("an honest server", Page::bytes(new.clone())),
        (
            "ranges of the wrong file",
            Page::bytes(new.clone()).ignoring_if_range(),
        ),
        ("another length", Page::bytes(bytes(LEN + 1)).etag("\"x\"")),
        (
            "another length, same tag",
            Page::bytes(bytes(LEN + 1)).etag("\"one\""),
        ),
        (
            "shorter than what was read",
            Page::bytes(bytes(9)).ignoring_if_range(),
        ),
    ];
    for (what, other) in others {
        let world = World::start();
        world.put_each("/f", [cut.clone().etag("\"one\""), other]);
        let (got, end) = fetch(get(&world, "/f")).await;
        assert!(matches!(end, Err(Error::Changed { .. })), "{what}: {end:?}");
        assert!(got == old[..LEN / 2], "{what}");
    }
}

#[tokio::test]
async fn a_whole_file_in_answer_to_a_range_is_never_appended() {
    let file = bytes(LEN);
    let page = Page::bytes(file.clone()).ignoring_ranges();
    let world = World::start();
    world.put_each("/f", [page.clone().cut_after(LEN / 2), page]);
    let (got, end) = fetch(get(&world, "/f")).await;
    let error = end.unwrap_err();
    assert!(
        matches!(error, Error::Truncated { got: 150_000, .. }),
        "{error}"
    );
    assert!(got == file[..LEN / 2]);
}

#[tokio::test]
async fn a_server_without_ranges_or_validators_that_cuts_is_truncated() {
    let world = World::start();
    world.put(
        "/f",
        Page::bytes(bytes(LEN))
            .without_ranges()
            .without_validators()
            .cut_after(7),
    );
    world.put(
        "/weak",
        Page::bytes(bytes(LEN))
            .etag("W/\"1\"")
            .last_modified("")
            .cut_after(7),
    );
    for path in ["/f", "/weak"] {
        let (got, end) = fetch(get(&world, path)).await;
        assert!(
            matches!(end, Err(Error::Truncated { got: 7, .. })),
            "{end:?}"
        );
        assert_eq!(got.len(), 7);
        assert_eq!(world.requests_to(path).len(), 1);
    }
}

#[tokio::test]
async fn a_length_that_promises_too_much_is_truncated() {
    let world = World::start();
    world.put(
        "/f",
        Page::bytes(bytes(LEN))
            .without_validators()
            .claiming_length(LEN as u64 + 1),
    );
    let (_, end) = fetch(get(&world, "/f")).await;
    let error = end.unwrap_err();
    let expected = format!("{} ended after 300000 bytes of 300001", world.url("/f"));
    assert_eq!(error.to_string(), expected);
    // With ranges it is found out that there is nothing more.
    world.put_each(
        "/g",
        [
            Page::bytes(bytes(LEN)).claiming_length(LEN as u64 + 1),
            Page::bytes(bytes(LEN)),
        ],
    );
    let (_, end) = fetch(get(&world, "/g")).await;
    assert!(matches!(end, Err(Error::Changed { .. })), "{end:?}");
}

#[tokio::test]
async fn no_byte_beyond_the_announced_length_is_taken() {
    let file = bytes(LEN);
    let world = World::start();
    world.put("/f", Page::bytes(file.clone()).claiming_length(1000));
    let (got, end) = fetch(get(&world, "/f")).await;
    end.unwrap();
    assert!(got == file[..1000]);
}

#[tokio::test]
async fn a_part_that_is_not_the_one_asked_for_is_refused() {
    let file = bytes(LEN);
    let lies = [
        "bytes 0-299999/300000",
        "bytes 150000-299999/*",
        "bytes 150000-299999/300001",
        "nonsense",
    ];
    for lie in lies {
        let world = World::start();
        let page = Page::bytes(file.clone());
        world.put_each(
            "/f",
            [
                page.clone().chunked().cut_after(LEN / 2),
                page.header("Content-Range", lie),
            ],
        );
        let (got, end) = fetch(get(&world, "/f")).await;
        assert!(file.starts_with(&got));
        // The third lie cannot be told from the truth at once; it promises a byte that never comes.
        assert!(
            matches!(
                end,
                Err(Error::Invalid { .. } | Error::Truncated { .. } | Error::Changed { .. })
            ),
            "{lie}: {end:?}"
        );
    }
}

#[tokio::test]
async fn a_part_nobody_asked_for_is_refused() {
    let world = World::start();
    let part = Page::refusal(206, *b"abc").header("Content-Range", "bytes 0-2/10");
    world.put("/f", part);
    let error = client().download(get(&world, "/f")).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
}

#[tokio::test]
async fn a_refusal_is_an_error_before_the_first_byte() {
    let world = World::start();
    let page = "<html><head><title>403 Forbidden</title></head><body><h1>403</h1>not for you</body></html>";
    world.put(
        "/f",
        Page::refusal(403, page).header("x-openstack-request-id", "req-7"),
    );
    let error = client().download(get(&world, "/f")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} answered 403 Forbidden: not for you", world.url("/f"))
    );
    let Error::Status {
        status, request_id, ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (status.as_u16(), request_id.as_deref()),
        (403, Some("req-7"))
    );
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_file_that_vanishes_half_way_is_reported_as_gone() {
    let world = World::start();
    world.put_each(
        "/f",
        [Page::bytes(bytes(LEN)).cut_after(9), Page::status(404)],
    );
    let (_, end) = fetch(get(&world, "/f")).await;
    assert!(
        matches!(
            end,
            Err(Error::Status {
                status: StatusCode::NOT_FOUND,
                ..
            })
        ),
        "{end:?}"
    );
}

#[tokio::test]
async fn data_known_never_to_change_resume_without_a_validator() {
    let file = bytes(LEN);
    let page = Page::bytes(file.clone())
        .without_validators()
        .ignoring_if_range();
    let world = World::start();
    world.put_each("/f", [page.clone().cut_after(LEN / 3), page.clone()]);
    let request = Request {
        immutable: true,
        ..get(&world, "/f")
    };
    let (got, end) = fetch(request.clone()).await;
    end.unwrap();
    assert!(got == file);
    // Their length is still looked at.
    let longer = Page::bytes(bytes(LEN + 1))
        .without_validators()
        .ignoring_if_range();
    world.put_each("/f", [page.cut_after(LEN / 3), longer]);
    let (_, end) = fetch(request).await;
    assert!(matches!(end, Err(Error::Changed { .. })), "{end:?}");
}

#[tokio::test]
async fn a_failed_download_stays_failed() {
    let world = World::start();
    world.put(
        "/f",
        Page::bytes(bytes(LEN)).without_validators().cut_after(7),
    );
    let mut download = client().download(get(&world, "/f")).await.unwrap();
    while let Ok(chunk) = download.chunk().await {
        assert!(chunk.is_some(), "a truncated download never ends well");
    }
    assert!(download.chunk().await.is_err());
}

#[tokio::test]
async fn a_server_that_trickles_after_a_good_start_is_given_up_too() {
    let file = bytes(2 << 20);
    let page = Page::bytes(file.clone());
    let world = World::start();
    world.put_each("/f", [page.clone().cut_after(3 << 19), page.cut_after(10)]);
    let (got, end) = fetch(get(&world, "/f")).await;
    assert!(matches!(end, Err(Error::Truncated { .. })), "{end:?}");
    assert_eq!(got.len(), (3 << 19) + 40);
    assert_eq!(world.requests().len(), 5);
}

#[tokio::test]
async fn a_changed_file_is_not_asked_for_again() {
    let world = World::start();
    let other = Page::bytes(vec![1; LEN]);
    world.put_each("/f", [Page::bytes(bytes(LEN)).cut_after(9), other]);
    let mut download = client().download(get(&world, "/f")).await.unwrap();
    assert_eq!(download.chunk().await.unwrap().unwrap().len(), 9);
    let error = download.chunk().await.unwrap_err();
    assert!(matches!(error, Error::Changed { at: 9, .. }), "{error}");
    assert!(download.chunk().await.is_err());
    assert_eq!(world.requests().len(), 2);
}

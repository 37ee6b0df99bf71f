//! Checksum files beside originals on real sockets, over TLS and not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "gpg/home.rs"]
#[allow(dead_code, reason = "the oracle of other tests, too")]
mod home;

use std::time::{Duration, SystemTime};

use home::{Gpg, How};
use origin::beside::Form;
use origin::{Address, Answer, Client, Evidence, Outcome, Search, Signature, Trust, beside};
use tokio::runtime::{Builder, Handle};
use world::{Authority, Page, Tls, World};

const A: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// A client that trusts the authority and does not wait between attempts.
fn client(authority: &Authority) -> Client {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    let options = net::Options {
        ca_file: Some(file.path().to_owned()),
        backoff: Duration::from_millis(1),
        ..net::Options::default()
    };
    Client::new(&options).unwrap()
}

/// The shipped keys, and no waiting between looks.
fn trust() -> Trust {
    let mut trust = Trust::shipped(SystemTime::now()).unwrap();
    trust.pause = Duration::from_millis(1);
    trust
}

fn search(client: &Client, url: &str) -> Search {
    searched(client, url, &trust())
}

fn searched(client: &Client, url: &str, trust: &Trust) -> Search {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let address = Address::typed(url).unwrap();
        let opened = origin::open(&address, client, &Handle::current())
            .await
            .unwrap();
        beside::find(&opened.facts, client, trust).await
    })
}

fn found(search: &Search) -> &origin::Found {
    match &search.answer {
        Answer::Found(found) => found,
        other => panic!("{other:?} {:?}", search.looked),
    }
}

#[test]
fn only_what_came_over_tls_from_its_first_address_on_is_evidence() {
    let authority = Authority::new("test");
    let client = client(&authority);
    let (secure, plain) = (World::secure(&Tls::by(&authority)), World::start());
    for world in [&secure, &plain] {
        world.put("/disk.img", Page::bytes("hello\n"));
        world.put("/SHA256SUMS", Page::bytes(format!("{A}  disk.img\n")));
    }
    let over_tls = search(&client, &secure.url("/disk.img"));
    assert_eq!(found(&over_tls).evidence, Evidence::Tls);
    let over_http = search(&client, &plain.url("/disk.img"));
    assert_eq!(found(&over_http).evidence, Evidence::None);
    // Who could redirect the first, unprotected request could send it anywhere.
    plain.put(
        "/SHA256SUMS",
        Page::redirect(302, &secure.url("/SHA256SUMS")),
    );
    let redirected = search(&client, &plain.url("/disk.img"));
    assert_eq!(found(&redirected).evidence, Evidence::None);
    // And nobody goes from the protected to the unprotected.
    secure.put(
        "/SHA256SUMS",
        Page::redirect(302, &plain.url("/SHA256SUMS")),
    );
    plain.put("/SHA256SUMS", Page::bytes(format!("{A}  disk.img\n")));
    let downgraded = search(&client, &secure.url("/disk.img"));
    assert_eq!(downgraded.answer, Answer::Nothing);
    assert!(!downgraded.is_certain());
}

#[test]
fn a_stronger_checksum_file_is_preferred_and_one_that_does_not_list_the_file_is_passed_over() {
    let client = client(&Authority::new("test"));
    let world = World::start();
    world.put("/disk.img", Page::bytes("hello\n"));
    world.put(
        "/MD5SUMS",
        Page::bytes("b1946ac92492d2347c6235b4d2611184  disk.img\n"),
    );
    let weak = search(&client, &world.url("/disk.img"));
    assert_eq!(found(&weak).address.name(), "MD5SUMS");
    world.put("/SHA512SUMS", Page::bytes(format!("{A}{A}  other.img\n")));
    world.put("/disk.img.sha256", Page::bytes(A));
    let strong = search(&client, &world.url("/disk.img"));
    assert_eq!(found(&strong).address.name(), "disk.img.sha256");
    assert_eq!(strong.looked[0].outcome, Outcome::NotListed);
}

#[test]
fn a_signature_beside_the_checksum_file_is_noticed_and_a_web_page_is_none() {
    let client = client(&Authority::new("test"));
    let world = World::start();
    world.put("/disk.img", Page::bytes("hello\n"));
    world.put("/SHA256SUMS", Page::bytes(format!("{A}  disk.img\n")));
    let signature = || {
        found(&search(&client, &world.url("/disk.img")))
            .signature
            .clone()
    };
    world.put("/SHA256SUMS.gpg", Page::bytes("<html>no such file</html>"));
    assert_eq!(signature(), Signature::Missing);
    world.put(
        "/SHA256SUMS.sign",
        Page::bytes([0x89, 0x02, 0x33, 0x04, 0x00, 0xff]),
    );
    let place = Address::typed(&world.url("/SHA256SUMS.sign")).unwrap();
    // Damaged, and so it does not count; but it is there.
    assert!(matches!(signature(), Signature::Bad(Form::Detached(at), _) if at == place));
    world.put("/SHA256SUMS.gpg", Page::status(500));
    assert!(matches!(signature(), Signature::Unavailable(_)));
}

#[test]
fn a_signature_is_worth_more_than_tls_an_unknown_one_nothing_and_a_bad_one_less() {
    let gpg = Gpg::new();
    gpg.key("k", "ed25519", "0", None);
    let authority = Authority::new("test");
    let client = client(&authority);
    let mut known = trust();
    known.own = origin::keys::own("k.gpg", &gpg.export("k")).unwrap();
    let sums = format!("{A}  disk.img\n");
    let good = gpg.sign("k", How::Armoured, sums.as_bytes(), &[]);
    let bad = gpg.sign("k", How::Armoured, b"other", &[]);
    for (world, without) in [
        (World::secure(&Tls::by(&authority)), Evidence::Tls),
        (World::start(), Evidence::None),
    ] {
        world.put("/disk.img", Page::bytes("hello\n"));
        world.put("/SHA256SUMS", Page::bytes(sums.clone()));
        let evidence = |trust: &Trust| {
            let search = searched(&client, &world.url("/disk.img"), trust);
            found(&search).evidence
        };
        for (signature, known_key, unknown_key) in [
            (&good, Evidence::Signed, without),
            (&bad, Evidence::None, without),
        ] {
            world.put("/SHA256SUMS.asc", Page::bytes(signature.clone()));
            assert_eq!(evidence(&known), known_key);
            assert_eq!(evidence(&trust()), unknown_key);
        }
    }
}

#[test]
fn a_search_that_gets_no_answers_ends_soon_and_says_so() {
    let client = client(&Authority::new("test"));
    let world = World::start();
    world.put("/disk.img", Page::bytes("hello\n"));
    for name in ["SHA512SUMS", "SHA256SUMS", "disk.img.CHECKSUM", "CHECKSUM"] {
        world.put(&format!("/{name}"), Page::status(500));
    }
    let search = search(&client, &world.url("/disk.img"));
    assert_eq!(
        (search.answer.clone(), search.is_certain()),
        (Answer::Nothing, false)
    );
    assert!(search.looked.len() < 8, "{:?}", search.looked);
}

#[test]
fn a_redirected_original_is_looked_up_under_both_of_its_names() {
    let client = client(&Authority::new("test"));
    let world = World::start();
    world.put(
        "/9/disk.latest.img",
        Page::redirect(302, "/pool/disk-20260525.img"),
    );
    world.put("/pool/disk-20260525.img", Page::bytes("hello\n"));
    world.put(
        "/9/SHA256SUMS",
        Page::bytes(format!("{A}  disk-20260525.img\n")),
    );
    let search = search(&client, &world.url("/9/disk.latest.img"));
    assert_eq!(
        found(&search).listing.name.as_deref(),
        Some("disk-20260525.img")
    );
}

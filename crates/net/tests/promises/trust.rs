//! Whom the client believes to be who they say.

use std::path::PathBuf;

use net::{Client, Error, Options, TlsProblem};
use tempfile::TempDir;
use world::{Authority, Page, Tls, World};

use crate::{get, options};

fn file(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

async fn problem(client: &Client, world: &World) -> TlsProblem {
    match client.exchange(get(world, "/f")).await {
        Err(Error::Tls { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_named_and_only_then() {
    let (authority, other) = (Authority::new("ours"), Authority::new("another"));
    let world = World::secure(&Tls::by(&authority));
    world.put("/f", Page::bytes(*b"safe"));
    let client = Client::new(&options()).unwrap();
    assert_eq!(problem(&client, &world).await, TlsProblem::UnknownIssuer);
    assert_eq!(
        world.connections(),
        1,
        "an untrusted server is not asked again"
    );

    let folder = TempDir::new().unwrap();
    let bundle = format!("# two of them\n{}\n{}", other.pem(), authority.pem());
    let ca_file = Some(file(&folder, "ca.pem", &bundle));
    let client = Client::new(&Options {
        ca_file,
        ..options()
    })
    .unwrap();
    assert_eq!(
        &client.exchange(get(&world, "/f")).await.unwrap().body[..],
        b"safe"
    );

    let ca_file = Some(file(&folder, "other.pem", other.pem()));
    let client = Client::new(&Options {
        ca_file,
        ..options()
    })
    .unwrap();
    assert_eq!(problem(&client, &world).await, TlsProblem::UnknownIssuer);
}

#[tokio::test]
async fn a_wrong_name_and_an_expired_certificate_are_told_apart() {
    let authority = Authority::new("ours");
    let folder = TempDir::new().unwrap();
    let ca_file = Some(file(&folder, "ca.pem", authority.pem()));
    let client = Client::new(&Options {
        ca_file,
        ..options()
    })
    .unwrap();
    let elsewhere = World::secure(&Tls::by(&authority).named("elsewhere.example"));
    assert_eq!(problem(&client, &elsewhere).await, TlsProblem::WrongName);
    let expired = World::secure(&Tls::by(&authority).expired());
    assert_eq!(problem(&client, &expired).await, TlsProblem::Expired);
    let plain = World::start();
    let url = plain.url("/f").replace("http:", "https:");
    let error = client
        .exchange(net::Request::get(url.parse().unwrap()))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Tls {
                problem: TlsProblem::Protocol,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn checking_can_be_switched_off_altogether() {
    let world = World::secure(&Tls::by(&Authority::new("ours")).named("elsewhere.example"));
    world.put("/f", Page::bytes(*b"whatever"));
    let client = Client::new(&Options {
        verify: false,
        ..options()
    })
    .unwrap();
    assert_eq!(
        &client.exchange(get(&world, "/f")).await.unwrap().body[..],
        b"whatever"
    );
}

#[tokio::test]
async fn a_client_certificate_is_presented_from_one_file_or_two() {
    let authority = Authority::new("ours");
    let world = World::secure(&Tls::by(&authority).for_certified_clients());
    world.put("/f", Page::bytes(*b"member"));
    let folder = TempDir::new().unwrap();
    let ca_file = Some(file(&folder, "ca.pem", authority.pem()));
    let (certificate, key) = authority.client("me");
    let both = file(&folder, "both.pem", &format!("{key}{certificate}"));
    let certificate = file(&folder, "me.crt", &certificate);
    let key = file(&folder, "me.key", &key);
    for client_cert in [(both, None), (certificate, Some(key))] {
        let options = Options {
            ca_file: ca_file.clone(),
            client_cert: Some(client_cert),
            ..options()
        };
        let client = Client::new(&options).unwrap();
        assert_eq!(
            &client.exchange(get(&world, "/f")).await.unwrap().body[..],
            b"member"
        );
    }
    let client = Client::new(&Options {
        ca_file,
        retries: 0,
        ..options()
    })
    .unwrap();
    client.exchange(get(&world, "/f")).await.unwrap_err();
    assert_eq!(world.requests().len(), 2);
}

#[test]
fn a_certificate_file_that_is_none_is_named_at_once() {
    let folder = TempDir::new().unwrap();
    let empty = file(&folder, "empty.pem", "nothing here\n");
    let broken = file(
        &folder,
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    );
    for path in [empty, broken, folder.path().join("absent.pem")] {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let authority = Options {
            ca_file: Some(path.clone()),
            ..options()
        };
        let client = Options {
            client_cert: Some((path, None)),
            ..options()
        };
        for options in [authority, client] {
            let error = Client::new(&options).unwrap_err();
            assert!(matches!(error, Error::Options { .. }), "{error}");
            assert!(error.to_string().contains(&name), "{error}");
        }
    }
}

/// Runs as a process of its own, whose environment names another file as the host's roots: see the next test.
#[tokio::test]
async fn inner_request_with_the_hosts_roots() {
    let Ok(urls) = std::env::var("ECTYPE_TEST_INNER_URLS") else {
        return;
    };
    let ca_file = std::env::var_os("ECTYPE_TEST_INNER_CA").map(PathBuf::from);
    let client = Client::new(&Options {
        ca_file,
        ..options()
    })
    .unwrap();
    for url in urls.split(' ') {
        let reply = client
            .exchange(net::Request::get(url.parse().unwrap()))
            .await
            .unwrap();
        assert_eq!(&reply.body[..], b"safe");
    }
}

#[test]
fn an_extra_authority_comes_on_top_of_the_hosts() {
    let (hosts, extra) = (Authority::new("the host's"), Authority::new("extra"));
    let worlds = [&hosts, &extra].map(|authority| World::secure(&Tls::by(authority)));
    let urls = worlds.each_ref().map(|world| {
        world.put("/f", Page::bytes(*b"safe"));
        world.url("/f")
    });
    let folder = TempDir::new().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "trust::inner_request_with_the_hosts_roots"])
        .env_clear()
        .env("SSL_CERT_FILE", file(&folder, "hosts.pem", hosts.pem()))
        .env(
            "ECTYPE_TEST_INNER_CA",
            file(&folder, "extra.pem", extra.pem()),
        )
        .env("ECTYPE_TEST_INNER_URLS", urls.join(" "))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(worlds.iter().all(|world| world.requests().len() == 1));
}

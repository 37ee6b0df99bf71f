//! The cache of tokens: the second command asks nobody who it is, and nothing wrong in the cache does harm.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cloud::{Cloud, Error, Query};
use world::World;

use crate::rig::{Rig, config, keystone_url, lab, mirror, port};

const TOKENS: &str = "/v3/auth/tokens";

/// A mirror of the lab's Keystone.
fn keystone() -> World {
    mirror(port("keystone"), &[TOKENS, "/v3", "/"])
}

fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[tokio::test]
async fn the_second_command_makes_one_request_in_all() {
    let Some(lab) = lab("the_second_command_makes_one_request_in_all") else {
        return;
    };
    let (keystone, glance, root) = (
        keystone(),
        mirror(port("glance"), &["/", "/v2/images"]),
        tempfile::tempdir().unwrap(),
    );
    let folder = root.path().join("new/tokens");
    let (auth_url, image_url) = (keystone.url("/v3"), glance.url(""));
    let config = config(
        &lab,
        "lab-demo",
        &[
            ("auth_url", &auth_url),
            ("image_endpoint_override", &image_url),
        ],
    );
    for round in 1..=2 {
        let cloud = Cloud::connect(&config, Some(&folder)).await.unwrap();
        cloud.glance().list(&Query::default()).await.unwrap();
        assert_eq!(cloud.from_cache(), round == 2);
    }
    assert_eq!(keystone.requests().len(), 1, "{:?}", keystone.requests());
    let asked: Vec<String> = glance
        .requests()
        .iter()
        .map(|seen| seen.path().to_owned())
        .collect();
    assert_eq!(asked, ["/", "/v2/images", "/v2/images"]);
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    let file = only_file(&folder);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        !text.contains("lab-demo"),
        "the password is not in the file"
    );
}

#[tokio::test]
async fn a_wrong_password_does_not_reuse_the_right_ones_token() {
    let Some(lab) = lab("a_wrong_password_does_not_reuse_the_right_ones_token") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tokens");
    assert!(
        Cloud::connect(&config(&lab, "lab-demo", &[]), Some(&folder))
            .await
            .is_ok()
    );
    let mut refusals = 0;
    for guess in ["wrong", "lab-demo ", "Lab-demo"] {
        let wrong = config(&lab, "lab-demo", &[("password", guess)]);
        refusals += u32::from(matches!(
            Cloud::connect(&wrong, Some(&folder)).await,
            Err(Error::Unauthorized(_))
        ));
    }
    assert_eq!(refusals, 3);
    let other = config(
        &lab,
        "lab-demo-appcred",
        &[("application_credential_secret", "wrong")],
    );
    assert!(matches!(
        Cloud::connect(&other, Some(&folder)).await,
        Err(Error::Unauthorized(_))
    ));
}

#[tokio::test]
async fn another_scope_is_another_token() {
    let Some(lab) = lab("another_scope_is_another_token") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tokens");
    let admin = Cloud::connect(&config(&lab, "lab-admin", &[]), Some(&folder))
        .await
        .unwrap();
    let system = Cloud::connect(&config(&lab, "lab-system", &[]), Some(&folder))
        .await
        .unwrap();
    assert!(!system.from_cache());
    assert!(system.token().system.is_some() && admin.token().system.is_none());
    let demo = Cloud::connect(&config(&lab, "lab-demo", &[]), Some(&folder))
        .await
        .unwrap();
    assert!(!demo.from_cache());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once() {
    let Some(lab) = lab("a_revoked_token_is_renewed_once") else {
        return;
    };
    let (keystone, root) = (keystone(), tempfile::tempdir().unwrap());
    let (folder, auth_url) = (root.path().join("tokens"), keystone.url("/v3"));
    let config = config(&lab, "lab-demo", &[("auth_url", &auth_url)]);
    let first = Cloud::connect(&config, Some(&folder)).await.unwrap();
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(only_file(&folder)).unwrap()).unwrap();
    let mut rig = Rig::new().await;
    rig.token = record["secret"].as_str().unwrap().to_owned();
    let reply = rig
        .ask(
            "DELETE",
            &format!("{}/auth/tokens", keystone_url()),
            "text/plain",
            Vec::new(),
        )
        .await;
    assert_eq!(reply.status, 204);
    let second = Cloud::connect(&config, Some(&folder)).await.unwrap();
    assert!(second.from_cache());
    second.glance().list(&Query::default()).await.unwrap();
    assert_eq!(
        keystone.requests_to(TOKENS).len(),
        2,
        "one log-in, one renewal"
    );
    let third = Cloud::connect(&config, Some(&folder)).await.unwrap();
    third.glance().list(&Query::default()).await.unwrap();
    assert_eq!(
        keystone.requests_to(TOKENS).len(),
        2,
        "the renewed token was kept"
    );
    drop(first);
}

#[tokio::test]
async fn whatever_is_wrong_with_the_cache_is_no_error() {
    let Some(lab) = lab("whatever_is_wrong_with_the_cache_is_no_error") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tokens");
    let config = config(&lab, "lab-demo", &[]);
    assert!(Cloud::connect(&config, Some(&folder)).await.is_ok());
    let file = only_file(&folder);
    let good = fs::read_to_string(&file).unwrap();
    let expired = good.replace("\"until\":\"20", "\"until\":\"19");
    assert_ne!(good, expired);
    for (what, text) in [
        ("empty", ""),
        ("cut", &good[..good.len() / 2]),
        ("expired", &expired),
        ("other form", &good.replace("\"form\":1", "\"form\":0")),
    ] {
        fs::write(&file, text).unwrap();
        let cloud = Cloud::connect(&config, Some(&folder)).await.unwrap();
        assert!(!cloud.from_cache(), "{what}");
        assert!(
            Cloud::connect(&config, Some(&folder))
                .await
                .unwrap()
                .from_cache(),
            "{what}: replaced"
        );
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        !Cloud::connect(&config, Some(&folder))
            .await
            .unwrap()
            .from_cache(),
        "readable by others"
    );
    let not_a_folder = root.path().join("file");
    fs::write(&not_a_folder, "").unwrap();
    assert!(Cloud::connect(&config, Some(&not_a_folder)).await.is_ok());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(
        !Cloud::connect(&config, Some(&folder))
            .await
            .unwrap()
            .from_cache(),
        "a folder open to others"
    );
}

#[tokio::test]
async fn a_forgotten_token_is_gone() {
    let Some(lab) = lab("a_forgotten_token_is_gone") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("tokens");
    let config = config(&lab, "lab-demo", &[]);
    Cloud::connect(&config, Some(&folder))
        .await
        .unwrap()
        .forget()
        .await;
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

//! An import from the web: what a client says the bytes must be, they are, or they do not become an image.

use serde_json::{Value, json};
use world::{Page, World};

use crate::rig::{Rig, noise, sum};

async fn import(rig: &Rig, method: Value) -> (String, Value, Value) {
    let id = rig.queued().await;
    let path = format!("/v2/images/{id}/import");
    rig.post(&path, json!({ "method": method }))
        .await
        .expect(202);
    loop {
        let tasks = rig.get(&format!("/v2/images/{id}/tasks")).await.expect(200);
        let task = tasks.json()["tasks"][0].clone();
        if task["status"] == "success" || task["status"] == "failure" {
            let image = rig.show(&id).await;
            return (id, image, task);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn rig() -> Rig {
    Rig::with(|settings| settings.import_hosts = vec!["127.0.0.1".to_owned()]).await
}

#[tokio::test]
async fn bytes_of_the_wanted_digest_are_imported() {
    let (rig, world, bytes) = (rig().await, World::start(), noise(21, 100_000));
    world.put("/disk", Page::bytes(bytes.clone()));
    for (algorithm, program) in [
        ("sha256", "sha256sum"),
        ("sha512", "sha512sum"),
        ("md5", "md5sum"),
    ] {
        let wanted = json!({ "os_hash_algo": algorithm, "os_hash_value": sum(program, &bytes) });
        let method =
            json!({ "name": "web-download", "uri": world.url("/disk"), "validation_data": wanted });
        let (id, image, task) = import(&rig, method).await;
        assert_eq!(task["status"], "success", "{task}");
        assert_eq!(image["status"], "active");
        assert!(rig.down(&id).await.expect(200).body == bytes);
    }
}

#[tokio::test]
async fn bytes_of_another_digest_are_not() {
    let (rig, world, bytes) = (rig().await, World::start(), noise(22, 100_000));
    world.put("/disk", Page::bytes(bytes.clone()));
    let other = sum("sha256sum", b"something else");
    let wanted = json!({ "os_hash_algo": "sha256", "os_hash_value": other });
    let method =
        json!({ "name": "web-download", "uri": world.url("/disk"), "validation_data": wanted });
    let (_, image, task) = import(&rig, method).await;
    assert_eq!(task["status"], "failure");
    let message = task["message"].as_str().unwrap();
    assert!(message.contains(&other), "{message}");
    assert!(message.contains(&sum("sha256sum", &bytes)), "{message}");
    assert_eq!(image["status"], "queued");
    assert!(rig.names().await.is_empty());
}

#[tokio::test]
async fn a_digest_that_is_none_is_refused_at_once() {
    let rig = rig().await;
    for wanted in [
        json!({}),
        json!({ "os_hash_value": "xyz" }),
        json!({ "os_hash_algo": "sha1", "os_hash_value": "0".repeat(40) }),
        json!({ "os_hash_algo": "sha256", "os_hash_value": "0".repeat(63) }),
    ] {
        let id = rig.queued().await;
        let method = json!({ "name": "web-download", "uri": "http://127.0.0.1:1/", "validation_data": wanted });
        let path = format!("/v2/images/{id}/import");
        rig.post(&path, json!({ "method": method }))
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn an_address_of_this_machine_is_not_fetched_unless_the_operator_says_so() {
    let (rig, world) = (Rig::plain().await, World::start());
    world.put("/secret", Page::bytes(*b"secret"));
    let port = world.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "2130706433",
        "127.1",
        "[::ffff:127.0.0.1]",
    ] {
        let id = rig.queued().await;
        let uri = format!("http://{host}:{port}/secret");
        let path = format!("/v2/images/{id}/import");
        let method = json!({ "name": "web-download", "uri": uri });
        rig.post(&path, json!({ "method": method }))
            .await
            .expect(400);
    }
    assert!(world.requests().is_empty());
}

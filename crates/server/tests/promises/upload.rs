//! What comes in is what is stored, and what does not come in whole leaves nothing behind.

use std::os::unix::fs::MetadataExt as _;

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::stream;
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::rig::{Rig, count, noise, stored, sum};

#[tokio::test]
async fn the_record_has_the_digests_of_the_bytes() {
    for rig in Rig::every("digests").await {
        let bytes = noise(1, 3_000_001);
        let id = rig.active(&bytes).await;
        let image = rig.show(&id).await;
        assert_eq!(image["status"], "active");
        assert_eq!(image["size"], bytes.len());
        assert_eq!(image["checksum"], sum("md5sum", &bytes));
        assert_eq!(image["os_hash_algo"], "sha512");
        assert_eq!(image["os_hash_value"], sum("sha512sum", &bytes));
        assert!(rig.down(&id).await.expect(200).body == bytes);
        assert_eq!(count(&rig.spool()), 0);
    }
}

#[tokio::test]
async fn zeros_take_no_room() {
    let rig = Rig::plain().await;
    let mut bytes = vec![0; 32 << 20];
    bytes[20 << 20] = 1;
    let id = rig.active(&bytes).await;
    let image = rig.show(&id).await;
    let file = stored(&rig, image["os_hash_value"].as_str().unwrap());
    let found = std::fs::metadata(file).unwrap();
    assert_eq!(found.len(), bytes.len() as u64);
    assert!(found.blocks() * 512 < 1 << 20, "{} blocks", found.blocks());
    assert!(rig.down(&id).await.expect(200).body == bytes);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    for rig in Rig::every("an upload that breaks off").await {
        let id = rig.queued().await;
        let pieces = [
            Ok(Bytes::from(vec![1; 100_000])),
            Err(std::io::Error::other("the client has gone")),
        ];
        let body = Body::from_stream(stream::iter(pieces));
        rig.put(&id, body).await.expect(400);
        let image = rig.show(&id).await;
        assert_eq!(image["status"], "queued");
        assert_eq!(image["size"], Value::Null);
        assert_eq!(count(&rig.spool()), 0);
        assert!(rig.names().await.is_empty());
        rig.put(&id, "once more").await.expect(204);
        assert_eq!(rig.show(&id).await["status"], "active");
    }
}

#[tokio::test]
async fn what_the_gate_refuses_is_not_kept() {
    let rig = Rig::plain().await;
    let id = rig.queued().await;
    // A qcow2 that names a backing file, declared as raw.
    let mut qcow2 = b"QFI\xfb\0\0\0\x03".to_vec();
    qcow2.extend_from_slice(&[0; 1 << 20]);
    rig.put(&id, qcow2).await.expect(415);
    assert_eq!(rig.show(&id).await["status"], "queued");
    assert!(rig.names().await.is_empty());
}

#[tokio::test]
async fn an_image_is_never_larger_than_the_operator_allows() {
    let rig = Rig::with(|settings| settings.image_size_cap = 1000).await;
    let id = rig.queued().await;
    rig.put(&id, vec![1; 1001]).await.expect(413);
    let pieces = (0..20).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![1; 100])));
    let body = Body::from_stream(stream::iter(pieces));
    rig.put(&id, body).await.expect(413);
    assert_eq!(rig.show(&id).await["status"], "queued");
    rig.put(&id, vec![1; 1000]).await.expect(204);
}

#[tokio::test]
async fn a_project_does_not_store_more_than_its_quota() {
    let rig = Rig::with(|settings| {
        settings.project_quota = Some(2 << 20);
        settings.image_quota = Some(3);
    })
    .await;
    rig.active(&noise(1, 1 << 20)).await;
    let id = rig.queued().await;
    rig.put(&id, noise(2, (1 << 20) + 1)).await.expect(413);
    rig.put(&id, noise(2, 1 << 20)).await.expect(204);
    let full = rig.queued().await;
    rig.put(&full, "x").await.expect(413);
    let body = json!({ "name": "one too many" });
    rig.post("/v2/images", body).await.expect(413);
    let usage = rig.get("/v2/info/usage").await.expect(200).json();
    assert_eq!(usage["usage"]["image_size_total"]["usage"], 2);
    assert_eq!(usage["usage"]["image_count_total"]["usage"], 3);
}

#[tokio::test]
async fn beside_routes_whose_bodies_are_bounded_an_upload_is_as_large_as_it_likes() {
    let rig = Rig::plain().await;
    // With a foreign identity service there are no routes beside the service's own.
    let length = axum::routing::post(async |body: Bytes| body.len().to_string());
    for beside in [Router::new(), Router::new().route("/length", length)] {
        let has_routes = beside.has_routes();
        let router = rig.service.bounded(beside);
        let router = router.fallback_service(server::router(rig.service.clone()));
        let ask = |method: &str, path: &str, bytes: usize| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("x-auth-token", "alice")
                .header("content-type", "application/octet-stream")
                .body(Body::from(vec![7; bytes]));
            router.clone().oneshot(request.unwrap())
        };
        let path = format!("/v2/images/{}/file", rig.queued().await);
        assert_eq!(ask("PUT", &path, 3 << 20).await.unwrap().status(), 204);
        if has_routes {
            assert_eq!(ask("POST", "/length", 1 << 20).await.unwrap().status(), 200);
            let longer = ask("POST", "/length", (1 << 20) + 1).await.unwrap();
            assert_eq!(longer.status(), 413);
        }
    }
}

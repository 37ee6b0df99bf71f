//! One set of promises for every store.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use server::{BlobStore, Files, StoreError};

use crate::moto;
use crate::rig::{noise, sum};

async fn read(store: &dyn BlobStore, hash: &str, from: u64, to: u64) -> Vec<u8> {
    let content = store.get(hash, from..to).await.unwrap();
    let pieces: Vec<bytes::Bytes> = content.try_collect().await.unwrap();
    pieces.concat()
}

async fn put(store: &dyn BlobStore, spool: &std::path::Path, hash: &str, bytes: &[u8]) {
    let file = spool.join("upload");
    std::fs::write(&file, bytes).unwrap();
    let begun = store.begin(hash, bytes.len() as u64).await.unwrap();
    store.put(hash, &file, &begun).await.unwrap();
}

async fn keeps_its_promises(store: &dyn BlobStore, spool: &std::path::Path) {
    store.make().await.unwrap();
    store.look().await.unwrap();
    // The largest goes to an object store in parts.
    for len in [0, 1, 70_000, (16 << 20) + 1, 40 << 20] {
        let bytes = noise(len as u64, len);
        let hash = sum("sha512sum", &bytes);
        assert_eq!(store.len(&hash).await.unwrap(), None);
        put(store, spool, &hash, &bytes).await;
        let size = len as u64;
        assert_eq!(store.len(&hash).await.unwrap(), Some(size));
        assert!(read(store, &hash, 0, size).await == bytes, "{len}");
        let (from, to) = (size / 3, size / 2);
        let part = &bytes[len / 3..len / 2];
        assert!(read(store, &hash, from, to).await == part, "{len}");
        assert!(read(store, &hash, size, size).await.is_empty());
        assert_eq!(store.list().await.unwrap(), std::slice::from_ref(&hash));
        // Damage is written over.
        put(store, spool, &hash, b"damaged").await;
        assert!(read(store, &hash, 0, 7).await == b"damaged");
        put(store, spool, &hash, &bytes).await;
        assert!(read(store, &hash, 0, size).await == bytes);
        store.delete(&hash).await.unwrap();
        store.delete(&hash).await.unwrap();
        // What was begun and comes to nothing is taken back, and is gone then.
        let begun = store.begin(&hash, size).await.unwrap();
        for _ in 0..2 {
            if let Some(upload) = begun.upload() {
                store.abort(&hash, upload).await.unwrap();
            }
        }
        assert_eq!(store.len(&hash).await.unwrap(), None);
        let gone = store.get(&hash, 0..size).await.err().unwrap();
        assert!(matches!(gone, StoreError::Missing(_)), "{gone}");
        assert!(store.list().await.unwrap().is_empty());
    }
    for name in [
        "",
        "..",
        "../../etc/passwd",
        "a",
        &"A".repeat(128),
        &"é".repeat(64),
    ] {
        assert!(store.get(name, 0..1).await.is_err(), "{name}");
        assert!(store.delete(name).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn files_keep_what_is_put_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Files::new(folder.path().join("store"));
    keeps_its_promises(&store, folder.path()).await;
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    let error = store.look().await.unwrap_err();
    assert!(matches!(error, StoreError::Nowhere(_)), "{error}");
    // It does not come back by itself: what was there may only be away.
    let (bytes, spool) = (noise(1, 100), folder.path().join("upload"));
    std::fs::write(&spool, &bytes).unwrap();
    let hash = sum("sha512sum", &bytes);
    let begun = store.begin(&hash, 100).await.unwrap();
    let error = store.put(&hash, &spool, &begun).await.unwrap_err();
    assert!(matches!(error, StoreError::Nowhere(_)), "{error}");
    assert!(!folder.path().join("store").exists());
}

#[tokio::test]
async fn a_bucket_keeps_what_is_put_and_nothing_else() {
    let Some(store) = moto::fresh("what is put") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&store, folder.path()).await;
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_missing_bytes() {
    let bucket = server::Bucket {
        name: "nowhere".to_owned(),
        endpoint: Some("http://127.0.0.1:9".to_owned()),
        access: Some(server::Access {
            id: "id".to_owned(),
            secret: "very-secret".to_owned(),
        }),
        ..server::Bucket::default()
    };
    assert!(!format!("{bucket:?}").contains("very-secret"));
    let store: Arc<dyn BlobStore> = Arc::new(server::S3::new(&bucket).unwrap());
    let error = store.len(&"0".repeat(128)).await.unwrap_err();
    assert!(matches!(error, StoreError::Away(_)), "{error}");
}

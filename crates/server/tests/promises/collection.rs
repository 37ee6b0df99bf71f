//! After a collection there is nothing that nobody needs, and everything that somebody does.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use server::{Begun, Collected, Others, Strays};

use crate::rig::{Rig, count, noise, sum};

#[tokio::test]
async fn bytes_go_with_their_last_image() {
    for rig in Rig::every("the last image").await {
        let bytes = noise(3, 100_000);
        let (one, other) = (rig.active(&bytes).await, rig.active(&bytes).await);
        assert_eq!(rig.names().await.len(), 1);
        rig.delete(&one).await.expect(204);
        assert!(rig.down(&other).await.expect(200).body == bytes);
        rig.delete(&other).await.expect(204);
        assert!(rig.names().await.is_empty());
        let collected = rig
            .service
            .collect(Others::None, Strays::Keep)
            .await
            .unwrap();
        assert!(collected.is_nothing(), "{collected:?}");
    }
}

#[tokio::test]
async fn an_upload_that_was_killed_is_given_back() {
    for rig in Rig::every("an upload that was killed").await {
        let id = rig.queued().await;
        // As a process leaves it that is killed in the middle.
        rig.sql(
            "UPDATE images SET status = 'saving', work = 'w', work_seen = 0, version = version + 1",
        )
        .await;
        std::fs::write(rig.spool().join("upload-x"), "half").unwrap();
        let collected = rig
            .service
            .collect(Others::None, Strays::Keep)
            .await
            .unwrap();
        let wanted = Collected {
            images: 1,
            files: 1,
            ..Collected::default()
        };
        assert_eq!(collected, wanted);
        assert_eq!(rig.show(&id).await["status"], "queued");
        assert_eq!(count(&rig.spool()), 0);
        rig.put(&id, "again").await.expect(204);
    }
}

#[tokio::test]
async fn a_file_that_an_upload_still_fills_is_not_left_behind() {
    let rig = Rig::plain().await;
    let id = rig.queued().await;
    let bytes = Bytes::from(noise(8, 200_000));
    let (go, gone) = tokio::sync::oneshot::channel();
    let (first, second) = (bytes.slice(..100_000), bytes.slice(100_000..));
    let rest = stream::once(async { gone.await.map(|()| second) });
    let pieces = stream::iter([Ok(first)]).chain(rest);
    let collecting = async {
        let file = loop {
            let file = std::fs::read_dir(rig.spool()).unwrap().next();
            let file = file.map(|file| file.unwrap().path());
            if let Some(file) = file.filter(|file| file.metadata().unwrap().len() > 0) {
                break file;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        // As after many zeros, which are not written.
        let file = File::options().write(true).open(file).unwrap();
        file.set_modified(UNIX_EPOCH).unwrap();
        let collected = rig.service.collect(Others::Maybe, Strays::Keep).await;
        assert!(collected.unwrap().is_nothing());
        go.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(rig.put(&id, Body::from_stream(pieces)), collecting);
    answer.expect(204);
    assert!(rig.down(&id).await.expect(200).body == bytes);
    assert_eq!(count(&rig.spool()), 0);
}

#[tokio::test]
async fn what_others_may_be_at_work_on_is_left_alone() {
    for rig in Rig::every("others at work").await {
        let id = rig.queued().await;
        rig.sql("UPDATE images SET status = 'saving', work = 'w', work_seen = 9000000000000000")
            .await;
        rig.sql("INSERT INTO blobs (hash, size, state, since) VALUES ('c', 1, 'live', 9000000000000000)")
            .await;
        rig.sql("INSERT INTO claims (hash, work, since) VALUES ('c', 'w', 9000000000000000)")
            .await;
        std::fs::write(rig.spool().join("upload-x"), "half").unwrap();
        let collected = rig
            .service
            .collect(Others::Maybe, Strays::Keep)
            .await
            .unwrap();
        assert!(collected.is_nothing(), "{collected:?}");
        assert_eq!(rig.show(&id).await["status"], "saving");
    }
}

#[tokio::test]
async fn what_was_begun_in_the_store_is_taken_back_when_its_image_waits_for_nothing_of_it() {
    for rig in Rig::every("what was begun in the store").await {
        rig.queued().await;
        rig.sql("UPDATE images SET status = 'saving', work = 'w', work_seen = 9000000000000000")
            .await;
        let bytes = noise(6, 9 << 20);
        let hash = sum("sha512sum", &bytes);
        let begun = rig.store.begin(&hash, bytes.len() as u64).await.unwrap();
        // Files are not put in parts: then it is a name that nobody knows any more.
        let upload = begun.upload().unwrap_or("unknown").to_owned();
        let note =
            format!("INSERT INTO parts (upload, hash, work) VALUES ('{upload}', '{hash}', 'w')");
        rig.sql(note.leak()).await;
        let alive = rig.service.collect(Others::Maybe, Strays::Keep).await;
        assert!(alive.unwrap().is_nothing());
        rig.sql("UPDATE images SET work = 'other'").await;
        let collected = rig.service.collect(Others::Maybe, Strays::Keep).await;
        let wanted = Collected {
            parts: 1,
            ..Collected::default()
        };
        assert_eq!(collected.unwrap(), wanted);
        if begun.upload().is_some() {
            let file = rig.spool().join("late");
            std::fs::write(&file, &bytes).unwrap();
            rig.store.put(&hash, &file, &begun).await.unwrap_err();
            assert!(rig.names().await.is_empty());
        }
        let again = rig.service.collect(Others::Maybe, Strays::Keep).await;
        assert!(again.unwrap().is_nothing());
    }
}

#[tokio::test]
async fn bytes_that_no_record_knows_are_removed_when_asked_only() {
    for rig in Rig::every("bytes without a record").await {
        let kept = rig.active(&noise(4, 1000)).await;
        let stray = noise(5, 1000);
        let file = rig.spool().join("stray");
        std::fs::write(&file, &stray).unwrap();
        rig.store
            .put(&sum("sha512sum", &stray), &file, &Begun::default())
            .await
            .unwrap();
        assert_eq!(rig.names().await.len(), 2);
        let collected = rig
            .service
            .collect(Others::None, Strays::Keep)
            .await
            .unwrap();
        assert!(collected.is_nothing(), "{collected:?}");
        assert_eq!(rig.names().await.len(), 2);
        let collected = rig
            .service
            .collect(Others::Maybe, Strays::Remove)
            .await
            .unwrap();
        assert_eq!(collected.blobs, 1);
        assert_eq!(rig.names().await.len(), 1);
        rig.down(&kept).await.expect(200);
    }
}

#[tokio::test]
async fn a_deletion_that_was_killed_is_ended() {
    for rig in Rig::every("a deletion that was killed").await {
        let id = rig.active(&noise(6, 1000)).await;
        rig.sql("DELETE FROM images").await;
        rig.sql("UPDATE blobs SET state = 'dying', since = 0").await;
        assert_eq!(rig.names().await.len(), 1);
        rig.service
            .collect(Others::Maybe, Strays::Keep)
            .await
            .unwrap();
        assert!(rig.names().await.is_empty(), "{id}");
        // The same bytes can come again.
        let again = rig.active(&noise(6, 1000)).await;
        rig.down(&again).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_staged_is_kept_until_it_is_imported_or_deleted() {
    for rig in Rig::every("staged bytes").await {
        let id = rig.queued().await;
        let path = format!("/v2/images/{id}/stage");
        let staged = rig
            .ask("alice", "PUT", &path, Body::from(noise(7, 5000)))
            .await;
        staged.expect(204);
        rig.service
            .collect(Others::None, Strays::Keep)
            .await
            .unwrap();
        assert_eq!(rig.names().await.len(), 1);
        let image = rig.show(&id).await;
        assert_eq!(
            (&image["status"], &image["checksum"]),
            (&"uploading".into(), &Value::Null)
        );
        rig.delete(&id).await.expect(204);
        assert!(rig.names().await.is_empty());
    }
}

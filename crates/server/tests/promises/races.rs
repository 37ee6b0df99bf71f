//! Many at once: nobody loses what was promised.

use std::sync::Arc;

use axum::body::Body;
use serde_json::json;
use server::{Others, Strays};

use crate::rig::{Rig, noise};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_bytes_coming_and_going_are_never_lost() {
    for rig in Rig::every("the same bytes coming and going").await {
        let rig = Arc::new(rig);
        let bytes = Arc::new(noise(11, 50_000));
        let mut tasks = Vec::new();
        for worker in 0..6 {
            let (rig, bytes) = (Arc::clone(&rig), Arc::clone(&bytes));
            tasks.push(tokio::spawn(async move {
                let mut kept = None;
                for round in 0..12 {
                    let id = rig.active(&bytes).await;
                    assert!(rig.down(&id).await.expect(200).body == *bytes);
                    if worker == 0 && round == 11 {
                        kept = Some(id);
                    } else {
                        rig.delete(&id).await.expect(204);
                    }
                    if worker == 1 {
                        rig.service
                            .collect(Others::Maybe, Strays::Remove)
                            .await
                            .unwrap();
                    }
                }
                kept
            }));
        }
        let mut kept = None;
        for task in tasks {
            kept = task.await.unwrap().or(kept);
        }
        let kept = kept.unwrap();
        assert!(rig.down(&kept).await.expect(200).body == *bytes);
        rig.delete(&kept).await.expect(204);
        assert!(rig.names().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_at_one_time_are_all_made() {
    for rig in Rig::every("changes at one time").await {
        let rig = Arc::new(rig);
        let id = rig.queued().await;
        let tasks: Vec<_> = (0..4)
            .map(|n| {
                let (rig, path) = (Arc::clone(&rig), format!("/v2/images/{id}"));
                tokio::spawn(async move {
                    let change =
                        json!([{ "op": "add", "path": format!("/property_{n}"), "value": "v" }]);
                    let body = Body::from(change.to_string());
                    rig.ask("alice", "PATCH", &path, body).await.expect(200);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let image = rig.show(&id).await;
        for n in 0..4 {
            assert_eq!(image[format!("property_{n}")], "v");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_uploads_to_one_image_one_is_refused() {
    for rig in Rig::every("two uploads to one image").await {
        for round in 0..8 {
            let id = rig.queued().await;
            let (one, other) = (noise(round, 20_000), noise(round + 100, 20_000));
            let (first, second) =
                tokio::join!(rig.put(&id, one.clone()), rig.put(&id, other.clone()));
            let mut both = [first.status.as_u16(), second.status.as_u16()];
            let winner = if both[0] == 204 { &one } else { &other };
            assert!(rig.down(&id).await.expect(200).body == *winner);
            both.sort_unstable();
            assert_eq!(both, [204, 409]);
        }
    }
}

//! Single images of the real Glance: by id, by name, and their data.

use cloud::{Error, Glance};
use serde_json::json;

use crate::rig::{Rig, connect, lab, unique};

const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn an_image_is_found_by_its_id_and_by_its_name() {
    let Some(lab) = lab("an_image_is_found_by_its_id_and_by_its_name") else {
        return;
    };
    let (mut rig, mut stranger) = (Rig::new().await, Rig::of("alt", "lab-alt").await);
    let (one, shy, theirs) = (unique("One"), unique("Shy"), unique("Theirs"));
    let id = rig.image(json!({"name": one}), None).await;
    let hidden = rig
        .image(json!({"name": one, "os_hidden": true}), None)
        .await;
    let shyly = rig
        .image(json!({"name": shy, "os_hidden": true}), None)
        .await;
    let public = stranger
        .image(json!({"name": theirs, "visibility": "community"}), None)
        .await;
    stranger
        .image(json!({"name": one, "visibility": "community"}), None)
        .await;
    let cloud = connect(&lab, "lab-demo").await;
    let found = async |name: &str| cloud.glance().find(name).await.unwrap().id;
    assert_eq!(found(&id).await, id);
    assert_eq!(found(&hidden).await, hidden, "an id finds hidden images");
    assert_eq!(
        found(&one).await,
        id,
        "a stranger cannot make a name ambiguous"
    );
    assert_eq!(found(&shy).await, shyly);
    assert_eq!(found(&theirs).await, public);
    rig.delete().await;
    stranger.delete().await;
}

#[tokio::test]
async fn an_image_is_never_found_by_chance() {
    let Some(lab) = lab("an_image_is_never_found_by_chance") else {
        return;
    };
    let (mut rig, one, two) = (Rig::new().await, unique("One"), unique("Two"));
    rig.image(json!({"name": one}), None).await;
    let mut expected = [
        rig.image(json!({"name": two}), None).await,
        rig.image(json!({"name": two}), None).await,
    ];
    expected.sort_unstable();
    let cloud = connect(&lab, "lab-demo").await;
    let glance: &Glance = cloud.glance();
    match glance.find(&two).await.unwrap_err() {
        Error::Ambiguous { name, images } => {
            let mut found: Vec<String> = images.into_iter().map(|image| image.id).collect();
            found.sort_unstable();
            assert_eq!((name, found), (two, expected.to_vec()));
        }
        other => panic!("{other}"),
    }
    match glance
        .find(&one.to_uppercase().replace(' ', "-"))
        .await
        .unwrap_err()
    {
        Error::NotFound { near, .. } => assert!(near.contains(&one), "{near:?}"),
        other => panic!("{other}"),
    }
    assert!(matches!(
        glance.find(NOTHING).await.unwrap_err(),
        Error::NotFound { .. }
    ));
    assert!(glance.show(NOTHING).await.unwrap().is_none());
    assert!(
        glance
            .show("../../v2/images?x=y#z")
            .await
            .unwrap()
            .is_none()
    );
    rig.delete().await;
}

#[tokio::test]
async fn stored_bytes_come_whole_and_in_parts() {
    let Some(lab) = lab("stored_bytes_come_whole_and_in_parts") else {
        return;
    };
    let (mut rig, name) = (Rig::new().await, unique("data"));
    let data: Vec<u8> = (0..3_000_000_u32)
        .map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1])
        .collect();
    let id = rig.image(json!({"name": name}), Some(&data)).await;
    let empty = rig.image(json!({"name": name}), None).await;
    let cloud = connect(&lab, "lab-demo-appcred").await;
    let glance = cloud.glance();
    let record = glance.show(&id).await.unwrap().unwrap();
    assert_eq!(
        (record.size, record.status.as_str()),
        (Some(3_000_000), "active")
    );
    let mut download = glance.data(&id).await.unwrap();
    assert_eq!(download.len(), Some(3_000_000));
    let ranges = download.ranges().expect("image data never change");
    let mut whole = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        whole.extend_from_slice(&chunk);
    }
    assert!(whole == data);
    assert_eq!(
        ranges.read(1_234_567, 1000).await.unwrap(),
        &data[1_234_567..1_235_567]
    );
    assert!(matches!(
        glance.data(&empty).await,
        Err(Error::NoData { .. })
    ));
    assert!(matches!(
        glance.data(NOTHING).await,
        Err(Error::NotFound { .. })
    ));
    let reader = connect(&lab, "lab-demo-reader").await;
    match reader.glance().data(&id).await {
        Err(error @ Error::Forbidden(_)) => {
            assert_eq!(
                error.hint().unwrap(),
                "your roles in this project are reader; Glance usually wants `member`"
            );
            assert!(error.to_string().contains("403, req-"), "{error}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a reader may not download"),
    }
    rig.delete().await;
}

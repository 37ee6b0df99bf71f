//! Images of the real Glance: lists, pages, hidden ones, names, data.

use cloud::{Direction, Error, Hidden, Query, Visibility};
use serde_json::json;

use crate::rig::{Rig, connect, lab, unique};

fn tagged(tag: &str) -> Query {
    Query {
        tags: vec![tag.to_owned()],
        ..Query::default()
    }
}

#[tokio::test]
async fn all_pages_are_listed_in_order_with_hidden_images_or_without() {
    let Some(lab) = lab("all_pages_are_listed_in_order_with_hidden_images_or_without") else {
        return;
    };
    let (mut rig, tag) = (Rig::new().await, unique("tag"));
    for number in 0..7 {
        rig.image(
            json!({"name": format!("image {number}"), "tags": [tag], "os_hidden": number % 2 == 1}),
            None,
        )
        .await;
    }
    let cloud = connect(&lab, "lab-demo").await;
    let names = async |query: Query| {
        let images = cloud.glance().list(&query).await.unwrap();
        images
            .iter()
            .map(|image| image.name()[6..].to_owned())
            .collect::<String>()
    };
    let by_name = |direction| vec![("name".to_owned(), direction)];
    let up = Query {
        page_size: Some(2),
        sort: by_name(Direction::Ascending),
        ..tagged(&tag)
    };
    assert_eq!(names(up.clone()).await, "0246");
    assert_eq!(
        names(Query {
            hidden: Hidden::Only,
            ..up.clone()
        })
        .await,
        "135"
    );
    assert_eq!(
        names(Query {
            hidden: Hidden::Both,
            ..up.clone()
        })
        .await,
        "0123456"
    );
    let down = Query {
        sort: by_name(Direction::Descending),
        hidden: Hidden::Both,
        ..up.clone()
    };
    assert_eq!(names(down.clone()).await, "6543210");
    assert_eq!(
        names(Query {
            limit: Some(3),
            ..down
        })
        .await,
        "654"
    );
    assert_eq!(
        names(Query {
            limit: Some(3),
            ..up.clone()
        })
        .await,
        "024"
    );
    assert_eq!(
        names(Query {
            limit: Some(0),
            ..up.clone()
        })
        .await,
        ""
    );
    let second = cloud.glance().list(&up).await.unwrap()[1].id.clone();
    assert_eq!(
        names(Query {
            marker: Some(second),
            ..up
        })
        .await,
        "46"
    );
    rig.delete().await;
}

#[tokio::test]
async fn filters_are_applied_by_the_server() {
    let Some(lab) = lab("filters_are_applied_by_the_server") else {
        return;
    };
    let (mut rig, tag) = (Rig::new().await, unique("tag"));
    rig.image(
        json!({"name": "in:a,b", "tags": [tag, "x"], "os_distro": "debian"}),
        None,
    )
    .await;
    rig.image(
        json!({"name": "ä \"&=", "tags": [tag], "os_distro": "fedora"}),
        Some(b"data"),
    )
    .await;
    let cloud = connect(&lab, "lab-demo").await;
    let names = async |query: Query| {
        let images = cloud.glance().list(&query).await.unwrap();
        images
            .iter()
            .map(|image| image.name().to_owned())
            .collect::<Vec<_>>()
    };
    let with = tagged(&tag);
    assert_eq!(
        names(Query {
            name: Some("in:a,b".to_owned()),
            ..with.clone()
        })
        .await,
        ["in:a,b"]
    );
    assert_eq!(
        names(Query {
            name: Some("ä \"&=".to_owned()),
            ..with.clone()
        })
        .await,
        ["ä \"&="]
    );
    assert_eq!(
        names(Query {
            tags: vec![tag.clone(), "x".to_owned()],
            ..Query::default()
        })
        .await,
        ["in:a,b"]
    );
    let distro = vec![("os_distro".to_owned(), "fedora".to_owned())];
    assert_eq!(
        names(Query {
            properties: distro,
            ..with.clone()
        })
        .await,
        ["ä \"&="]
    );
    assert_eq!(
        names(Query {
            status: Some("queued".to_owned()),
            ..with.clone()
        })
        .await,
        ["in:a,b"]
    );
    assert!(
        names(Query {
            visibility: Some(Visibility::Public),
            ..with.clone()
        })
        .await
        .is_empty()
    );
    assert_eq!(
        names(Query {
            visibility: Some(Visibility::Private),
            ..with.clone()
        })
        .await
        .len(),
        2
    );
    let owner = cloud.token().project.as_ref().unwrap().id.clone();
    assert_eq!(
        names(Query {
            owner: Some(owner),
            ..with.clone()
        })
        .await
        .len(),
        2
    );
    let wrong = Query {
        sort: vec![("nonsense".to_owned(), Direction::Ascending)],
        ..with
    };
    let error = cloud.glance().list(&wrong).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("listing images was refused (400, req-"),
        "{error}"
    );
    rig.delete().await;
}

#[tokio::test]
async fn an_image_is_found_by_id_and_by_name_and_never_by_chance() {
    let Some(lab) = lab("an_image_is_found_by_id_and_by_name_and_never_by_chance") else {
        return;
    };
    let (mut rig, mut stranger) = (Rig::new().await, Rig::of("alt", "lab-alt").await);
    let (one, two, shy, theirs) = (
        unique("One"),
        unique("Two"),
        unique("Shy"),
        unique("Theirs"),
    );
    let id = rig.image(json!({"name": one}), None).await;
    let hidden = rig
        .image(json!({"name": one, "os_hidden": true}), None)
        .await;
    let first = rig.image(json!({"name": two}), None).await;
    let second = rig.image(json!({"name": two}), None).await;
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
    let glance = cloud.glance();
    assert_eq!(glance.find(&id).await.unwrap().id, id);
    assert_eq!(
        glance.find(&hidden).await.unwrap().id,
        hidden,
        "an id finds hidden images"
    );
    assert_eq!(
        glance.find(&one).await.unwrap().id,
        id,
        "a stranger cannot make a name ambiguous"
    );
    assert_eq!(glance.find(&shy).await.unwrap().id, shyly);
    assert_eq!(glance.find(&theirs).await.unwrap().id, public);
    match glance.find(&two).await.unwrap_err() {
        Error::Ambiguous { name, images } => {
            let mut found: Vec<&str> = images.iter().map(|image| image.id.as_str()).collect();
            let mut expected = [first.as_str(), second.as_str()];
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(
                (name.as_str(), found.as_slice()),
                (two.as_str(), expected.as_slice())
            );
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
    let nothing = "00000000-0000-4000-8000-000000000000";
    assert!(matches!(
        glance.find(nothing).await.unwrap_err(),
        Error::NotFound { .. }
    ));
    assert!(glance.show(nothing).await.unwrap().is_none());
    assert!(
        glance
            .show("../../v2/images?x=y#z")
            .await
            .unwrap()
            .is_none()
    );
    rig.delete().await;
    stranger.delete().await;
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
    let nothing = "00000000-0000-4000-8000-000000000000";
    assert!(matches!(
        glance.data(nothing).await,
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

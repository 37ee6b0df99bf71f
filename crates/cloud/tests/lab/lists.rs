//! Lists of the real Glance: order, pages, hidden images, filters.

use cloud::{Cloud, Direction, Error, Hidden, Query, Visibility};
use serde_json::json;

use crate::rig::{Rig, connect, lab, unique};

/// A change to a query, and the names it leads to, joined by `|`.
type Case<'a> = (&'static str, &'a dyn Fn(&mut Query), &'static str);

async fn holds(cloud: &Cloud, base: &Query, cases: &[Case<'_>]) {
    for (what, change, expected) in cases {
        let mut query = base.clone();
        change(&mut query);
        let images = cloud.glance().list(&query).await.unwrap();
        let names: Vec<&str> = images.iter().map(cloud::Image::name).collect();
        assert_eq!(names.join("|"), *expected, "{what}");
    }
}

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
            json!({"name": number.to_string(), "tags": [tag], "os_hidden": number % 2 == 1}),
            None,
        )
        .await;
    }
    let cloud = connect(&lab, "lab-demo").await;
    let up = Query {
        page_size: Some(2),
        sort: vec![("name".to_owned(), Direction::Ascending)],
        ..tagged(&tag)
    };
    let second = cloud.glance().list(&up).await.unwrap()[1].id.clone();
    let both_down = |query: &mut Query| {
        query.sort[0].1 = Direction::Descending;
        query.hidden = Hidden::Both;
    };
    let cases: &[Case<'_>] = &[
        ("up", &|_| {}, "0|2|4|6"),
        ("hidden only", &|query| query.hidden = Hidden::Only, "1|3|5"),
        (
            "both",
            &|query| query.hidden = Hidden::Both,
            "0|1|2|3|4|5|6",
        ),
        ("both, down", &both_down, "6|5|4|3|2|1|0"),
        ("at most three", &|query| query.limit = Some(3), "0|2|4"),
        ("at most none", &|query| query.limit = Some(0), ""),
        (
            "after the second",
            &|query| query.marker = Some(second.clone()),
            "4|6",
        ),
        ("one a page", &|query| query.page_size = Some(1), "0|2|4|6"),
    ];
    holds(&cloud, &up, cases).await;
    let first_of_both = |query: &mut Query| {
        both_down(query);
        query.limit = Some(3);
    };
    let newest = |query: &mut Query| query.sort.clear();
    holds(
        &cloud,
        &up,
        &[
            ("three of both", &first_of_both, "6|5|4"),
            ("newest first", &newest, "6|4|2|0"),
        ],
    )
    .await;
    rig.delete().await;
}

/// Two images of a tag of their own, in the order of their names.
async fn pair(rig: &mut Rig) -> Query {
    let tag = unique("tag");
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
    Query {
        sort: vec![("name".to_owned(), Direction::Ascending)],
        ..tagged(&tag)
    }
}

#[tokio::test]
async fn filters_are_applied_by_the_server() {
    let Some(lab) = lab("filters_are_applied_by_the_server") else {
        return;
    };
    let mut rig = Rig::new().await;
    let base = pair(&mut rig).await;
    let fedora = ("os_distro".to_owned(), "fedora".to_owned());
    let cases: &[Case<'_>] = &[
        (
            "a name like a list",
            &|query| query.name = Some("in:a,b".into()),
            "in:a,b",
        ),
        (
            "a name with signs",
            &|query| query.name = Some("ä \"&=".into()),
            "ä \"&=",
        ),
        ("two tags", &|query| query.tags.push("x".into()), "in:a,b"),
        (
            "a property",
            &|query| query.properties.push(fedora.clone()),
            "ä \"&=",
        ),
        (
            "a status",
            &|query| query.status = Some("queued".into()),
            "in:a,b",
        ),
    ];
    holds(&connect(&lab, "lab-demo").await, &base, cases).await;
    rig.delete().await;
}

#[tokio::test]
async fn images_are_listed_by_whose_they_are() {
    let Some(lab) = lab("images_are_listed_by_whose_they_are") else {
        return;
    };
    let mut rig = Rig::new().await;
    let base = pair(&mut rig).await;
    let cloud = connect(&lab, "lab-demo").await;
    let own = cloud.token().project.as_ref().unwrap().id.clone();
    let cases: &[Case<'_>] = &[
        (
            "public",
            &|query| query.visibility = Some(Visibility::Public),
            "",
        ),
        (
            "private",
            &|query| query.visibility = Some(Visibility::Private),
            "in:a,b|ä \"&=",
        ),
        (
            "all",
            &|query| query.visibility = Some(Visibility::All),
            "in:a,b|ä \"&=",
        ),
        (
            "own",
            &|query| query.owner = Some(own.clone()),
            "in:a,b|ä \"&=",
        ),
        (
            "another's",
            &|query| query.owner = Some("nobody".into()),
            "",
        ),
    ];
    holds(&cloud, &base, cases).await;
    rig.delete().await;
}

#[tokio::test]
async fn an_order_that_glance_does_not_know_is_refused_and_told() {
    let Some(lab) = lab("an_order_that_glance_does_not_know_is_refused_and_told") else {
        return;
    };
    let wrong = Query {
        sort: vec![("nonsense".to_owned(), Direction::Ascending)],
        ..Query::default()
    };
    let error = connect(&lab, "lab-demo")
        .await
        .glance()
        .list(&wrong)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("listing images was refused (400, req-"),
        "{error}"
    );
}

//! Which images a query finds, in which order.

use origin::Families;
use origin::life::Dates;
use serde_json::{Value, json};

use wire::image::Image;

use super::*;
use crate::proving::Standing;
use crate::view::facts::World;

fn rows(records: &[Value]) -> Vec<Row> {
    let (families, dates) = (Families::load(&[]).unwrap(), Dates::load(None).unwrap());
    let world = World {
        families: &families,
        dates: &dates,
        today: "2026-11-25".parse().unwrap(),
    };
    let image = |record: &Value| serde_json::from_value::<Image>(record.clone()).unwrap();
    records
        .iter()
        .map(|record| Row::of(&image(record), &Standing::Unknown, world))
        .collect()
}

fn names(records: &[Value], query: &str) -> Vec<String> {
    let list = List::of(rows(records), &Asked::parse(query).unwrap());
    list.rows.into_iter().map(|row| row.name).collect()
}

fn some() -> Vec<Value> {
    vec![
        json!({"id": "1", "name": "Debian 12", "visibility": "public", "os_distro": "debian", "size": 30}),
        json!({"id": "2", "name": "Debian 9", "visibility": "community", "os_distro": "debian", "size": 10}),
        json!({"id": "3", "name": "mine", "visibility": "private", "size": 20, "created_at": "2026-11-01T00:00:00Z"}),
        json!({"id": "4", "name": "old", "visibility": "public", "os_hidden": true}),
    ]
}

#[test]
fn hidden_images_are_shown_only_when_asked_for() {
    assert_eq!(names(&some(), ""), ["Debian 9", "Debian 12", "mine"]);
    assert_eq!(names(&some(), "hidden=only"), ["old"]);
    assert_eq!(names(&some(), "hidden=both").len(), 4);
}

#[test]
fn what_is_counted_is_what_is_listed() {
    for query in ["", "hidden=only", "hidden=both"] {
        let list = List::of(rows(&some()), &Asked::parse(query).unwrap());
        let families: usize = list.families.values().map(|(_, count)| count).sum();
        let listed = list.rows.len();
        assert_eq!(
            (list.all, list.matching, families),
            (listed, listed, listed),
            "{query}"
        );
    }
}

#[test]
fn every_filter_and_every_word_of_the_search_has_to_fit() {
    assert_eq!(names(&some(), "family=debian"), ["Debian 9", "Debian 12"]);
    assert_eq!(names(&some(), "visibility=private"), ["mine"]);
    assert_eq!(names(&some(), "q=DEB+12"), ["Debian 12"]);
    assert_eq!(names(&some(), "q=DEB+13"), [""; 0]);
    assert_eq!(names(&some(), "verdict=unverified").len(), 3);
    assert_eq!(names(&some(), "verdict=identical").len(), 0);
}

#[test]
fn numbers_in_names_are_sorted_by_value_and_the_order_can_be_turned() {
    assert_eq!(
        names(&some(), "sort=-name"),
        ["mine", "Debian 12", "Debian 9"]
    );
    assert_eq!(
        names(&some(), "sort=size"),
        ["Debian 9", "mine", "Debian 12"]
    );
    assert_eq!(names(&some(), "sort=age")[0], "mine");
}

#[test]
fn the_support_that_ends_first_comes_first_and_what_is_not_known_last() {
    let of = |name: &str, family: &str, release: &str| json!({"id": name, "name": name, "os_distro": family, "os_version": release});
    // Debian 12 until 2028, Ubuntu 24.04 until 2029, as their projects say.
    let records = [
        of("c", "ubuntu", "24.04"),
        of("a", "nobody", "1"),
        of("b", "debian", "12"),
    ];
    assert_eq!(names(&records, "sort=until"), ["b", "c", "a"]);
    assert_eq!(names(&records, "sort=-until")[1..], ["c", "b"]);
}

#[test]
fn late_images_come_first_when_sorted_by_what_is_due() {
    let record = |name: &str, built: &str| {
        json!({"id": name, "name": name, "visibility": "public", "image_build_date": built,
            "replace_frequency": "monthly", "provided_until": "2027-06-30"})
    };
    let records = [
        record("a", "2026-11-20"),
        record("b", "2026-01-01"),
        record("c", "2026-10-01"),
    ];
    assert_eq!(names(&records, "sort=due"), ["b", "c", "a"]);
    let list = List::of(rows(&records), &Asked::parse("").unwrap());
    assert_eq!(list.late, 2);
}

#[test]
fn a_page_beyond_the_last_is_the_last() {
    let records: Vec<Value> = (0..120)
        .map(|n| json!({"id": n.to_string(), "name": format!("image {n}"), "visibility": "public"}))
        .collect();
    assert_eq!(names(&records, "").len(), PAGE);
    assert_eq!(names(&records, "page=3").len(), 20);
    assert_eq!(names(&records, "page=99")[0], "image 100");
}

#[test]
fn what_is_not_understood_is_refused() {
    for query in [
        "sort=evil",
        "visibility=everything",
        "page=0",
        "page=-1",
        "hidden=1",
        "nonsense=1",
    ] {
        assert!(Asked::parse(query).is_err(), "{query}");
    }
    assert!(Asked::parse(&format!("q={}", "x".repeat(MAX_VALUE + 1))).is_err());
    let bytes = Asked::parse("q=%ff%00%F0").unwrap();
    assert!(!bytes.q.is_empty());
}

#[test]
fn an_identical_copy_of_what_nobody_vouches_for_is_no_good_news() {
    let record = json!({"id": "1", "name": "a", "status": "active", "visibility": "public"});
    let image: Image = serde_json::from_value(record).unwrap();
    let now = "2026-11-25T00:00:00Z".parse().unwrap();
    let begun = proof::Verdict::begun("a", proof::Level::Record, now).about(&image);
    let standing = Standing::Done(std::sync::Arc::new(begun.identical()), now);
    let (families, dates) = (Families::load(&[]).unwrap(), Dates::load(None).unwrap());
    let world = World {
        families: &families,
        dates: &dates,
        today: "2026-11-25".parse().unwrap(),
    };
    let row = Row::of(&image, &standing, world);
    assert_eq!(
        (row.verdict, row.caution, row.verdict_class()),
        ("identical", "nobody vouches", "warn")
    );
    assert_eq!(List::of(vec![row], &Asked::parse("").unwrap()).identical, 0);
}

#[test]
fn links_keep_the_filters_and_let_go_of_the_page() {
    let asked = Asked::parse("q=a+b%26c&sort=size&page=3").unwrap();
    assert_eq!(
        asked.with("family", "debian"),
        "q=a+b%26c&family=debian&sort=size"
    );
    assert_eq!(asked.with("page", "4"), "q=a+b%26c&sort=size&page=4");
    assert_eq!(asked.sorted("size"), "q=a+b%26c&sort=-size");
    assert_eq!(asked.direction("size"), "ascending");
}

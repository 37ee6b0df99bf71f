//! `catalogue newest`: what is published, what is left out, and what is said when something is not known.

use world::Page;

use crate::run::ectype;
use crate::shop::{Shop, by};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/origin/tests/samples/");

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("{SAMPLES}{name}")).unwrap()
}

fn alma(shop: &Shop) {
    for (release, arch) in [("9", "x86_64"), ("10", "x86_64")] {
        let url =
            format!("https://repo.almalinux.org/almalinux/{release}/cloud/{arch}/images/CHECKSUM");
        shop.put(&url, sample(&format!("CHECKSUM.almalinux{release}-{arch}")));
    }
    shop.put(
        "https://repo.almalinux.org/almalinux/8/cloud/x86_64/images/CHECKSUM",
        format!(
            "{}  AlmaLinux-8-GenericCloud-8.10-20260518.x86_64.qcow2\n",
            "8".repeat(64)
        ),
    );
}

/// Debian 13 with two builds, and Debian 12.
fn debian(shop: &Shop) {
    shop.debian("20260712-2537");
    shop.debian("20260810-999");
    shop.list(
        "https://cloud.debian.org/images/cloud/trixie/",
        &["20260712-2537/", "20260810-999/", "daily/", "latest/"],
    );
    let bookworm = "https://cloud.debian.org/images/cloud/bookworm/";
    shop.list(bookworm, &["20260601-2500/"]);
    shop.put(
        &format!("{bookworm}20260601-2500/SHA512SUMS"),
        format!(
            "{}  debian-12-genericcloud-amd64-20260601-2500.qcow2\n",
            "1".repeat(128)
        ),
    );
}

#[test]
fn the_newest_build_of_every_release_in_support_is_shown() {
    let shop = Shop::new();
    alma(&shop);
    debian(&shop);
    shop.put(
        "https://download.cirros-cloud.net/version/released",
        "0.6.3\n",
    );
    let run = shop.run(&[
        "catalogue",
        "newest",
        "almalinux",
        "debian",
        "cirros",
        "-f",
        "json",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows = run.json();
    assert_eq!(rows.as_array().unwrap().len(), 6, "{rows}");
    let debian = by(&rows, "Release", "13");
    assert_eq!(debian["Build"], "20260810-999");
    assert_eq!(debian["Date"], "2026-08-10");
    assert_eq!(debian["Support Ends"], "2030-06-30");
    assert_eq!(
        debian["URL"],
        "https://cloud.debian.org/images/cloud/trixie/20260810-999/debian-13-genericcloud-amd64-20260810-999.qcow2"
    );
    assert_eq!(by(&rows, "Release", "10")["Build"], "10.2-20260526.0");
    assert_eq!(
        by(&rows, "Family", "cirros")["Support Ends"],
        serde_json::Value::Null
    );
    // Debian 11 was not even asked for: its support has ended.
    assert!(
        !shop
            .world
            .requests()
            .iter()
            .any(|seen| seen.path().contains("bullseye"))
    );
}

#[test]
fn single_values_of_a_build_are_for_scripts() {
    let shop = Shop::new();
    shop.put(
        "https://download.cirros-cloud.net/version/released",
        "0.6.3\n",
    );
    let named = shop.run(&[
        "catalogue",
        "newest",
        "cirros",
        "-f",
        "value",
        "-c",
        "OS Version",
    ]);
    assert_eq!(named.stdout, "0.6.3\n");
    let values = shop.run(&[
        "catalogue",
        "newest",
        "cirros",
        "-f",
        "value",
        "-c",
        "Build",
        "-c",
        "Release",
    ]);
    assert_eq!((values.code, values.stdout.trim()), (0, "0.6 0.6.3"));
}

#[test]
fn what_is_not_known_of_one_release_is_said_and_hides_no_other() {
    let shop = Shop::new();
    alma(&shop);
    let broken = "https://repo.almalinux.org/almalinux/8/cloud/x86_64/images/CHECKSUM";
    shop.world.put(&Shop::path(broken), Page::status(403));
    let run = shop.run(&["catalogue", "newest", "almalinux", "-f", "json"]);
    assert_eq!(
        (run.code, run.json().as_array().unwrap().len()),
        (8, 2),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("1 of 3 releases"), "{}", run.stderr);
    let lost = shop.run(&["catalogue", "newest", "cirros"]);
    assert_eq!((lost.code, &lost.stdout[..]), (5, ""), "{}", lost.stderr);
    let unknown = shop.run(&["catalogue", "newest", "debain"]);
    assert_eq!(unknown.code, 5);
    assert!(
        unknown.stderr.contains("almalinux, alpine"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_vendor_s_page_that_leads_to_a_foreign_or_private_place_is_not_followed() {
    let shop = Shop::new();
    let there = world::World::start();
    there.put("/released", Page::bytes(*b"6.6.6\n"));
    let here = Shop::path("https://download.cirros-cloud.net/version/released");
    shop.world.put(
        &here,
        Page::redirect(302, &there.url_by_name("localhost", "/released")),
    );
    let run = shop.run(&["catalogue", "newest", "cirros"]);
    assert_eq!((run.code, &run.stdout[..]), (6, ""), "{}", run.stderr);
    assert!(there.requests().is_empty());
    let mirror = format!(
        "download.cirros-cloud.net={}",
        shop.world.url("/download.cirros-cloud.net/")
    );
    let before = shop.world.requests().len();
    let home = shop.made.folder.path();
    let run = ectype(
        home,
        &[],
        &["catalogue", "newest", "cirros", "--mirror", &mirror],
    );
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("--allow-private"), "{}", run.stderr);
    assert_eq!(shop.world.requests().len(), before);
}

#[test]
fn a_family_of_one_s_own_needs_no_more_than_a_file() {
    let shop = Shop::new();
    let home = shop.made.folder.path();
    let families = home.join(".config/ectype/families");
    std::fs::create_dir_all(&families).unwrap();
    let text = "family: mine\nname: Mine\nbase: https://images.mine.example/\nhosts: [images.mine.example]\n\
                architectures: {x86_64: amd64}\nfields: {release: '[0-9]+', date: '20[0-9]{6}'}\n\
                find:\n  - read: listing\n    at: '{base}'\n    entry: 'mine-{release}-{date}.{arch}.img'\n\
                build: '{date}'\nurl: '{base}mine-{release}-{date}.{arch}.img'\n\
                image: {login: me, os_distro: mine, os_purpose: custom, min_ram: 512}\n";
    std::fs::write(families.join("mine.yaml"), text).unwrap();
    shop.list(
        "https://images.mine.example/",
        &[
            "mine-1-20260101.amd64.img",
            "mine-2-20260202.amd64.img",
            "mine-2-20251231.amd64.img",
        ],
    );
    let mirror = format!(
        "images.mine.example={}",
        shop.world.url("/images.mine.example/")
    );
    let args = [
        "catalogue",
        "newest",
        "mine",
        "-f",
        "value",
        "-c",
        "Release",
        "-c",
        "Build",
        "--allow-private",
        "--mirror",
        &mirror,
    ];
    let run = ectype(home, &[], &args);
    assert_eq!(
        (run.code, &run.stdout[..]),
        (0, "1 20260101\n2 20260202\n"),
        "{}",
        run.stderr
    );
    std::fs::write(
        families.join("mine.yaml"),
        text.replace("hosts:", "hoosts:"),
    )
    .unwrap();
    let run = ectype(home, &[], &args);
    assert_eq!(run.code, 3);
    assert!(
        run.stderr.contains("mine.yaml, line 4:") && run.stderr.contains("hoosts"),
        "{}",
        run.stderr
    );
}

#[test]
fn dates_of_one_s_own_go_before_the_shipped_ones_and_the_end_is_announced() {
    let shop = Shop::new();
    alma(&shop);
    let home = shop.made.folder.path();
    let folder = home.join(".config/ectype");
    std::fs::create_dir_all(&folder).unwrap();
    let in_a_month = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 30);
    let end = in_a_month.to_zoned(jiff::tz::TimeZone::UTC).date();
    let dates = format!(
        r#"{{"data_date": "2026-11-01", "products": {{"almalinux": {{"releases": [
            {{"release": "8", "released": "2021-03-30", "ends": [{{"kind": "security", "date": "2025-01-01", "source": "us"}}]}},
            {{"release": "9", "released": "2022-05-26", "ends": [{{"kind": "security", "date": "{end}", "source": "us"}}]}}]}}}}}}"#
    );
    std::fs::write(folder.join("lifecycle.json"), dates).unwrap();
    let run = shop.run(&["catalogue", "newest", "almalinux", "-f", "json"]);
    let rows = run.json();
    assert_eq!(
        (run.code, rows.as_array().unwrap().len()),
        (0, 2),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains(&format!("almalinux 9: support ends on {end}")),
        "{}",
        run.stderr
    );
    let all = shop.run(&[
        "catalogue",
        "newest",
        "almalinux",
        "--all-releases",
        "-f",
        "json",
    ]);
    assert_eq!(all.json().as_array().unwrap().len(), 3);
}

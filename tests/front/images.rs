//! `image list` and `image show` on a fake cloud: formats, columns, order, hostile names.

use serde_json::{Value, json};

use crate::fake::{cloud, image, user_of};

#[test]
fn an_empty_list_is_an_empty_array_and_no_lines() {
    let world = cloud(&json!([]));
    let ectype = user_of(&world);
    assert_eq!(ectype.answer(&["image", "list", "-f", "json"]), "[]\n");
    assert_eq!(ectype.answer(&["image", "list", "-f", "yaml"]), "[]\n");
    assert_eq!(
        ectype.answer(&["image", "list", "-f", "csv"]),
        "\"ID\",\"Name\",\"Status\"\n"
    );
    assert_eq!(
        ectype.answer(&["image", "list", "-f", "value", "-c", "id"]),
        ""
    );
    assert_eq!(ectype.answer(&["image", "list", "-q"]), "");
    assert_eq!(
        ectype
            .answer(&["image", "list", "-q", "--print-empty"])
            .lines()
            .count(),
        4
    );
    assert_eq!(
        ectype.run(&["image", "list"]).stderr,
        "note: no image matches\n"
    );
}

#[test]
fn columns_are_found_in_every_spelling_and_never_guessed() {
    let world = cloud(&json!([image(1, "one"), image(2, "two")]));
    let ectype = user_of(&world);
    let ids = "00000000-0000-4000-8000-000000000001\n00000000-0000-4000-8000-000000000002\n";
    for column in ["id", "ID", "Id"] {
        assert_eq!(
            ectype.answer(&["image", "list", "-f", "value", "-c", column]),
            ids
        );
    }
    for column in ["Disk Format", "disk_format", "DISK_FORMAT"] {
        assert_eq!(
            ectype.answer(&["image", "list", "-f", "value", "-c", column]),
            "raw\nraw\n"
        );
    }
    let json: Value = serde_json::from_str(&ectype.answer(&[
        "image",
        "list",
        "-f",
        "json",
        "-c",
        "os_hash_value",
        "-c",
        "size",
    ]))
    .unwrap();
    assert_eq!(json[0], json!({ "Size": 1000, "Hash Value": null }));
    let unknown = ectype.run(&["image", "list", "-c", "ID", "-c", "colour"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`colour`") && unknown.stderr.contains("Hash Value"));
    assert_eq!(
        world.requests_to("/image/v2/images").len(),
        7,
        "a wrong column needs no cloud"
    );
}

#[test]
fn order_is_by_name_unless_another_is_asked_for_and_numbers_are_numbers() {
    let world = cloud(&json!([image(2, "b"), image(10, "a"), image(9, "B")]));
    let ectype = user_of(&world);
    let names = |args: &[&str]| {
        let args = [&["image", "list", "-f", "value", "-c", "Name"], args].concat();
        ectype.answer(&args).split_whitespace().collect::<String>()
    };
    assert_eq!(names(&[]), "Bab");
    assert_eq!(names(&["--sort", "size:desc"]), "aBb");
    assert_eq!(names(&["--sort", "visibility,name:desc"]), "baB");
    assert_eq!(names(&["--sort-column", "Size"]), "bBa");
    assert_eq!(
        names(&["--sort-column", "size", "--sort-descending"]),
        "aBb"
    );
}

#[test]
fn filters_are_left_to_the_image_service() {
    let world = cloud(&json!([]));
    let words = "image list -f json --community --hidden --tag a --tag b --property os_distro=debian \
         --property note=x=y --name n --status active --member-status ALL --project demo \
         --sort size:desc,name --limit 7";
    user_of(&world).answer(&words.split_whitespace().collect::<Vec<_>>());
    let seen = world.requests_to("/image/v2/images");
    let query = seen
        .last()
        .unwrap()
        .target
        .split('?')
        .nth(1)
        .unwrap()
        .to_owned();
    let mut parts: Vec<&str> = query.split('&').collect();
    parts.sort_unstable();
    let expected = "limit=7 member_status=all name=n note=x%3Dy os_distro=debian os_hidden=true owner=p1 \
         sort_dir=asc sort_dir=desc sort_key=name sort_key=size status=active tag=a tag=b \
         visibility=community";
    assert_eq!(parts, expected.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn a_name_is_shown_and_never_obeyed_but_json_carries_it_whole() {
    let name = "Debian\u{1b}[2J\u{202e}31\nerror: x\u{7f}";
    let world = cloud(&json!([image(1, name)]));
    let ectype = user_of(&world);
    let table = ectype.answer(&["image", "list"]);
    assert!(
        table.contains("Debian\\x1b[2J\\u{202e}31\\nerror: x\\x7f"),
        "{table}"
    );
    let json = ectype.answer(&["image", "list", "-f", "json"]);
    assert!(!json.contains(['\u{1b}', '\u{202e}', '\u{7f}']), "{json}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["Name"], name);
    let value = ectype.answer(&["image", "list", "-f", "value", "-c", "name"]);
    assert_eq!(value, format!("{name}\n"), "scripts get the bytes");
}

#[test]
fn several_images_of_one_name_are_listed_and_refused() {
    let world = cloud(&json!([image(1, "twin"), image(2, "twin")]));
    let ended = user_of(&world).run(&["image", "show", "twin"]);
    assert_eq!(ended.code, 5);
    for number in 1..=2 {
        assert!(
            ended
                .stderr
                .contains(&format!("00000000-0000-4000-8000-00000000000{number}"))
        );
    }
}

#[test]
fn show_gives_any_field_by_its_own_name_and_lists_them_when_there_is_none() {
    let mut one = image(1, "one");
    one["image_source"] = json!("https://example.org/x.qcow2");
    let world = cloud(&json!([one]));
    let ectype = user_of(&world);
    let value =
        |column: &str| ectype.answer(&["image", "show", "one", "-f", "value", "-c", column]);
    assert_eq!(value("image_source"), "https://example.org/x.qcow2\n");
    assert_eq!(value("Disk Format"), "raw\n");
    assert_eq!(value("checksum"), "None\n", "known, but not set");
    assert_eq!(value("os_hash_value"), "None\n");
    let unknown = ectype.run(&["image", "show", "one", "-c", "colour"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.stderr.contains("image_source"),
        "{}",
        unknown.stderr
    );
    let human = ectype.answer(&[
        "image",
        "show",
        "one",
        "--human-readable",
        "-f",
        "value",
        "-c",
        "size",
    ]);
    assert_eq!(human, "1000 bytes\n");
}

#[test]
fn a_table_in_a_pipe_is_as_wide_as_its_widest_value_unless_a_width_is_asked_for() {
    let name = "n".repeat(300);
    let world = cloud(&json!([image(1, &name)]));
    let ectype = user_of(&world).env("COLUMNS", "60");
    assert!(ectype.answer(&["image", "list"]).contains(&name));
    let width = |args: &[&str]| {
        let table = ectype.answer(&[&["image", "list"], args].concat());
        table
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap()
    };
    assert!(width(&["--max-width", "70"]) <= 70);
    assert!(width(&["--fit-width"]) <= 60);
}

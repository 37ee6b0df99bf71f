//! `catalogue plan`: it reads and changes nothing, it says what and why, and it can be kept in a file.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::bench::{Bench, actions, path};

const TRIXIE: &str = "https://cloud.debian.org/images/cloud/trixie/";

#[test]
fn a_plan_asks_for_two_lists_and_writes_nothing() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let plan = bench.planned(&[]);
    assert_eq!(actions(&plan), ["import", "promote"]);
    let lists = [("GET".to_owned(), false), ("GET".to_owned(), true)];
    assert_eq!(bench.cloud.asked(), lists);
    let other = |seen: &world::Seen| seen.method != "GET" && seen.path() != "/v3/auth/tokens";
    assert!(!bench.cloud.world.requests().iter().any(other));
    assert!(
        bench
            .vendors
            .requests()
            .iter()
            .all(|seen| seen.method == "GET")
    );
    // Small requests alone: the image itself is not asked for.
    assert!(
        !bench
            .vendors
            .requests()
            .iter()
            .any(|seen| seen.path().ends_with(".qcow2"))
    );
}

#[test]
fn an_import_names_the_original_its_digest_and_what_vouches_for_it() {
    let bench = Bench::new();
    bench.debian(&["20260630-2400", "20260712-2537"]);
    let plan = bench.planned(&[]);
    let build = &plan["steps"][0]["import"]["build"];
    assert_eq!(build["id"], "20260712-2537");
    assert_eq!(build["date"], "2026-07-12");
    assert_eq!(build["evidence"], "tls");
    assert_eq!(build["digests"], json!([format!("sha512:{:0128x}", 2)]));
    let file = "20260712-2537/debian-13-genericcloud-amd64-20260712-2537.qcow2";
    assert_eq!(build["url"], format!("{TRIXIE}{file}"));
    assert_eq!(
        build["mirror"],
        bench.vendors.url(&path(&format!("{TRIXIE}{file}")))
    );
}

#[test]
fn what_several_definitions_need_is_asked_for_once() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let mine = bench.file(
        "mine.yaml",
        "catalogue: 1\nimages: {debian-13-aarch64: {enabled: true}, debian-12: {enabled: false}}\n",
    );
    let family = ["--family", "debian"];
    let run = bench.run(&[&["catalogue", "plan", mine.to_str().unwrap()], &family[..]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout.matches("  import").count(), 2, "{}", run.stdout);
    assert_eq!(bench.vendors.requests_to(&path(TRIXIE)).len(), 1);
    let sums = path(&format!("{TRIXIE}20260712-2537/SHA512SUMS"));
    // Once as the page that names the builds, and once as the evidence.
    assert_eq!(bench.vendors.requests_to(&sums).len(), 2);
}

#[test]
fn when_the_cloud_is_as_planned_there_is_nothing_to_do() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let code = |more: &[&str]| {
        let args = ["catalogue", "plan", "--only", "debian-13"];
        bench.run(&[&args, more].concat()).code
    };
    assert_eq!((code(&[]), code(&["--exit-code"])), (0, 1));
    bench.cloud.carry_out(&bench.planned(&[]));
    assert_eq!((code(&[]), code(&["--exit-code"])), (0, 0));
    let run = bench.run(&["catalogue", "plan", "--only", "debian-13"]);
    assert!(
        // The build is of July 2026, and one a quarter is promised.
        run.stdout
            .ends_with("nothing to do; 1 image stays; 1 warning\n"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_new_build_takes_the_name_and_the_text_says_what_and_why() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    bench.debian(&["20260712-2537", "20260810-999"]);
    let plan = bench.planned(&[]);
    assert_eq!(actions(&plan), ["import", "demote", "promote"]);
    let run = bench.run(&["catalogue", "plan", "--only", "debian-13"]);
    let id = bench.cloud.images()[0]["id"].as_str().unwrap().to_owned();
    let lines = run.stdout.lines();
    // That the build is old by now is said before, and is not what this is about.
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("warning:")).collect();
    let file = "20260810-999/debian-13-genericcloud-amd64-20260810-999.qcow2";
    let expected = [
        "debian-13".to_owned(),
        "  import   (the new image)  Debian 13".to_owned(),
        "           because build 20260810-999 replaces 20260712-2537".to_owned(),
        "           build 20260810-999 of 2026-08-10, stored as raw".to_owned(),
        format!(
            "           from {} in the place of {TRIXIE}{file}",
            bench.vendors.url(&path(&format!("{TRIXIE}{file}")))
        ),
        "           evidence tls, sha512:0000000000000000…".to_owned(),
        format!("  demote   {id}  Debian 13"),
        "           because build 20260810-999 replaces it".to_owned(),
        "           name: `Debian 13` → `Debian 13 20260712`".to_owned(),
        "           os_hidden: false → true".to_owned(),
        "           ectype_state: `current` → `old`".to_owned(),
        "           os_purpose: `generic` → `oldgeneric`".to_owned(),
        "  promote  (the new image)  Debian 13 (20260810-999)".to_owned(),
        "           because it is ready, and no image has the name".to_owned(),
    ];
    assert_eq!(lines[1..=expected.len()], expected, "{}", run.stdout);
    assert_eq!(
        lines.last().unwrap(),
        &"would import 1, demote 1, promote 1; 1 image stays; 1 warning"
    );
}

#[test]
fn what_somebody_changed_is_set_right_and_shown_from_what_to_what() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    bench.cloud.images()[0]["hw_disk_bus"] = json!("ide");
    let run = bench.run(&["catalogue", "plan", "--only", "debian-13", "--exit-code"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("hw_disk_bus: `ide` → `scsi`"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("because hw_disk_bus is not as the definition says")
    );
    let args = ["catalogue", "plan", "--only", "debian-13", "-f", "value"];
    let run = bench.run(&[&args[..], &["-c", "action", "-c", "changes"]].concat());
    assert_eq!(run.stdout, "repair ['hw_disk_bus: `ide` → `scsi`']\n");
}

#[test]
fn each_action_has_a_colour_and_a_pipe_has_none() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let args = ["catalogue", "plan", "--only", "debian-13"];
    assert!(!bench.run(&args).stdout.contains('\u{1b}'));
    let run = bench.run(&[&args[..], &["--color", "always"]].concat());
    for word in ["\u{1b}[32mimport  ", "\u{1b}[36mpromote "] {
        assert!(run.stdout.contains(word), "{}", run.stdout);
    }
}

#[test]
fn a_plan_in_a_file_is_the_one_that_was_shown_and_is_not_overwritten() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let args = [
        "catalogue",
        "plan",
        "--only",
        "debian-13",
        "--out",
        "plan.json",
    ];
    let run = bench.run(&[&args[..], &["-f", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let written = bench.home().join("plan.json");
    let text = std::fs::read_to_string(&written).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, run.json());
    assert_eq!(value["schema"], "ectype/plans/1");
    let cloud = &value["plans"][0]["cloud"];
    let endpoint = bench.cloud.world.url("/image/v2/");
    assert_eq!(
        *cloud,
        json!({"name": null, "region": null, "image_endpoint": endpoint})
    );
    catalogue::plan::Plans::read(&text).unwrap();
    let mode = std::fs::metadata(&written).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let asked = bench.vendors.requests().len();
    let again = bench.run(&args);
    assert_eq!((again.code, again.stdout.as_str()), (2, ""));
    assert!(
        again.stderr.contains("hint: replace it: `--force`"),
        "{}",
        again.stderr
    );
    assert_eq!(bench.vendors.requests().len(), asked);
    assert_eq!(bench.run(&[&args[..], &["--force"]].concat()).code, 0);
}

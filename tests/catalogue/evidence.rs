//! What is wanted of a build, and what vouches for it: named builds, originals of one's own, pinned digests.

use serde_json::{Value, json};

use crate::bench::{Bench, actions};
use crate::run::Run;

/// A catalogue with one image whose original stands in it.
fn own(bench: &Bench, evidence: &str, digest: &str) -> String {
    let url = bench.vendors.url("/own/ours.qcow2");
    let text = format!(
        "catalogue: 1\nimages:\n  ours: {{name: Ours, family: ours, release: '1', os_distro: debian, login: none, \
         min_disk: 4, min_ram: 512, replace_frequency: never, image_description: notes, evidence: {evidence}, \
         original: {{url: '{url}', build: '1', date: 2026-11-01{digest}}}}}\n"
    );
    bench.file("own.yaml", &text);
    url
}

fn plan(bench: &Bench, file: &str) -> Run {
    bench.run(&["catalogue", "plan", file, "--alone", "-f", "json"])
}

fn build(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json()["plans"][0]["plan"]["steps"][0]["import"]["build"].clone()
}

#[test]
fn a_digest_in_the_definition_is_evidence_without_a_question() {
    let bench = Bench::new();
    let digest = format!("sha256:{}", "7".repeat(64));
    let url = own(&bench, "pinned", &format!(", digest: '{digest}'"));
    let build = build(&plan(&bench, "own.yaml"));
    assert_eq!(build["evidence"], "pinned");
    assert_eq!(
        (&build["url"], &build["digests"]),
        (&json!(url), &json!([digest]))
    );
    assert_eq!(bench.vendors.requests().len(), 0);
}

#[test]
fn an_original_without_a_digest_is_vouched_for_by_the_file_beside_it() {
    let bench = Bench::new();
    own(&bench, "tls", "");
    let frozen = plan(&bench, "own.yaml");
    assert_eq!(frozen.code, 9);
    assert!(
        frozen
            .stderr
            .contains("the evidence for build 1 is `none`, and `tls` is asked for"),
        "{}",
        frozen.stderr
    );
    let digest = "8".repeat(64);
    bench.vendors.put(
        "/own/SHA256SUMS",
        world::Page::bytes(format!("{digest}  ours.qcow2\n")),
    );
    let build = build(&plan(&bench, "own.yaml"));
    assert_eq!(
        (&build["evidence"], &build["digests"]),
        (&json!("tls"), &json!([format!("sha256:{digest}")]))
    );
}

#[test]
fn a_checksum_file_that_contradicts_a_pinned_digest_is_no_evidence() {
    let bench = Bench::new();
    own(
        &bench,
        "signed",
        &format!(", digest: 'sha256:{}'", "7".repeat(64)),
    );
    bench.vendors.put(
        "/own/SHA256SUMS",
        world::Page::bytes(format!("{}  ours.qcow2\n", "8".repeat(64))),
    );
    let frozen = plan(&bench, "own.yaml");
    assert_eq!(frozen.code, 9);
    let why = "SHA256SUMS lists another sha256 digest than the one that is pinned";
    assert!(frozen.stderr.contains(why), "{}", frozen.stderr);
}

#[test]
fn a_file_of_weak_digests_is_evidence_of_nothing() {
    let bench = Bench::new();
    own(&bench, "tls", "");
    bench.vendors.put(
        "/own/MD5SUMS",
        world::Page::bytes(format!("{}  ours.qcow2\n", "8".repeat(32))),
    );
    let frozen = plan(&bench, "own.yaml");
    assert_eq!(frozen.code, 9);
    assert!(
        frozen.stderr.contains("is `none`, and `tls` is asked for"),
        "{}",
        frozen.stderr
    );
}

#[test]
fn a_named_build_is_wanted_and_one_that_there_is_not_is_nobody_else_s_matter() {
    let bench = Bench::new();
    bench.debian(&["20260630-2400", "20260712-2537"]);
    let named = |build: &str| {
        let text = format!(
            "catalogue: 1\nimages: {{debian-13: {{build: {build}}}, debian-13-aarch64: {{enabled: true}}}}\n"
        );
        bench.file("mine.yaml", &text);
        let args = [
            "catalogue",
            "plan",
            "mine.yaml",
            "--only",
            "debian-13",
            "--only",
        ];
        bench.run(&[&args[..], &["debian-13-aarch64", "-f", "json"]].concat())
    };
    let builds = |run: &Run| -> Vec<(String, String)> {
        let steps = run.json()["plans"][0]["plan"]["steps"].clone();
        let imports = steps
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["action"] == "import");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        imports
            .map(|step| {
                (
                    text(&step["definition"]),
                    text(&step["import"]["build"]["id"]),
                )
            })
            .collect()
    };
    let both = |first: &str| {
        [("debian-13", first), ("debian-13-aarch64", "20260712-2537")]
            .map(|(definition, build)| (definition.to_owned(), build.to_owned()))
    };
    let run = named("20260630-2400");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(builds(&run), both("20260630-2400"));
    let run = named("20260101-1");
    assert_eq!(run.code, 9, "{}", run.stderr);
    assert_eq!(builds(&run), both("")[1..]);
    assert_eq!(
        actions(&run.json()["plans"][0]["plan"]),
        ["import", "promote"]
    );
}

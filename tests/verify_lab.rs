//! `ectype verify` against a real Keystone and Glance, with images that the real client uploads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "verify/lab.rs"]
mod lab;
#[path = "verify/run.rs"]
mod run;

use std::path::Path;

use lab::{Image, Lab, name};
use run::{Made, flip, sum};
use serde_json::json;
use world::{Page, World};

fn lab(test: &str) -> Option<Lab> {
    Lab::find("ECTYPE_TEST_LAB", test)
}

/// A vendor that publishes the original and its checksum file.
fn vendor(made: &Made) -> (World, String) {
    let world = World::start();
    world.put("/13/disk.qcow2", Page::bytes(made.original()));
    world.put(
        "/13/SHA512SUMS",
        Page::bytes(made.sums("sha512sum", "disk.qcow2")),
    );
    let url = world.url("/13/disk.qcow2");
    (world, url)
}

#[test]
fn what_was_uploaded_as_the_vendor_made_it_is_identical_at_both_levels() {
    let Some(lab) = lab("what_was_uploaded_as_the_vendor_made_it_is_identical_at_both_levels")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (world, url) = vendor(&made);
    let raw = lab.upload(&name("raw"), &made.raw, "raw", Some(&url));
    let qcow2 = lab.upload(&name("qcow2"), &made.qcow2, "qcow2", Some(&url));
    for (image, layer, file) in [(&raw, "disk", &made.raw), (&qcow2, "file", &made.qcow2)] {
        for level in [&[][..], &["--content"]] {
            let verdict = lab
                .verify(&[&[image.id.as_str()], level].concat())
                .expect("identical", 0)
                .json();
            assert_eq!(
                (&verdict["layer"], &verdict["schema"]),
                (&json!(layer), &json!("ectype/verdict/1"))
            );
            for line in verdict["compared"].as_array().unwrap() {
                assert_eq!(line["matches"], true, "{line}");
                let expected = match line["what"].as_str().unwrap() {
                    "os_hash_value" => sum("sha512sum", file),
                    "checksum" => sum("md5sum", file),
                    "size" => std::fs::metadata(file).unwrap().len().to_string(),
                    _ => continue,
                };
                assert_eq!(
                    (&line["recorded"], &line["found"]),
                    (&json!(expected), &json!(expected))
                );
            }
            assert_eq!(verdict["evidence"]["manifest"]["agrees"], true);
            assert!(!verdict["does_not_prove"].as_array().unwrap().is_empty());
        }
    }
    // Nothing that was said to the cloud is said to the vendor.
    for seen in world.requests() {
        assert!(
            seen.header("x-auth-token")
                .or(seen.header("authorization"))
                .is_none()
        );
    }
}

#[test]
fn a_packed_original_is_unpacked_on_the_way() {
    let Some(lab) = lab("a_packed_original_is_unpacked_on_the_way") else {
        return;
    };
    let made = Made::new(&[]);
    run::tool(
        std::process::Command::new("xz")
            .args(["-0", "-k"])
            .arg(&made.qcow2),
    );
    let packed = made.folder.path().join("disk.qcow2.xz");
    let qcow2 = lab.upload(&name("unpacked"), &made.qcow2, "qcow2", None);
    let raw = lab.upload(&name("raw of packed"), &made.raw, "raw", None);
    for (image, layer) in [(&qcow2, "unpacked"), (&raw, "disk")] {
        for level in [&[][..], &["--content"]] {
            let args = [
                &[image.id.as_str(), "--original", packed.to_str().unwrap()],
                level,
            ]
            .concat();
            assert_eq!(
                lab.verify(&args).expect("identical", 0).json()["layer"],
                layer
            );
        }
    }
}

#[test]
fn one_byte_changed_under_glance_is_found_by_content_and_not_by_record() {
    let Some(lab) = lab("one_byte_changed_under_glance_is_found_by_content_and_not_by_record")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (_world, url) = vendor(&made);
    let image = lab.upload(&name("changed"), &made.raw, "raw", Some(&url));
    flip(&image.stored(), 3_141_592);
    let by_record = lab.verify(&[&image.id]).expect("identical", 0).json();
    let unproven = by_record["does_not_prove"].to_string();
    assert!(
        unproven.contains("stored bytes") && unproven.contains("--content"),
        "{unproven}"
    );
    let by_content = lab
        .verify(&[&image.id, "--content"])
        .expect("bytes-differ", 1)
        .json();
    assert_eq!(by_content["stored"]["first_difference"], 3_141_592);
    assert_eq!(
        by_content["stored"]["ranges"],
        json!([[3_141_592, 3_141_593]])
    );
    assert_eq!(by_content["stored"]["differing_bytes"], 1);
}

#[test]
fn one_byte_changed_in_the_original_is_different_and_no_original_is_undecided() {
    let Some(lab) =
        lab("one_byte_changed_in_the_original_is_different_and_no_original_is_undecided")
    else {
        return;
    };
    let made = Made::new(&[]);
    let world = World::start();
    let url = world.url("/disk.qcow2");
    let image = lab.upload(&name("other original"), &made.raw, "raw", Some(&url));
    lab.verify(&[&image.id]).expect("source-gone", 5);
    let mut other = made.original();
    let last = other.len() - 1000;
    other[last] ^= 1;
    world.put("/disk.qcow2", Page::bytes(other.clone()));
    lab.verify(&[&image.id]).expect("digests-differ", 1);
    lab.verify(&[&image.id, "--content"])
        .expect("bytes-differ", 1);
    // The vendor's own list tells that it is the original that is wrong.
    world.put(
        "/SHA256SUMS",
        Page::bytes(made.sums("sha256sum", "disk.qcow2")),
    );
    lab.verify(&[&image.id]).expect("manifest-disagrees", 6);
    world.put("/disk.qcow2", Page::bytes(made.original()));
    lab.verify(&[&image.id]).expect("identical", 0);
    world.put("/disk.qcow2", Page::status(503));
    lab.verify(&[&image.id]).expect("source-unreachable", 7);
}

#[test]
fn what_an_image_says_of_its_original_cannot_make_us_read_local_files() {
    let Some(lab) = lab("what_an_image_says_of_its_original_cannot_make_us_read_local_files")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let local = format!("file://{}", made.qcow2.display());
    for (source, word) in [
        (Some(local.as_str()), "source-unusable"),
        (Some(made.qcow2.to_str().unwrap()), "source-unusable"),
        (Some("private"), "source-private"),
        (None, "source-missing"),
    ] {
        let image = lab.upload(&name("source"), &made.raw, "raw", source);
        lab.verify(&[&image.id]).expect(word, 5);
        // What the user says is another matter.
        lab.verify(&[&image.id, "--original", &local])
            .expect("identical", 0);
    }
}

#[test]
fn several_images_of_a_name_are_listed_and_none_is_chosen() {
    let Some(lab) = lab("several_images_of_a_name_are_listed_and_none_is_chosen") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let name = name("twin");
    let twins = [
        lab.upload(&name, &made.raw, "raw", None),
        lab.upload(&name, &made.raw, "raw", None),
    ];
    let run = lab.verify(&[&name]).expect("image-ambiguous", 5);
    for twin in &twins {
        assert!(run.stderr.contains(&twin.id), "{}", run.stderr);
    }
    lab.verify(&["no such image at all"])
        .expect("image-not-found", 5);
}

#[test]
fn all_goes_on_after_a_failure_and_reads_a_shared_original_once() {
    let Some(lab) = lab("all_goes_on_after_a_failure_and_reads_a_shared_original_once") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (world, url) = vendor(&made);
    let gone = world.url("/13/gone.qcow2");
    let images = [
        upload_as_alt(&lab, "all raw", &made.raw, "raw", &url),
        upload_as_alt(&lab, "all gone", &made.raw, "raw", &gone),
        upload_as_alt(&lab, "all qcow2", &made.qcow2, "qcow2", &url),
    ];
    let run = lab.verify_as("lab-alt", &["--all", "--jobs", "2"]);
    assert_eq!(
        words_about(&run, &images),
        ["identical", "undecided", "identical"]
    );
    assert_eq!(run.code, 8, "{}", run.stderr);
    let whole = |seen: &&world::Seen| seen.header("range").is_none();
    assert_eq!(
        world
            .requests_to("/13/disk.qcow2")
            .iter()
            .filter(whole)
            .count(),
        1
    );
    // One that is different outweighs those that could not be told.
    flip(&images[2].stored(), 1_000_000);
    let run = lab.verify_as("lab-alt", &["--all", "--content"]);
    assert_eq!(
        words_about(&run, &images),
        ["identical", "undecided", "different"]
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
}

/// An image of the project that no other test looks at as a whole.
fn upload_as_alt<'a>(
    lab: &'a Lab,
    what: &str,
    file: &Path,
    format: &str,
    source: &str,
) -> Image<'a> {
    let (file, source) = (file.to_str().unwrap(), format!("image_source={source}"));
    let more = [
        "--file",
        file,
        "--disk-format",
        format,
        "--property",
        &source,
    ];
    lab.create("lab-alt", &name(what), &more)
}

/// The verdicts' words about these images.
fn words_about(run: &run::Run, images: &[Image<'_>]) -> Vec<String> {
    let all = run.json();
    let about = |image: &Image<'_>| {
        let verdict = all.as_array().unwrap().iter();
        let verdict = verdict.clone().find(|v| v["image"]["id"] == image.id);
        verdict.unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    images.iter().map(about).collect()
}

#[test]
fn a_reader_can_verify_by_record_and_is_told_why_not_by_content() {
    let Some(lab) = lab("a_reader_can_verify_by_record_and_is_told_why_not_by_content") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (_world, url) = vendor(&made);
    let image = lab.upload(&name("reader"), &made.raw, "raw", Some(&url));
    lab.verify_as("lab-demo-reader", &[&image.id])
        .expect("identical", 0);
    let run = lab
        .verify_as("lab-demo-reader", &[&image.id, "--content"])
        .expect("stored-unavailable", 4);
    assert_eq!(run.json()["reason"]["kind"], "refused");
}

#[test]
fn an_image_without_data_is_undecided() {
    let Some(lab) = lab("an_image_without_data_is_undecided") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (_world, url) = vendor(&made);
    let image = lab.create(
        "lab-demo",
        &name("queued"),
        &[
            "--property",
            &format!("image_source={url}"),
            "--disk-format",
            "raw",
        ],
    );
    lab.verify(&[&image.id]).expect("image-not-active", 5);
}

#[test]
fn a_disk_that_glance_itself_converted_is_identical() {
    let test = "a_disk_that_glance_itself_converted_is_identical";
    let Some(lab) = Lab::find("ECTYPE_TEST_LAB_CONVERT", test) else {
        return;
    };
    let made = Made::new(&["-c"]);
    let (_world, url) = vendor(&made);
    let (file, source) = (made.qcow2.to_str().unwrap(), format!("image_source={url}"));
    let options = [
        "--import",
        "--file",
        file,
        "--disk-format",
        "qcow2",
        "--property",
        &source,
    ];
    let image = lab.create("lab-demo", &name("imported"), &options);
    for _ in 0..120 {
        if image.field("status") == "active" {
            break;
        }
    }
    assert_eq!(
        image.field("disk_format"),
        "raw",
        "the lab does not convert"
    );
    let verdict = lab.verify(&[&image.id]).expect("identical", 0).json();
    assert_eq!(
        (&verdict["layer"], &verdict["image"]["os_hash_value"]),
        (&json!("disk"), &json!(sum("sha512sum", &made.raw)))
    );
    lab.verify(&[&image.id, "--content"]).expect("identical", 0);
}

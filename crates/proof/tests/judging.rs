//! What the record and the bytes say, and the verdict that follows. Digests here are made up: judging compares them,
//! it does not compute them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::single_range_in_vec_init
)]

#[path = "judging/footed.rs"]
mod footed;

use disk::{
    Algorithm, Comparison, Contents, Differences, Digest, Digests, Format, Layer, Packing, Reading,
};
use proof::{Code, Level, Outcome, Verdict, judge};
use serde_json::{Value, json};
use wire::image::Image;

/// Contents of a size whose digests are all made of one digit.
fn contents(size: u64, digit: char) -> Contents {
    let digest = |algorithm: Algorithm| {
        Digest::parse(algorithm, &digit.to_string().repeat(algorithm.size() * 2))
    };
    Contents {
        size,
        digests: Algorithm::ALL
            .into_iter()
            .map(|a| digest(a).unwrap())
            .collect::<Digests>(),
    }
}

fn hex(algorithm: Algorithm, digit: char) -> String {
    digit.to_string().repeat(algorithm.size() * 2)
}

/// A qcow2 of 300 bytes (digests 1…) in an xz of 200 bytes (2…), with a disk of 1000 bytes (3…).
fn packed() -> Reading {
    Reading {
        format: Format::Qcow2,
        footed: false,
        packings: vec![Packing::Xz],
        file: contents(200, '2'),
        unpacked: Some(contents(300, '1')),
        disk: Some(contents(1000, '3')),
        comparison: None,
        sink: None,
    }
}

fn image(members: Value) -> Image {
    let mut value = json!({
        "id": "0ab1", "name": "Debian 13", "status": "active", "disk_format": "raw", "container_format": "bare",
        "size": 1000, "checksum": hex(Algorithm::Md5, '3'),
        "os_hash_algo": "sha512", "os_hash_value": hex(Algorithm::Sha512, '3'),
    });
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    serde_json::from_value(value).unwrap()
}

fn begun(level: Level) -> Verdict {
    Verdict::begun("Debian 13", level, jiff::Timestamp::UNIX_EPOCH)
}

fn by_record(members: Value, reading: &Reading) -> Verdict {
    judge::by_record(begun(Level::Record), &image(members), reading)
}

fn code(verdict: &Verdict) -> Option<Code> {
    verdict.reason.as_ref().map(|reason| reason.code)
}

#[test]
fn an_image_stored_raw_is_compared_with_the_disk() {
    let verdict = by_record(json!({}), &packed());
    assert_eq!(
        (verdict.verdict, verdict.layer),
        (Outcome::Identical, Some(Layer::Disk))
    );
    assert_eq!(verdict.compared.len(), 3);
    assert!(verdict.compared.iter().all(|line| line.matches));
}

#[test]
fn an_image_stored_as_a_file_is_compared_with_the_file_and_with_the_unpacked_file() {
    for (digit, size, layer) in [('1', 300, Layer::Unpacked), ('2', 200, Layer::File)] {
        let members = json!({
            "disk_format": "qcow2", "size": size, "checksum": hex(Algorithm::Md5, digit),
            "os_hash_value": hex(Algorithm::Sha512, digit),
        });
        let verdict = by_record(members, &packed());
        assert_eq!(
            (verdict.verdict, verdict.layer),
            (Outcome::Identical, Some(layer))
        );
    }
}

#[test]
fn a_file_stored_under_the_name_raw_is_no_copy_of_the_disk() {
    let members = json!({
        "size": 200, "checksum": hex(Algorithm::Md5, '2'), "os_hash_value": hex(Algorithm::Sha512, '2'),
    });
    let verdict = by_record(members, &packed());
    assert_eq!(
        (verdict.verdict, code(&verdict)),
        (Outcome::Different, Some(Code::DigestsDiffer))
    );
    assert!(
        verdict.remarks[0].contains("without being converted"),
        "{:?}",
        verdict.remarks
    );
}

#[test]
fn other_digests_are_different() {
    let members =
        json!({"checksum": hex(Algorithm::Md5, '4'), "os_hash_value": hex(Algorithm::Sha512, '4')});
    let verdict = by_record(members, &packed());
    assert_eq!(
        (verdict.verdict, code(&verdict)),
        (Outcome::Different, Some(Code::DigestsDiffer))
    );
}

#[test]
fn one_digest_that_matches_and_one_that_does_not_are_no_answer() {
    for members in [
        json!({"checksum": hex(Algorithm::Md5, '4')}),
        json!({"os_hash_value": hex(Algorithm::Sha512, '4')}),
        json!({"size": 999}),
    ] {
        let verdict = by_record(members.clone(), &packed());
        assert_eq!(
            (verdict.verdict, code(&verdict)),
            (Outcome::Undecided, Some(Code::RecordContradictory)),
            "{members}"
        );
    }
}

#[test]
fn md5_alone_is_enough_and_is_said() {
    for members in [
        json!({"os_hash_algo": null, "os_hash_value": null}),
        json!({"os_hash_algo": "blake2b", "os_hash_value": hex(Algorithm::Sha512, '3')}),
    ] {
        let verdict = by_record(members, &packed());
        assert_eq!(verdict.verdict, Outcome::Identical);
        assert!(verdict.remarks[0].contains("MD5 alone"));
    }
    let other = json!({"os_hash_value": null, "checksum": hex(Algorithm::Md5, '4')});
    assert_eq!(by_record(other, &packed()).verdict, Outcome::Different);
}

#[test]
fn a_cloud_may_use_another_digest_than_sha512() {
    let members = json!({"os_hash_algo": "sha256", "os_hash_value": hex(Algorithm::Sha256, '3'), "checksum": null});
    assert_eq!(by_record(members, &packed()).verdict, Outcome::Identical);
}

#[test]
fn without_a_digest_that_can_be_compared_nothing_is_decided() {
    for (members, expected) in [
        (
            json!({"checksum": null, "os_hash_algo": null, "os_hash_value": null}),
            Code::NoDigestRecorded,
        ),
        (
            json!({"checksum": "", "os_hash_value": ""}),
            Code::NoDigestRecorded,
        ),
        (
            json!({"checksum": null, "os_hash_algo": "sha3_512"}),
            Code::DigestAlgorithmUnknown,
        ),
        (
            json!({"checksum": null, "os_hash_value": "abc"}),
            Code::RecordMalformed,
        ),
    ] {
        let verdict = by_record(members, &packed());
        assert_eq!(
            (verdict.verdict, code(&verdict)),
            (Outcome::Undecided, Some(expected))
        );
    }
}

#[test]
fn another_encoding_of_perhaps_the_same_disk_is_not_called_different() {
    let members = json!({"disk_format": "vmdk", "os_hash_value": hex(Algorithm::Sha512, '4'), "checksum": null});
    let verdict = by_record(members, &packed());
    assert_eq!(
        (verdict.verdict, code(&verdict)),
        (Outcome::Undecided, Some(Code::StoredReencoded))
    );
}

#[test]
fn a_wrong_virtual_size_is_told_and_does_not_decide() {
    let verdict = by_record(json!({"virtual_size": 999}), &packed());
    assert_eq!(verdict.verdict, Outcome::Identical);
    assert!(verdict.remarks[0].contains("virtual size"));
    assert_eq!(
        by_record(json!({"virtual_size": 0}), &packed()).remarks,
        Vec::<String>::new()
    );
    assert_eq!(
        by_record(json!({"virtual_size": 1000}), &packed()).remarks,
        Vec::<String>::new()
    );
}

fn compared(stored: Contents, differences: Differences) -> Reading {
    Reading {
        comparison: Some(Comparison {
            stored,
            differences,
        }),
        ..packed()
    }
}

fn one_byte() -> Differences {
    Differences {
        ranges: vec![17..18],
        more: 0,
        bytes: 1,
    }
}

#[test]
fn bytes_that_differ_are_different_whatever_the_record_says() {
    let reading = compared(contents(1000, '5'), one_byte());
    let verdict = judge::by_content(
        begun(Level::Content),
        &image(json!({})),
        &reading,
        Layer::Disk,
    );
    assert_eq!(
        (verdict.verdict, code(&verdict)),
        (Outcome::Different, Some(Code::BytesDiffer))
    );
    assert!(
        verdict
            .reason
            .unwrap()
            .message
            .ends_with("first at byte 17 (1 byte in 1 range)")
    );
    assert_eq!(verdict.stored.unwrap().ranges, [[17, 18]]);
    assert!(verdict.remarks[0].contains("changed after the upload"));
}

#[test]
fn the_same_bytes_under_another_record_are_not_called_identical() {
    let reading = compared(contents(1000, '3'), Differences::default());
    let judged = |members| {
        judge::by_content(
            begun(Level::Content),
            &image(members),
            &reading,
            Layer::Disk,
        )
    };
    assert_eq!(judged(json!({})).verdict, Outcome::Identical);
    let other = judged(json!({"checksum": hex(Algorithm::Md5, '4')}));
    assert_eq!(
        (other.verdict, code(&other)),
        (Outcome::Undecided, Some(Code::RecordContradictory))
    );
    let none = judged(json!({"checksum": null, "os_hash_value": null}));
    assert_eq!(none.verdict, Outcome::Identical);
    assert!(none.remarks[0].contains("no digest"));
}

#[test]
fn a_device_may_be_larger_than_the_disk_on_it() {
    let reading = compared(contents(1000, '3'), Differences::default());
    let verdict = judge::by_device(begun(Level::Device), &reading, Layer::Disk, Some(4096));
    assert_eq!(verdict.verdict, Outcome::Identical);
    assert!(verdict.remarks[0].contains("3096 bytes"));
    let reading = compared(contents(1000, '5'), one_byte());
    let verdict = judge::by_device(begun(Level::Device), &reading, Layer::Disk, Some(1000));
    assert_eq!(verdict.verdict, Outcome::Different);
}

#[test]
fn what_is_not_the_vendor_s_is_neither_identical_nor_different() {
    let listed = Digest::parse(Algorithm::Sha256, &hex(Algorithm::Sha256, '9')).unwrap();
    let disagrees = origin::beside::Agreement::OtherDigest { listed };
    for members in [
        json!({}),
        json!({"os_hash_value": hex(Algorithm::Sha512, '4'), "checksum": null}),
    ] {
        let verdict = judge::by_manifest(by_record(members, &packed()), "SHA256SUMS", &disagrees);
        assert_eq!(
            (verdict.verdict, code(&verdict)),
            (Outcome::Undecided, Some(Code::ManifestDisagrees))
        );
        assert_eq!(verdict.kind(), Some(proof::Kind::NotTrusted));
    }
}

#[test]
fn the_json_form_is_the_same_whatever_the_answer() {
    let members = |verdict: Verdict| {
        let value = serde_json::to_value(verdict).unwrap();
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    let identical = by_record(json!({}), &packed());
    let undecided = by_record(json!({"checksum": null, "os_hash_value": null}), &packed());
    let value = serde_json::to_value(&identical).unwrap();
    assert_eq!(value["schema"], "ectype/verdict/1");
    assert_eq!(value["verdict"], "identical");
    assert_eq!(value["layer"], "disk");
    assert_eq!(value["checked_at"], "1970-01-01T00:00:00Z");
    assert_eq!(members(identical), members(undecided));
}

#[test]
fn images_of_one_original_are_judged_by_one_pass() {
    let source = |source: &str| image(json!({"image_source": source}));
    let queued = image(json!({"status": "queued", "image_source": "https://h/a.img"}));
    let images = vec![
        source("https://h/a.img"),
        source("private"),
        source("https://h/b.img"),
        source("https://h/a.img"),
        queued,
    ];
    let now = jiff::Timestamp::UNIX_EPOCH;
    let (groups, verdicts) = proof::group(images.clone(), None, Level::Record, now);
    let places: Vec<Vec<usize>> = groups
        .iter()
        .map(|g| g.images.iter().map(|(place, _)| *place).collect())
        .collect();
    assert_eq!(places, [vec![0, 3], vec![2]]);
    let codes: Vec<_> = verdicts
        .iter()
        .map(|(place, verdict)| (*place, code(verdict).unwrap()))
        .collect();
    assert_eq!(codes, [(1, Code::SourcePrivate), (4, Code::ImageNotActive)]);
    let (groups, _) = proof::group(images, None, Level::Content, now);
    assert_eq!(groups.len(), 3);
}

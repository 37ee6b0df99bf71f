//! A raw image beside a fixed VHD, with the footer or without.

use disk::{Algorithm, Comparison, Differences, Format, Layer, Packing, Reading};
use proof::{Level, Outcome, judge};
use serde_json::json;

use super::{begun, by_record, contents, hex, image, packed};

/// A fixed VHD of 1512 bytes (digests 1…) in a gz of 200 bytes (2…), with a disk of 1000 bytes (3…).
fn footed() -> Reading {
    Reading {
        format: Format::Vhd,
        footed: true,
        packings: vec![Packing::Gzip],
        unpacked: Some(contents(1512, '1')),
        ..packed()
    }
}

#[test]
fn a_raw_image_may_be_a_copy_of_the_disk_or_of_the_fixed_vhd_it_came_in() {
    let digest = |digit| json!({"checksum": hex(Algorithm::Md5, digit), "os_hash_value": hex(Algorithm::Sha512, digit)});
    let verdict = by_record(json!({}), &footed());
    assert_eq!(
        (verdict.verdict, verdict.layer),
        (Outcome::Identical, Some(Layer::Disk))
    );
    assert_eq!(verdict.remarks, Vec::<String>::new());
    let mut whole = digest('1');
    whole["size"] = json!(1512);
    let verdict = by_record(whole.clone(), &footed());
    assert_eq!(
        (verdict.verdict, verdict.layer),
        (Outcome::Identical, Some(Layer::Unpacked))
    );
    assert!(
        verdict.remarks[0].contains("footer"),
        "{:?}",
        verdict.remarks
    );
    // The packed file is no disk, and a file without a footer must not be stored raw.
    let mut packing = digest('2');
    packing["size"] = json!(200);
    assert_eq!(by_record(packing, &footed()).verdict, Outcome::Different);
    let plain = Reading {
        footed: false,
        ..footed()
    };
    assert_eq!(by_record(whole, &plain).verdict, Outcome::Different);
}

#[test]
fn stored_bytes_longer_than_the_disk_of_a_fixed_vhd_are_beside_the_file() {
    for (size, digit, layer) in [(1000, '3', Layer::Disk), (1512, '1', Layer::Unpacked)] {
        let reading = Reading {
            comparison: Some(Comparison {
                stored: contents(size, digit),
                differences: Differences::default(),
            }),
            ..footed()
        };
        let record = json!({
            "size": size, "checksum": hex(Algorithm::Md5, digit), "os_hash_value": hex(Algorithm::Sha512, digit),
        });
        let verdict =
            judge::by_content(begun(Level::Content), &image(record), &reading, Layer::Disk);
        assert_eq!(
            (verdict.verdict, verdict.layer),
            (Outcome::Identical, Some(layer))
        );
    }
}

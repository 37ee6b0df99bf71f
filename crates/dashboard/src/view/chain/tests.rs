//! What a chain says for records and verdicts of each kind.

use proof::{Code, Level, Reason};
use serde_json::json;

use super::*;

fn image() -> Image {
    serde_json::from_value(json!({
        "id": "i", "name": "Debian 13", "status": "active", "disk_format": "raw", "size": 1024,
        "os_hash_algo": "sha512", "os_hash_value": "ab".repeat(64), "checksum": "cd".repeat(16),
        "image_source": "https://cloud.debian.org/x.qcow2", "ectype_definition": "debian-13",
        "ectype_evidence": "signed", "ectype_signer": "D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81",
        "ectype_file_digest": format!("sha512:{}", "ef".repeat(64)),
    }))
    .unwrap()
}

fn sure(chain: &[Link]) -> Vec<Sure> {
    chain.iter().map(|link| link.sure).collect()
}

fn verdict() -> Verdict {
    Verdict::begun("x", Level::Record, "2026-11-25T00:00:00Z".parse().unwrap())
}

#[test]
fn without_a_verdict_nothing_is_proven() {
    let chain = of(&image(), None, Pins::shipped().ok());
    assert_eq!(
        sure(&chain),
        [Sure::Claimed, Sure::Claimed, Sure::Unknown, Sure::Recorded]
    );
    // The fingerprint is Ubuntu's cloud image key as Ubuntu publishes it.
    assert!(chain[0].summary.contains("ubuntu"), "{}", chain[0].summary);
}

#[test]
fn a_record_that_says_nothing_is_unknown_and_not_good() {
    let bare: Image = serde_json::from_value(json!({"id": "i", "status": "active"})).unwrap();
    assert!(
        sure(&of(&bare, None, None))
            .iter()
            .all(|sure| *sure == Sure::Unknown)
    );
}

#[test]
fn a_different_verdict_breaks_the_last_link_whatever_the_record_says() {
    let reason = Reason::new(Code::DigestsDiffer, "they differ");
    let verdict = verdict().different(reason);
    assert_eq!(sure(&of(&image(), Some(&verdict), None))[3], Sure::Broken);
}

#[test]
fn an_identical_verdict_proves_the_last_link_and_says_what_it_does_not() {
    let chain = of(&image(), Some(&verdict().identical()), None);
    assert_eq!(chain[3].sure, Sure::Proven);
    assert!(chain[3].by.contains("Not proven"));
}

#[test]
fn a_key_that_is_not_pinned_is_said_to_be_none_of_ours() {
    let mut image = image();
    image.properties.insert(
        "ectype_signer".into(),
        json!("00112233445566778899AABBCCDDEEFF00112233"),
    );
    let chain = of(&image, None, Pins::shipped().ok());
    assert!(
        chain[0]
            .rows
            .iter()
            .any(|(_, value)| value.contains("not one that is pinned"))
    );
    assert_eq!(chain[0].sure, Sure::Claimed);
}

#[test]
fn another_vendor_s_key_vouches_for_nothing() {
    let mut image = image();
    for (release, sure) in [
        ("ubuntu/24.04/x86_64", Sure::Claimed),
        // Of a family of somebody's own it is not known who signs.
        ("house-linux/1/x86_64", Sure::Claimed),
        ("debian/13/x86_64", Sure::Unknown),
    ] {
        let properties = &mut image.properties;
        properties.insert("ectype_release".into(), json!(release));
        let chain = of(&image, None, Pins::shipped().ok());
        assert_eq!(chain[0].sure, sure, "{release}");
        let none = chain[0].summary.contains("none of debian");
        assert_eq!(none, sure == Sure::Unknown, "{}", chain[0].summary);
    }
}

//! Images that claim a family whose vendor does not publish what they name as their original. Pure.

use origin::keys::Pins;
use wire::image::Image;

use crate::source::source_of;
use crate::verdict::{Caution, Verdict};

/// Adds a warning when the image claims, by its name or `os_distro`, to be of a family, and its `image_source` lies
/// where that family's vendor does not publish. An original that is signed by a key of the family is the vendor's,
/// whatever mirror it came from.
pub(crate) fn warn(verdict: &mut Verdict, image: &Image, pins: &Pins) {
    let Ok(source) = source_of(image) else {
        return;
    };
    let claimed = pins.claimed(image.name(), image.property("os_distro"));
    let signer = verdict
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.manifest.as_ref()?.signature.signer.as_ref());
    let is_signed = signer.is_some_and(|signer| {
        let theirs = |family: &String| claimed.iter().any(|vendor| vendor.family == *family);
        signer.families.iter().any(theirs)
    });
    if claimed.is_empty() || is_signed || Pins::is_of(&claimed, &source) {
        return;
    }
    let mut hosts: Vec<&str> = claimed
        .iter()
        .flat_map(|vendor| &vendor.hosts)
        .map(String::as_str)
        .collect();
    hosts.dedup();
    let families: Vec<&str> = claimed
        .iter()
        .map(|vendor| vendor.family.as_str())
        .collect();
    let message = format!(
        "the image claims to be {}, but its `image_source` lies at {} and not where that is published ({})",
        families.join(" or "),
        source.host().unwrap_or_default(),
        hosts.join(", ")
    );
    verdict.warn(Caution::LookAlike, message);
}

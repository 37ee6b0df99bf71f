//! SCS-0102 as the official test judges it, one image at a time, with its oddities.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wire::image::Image;

use super::day::{FORMS, MARKS, STRICT, parse};
use super::{Offence, Official, Outcome, Verdict};

const ARCHITECTURES: [&str; 3] = ["x86_64", "aarch64", "risc-v"];
const PURPOSES: [&str; 7] = [
    "generic",
    "oldgeneric",
    "minimal",
    "k8snode",
    "gpu",
    "network",
    "custom",
];
const HYPERVISORS: [&str; 5] = ["qemu", "kvm", "xen", "hyper-v", "esxi"];
/// Seconds. A week has 25 hours a day there.
const FREQUENCIES: [(&str, i64); 7] = [
    ("never", 0),
    ("critical_bug", 0),
    ("yearly", 365 * 24 * 3600),
    ("quarterly", 92 * 24 * 3600),
    ("monthly", 31 * 24 * 3600),
    ("weekly", 7 * 25 * 3600),
    ("daily", 25 * 3600),
];
const GIB: u64 = 1 << 30;

type Judged = Result<Option<String>, String>;

/// Judges every image by a rule.
pub(super) fn each(images: &[&Image], rule: Official, now: Timestamp) -> Verdict {
    let mut offences = Vec::new();
    for image in images {
        match rule(image, now) {
            Ok(None) => {}
            Ok(Some(what)) => offences.push(Offence::of(image, what)),
            Err(what) => return aborted(image, what),
        }
    }
    Verdict::of(offences)
}

fn aborted(image: &Image, what: String) -> Verdict {
    Verdict {
        outcome: Outcome::Abort,
        offences: vec![Offence::of(image, what)],
    }
}

fn property<'a>(image: &'a Image, name: &str) -> &'a str {
    image.property(name).unwrap_or_default()
}

/// Wrong unless the property is one of the words.
fn one_of(image: &Image, name: &str, words: &[&str], absent: bool) -> Judged {
    Ok(match image.property(name) {
        None if absent => None,
        Some(value) if words.contains(&value) => None,
        Some(value) => Some(format!("{name} is `{value}`")),
        None => Some(format!("{name} is missing")),
    })
}

fn set(image: &Image, name: &str) -> Judged {
    Ok(property(image, name)
        .is_empty()
        .then(|| format!("{name} is missing")))
}

pub(super) fn architecture(image: &Image, _: Timestamp) -> Judged {
    one_of(image, "architecture", &ARCHITECTURES, false)
}

pub(super) fn min_disk(image: &Image, _: Timestamp) -> Judged {
    if image.min_disk == 0 {
        return Ok(Some("min_disk is 0".to_owned()));
    }
    let Some(size) = image.size else {
        return Err("the image has no size to compare min_disk with".to_owned());
    };
    let less = image.min_disk.saturating_mul(GIB) < size;
    Ok(less.then(|| format!("min_disk, {} GiB, is less than the size", image.min_disk)))
}

pub(super) fn min_ram(image: &Image, _: Timestamp) -> Judged {
    Ok((image.min_ram == 0).then(|| "min_ram is 0".to_owned()))
}

pub(super) fn os_version(image: &Image, _: Timestamp) -> Judged {
    set(image, "os_version")
}

pub(super) fn os_distro(image: &Image, _: Timestamp) -> Judged {
    set(image, "os_distro")
}

pub(super) fn os_purpose(image: &Image, _: Timestamp) -> Judged {
    one_of(image, "os_purpose", &PURPOSES, false)
}

pub(super) fn hw_disk_bus(image: &Image, _: Timestamp) -> Judged {
    one_of(image, "hw_disk_bus", &["virtio", "scsi"], true)
}

pub(super) fn image_build_date(image: &Image, now: Timestamp) -> Judged {
    let registered = parse(image.created_at.as_deref().unwrap_or_default(), STRICT).unwrap_or(0);
    let said = property(image, "image_build_date");
    let built = parse(said, FORMS);
    Ok(match built {
        None => Some(format!("image_build_date is `{said}`")),
        Some(built) if built > registered => Some(format!(
            "image_build_date, {said}, is after the image was made"
        )),
        Some(built) if built > now.as_second() => {
            Some(format!("image_build_date, {said}, is to come"))
        }
        Some(_) => None,
    })
}

pub(super) fn image_original_user(image: &Image, _: Timestamp) -> Judged {
    set(image, "image_original_user")
}

pub(super) fn image_source(image: &Image, _: Timestamp) -> Judged {
    let source = property(image, "image_source");
    let scheme = source.split_once("://").map(|(scheme, _)| scheme);
    let url = scheme.is_some_and(|scheme| ["http", "https", "ftp", "ftps"].contains(&scheme));
    Ok((source != "private" && !url).then(|| format!("image_source is `{source}`")))
}

pub(super) fn image_description(image: &Image, _: Timestamp) -> Judged {
    set(image, "image_description")
}

pub(super) fn replace_frequency(image: &Image, _: Timestamp) -> Judged {
    let words = FREQUENCIES.map(|(word, _)| word);
    one_of(image, "replace_frequency", &words, false)
}

pub(super) fn provided_until(image: &Image, _: Timestamp) -> Judged {
    set(image, "provided_until")
}

pub(super) fn uuid_validity(image: &Image, _: Timestamp) -> Judged {
    let Some(said) = image.property("uuid_validity") else {
        return Ok(None);
    };
    let last = said.strip_prefix("last-").is_some_and(decimal);
    let known = ["none", "notice", "forever"].contains(&said) || last;
    Ok((!known && parse(said, FORMS).is_none()).then(|| format!("uuid_validity is `{said}`")))
}

pub(super) fn hotfix_hours(image: &Image, _: Timestamp) -> Judged {
    let said = property(image, "hotfix_hours");
    Ok((!said.is_empty() && !decimal(said)).then(|| format!("hotfix_hours is `{said}`")))
}

pub(super) fn hash_algo(image: &Image, _: Timestamp) -> Judged {
    let said = image.os_hash_algo.as_deref().unwrap_or_default();
    Ok((!["sha256", "sha512"].contains(&said)).then(|| format!("os_hash_algo is `{said}`")))
}

pub(super) fn hypervisor_type(image: &Image, _: Timestamp) -> Judged {
    one_of(image, "hypervisor_type", &HYPERVISORS, true)
}

pub(super) fn hw_rng_model(image: &Image, _: Timestamp) -> Judged {
    one_of(image, "hw_rng_model", &["virtio"], true)
}

fn decimal(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// How an image stands to its `replace_frequency`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Fine,
    Outdated,
    /// Outdated, and its end of support is no date.
    Unreadable,
}

/// `image_recency`: an outdated image has a replacement that is not.
pub(super) fn recency(images: &[&Image], now: Timestamp) -> Verdict {
    // Of two with one name the later one counts.
    let by_name: BTreeMap<&str, &Image> =
        images.iter().map(|image| (image.name(), *image)).collect();
    let mut offences = Vec::new();
    for image in images {
        match age(image, now) {
            Err(what) => return aborted(image, what),
            Ok(Age::Fine) => {}
            Ok(Age::Unreadable) => offences.push(Offence::of(
                image,
                "outdated, and provided_until is no date",
            )),
            Ok(Age::Outdated) => match replaced(image, &by_name, now) {
                Err(what) => return aborted(image, what),
                Ok(true) => {}
                Ok(false) => offences.push(Offence::of(image, "outdated without replacement")),
            },
        }
    }
    Verdict::of(offences)
}

fn replaced(
    image: &Image,
    by_name: &BTreeMap<&str, &Image>,
    now: Timestamp,
) -> Result<bool, String> {
    let Some((short, _)) = image.name().rsplit_once(' ') else {
        return Ok(false);
    };
    match by_name.get(short.trim_end()) {
        None => Ok(false),
        Some(replacement) => Ok(age(replacement, now)? == Age::Fine),
    }
}

fn age(image: &Image, now: Timestamp) -> Result<Age, String> {
    let built = parse(property(image, "image_build_date"), FORMS)
        .or_else(|| parse(image.created_at.as_deref().unwrap_or_default(), STRICT))
        .unwrap_or(0);
    let frequency = image.property("replace_frequency").unwrap_or("never");
    let period = FREQUENCIES
        .iter()
        .find(|(word, _)| *word == frequency)
        .map_or(0, |(_, s)| *s);
    // Tenths of seconds, since the test gives ten per cent more.
    let allowed = built.saturating_mul(10).saturating_add(period * 11);
    if period == 0 || now.as_second().saturating_mul(10) <= allowed {
        return Ok(Age::Fine);
    }
    let Some(until) = image.property("provided_until") else {
        return Err("outdated, and without provided_until the test ends with an error".to_owned());
    };
    if ["none", "notice"].contains(&until) {
        return Ok(Age::Fine);
    }
    Ok(match parse(until, FORMS) {
        None => Age::Unreadable,
        Some(until) if now.as_second() > until => Age::Fine,
        Some(_) => Age::Outdated,
    })
}

/// Whether the last word of a name marks a replaced image.
pub(super) fn marked(name: &str) -> bool {
    name.rsplit_once(' ')
        .is_some_and(|(_, mark)| ["old", "prev"].contains(&mark) || parse(mark, MARKS).is_some())
}

/// `os_purpose-uniqueness`: one public generic image for each architecture, system and version.
pub(super) fn uniqueness(images: &[&Image]) -> Vec<Offence> {
    let mut systems: BTreeMap<(&str, &str, &str), Vec<&Image>> = BTreeMap::new();
    for image in images {
        let (distro, version) = (property(image, "os_distro"), property(image, "os_version"));
        let generic = property(image, "os_purpose") == "generic" && image.visibility == "public";
        if generic && !distro.is_empty() && !version.is_empty() {
            let system = (property(image, "architecture"), distro, version);
            systems.entry(system).or_default().push(image);
        }
    }
    let several = systems.into_iter().filter(|(_, images)| images.len() > 1);
    several
        .flat_map(|((arch, distro, version), images)| {
            let what = format!(
                "one of {} public generic images of {distro} {version} on {arch}",
                images.len()
            );
            images
                .into_iter()
                .map(move |image| Offence::of(image, what.clone()))
        })
        .collect()
}

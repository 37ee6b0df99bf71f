//! SCS-0102 v2 as its text has it: what the official test lets pass, too.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use wire::image::Image;

use super::{Offence, Text, official};
use crate::words::{self, Frequency, Until, Validity};

const GIB: u64 = 1 << 30;
/// "Up to three days late is no violation."
pub(crate) const GRACE: i64 = 3;
/// Systems whose versions are numbers.
const NUMBERED: [&str; 10] = [
    "almalinux",
    "centos",
    "debian",
    "fedora",
    "freebsd",
    "opensuse",
    "rhel",
    "rocky",
    "sles",
    "ubuntu",
];
/// The values of `hw_disk_bus` that Nova takes.
const BUSES: [&str; 9] = [
    "fdc", "ide", "lxc", "sata", "scsi", "uml", "usb", "virtio", "xen",
];

/// Judges every image by a rule.
pub(super) fn each(images: &[&Image], rule: Text, now: Timestamp) -> Vec<Offence> {
    let judged = images
        .iter()
        .filter_map(|image| Some(Offence::of(image, rule(image, now)?)));
    judged.collect()
}

/// What the official test finds, where the text asks for no more.
macro_rules! as_the_test {
    ($($rule:ident),+) => {
        $(pub(super) fn $rule(image: &Image, now: Timestamp) -> Option<String> {
            official::$rule(image, now).unwrap_or_else(Some)
        })+
    };
}

as_the_test!(
    architecture,
    min_ram,
    os_purpose,
    image_original_user,
    image_source,
    image_description,
    replace_frequency,
    hotfix_hours,
    hash_algo,
    hypervisor_type,
    hw_rng_model
);

fn property<'a>(image: &'a Image, name: &str) -> &'a str {
    image.property(name).unwrap_or_default()
}

pub(super) fn min_disk(image: &Image, _: Timestamp) -> Option<String> {
    let bytes = image
        .virtual_size
        .unwrap_or_default()
        .max(image.size.unwrap_or_default());
    let least = bytes.div_ceil(GIB).max(1);
    let said = image.min_disk;
    (said < least).then(|| format!("min_disk is {said} GiB, and the disk needs {least}"))
}

pub(super) fn os_version(image: &Image, _: Timestamp) -> Option<String> {
    let version = property(image, "os_version");
    if version.is_empty() {
        return Some("os_version is missing".to_owned());
    }
    let numeric = version.chars().all(|c| c.is_ascii_digit() || c == '.');
    let numbered = NUMBERED.contains(&property(image, "os_distro"));
    (numbered && !numeric)
        .then(|| format!("os_version is `{version}`, and its versions are numbers"))
}

pub(super) fn os_distro(image: &Image, _: Timestamp) -> Option<String> {
    let distro = property(image, "os_distro");
    if distro.is_empty() {
        return Some("os_distro is missing".to_owned());
    }
    let big = distro.chars().any(char::is_uppercase);
    big.then(|| format!("os_distro is `{distro}`, and has to have small letters"))
}

pub(super) fn hw_disk_bus(image: &Image, _: Timestamp) -> Option<String> {
    match image.property("hw_disk_bus") {
        None => Some("hw_disk_bus is missing".to_owned()),
        Some(bus) if BUSES.contains(&bus) => None,
        Some(bus) => Some(format!("hw_disk_bus is `{bus}`")),
    }
}

pub(super) fn image_build_date(image: &Image, now: Timestamp) -> Option<String> {
    let said = property(image, "image_build_date");
    let Some(built) = moment(said) else {
        return Some(format!("image_build_date is `{said}`"));
    };
    if built > now {
        return Some(format!("image_build_date, {said}, is to come"));
    }
    let made: Option<Timestamp> = image
        .created_at
        .as_deref()
        .and_then(|text| text.parse().ok());
    let after = made.is_none_or(|made| built > made);
    after.then(|| format!("image_build_date, {said}, is after the image was made"))
}

/// `YYYY-MM-DD` or `YYYY-MM-DD hh:mm[:ss]`, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let time: DateTime = match text.len() {
        10 => words::day(text)?.to_datetime(jiff::civil::Time::midnight()),
        16 | 19 if text.get(10..11) == Some(" ") => text.parse().ok()?,
        _ => return None,
    };
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

pub(super) fn provided_until(image: &Image, _: Timestamp) -> Option<String> {
    let said = property(image, "provided_until");
    let wrong = said.parse::<Until>().is_err();
    wrong.then(|| format!("provided_until is `{said}`"))
}

pub(super) fn uuid_validity(image: &Image, _: Timestamp) -> Option<String> {
    let said = property(image, "uuid_validity");
    let wrong = said.parse::<Validity>().is_err();
    wrong.then(|| format!("uuid_validity is `{said}`"))
}

/// An image that is neither hidden nor marked as replaced is as new as its `replace_frequency` says. Replaced ones need
/// a successor.
pub(super) fn recency(images: &[&Image], now: Timestamp) -> Vec<Offence> {
    let names: BTreeMap<&str, &Image> = images
        .iter()
        .filter(|image| !image.os_hidden)
        .map(|image| (image.name(), *image))
        .collect();
    let mut offences = Vec::new();
    for image in images.iter().filter(|image| !image.os_hidden) {
        let Some(late) = late(image, now) else {
            continue;
        };
        let successor = official::marked(image.name())
            .then(|| image.name().rsplit_once(' '))
            .flatten()
            .and_then(|(short, _)| names.get(short));
        if successor.is_none_or(|successor| self::late(successor, now).is_some()) {
            offences.push(Offence::of(
                image,
                format!("a new build was due {late} days ago"),
            ));
        }
    }
    offences
}

/// The days that a new build is late, grace aside; `None` where none is due.
fn late(image: &Image, now: Timestamp) -> Option<i64> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let frequency = Frequency::ALL
        .iter()
        .find(|one| one.word() == property(image, "replace_frequency"));
    let period = i64::from((*frequency?).days()?);
    let provided = match property(image, "provided_until").parse() {
        Ok(Until::Day(day)) => today <= day,
        Ok(Until::None | Until::Notice) => false,
        // What is no date is the matter of another rule.
        Err(_) => true,
    };
    let built: Date = property(image, "image_build_date")
        .get(..10)
        .and_then(words::day)?;
    let age = i64::from((today - built).get_days());
    (provided && age > period + GRACE).then_some(age - period)
}

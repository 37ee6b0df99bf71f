//! The rules of SCS-0102 v2 (image metadata) and SCS-0104 v1 (standard images), judged twice: as the official test does,
//! and as the text of the standard says.
//!
//! The test (SovereignCloudStack/standards @ 077174d9, `Tests/iaas`) decides about a certificate, so it is followed with
//! its oddities. It never sees hidden images; the text speaks of them, too.

mod day;
mod official;
mod standard;
mod text;

use jiff::Timestamp;
use serde::Serialize;
pub(crate) use text::GRACE;
use wire::image::Image;

/// One rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The name of the official test case.
    pub id: &'static str,
    /// Whether a certificate depends on it.
    pub mandatory: bool,
    /// What the official test says.
    pub official: Verdict,
    /// What the text of the standard says.
    pub text: Verdict,
}

/// What became of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Pass, fail, or an end of the test itself.
    pub outcome: Outcome,
    /// What speaks against it.
    pub offences: Vec<Offence>,
}

/// Pass or fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is kept. Of no image at all everything is.
    #[default]
    Pass,
    /// It is broken.
    Fail,
    /// The official test falls over its own feet, which counts as failed.
    Abort,
}

/// What speaks against an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offence {
    /// The image's id; empty for an image that is missing.
    pub image: String,
    /// Its name.
    pub name: String,
    /// What is wrong.
    pub what: String,
}

impl Outcome {
    /// The word as the official test prints it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Abort => "ABORT",
        }
    }
}

impl Offence {
    fn of(image: &Image, what: impl Into<String>) -> Self {
        Self {
            image: image.id.clone(),
            name: image.name().to_owned(),
            what: what.into(),
        }
    }
}

impl Verdict {
    fn of(offences: Vec<Offence>) -> Self {
        Self {
            outcome: if offences.is_empty() {
                Outcome::Pass
            } else {
                Outcome::Fail
            },
            offences,
        }
    }
}

/// Judges the images of a cloud: all that a customer may see, hidden ones too, in the order in which Glance lists them.
#[must_use]
pub fn judge(images: &[Image], now: Timestamp) -> Vec<Check> {
    let offered = |image: &&Image| matches!(image.visibility.as_str(), "public" | "community");
    let all: Vec<&Image> = images.iter().filter(offered).collect();
    let listed: Vec<&Image> = all
        .iter()
        .filter(|image| !image.os_hidden)
        .copied()
        .collect();
    let mut checks = Vec::new();
    for (id, mandatory, official, text) in PROPERTIES {
        checks.push(Check {
            id,
            mandatory,
            official: official::each(&listed, official, now),
            text: Verdict::of(text::each(&all, text, now)),
        });
    }
    checks.push(Check {
        id: "scs-0102-image-recency",
        mandatory: true,
        official: official::recency(&listed, now),
        text: Verdict::of(text::recency(&all, now)),
    });
    let twice = Verdict::of(official::uniqueness(&listed));
    checks.push(Check {
        id: "scs-0102-os_purpose-uniqueness",
        mandatory: true,
        official: twice.clone(),
        text: twice,
    });
    checks.extend(standard::checks(&listed));
    checks
}

/// What is wrong with one image by one rule, if anything is; an error when the official test would end with one.
type Official = fn(&Image, Timestamp) -> Result<Option<String>, String>;
/// What is wrong with one image by one rule.
type Text = fn(&Image, Timestamp) -> Option<String>;

/// The rules about single properties.
const PROPERTIES: [(&str, bool, Official, Text); 18] = [
    (
        "scs-0102-prop-architecture",
        true,
        official::architecture,
        text::architecture,
    ),
    (
        "scs-0102-prop-min_disk",
        true,
        official::min_disk,
        text::min_disk,
    ),
    (
        "scs-0102-prop-min_ram",
        true,
        official::min_ram,
        text::min_ram,
    ),
    (
        "scs-0102-prop-os_version",
        true,
        official::os_version,
        text::os_version,
    ),
    (
        "scs-0102-prop-os_distro",
        true,
        official::os_distro,
        text::os_distro,
    ),
    (
        "scs-0102-prop-os_purpose",
        true,
        official::os_purpose,
        text::os_purpose,
    ),
    (
        "scs-0102-prop-hw_disk_bus",
        true,
        official::hw_disk_bus,
        text::hw_disk_bus,
    ),
    (
        "scs-0102-prop-image_build_date",
        true,
        official::image_build_date,
        text::image_build_date,
    ),
    (
        "scs-0102-prop-image_original_user",
        true,
        official::image_original_user,
        text::image_original_user,
    ),
    (
        "scs-0102-prop-image_source",
        true,
        official::image_source,
        text::image_source,
    ),
    (
        "scs-0102-prop-image_description",
        true,
        official::image_description,
        text::image_description,
    ),
    (
        "scs-0102-prop-replace_frequency",
        true,
        official::replace_frequency,
        text::replace_frequency,
    ),
    (
        "scs-0102-prop-provided_until",
        true,
        official::provided_until,
        text::provided_until,
    ),
    (
        "scs-0102-prop-uuid_validity",
        true,
        official::uuid_validity,
        text::uuid_validity,
    ),
    (
        "scs-0102-prop-hotfix_hours",
        false,
        official::hotfix_hours,
        text::hotfix_hours,
    ),
    (
        "scs-0102-prop-hash_algo",
        false,
        official::hash_algo,
        text::hash_algo,
    ),
    (
        "scs-0102-prop-hypervisor_type",
        false,
        official::hypervisor_type,
        text::hypervisor_type,
    ),
    (
        "scs-0102-prop-hw_rng_model",
        false,
        official::hw_rng_model,
        text::hw_rng_model,
    ),
];

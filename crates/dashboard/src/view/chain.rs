//! The chain of evidence: vendor's key → file digest → disk digest → stored digest; each link with what is proven, by
//! whom, and what is only claimed.
//!
//! A link is *proven* only by a verdict that was worked out here. What stands in an image's record is *claimed*: whoever
//! may change the image may have written it. What Glance computes itself while it stores is *recorded*.

use catalogue::plan::records;
use origin::keys::Pins;
use proof::{Outcome, Verdict};
use wire::image::Image;

mod links;

use links::{disk, file, key, stored};

/// How sure a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sure {
    /// Worked out here.
    Proven,
    /// Computed by the cloud itself while it stored the bytes.
    Recorded,
    /// It stands in the record; nobody has checked it here.
    Claimed,
    /// Nothing is known.
    Unknown,
    /// It is wrong.
    Broken,
}

impl Sure {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Recorded => "recorded",
            Self::Claimed => "claimed",
            Self::Unknown => "unknown",
            Self::Broken => "broken",
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Proven => "good",
            Self::Recorded | Self::Claimed => "info",
            Self::Unknown => "none",
            Self::Broken => "bad",
        }
    }
}

/// A link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) title: &'static str,
    pub(crate) sure: Sure,
    /// The link in a line.
    pub(crate) summary: String,
    /// Names and values.
    pub(crate) rows: Vec<(&'static str, String)>,
    /// By whom that is proven, or who claims it.
    pub(crate) by: String,
}

/// The whole chain.
#[must_use]
pub(crate) fn of(image: &Image, verdict: Option<&Verdict>, pins: Option<&Pins>) -> Vec<Link> {
    let known = Known {
        image,
        verdict,
        pins,
    };
    vec![key(&known), file(&known), disk(&known), stored(&known)]
}

/// A key that is pinned here.
struct PinnedKey {
    /// Its name, with the families that it speaks for.
    name: String,
    /// The family that the image is said to be of, where that has keys and this is none of them.
    of_another: Option<String>,
}

/// What links are made from.
struct Known<'a> {
    image: &'a Image,
    verdict: Option<&'a Verdict>,
    pins: Option<&'a Pins>,
}

impl Known<'_> {
    fn record(&self, name: &str) -> &str {
        self.image.property(name).map_or("", str::trim)
    }

    fn outcome(&self) -> Option<Outcome> {
        self.verdict.map(|verdict| verdict.verdict)
    }

    /// The pinned key of this fingerprint.
    fn pinned(&self, fingerprint: &str) -> Option<PinnedKey> {
        let pins = self.pins?;
        let same = |own: &str| own.eq_ignore_ascii_case(&fingerprint.replace(' ', ""));
        let key = pins.keys().iter().find(|key| same(&key.fingerprint))?;
        let families = pins.families_of(&key.name);
        let family = self.record(records::RELEASE).split('/').next();
        let family = family.unwrap_or_default();
        let has_keys = pins.vendors().iter().any(|vendor| vendor.family == family);
        Some(PinnedKey {
            of_another: (has_keys && !families.contains(&family)).then(|| family.to_owned()),
            name: match families.is_empty() {
                true => key.name.clone(),
                false => format!("{} ({})", key.name, families.join(", ")),
            },
        })
    }

    /// Whether the record says that ectype has put the image there.
    fn managed(&self) -> bool {
        !self.record(records::DEFINITION).is_empty()
    }

    /// Who may have written what is claimed.
    fn claimant(&self) -> String {
        if self.managed() {
            "claimed by the record, as ectype writes it when it has compared an image; whoever may change the image may change it".to_owned()
        } else {
            "claimed by the record; whoever may change the image may have written it".to_owned()
        }
    }
}

#[cfg(test)]
mod tests;

//! Vendors: where they publish, which keys sign there, and which images claim to be theirs.

use serde::Deserialize;

use super::place;
use crate::Address;

/// A vendor's family of images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Its name.
    pub family: String,
    /// How its images' names begin.
    pub names: Vec<String>,
    /// What its images' `os_distro` says.
    pub os_distro: Vec<String>,
    /// Where it publishes: a host, or a host and the beginning of a path.
    pub hosts: Vec<String>,
    /// What is signed where.
    publishes: Vec<Rule>,
}

/// What is signed at one place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    at: String,
    keys: Vec<String>,
    signed: bool,
}

/// What a vendor is known to do at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The vendor's family.
    pub family: String,
    /// The names of the keys that may sign there.
    pub keys: Vec<String>,
    /// Whether everything there is signed, so that a missing signature is a bad sign.
    pub signed: bool,
}

impl Vendor {
    /// The names of all its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.publishes.iter().flat_map(|rule| &rule.keys)
    }

    /// Whether it publishes at this address.
    fn is_at(&self, place: &str) -> bool {
        self.hosts.iter().any(|host| place::is_under(place, host))
    }
}

/// See [`super::Pins::expectation`].
pub(super) fn expectation(vendors: &[Vendor], address: &Address) -> Option<Expectation> {
    let place = place::of(address)?;
    let here = || vendors.iter().filter(|vendor| vendor.is_at(&place));
    let rules = here().flat_map(|vendor| vendor.publishes.iter().map(move |rule| (vendor, rule)));
    let fitting = rules.filter(|(_, rule)| place::has(&place, &rule.at));
    if let Some((vendor, rule)) = fitting.max_by_key(|(_, rule)| rule.at.len()) {
        return Some(Expectation {
            family: vendor.family.clone(),
            keys: rule.keys.clone(),
            signed: rule.signed,
        });
    }
    here().next().map(|vendor| Expectation {
        family: vendor.family.clone(),
        keys: vendor.keys().cloned().collect(),
        signed: false,
    })
}

impl super::Pins {
    /// The families that an image claims to be of: by its name, and only if that says nothing, by its `os_distro`.
    #[must_use]
    pub fn claimed(&self, name: &str, os_distro: Option<&str>) -> Vec<&Vendor> {
        let length = |vendor: &Vendor| {
            vendor
                .names
                .iter()
                .filter_map(|start| begins(name, start))
                .max()
        };
        let longest = self.vendors.iter().filter_map(length).max();
        let by_name = |vendor: &&Vendor| longest.is_some() && length(vendor) == longest;
        let claimed: Vec<&Vendor> = self.vendors.iter().filter(by_name).collect();
        if !claimed.is_empty() {
            return claimed;
        }
        let by_distro = |vendor: &&Vendor| {
            vendor
                .os_distro
                .iter()
                .any(|known| os_distro.is_some_and(|said| said.eq_ignore_ascii_case(known)))
        };
        self.vendors.iter().filter(by_distro).collect()
    }

    /// Whether any of these vendors publishes at this address.
    #[must_use]
    pub fn is_of(claimed: &[&Vendor], address: &Address) -> bool {
        place::of(address).is_some_and(|place| claimed.iter().any(|vendor| vendor.is_at(&place)))
    }
}

/// The length of `start` when the name begins with it, to the end of a word.
fn begins(name: &str, start: &str) -> Option<usize> {
    let (head, rest) = name.trim_start().split_at_checked(start.len())?;
    let fits = head.eq_ignore_ascii_case(start) && !rest.starts_with(char::is_alphabetic);
    fits.then_some(start.len())
}

//! How each image that should be there stands: how old it is, when the next one is due, how long it is supported. Pure.

use std::cmp::Reverse;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::builds::{Build, Builds, Found, Key, newer};
use super::cloud::CloudImages;
use super::definitions::Definitions;
use super::owned::{self, Claim, Owned, State, records};
use crate::definition::Definition;
use crate::scs::GRACE;
use crate::words::{Frequency, Until};

/// How an image that should be there stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the catalogue calls it.
    pub definition: String,
    /// The name of the image; none where the definition has a fault.
    pub name: Option<String>,
    /// How it stands.
    pub health: Health,
    /// What is behind that, in words.
    pub note: String,
    /// The image that has the name.
    pub image: Option<Current>,
    /// How often there is a new build at least.
    pub every: Option<Frequency>,
    /// The day on which a new build is due.
    pub due: Option<Date>,
    /// How long there is support.
    pub until: Option<Until>,
    /// The days until the end of support; negative after it.
    pub days_left: Option<i32>,
    /// How many old images are kept.
    pub old: usize,
    /// What the vendor publishes, if that was asked: a build's name, or why it is not known.
    pub newest: Option<Result<String, String>>,
}

/// The image that has the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// Its id.
    pub id: String,
    /// The vendor's build.
    pub build: String,
    /// The day of the build.
    pub built: Option<Date>,
    /// How many days ago that is.
    pub age: Option<i32>,
    /// What vouched for the original when the image was made.
    pub evidence: Option<String>,
    /// The full fingerprint of the key that signed it.
    pub signer: Option<String>,
}

/// How an image stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Support has ended, and the image still has the name.
    Ended,
    /// A new build is overdue.
    Late,
    /// There is no image of the name.
    Missing,
    /// The definition has a fault, or an image of it lacks a record.
    Fault,
    /// Support ends soon.
    Ending,
    /// All is well.
    Good,
    /// Support has ended, and no image has the name.
    Retired,
    /// The definition is switched off, and there is an image of it.
    Off,
}

impl Health {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Late => "late",
            Self::Missing => "missing",
            Self::Fault => "fault",
            Self::Ending => "ending",
            Self::Good => "good",
            Self::Retired => "retired",
            Self::Off => "off",
        }
    }

    /// Whether something should have been done already.
    #[must_use]
    pub const fn is_overdue(self) -> bool {
        matches!(self, Self::Ended | Self::Late | Self::Missing)
    }
}

/// How everything stands on the day `now` (in UTC), worst first, and of what is late the latest first. `builds` is what the
/// vendors publish, if they were asked.
#[must_use]
pub fn standings(
    definitions: &Definitions,
    cloud: &CloudImages,
    builds: Option<&Builds>,
    now: Date,
) -> Vec<Standing> {
    let mut all: Vec<Standing> = definitions
        .iter()
        .filter_map(|definition| one(definition, definitions.tag(), cloud, builds, now))
        .collect();
    for fault in definitions.faults() {
        let place = fault.place.as_ref().map(|place| format!("{place}: "));
        all.push(Standing {
            definition: fault.definition.clone(),
            name: None,
            health: Health::Fault,
            note: format!("{}{}", place.unwrap_or_default(), fault.message),
            image: None,
            every: None,
            due: None,
            until: None,
            days_left: None,
            old: 0,
            newest: None,
        });
    }
    let days_late = |one: &Standing| one.due.map(|due| (now - due).get_days());
    all.sort_by(|a, b| {
        let order = a.health.cmp(&b.health);
        let order = order.then_with(|| Reverse(days_late(a)).cmp(&Reverse(days_late(b))));
        order.then_with(|| a.definition.cmp(&b.definition))
    });
    all
}

fn one(
    definition: &Definition,
    tag: &str,
    cloud: &CloudImages,
    builds: Option<&Builds>,
    now: Date,
) -> Option<Standing> {
    let own = owned::of(cloud, tag, &definition.id);
    let current = own
        .iter()
        .filter(|one| one.state == State::Current)
        .max_by(|a, b| newer(&a.build, &b.build));
    if !definition.enabled && current.is_none() {
        return None;
    }
    let until = definition.provided_until;
    let days_left = match until {
        Until::Day(end) => Some((end - now).get_days()),
        Until::None | Until::Notice => None,
    };
    let over = days_left.is_some_and(|days| days < 0);
    let due = current
        .filter(|_| !over)
        .and_then(|one| due(definition, one));
    let (health, note) = match incomplete(cloud, tag, definition) {
        Some(what) => (Health::Fault, what),
        None => health(definition, current, due, days_left, now),
    };
    Some(Standing {
        definition: definition.id.clone(),
        name: Some(definition.name.clone()),
        health,
        note,
        image: current.map(|one| seen(one, cloud, now)),
        every: Some(definition.replace_frequency),
        due,
        until: Some(until),
        days_left,
        old: own.iter().filter(|one| one.state == State::Old).count(),
        newest: builds
            .filter(|_| definition.enabled && !over)
            .map(|builds| newest(definition, builds)),
    })
}

/// An image of the definition that lacks a record.
fn incomplete(cloud: &CloudImages, tag: &str, definition: &Definition) -> Option<String> {
    owned::claims(cloud, tag).find_map(|claim| match claim {
        Claim::Incomplete {
            definition: Some(of),
            id,
            what,
        } if of == definition.id => Some(format!("of image {id} {what}")),
        _ => None,
    })
}

fn due(definition: &Definition, current: &Owned) -> Option<Date> {
    let period = definition.replace_frequency.days()?;
    current.date?.checked_add(period.days()).ok()
}

fn health(
    definition: &Definition,
    current: Option<&Owned>,
    due: Option<Date>,
    days_left: Option<i32>,
    now: Date,
) -> (Health, String) {
    let ago = |days: i32| format!("support ended {} ago", counted(-days));
    let late = due.map(|due| (now - due).get_days());
    match (days_left, current, late) {
        _ if !definition.enabled => (Health::Off, "switched off".to_owned()),
        (Some(days @ ..0), None, _) => (Health::Retired, ago(days)),
        (Some(days @ ..0), Some(_), _) => (Health::Ended, ago(days)),
        (_, None, _) => (Health::Missing, "no image has the name".to_owned()),
        (_, _, Some(late)) if i64::from(late) > GRACE => (
            Health::Late,
            format!("a new build was due {} ago", counted(late)),
        ),
        (Some(days), ..) if i64::from(days) <= i64::from(definition.warn_days) => {
            (Health::Ending, format!("support ends in {}", counted(days)))
        }
        _ => (Health::Good, String::new()),
    }
}

fn counted(days: i32) -> String {
    match days {
        1 => "1 day".to_owned(),
        several => format!("{several} days"),
    }
}

fn seen(one: &Owned, cloud: &CloudImages, now: Date) -> Current {
    let record = |name: &str| {
        let found = cloud.get(&one.id)?.property(name)?;
        Some(found.to_owned())
    };
    Current {
        id: one.id.clone(),
        build: one.build.clone(),
        built: one.date,
        age: one.date.map(|date| (now - date).get_days()),
        evidence: record(records::EVIDENCE),
        signer: record(records::SIGNER),
    }
}

fn newest(definition: &Definition, builds: &Builds) -> Result<String, String> {
    match builds.get(&Key::of(definition)) {
        Some(Found::Builds(builds)) => {
            let newest = builds.iter().max_by(|a, b| newer(&a.id, &b.id));
            newest
                .map(|build| build.id.clone())
                .ok_or_else(|| "the vendor lists no build".to_owned())
        }
        Some(Found::Failed(why)) => Err(why.clone()),
        None => Build::named(definition)
            .map(|build| build.id)
            .ok_or_else(|| "it was not asked for".to_owned()),
    }
}

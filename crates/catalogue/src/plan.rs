//! Plans: what to change in a cloud so that what should be there is there. Pure: definitions, builds, the cloud's images
//! and the day in, steps with their reasons out.
//!
//! A plan is found by asking again and again what the next step is, and taking that step on a copy of the cloud's records.
//! The next step follows from the records alone. So a run that was ended after any step is taken up by planning again.
//! Why the steps are as they are: `docs/decisions/0010-rotation.md`.

mod builds;
mod cloud;
mod definitions;
mod expect;
mod file;
mod fit;
mod guard;
mod next;
mod owned;
mod retain;
mod simulate;
mod standing;
mod step;
mod touched;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use builds::{Build, Builds, Found, Key};
pub use cloud::{CloudImages, Torn};
pub use definitions::Definitions;
pub use file::{FILE_SCHEMA, Planned, Plans, Site};
pub(crate) use fit::fingerprint;
pub use fit::{Misfit, Unreadable};
pub use owned::{Owned, State, records};
pub(crate) use simulate::change as take_change;
pub use standing::{Current, Health, Standing, standings};
pub use step::{Action, Change, Import, Step, Target};
pub use touched::{System, Touched};

use guard::Course;
use owned::Claim;

/// The version of the form of plans.
pub const SCHEMA: &str = "ectype/plan/1";

/// What to do, in this order, and why nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this form: [`SCHEMA`].
    pub schema: String,
    /// The day it was made for.
    pub day: Date,
    /// The project whose images it is about, by id.
    pub project: String,
    /// The tag of our images.
    pub tag: String,
    /// How many images it may delete.
    pub max_delete: u32,
    /// What to do.
    pub steps: Vec<Step>,
    /// The images of ours that stay as they are, or stay at all, and why.
    pub kept: Vec<Kept>,
    /// What somebody should know.
    pub notes: Vec<Note>,
    /// The definitions that it has steps for: it fits as long as nothing changes for these.
    pub touches: Vec<Touched>,
    /// The records that its steps follow from: a fingerprint of each, by id.
    pub seen: BTreeMap<String, String>,
}

/// An image that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The image's id.
    pub image: String,
    /// Its name now.
    pub name: String,
    /// The definition that it was made for.
    pub definition: String,
    /// Why it stays.
    pub why: String,
}

/// What somebody should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// How bad it is.
    pub level: Level,
    /// The definition that it is about; empty for none.
    pub definition: String,
    /// What it is.
    pub message: String,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Somebody has to do something some day.
    Warning,
    /// Something is wrong; the images of the definition stay as they are until it is put right.
    Alarm,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What is wrong.
    pub fn alarms(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.level == Level::Alarm)
    }
}

/// Plans. `now` is the day in UTC.
#[must_use]
pub fn plan(definitions: &Definitions, builds: &Builds, cloud: &CloudImages, now: Date) -> Plan {
    let mut planning = Planning {
        definitions,
        builds,
        cloud: cloud.clone(),
        now,
        steps: Vec::new(),
        notes: Vec::new(),
        courses: BTreeMap::new(),
    };
    planning.faults();
    planning.strangers();
    for definition in definitions.iter() {
        planning.one(definition);
    }
    retain::delete(&mut planning);
    let kept = retain::kept(&planning, cloud);
    let touches = touched::of(definitions, &planning.steps);
    Plan {
        schema: SCHEMA.to_owned(),
        day: now,
        project: cloud.project().to_owned(),
        tag: definitions.tag().to_owned(),
        max_delete: definitions.max_delete(),
        steps: planning.steps,
        kept,
        notes: planning.notes,
        seen: touched::seen(cloud, definitions.tag(), &touches),
        touches,
    }
}

/// A plan in the making.
struct Planning<'a> {
    definitions: &'a Definitions,
    builds: &'a Builds,
    /// The cloud as it will be after the steps.
    cloud: CloudImages,
    now: Date,
    steps: Vec<Step>,
    notes: Vec<Note>,
    /// What was decided for each definition; none for one that has a fault.
    courses: BTreeMap<&'a str, Course>,
}

impl<'a> Planning<'a> {
    fn note(&mut self, level: Level, definition: &str, message: impl Into<String>) {
        self.notes.push(Note {
            level,
            definition: definition.to_owned(),
            message: message.into(),
        });
    }

    fn faults(&mut self) {
        for fault in self.definitions.faults() {
            let place = fault.place.as_ref().map(|place| format!("{place}: "));
            let message = format!(
                "{}{}; its images stay as they are",
                place.unwrap_or_default(),
                fault.message
            );
            self.note(Level::Alarm, &fault.definition, message);
        }
    }

    /// Images with our tag that lack our records.
    fn strangers(&mut self) {
        let claims: Vec<_> = owned::claims(&self.cloud, self.definitions.tag()).collect();
        for claim in claims {
            if let Claim::Incomplete {
                definition,
                id,
                what,
            } = claim
                && self
                    .definitions
                    .covers(definition.as_deref().unwrap_or_default())
            {
                let message = format!("image {id} has our tag, but {what}; it is not touched");
                self.note(Level::Alarm, definition.as_deref().unwrap_or(""), message);
            }
        }
    }

    fn one(&mut self, definition: &'a crate::Definition) {
        let course = guard::course(self, definition);
        match &course {
            Course::Frozen(why) => self.note(Level::Alarm, &definition.id, why.clone()),
            Course::Off => {}
            Course::Provide(_) | Course::Retire(_) => {
                if let Course::Provide(build) = &course {
                    self.warn_of_a_standstill(definition, build);
                }
                next::all(self, definition, &course);
                self.warn_of_the_end(definition);
                self.warn_of_namesakes(definition);
            }
        }
        self.courses.insert(&definition.id, course);
    }

    /// A vendor's page that nobody keeps any more looks like one with nothing new.
    fn warn_of_a_standstill(&mut self, definition: &crate::Definition, build: &Build) {
        let chosen =
            definition.original.is_some() || definition.build != crate::words::Which::Newest;
        let (Some(date), Some(period), false) =
            (build.date, definition.replace_frequency.days(), chosen)
        else {
            return;
        };
        let age = i64::from((self.now - date).get_days());
        if age > i64::from(period).saturating_add(crate::scs::GRACE) {
            let message = format!(
                "the vendor's newest build is {}, {age} days old, and replace_frequency is {}: see whether the vendor still \
                 publishes where it is looked for",
                build.id, definition.replace_frequency
            );
            self.note(Level::Warning, &definition.id, message);
        }
    }

    /// Clients that look for a name refuse one that several images have.
    fn warn_of_namesakes(&mut self, definition: &crate::Definition) {
        let own = owned::of(&self.cloud, self.definitions.tag(), &definition.id);
        let same = self.cloud.iter().filter(|image| {
            let seen =
                !image.os_hidden && matches!(image.visibility.as_str(), "public" | "community");
            seen && image.name() == definition.name && own.iter().all(|one| one.id != image.id)
        });
        let others: Vec<String> = same.map(|image| image.id.clone()).collect();
        for id in others {
            let message = format!("image {id}, which is not of this definition, has the name, too");
            self.note(Level::Warning, &definition.id, message);
        }
    }

    fn warn_of_the_end(&mut self, definition: &crate::Definition) {
        let crate::words::Until::Day(end) = definition.provided_until else {
            return;
        };
        let left = (end - self.now).get_days();
        if (0..=i64::from(definition.warn_days)).contains(&i64::from(left)) {
            let message =
                format!("support ends on {end}, in {left} days; the image is retired then");
            self.note(Level::Warning, &definition.id, message);
        }
    }
}

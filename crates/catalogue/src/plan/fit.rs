//! Reading a plan back, and whether the cloud is still the one that it was made for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wire::image::Image;

use super::cloud::CloudImages;
use super::owned::{is_claimed, records};
use super::step::{Action, Step, Target};
use super::touched::{Touched, seen};
use super::{Plan, SCHEMA};
use crate::limits::MAX_PLAN;

/// Why a text is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is too long.
    #[error("it is longer than {} MiB", MAX_PLAN >> 20)]
    TooLong,
    /// It is no plan of this form.
    #[error("it is no plan ({what})")]
    Form {
        /// What is wrong.
        what: String,
    },
    /// It asks for what no plan of ours asks for.
    #[error("step {number}: {what}")]
    Step {
        /// Which step, counted from 1.
        number: usize,
        /// What is wrong.
        what: String,
    },
}

/// Why a plan cannot be carried out any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// It was made for another cloud.
    #[error("the plan is for the image service at {plan}, and this one is at {here}")]
    Cloud {
        /// The plan's.
        plan: String,
        /// This cloud's.
        here: String,
    },
    /// It was made for another project.
    #[error("the plan is for project {plan}, and this is project {here}")]
    Project {
        /// The plan's.
        plan: String,
        /// The cloud's.
        here: String,
    },
    /// The images are not as they were.
    #[error("the cloud has changed since the plan was made: {}", what.join("; "))]
    Moved {
        /// What is different, a line for each image.
        what: Vec<String>,
    },
    /// A step is about an image that is not ours.
    #[error("image {id} is not ours, and the plan would change it")]
    NotOurs {
        /// The image.
        id: String,
    },
}

impl Plan {
    /// Reads a plan that was written as JSON.
    ///
    /// # Errors
    /// It is no plan, or one of another version, or asks for what ectype never plans.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        if text.len() > MAX_PLAN {
            return Err(Unreadable::TooLong);
        }
        let form = |what: String| Unreadable::Form { what };
        let value: Value = serde_json::from_str(text).map_err(|error| form(error.to_string()))?;
        let plan: Self = serde_json::from_value(value).map_err(|error| form(error.to_string()))?;
        plan.sound()?;
        Ok(plan)
    }

    /// Whether it asks for nothing that ectype never plans.
    pub(super) fn sound(&self) -> Result<(), Unreadable> {
        let form = |what: String| Unreadable::Form { what };
        if self.schema != SCHEMA {
            return Err(form(format!("`{}` is not `{SCHEMA}`", self.schema)));
        }
        let mut made = BTreeSet::new();
        for (index, step) in self.steps.iter().enumerate() {
            check(step, self, &mut made).map_err(|what| Unreadable::Step {
                number: index + 1,
                what,
            })?;
        }
        let deletes = |step: &&Step| step.action == Action::Delete;
        let deletions = self.steps.iter().filter(deletes).count();
        if deletions > usize::try_from(self.max_delete).unwrap_or(usize::MAX) {
            return Err(form(
                "it deletes more images than its `max_delete`".to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether the cloud is still as it was when the plan was made, as far as its steps follow from that: images of
    /// definitions that it does not touch may have changed.
    ///
    /// # Errors
    /// It is not, or the plan would change what is not ours.
    pub fn fits(&self, cloud: &CloudImages) -> Result<(), Misfit> {
        if self.project != cloud.project() {
            return Err(Misfit::Project {
                plan: self.project.clone(),
                here: cloud.project().to_owned(),
            });
        }
        let what = moved(&self.seen, &seen(cloud, &self.tag, &self.touches));
        if !what.is_empty() {
            return Err(Misfit::Moved { what });
        }
        for step in &self.steps {
            let Target::Id(id) = &step.image else {
                continue;
            };
            let ours = |image: &Image| {
                is_claimed(image, cloud.project(), &self.tag)
                    && image.property(records::DEFINITION) == Some(&step.definition)
            };
            if !cloud.get(id).is_some_and(ours) {
                return Err(Misfit::NotOurs { id: id.clone() });
            }
        }
        Ok(())
    }
}

/// What a step must be, wherever it comes from.
fn check<'a>(step: &'a Step, plan: &Plan, made: &mut BTreeSet<&'a str>) -> Result<(), String> {
    let patches = matches!(
        step.action,
        Action::Demote | Action::Promote | Action::Retire | Action::Repair
    );
    if patches == step.changes.is_empty() {
        return Err("the changes do not fit the action".to_owned());
    }
    let touched = |one: &Touched| one.definition == step.definition;
    if !plan.touches.iter().any(touched) {
        return Err(format!("`{}` is not in `touches`", step.definition));
    }
    if (step.action == Action::Import) != step.import.is_some() {
        return Err("an import and what it makes belong together".to_owned());
    }
    match &step.image {
        Target::Imported(_) if matches!(step.action, Action::Delete | Action::Discard) => {
            return Err("only what has an id is deleted".to_owned());
        }
        Target::Id(id) if !plan.seen.contains_key(id) || step.action == Action::Import => {
            return Err(format!("image {id} was not seen when the plan was made"));
        }
        Target::Imported(of) if step.action == Action::Import && !made.insert(of) => {
            return Err(format!("there are two imports for {of}"));
        }
        Target::Imported(of) if !made.contains(of.as_str()) => {
            return Err(format!("there is no import for {of} before it"));
        }
        _ => {}
    }
    let untouchable = |field: &str| {
        let recorded = field.starts_with("ectype_") && field != records::STATE;
        recorded
            || matches!(
                field,
                "id" | "owner" | "status" | "size" | "checksum" | "os_hash_value"
            )
    };
    match step.changes.iter().find(|one| untouchable(&one.field)) {
        Some(one) => Err(format!("`{}` is never changed", one.field)),
        None => Ok(()),
    }
}

fn moved(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let mut what = Vec::new();
    for (id, print) in then {
        match now.get(id) {
            None => what.push(format!("image {id} is gone, or is not ours any more")),
            Some(other) if other != print => what.push(format!("image {id} has changed")),
            Some(_) => {}
        }
    }
    let new = now.keys().filter(|id| !then.contains_key(*id));
    what.extend(new.map(|id| format!("image {id} is new")));
    what
}

/// SHA-256 of a record in one order, without what changes by itself.
pub(crate) fn fingerprint(image: &Image) -> String {
    let Ok(Value::Object(record)) = serde_json::to_value(image) else {
        return String::new();
    };
    let volatile = |name: &str| {
        name.starts_with("os_glance_")
            || matches!(
                name,
                "updated_at" | "direct_url" | "locations" | "stores" | "self" | "file" | "schema"
            )
    };
    let sorted: BTreeMap<_, _> = record
        .into_iter()
        .filter(|(name, _)| !volatile(name))
        .collect();
    let text = serde_json::to_string(&sorted).unwrap_or_default();
    let mut hex = String::new();
    for byte in Sha256::digest(text) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

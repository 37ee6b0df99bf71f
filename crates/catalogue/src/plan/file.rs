//! Plans that are written down together, each with the cloud that it is for (`docs/plan.schema.json`).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cloud::CloudImages;
use super::fit::{Misfit, Unreadable};
use super::{Level, Plan};
use crate::limits::MAX_PLAN;

/// The version of the form of files of plans.
pub const FILE_SCHEMA: &str = "ectype/plans/1";

/// Plans for one cloud and region each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plans {
    /// The version of this form: [`FILE_SCHEMA`].
    pub schema: String,
    /// The plans, in the order in which the clouds were named.
    pub plans: Vec<Planned>,
}

/// A plan and the cloud that it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The cloud.
    pub cloud: Site,
    /// The plan.
    pub plan: Plan,
}

/// A cloud and region, as the user names it and as it can be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its name in clouds.yaml; none when only options or variables say where it is.
    pub name: Option<String>,
    /// The region; none when nobody named one.
    pub region: Option<String>,
    /// The address of its image service.
    pub image_endpoint: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.region) {
            (Some(name), Some(region)) => write!(f, "{name}/{region}"),
            (Some(name), None) => f.write_str(name),
            (None, _) => f.write_str(&self.image_endpoint),
        }
    }
}

impl Plans {
    /// Plans to write down.
    #[must_use]
    pub fn new(plans: Vec<Planned>) -> Self {
        Self {
            schema: FILE_SCHEMA.to_owned(),
            plans,
        }
    }

    /// Reads what was written as JSON.
    ///
    /// # Errors
    /// It is no file of plans, or one of another version, or a plan in it asks for what ectype never plans.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        if text.len() > MAX_PLAN {
            return Err(Unreadable::TooLong);
        }
        let form = |what: String| Unreadable::Form { what };
        let value: Value = serde_json::from_str(text).map_err(|error| form(error.to_string()))?;
        match value.get("schema").and_then(Value::as_str) {
            Some(FILE_SCHEMA) => {}
            Some(other) => return Err(form(format!("`{other}` is not `{FILE_SCHEMA}`"))),
            None => return Err(form("`schema` is missing".to_owned())),
        }
        let plans: Self = serde_json::from_value(value).map_err(|error| form(error.to_string()))?;
        for Planned { cloud, plan } in &plans.plans {
            plan.sound()
                .map_err(|error| form(format!("the plan for {cloud}: {error}")))?;
        }
        match plans.doubled() {
            Some(cloud) => Err(form(format!("there are two plans for {cloud}"))),
            None => Ok(plans),
        }
    }

    /// A cloud and project that there are two plans for: carried out one after the other the second would not fit.
    fn doubled(&self) -> Option<&Site> {
        let same = |(index, one): &(usize, &Planned)| {
            self.plans.iter().take(*index).any(|earlier| {
                earlier.cloud.image_endpoint == one.cloud.image_endpoint
                    && earlier.plan.project == one.plan.project
            })
        };
        let found = self.plans.iter().enumerate().find(same);
        found.map(|(_, planned)| &planned.cloud)
    }

    /// Whether there is nothing to do anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plans.iter().all(|one| one.plan.is_empty())
    }

    /// How many alarms there are.
    #[must_use]
    pub fn alarms(&self) -> usize {
        self.plans.iter().map(|one| one.plan.alarms().count()).sum()
    }
}

impl Planned {
    /// Whether this is still the cloud that the plan was made for, and still as it was.
    ///
    /// # Errors
    /// It is not, or the plan would change what is not ours.
    pub fn fits(&self, here: &Site, images: &CloudImages) -> Result<(), Misfit> {
        if self.cloud.image_endpoint != here.image_endpoint {
            return Err(Misfit::Cloud {
                plan: self.cloud.image_endpoint.clone(),
                here: here.image_endpoint.clone(),
            });
        }
        self.plan.fits(images)
    }

    /// How many steps, warnings and alarms there are.
    #[must_use]
    pub fn count(&self) -> (usize, usize, usize) {
        let of = |level| self.plan.notes.iter().filter(|n| n.level == level).count();
        (self.plan.steps.len(), of(Level::Warning), of(Level::Alarm))
    }
}

//! Steps that change a record: one request each, of a record that is as the plan saw it.

use cloud::Op;
use serde_json::Value;
use wire::image::Image;

use super::site::At;
use super::{Apply, Ended, Error};
use crate::plan::{Change, Step, take_change};

/// Fields that are always there; everything else is a property.
const FIELDS: [&str; 6] = [
    "name",
    "visibility",
    "os_hidden",
    "min_disk",
    "min_ram",
    "tags",
];

impl Apply<'_> {
    /// Demotes, promotes, retires or repairs.
    pub(super) async fn change(&self, at: &At<'_>, step: &Step) -> Ended {
        match self.changed(at, step).await {
            Ok(()) => Ended::Done,
            Err(error) => Ended::Failed(error),
        }
    }

    async fn changed(&self, at: &At<'_>, step: &Step) -> Result<(), Error> {
        let id = at.id_of(step).ok_or(Error::NoImage)?;
        let glance = at.site.glance;
        let before = glance.show(&id).await?;
        let moved = || Error::Moved { id: id.clone() };
        let before = before
            .filter(|image| at.is_known(image))
            .ok_or_else(moved)?;
        let ops: Vec<Op> = step.changes.iter().map(op).collect();
        let after = match glance.patch(&id, &ops).await {
            Ok(after) => after,
            // The answer was lost. What the record says then decides.
            Err(error @ cloud::Error::Net(_)) => match glance.show(&id).await {
                Ok(Some(after)) if is_done(&before, &after, &step.changes) => after,
                _ => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        };
        at.learn(&after);
        Ok(())
    }
}

fn op(change: &Change) -> Op {
    let (field, to) = (change.field.clone(), change.to.clone());
    match &change.to {
        _ if FIELDS.contains(&change.field.as_str()) => Op::Replace(field, to),
        Value::Null => Op::Remove(field),
        _ => Op::Add(field, to),
    }
}

/// Whether a record is as it becomes by these changes.
fn is_done(before: &Image, after: &Image, changes: &[Change]) -> bool {
    let mut expected = before.clone();
    changes
        .iter()
        .for_each(|change| take_change(&mut expected, change));
    crate::plan::fingerprint(&expected) == crate::plan::fingerprint(after)
}

//! Which old images may go, and why the others stay.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::civil::Date;

use super::builds::newer;
use super::cloud::CloudImages;
use super::guard::Course;
use super::owned::{self, Claim, Owned, State};
use super::simulate::{self, target};
use super::step::{Action, Step, Target};
use super::{Kept, Level, Planning};
use crate::definition::Definition;
use crate::words::Validity;

/// Adds the deletions that are due, if the limit allows all of them. With more of them than that something may be wrong,
/// and none is done.
pub(super) fn delete(planning: &mut Planning<'_>) {
    let mut steps = Vec::new();
    for definition in planning.definitions.iter() {
        for (one, fate) in fates(planning, definition) {
            if let Fate::Delete(why) = fate {
                steps.push(step(planning, definition, &one, why));
            }
        }
    }
    let limit = planning.definitions.max_delete();
    if steps.len() > usize::try_from(limit).unwrap_or(usize::MAX) {
        let level = if limit == 0 {
            Level::Info
        } else {
            Level::Warning
        };
        let message = format!(
            "{} old images could be deleted, and `max_delete` is {limit}: none is",
            steps.len()
        );
        return planning.note(level, "", message);
    }
    for step in steps {
        simulate::take(&mut planning.cloud, &step, planning.now);
        planning.steps.push(step);
    }
}

fn step(planning: &Planning<'_>, definition: &Definition, one: &Owned, why: String) -> Step {
    let image = planning.cloud.get(&one.id);
    Step {
        action: Action::Delete,
        definition: definition.id.clone(),
        image: target(&one.id),
        name: image
            .map(|image| image.name().to_owned())
            .unwrap_or_default(),
        why,
        changes: Vec::new(),
        import: None,
    }
}

enum Fate {
    Delete(String),
    Keep(String),
}

/// What becomes of the old images of a definition.
fn fates(planning: &Planning<'_>, definition: &Definition) -> Vec<(Owned, Fate)> {
    let all = owned::of(&planning.cloud, planning.definitions.tag(), &definition.id);
    let retired = match planning.courses.get(definition.id.as_str()) {
        Some(Course::Provide(_)) => false,
        Some(Course::Retire(_)) => true,
        _ => return Vec::new(),
    };
    let replaced = all.iter().any(|one| one.state == State::Current);
    let mut old: Vec<Owned> = all
        .into_iter()
        .filter(|one| one.state == State::Old)
        .collect();
    old.sort_by(|a, b| {
        let order = newer(&b.build, &a.build);
        order.then_with(|| Reverse(&a.id).cmp(&Reverse(&b.id)))
    });
    let fate = |(rank, one): (usize, Owned)| {
        let image = planning.cloud.get(&one.id);
        let own = image.and_then(|image| image.property("uuid_validity")?.parse().ok());
        let fate = if !replaced && !retired {
            Fate::Keep("no image has taken its place".to_owned())
        } else if image.is_none_or(|image| image.protected) {
            Fate::Keep("it is protected".to_owned())
        } else {
            let promised = [own, Some(definition.uuid_validity)];
            validity(promised, rank, planning.now)
        };
        (one, fate)
    };
    old.into_iter().enumerate().map(fate).collect()
}

/// What was promised when the image was published, and what is promised now, must both allow it.
fn validity(promised: [Option<Validity>; 2], rank: usize, now: Date) -> Fate {
    for promise in promised {
        let Some(promise) = promise else {
            return Fate::Keep("what was promised of its id cannot be read".to_owned());
        };
        let over = match promise {
            Validity::None => true,
            Validity::Last(count) => rank >= usize::try_from(count).unwrap_or(usize::MAX),
            Validity::Until(day) => now > day,
            Validity::Notice | Validity::Forever => false,
        };
        if !over {
            return Fate::Keep(format!("its id is valid: uuid_validity is {promise}"));
        }
    }
    Fate::Delete("its id is not valid any longer".to_owned())
}

/// The images of ours that are still there after the steps, and why.
pub(super) fn kept(planning: &Planning<'_>, before: &CloudImages) -> Vec<Kept> {
    let mut kept = Vec::new();
    let deleted: BTreeSet<&str> = planning
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Delete | Action::Discard))
        .filter_map(|step| match &step.image {
            Target::Id(id) => Some(id.as_str()),
            Target::Imported(_) => None,
        })
        .collect();
    for claim in owned::claims(before, planning.definitions.tag()) {
        let (id, definition, why) = match claim {
            Claim::Ours(one) => {
                let why = why(planning, &one);
                (one.id, one.definition, why)
            }
            Claim::Incomplete {
                definition,
                id,
                what,
            } => (id, definition.unwrap_or_default(), what),
        };
        if deleted.contains(id.as_str()) || !planning.definitions.covers(&definition) {
            continue;
        }
        let name = before.get(&id).map(|image| image.name().to_owned());
        kept.push(Kept {
            name: name.unwrap_or_default(),
            image: id,
            definition,
            why,
        });
    }
    kept
}

fn why(planning: &Planning<'_>, one: &Owned) -> String {
    let Some(definition) = planning.definitions.get(&one.definition) else {
        let faults = planning.definitions.faults();
        return if faults
            .iter()
            .any(|fault| fault.definition == one.definition)
        {
            "its definition has a fault".to_owned()
        } else {
            "no definition is called so".to_owned()
        };
    };
    match planning.courses.get(definition.id.as_str()) {
        None | Some(Course::Off) => "its definition is switched off".to_owned(),
        Some(Course::Frozen(why)) => why.clone(),
        Some(Course::Provide(_) | Course::Retire(_)) => {
            let fates = fates(planning, definition);
            let fate = fates.into_iter().find(|(old, _)| old.id == one.id);
            match fate {
                Some((_, Fate::Keep(why))) => why,
                Some((_, Fate::Delete(_))) => "`max_delete` does not allow to delete it".to_owned(),
                None => "it is the image of its name".to_owned(),
            }
        }
    }
}

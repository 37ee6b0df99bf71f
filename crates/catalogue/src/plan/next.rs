//! The next step for a definition, as it follows from the records alone.

use super::builds::{Build, newer};
use super::expect;
use super::guard::Course;
use super::owned::{self, Owned, State};
use super::simulate::{self, target};
use super::step::{Action, Change, Import, Step, Target};
use super::{Level, Planning};
use crate::definition::Definition;
use crate::limits::MAX_STEPS;
use crate::words::{Order, Which};

/// Takes all steps for a definition, one after the other.
pub(super) fn all(planning: &mut Planning<'_>, definition: &Definition, course: &Course) {
    for _ in 0..MAX_STEPS {
        let step = View::of(planning, definition).step(course);
        let Some(step) = step else { return };
        simulate::take(&mut planning.cloud, &step, planning.now);
        planning.steps.push(step);
    }
    let message = format!("there is no end of steps after {MAX_STEPS}; do none of them");
    planning.note(Level::Alarm, &definition.id, message);
}

/// What there is of a definition.
struct View<'a> {
    planning: &'a Planning<'a>,
    definition: &'a Definition,
    /// Newest build first.
    images: Vec<Owned>,
}

impl<'a> View<'a> {
    fn of(planning: &'a Planning<'_>, definition: &'a Definition) -> Self {
        let mut images = owned::of(&planning.cloud, planning.definitions.tag(), &definition.id);
        images.sort_by(|a, b| {
            let order = newer(&b.build, &a.build);
            order.then_with(|| a.id.cmp(&b.id))
        });
        Self {
            planning,
            definition,
            images,
        }
    }

    fn step(&self, course: &Course) -> Option<Step> {
        match course {
            Course::Provide(build) => self.provide(build),
            Course::Retire(end) => self.retire(*end),
            Course::Frozen(_) | Course::Off => None,
        }
    }

    fn provide(&self, build: &Build) -> Option<Step> {
        if let Some(unfinished) = self.discardable(State::Incoming).next() {
            return Some(self.discard(unfinished, "its import was not finished"));
        }
        let here = self
            .images_of(State::Current)
            .find(|one| one.build == build.id);
        let Some(current) = here.or_else(|| self.images_of(State::Current).next()) else {
            return Some(self.first(build));
        };
        // More than one: a rotation that gives the name first was ended in its middle, or somebody changed a record.
        if let Some(other) = self
            .images_of(State::Current)
            .find(|one| one.id != current.id)
        {
            let why = format!("build {} has taken its place", current.build);
            return self.demote(other, Action::Demote, why);
        }
        if current.build == build.id {
            return self.settled(current, build);
        }
        let Some(candidate) = self.candidate(build) else {
            return Some(self.import(
                build,
                format!("build {} replaces {}", build.id, current.build),
            ));
        };
        match self.definition.rotation {
            Order::DemoteFirst => {
                let why = format!("build {} replaces it", build.id);
                self.demote(current, Action::Demote, why)
            }
            Order::PromoteFirst => {
                let why = format!("it replaces build {}", current.build);
                self.promote(candidate, build, why)
            }
        }
    }

    /// No image has the name.
    fn first(&self, build: &Build) -> Step {
        // An image that is ready but not the newest any more is shown first: nobody should wait for the next import.
        let waiting = || self.images_of(State::Ready).next();
        let any = self.definition.build == Which::Newest && self.definition.original.is_none();
        let chosen = self.candidate(build);
        let chosen = chosen.or_else(|| any.then(waiting).flatten());
        let step = chosen.and_then(|one| {
            let why = match one.state {
                State::Old => format!("build {} is wanted again", one.build),
                _ => "it is ready, and no image has the name".to_owned(),
            };
            self.promote(one, build, why)
        });
        step.unwrap_or_else(|| self.import(build, "there is no image of this name".to_owned()))
    }

    /// The right build has the name.
    fn settled(&self, current: &Owned, build: &Build) -> Option<Step> {
        if let Some(spare) = self.discardable(State::Ready).next() {
            let why = format!(
                "build {} has the name, and nobody ever saw this one",
                current.build
            );
            return Some(self.discard(spare, &why));
        }
        let changes = self.becoming_current(current, build);
        if !changes.is_empty() {
            let why = format!("{} not as the definition says", named(&changes));
            return Some(self.step_of(Action::Repair, current, why, changes));
        }
        self.repair_old()
    }

    fn retire(&self, end: jiff::civil::Date) -> Option<Step> {
        let unseen = self
            .discardable(State::Incoming)
            .chain(self.discardable(State::Ready))
            .next();
        if let Some(unseen) = unseen {
            return Some(self.discard(unseen, &format!("support ended on {end}")));
        }
        if let Some(current) = self.images_of(State::Current).next() {
            return self.demote(current, Action::Retire, format!("support ended on {end}"));
        }
        self.repair_old()
    }

    fn repair_old(&self) -> Option<Step> {
        self.images_of(State::Old).find_map(|one| {
            let image = self.planning.cloud.get(&one.id)?;
            let changes = expect::old(self.definition, image, one);
            let why = format!("{} not as it is for a replaced image", named(&changes));
            (!changes.is_empty()).then(|| self.step_of(Action::Repair, one, why, changes))
        })
    }

    fn images_of(&self, state: State) -> impl Iterator<Item = &Owned> {
        self.images.iter().filter(move |one| one.state == state)
    }

    /// Those that may be thrown away: nobody has protected them.
    fn discardable(&self, state: State) -> impl Iterator<Item = &Owned> {
        self.images_of(state).filter(|one| {
            let image = self.planning.cloud.get(&one.id);
            image.is_some_and(|image| !image.protected && image.visibility == "private")
        })
    }

    /// An image of the build that can be given the name: one that is ready before one that had it once.
    fn candidate(&self, build: &Build) -> Option<&Owned> {
        let usable = |one: &&Owned| {
            let image = self.planning.cloud.get(&one.id);
            one.build == build.id && image.is_some_and(|image| image.status == "active")
        };
        let ready = self.images_of(State::Ready).find(usable);
        ready.or_else(|| self.images_of(State::Old).find(usable))
    }

    fn becoming_current(&self, one: &Owned, build: &Build) -> Vec<Change> {
        let Some(image) = self.planning.cloud.get(&one.id) else {
            return Vec::new();
        };
        let known = (one.build == build.id).then_some(build);
        expect::current(
            self.definition,
            image,
            self.planning.definitions.tag(),
            known,
        )
    }

    fn promote(&self, one: &Owned, build: &Build, why: String) -> Option<Step> {
        let changes = self.becoming_current(one, build);
        (!changes.is_empty()).then(|| self.step_of(Action::Promote, one, why, changes))
    }

    fn demote(&self, one: &Owned, action: Action, why: String) -> Option<Step> {
        let image = self.planning.cloud.get(&one.id)?;
        let changes = expect::old(self.definition, image, one);
        Some(self.step_of(action, one, why, changes))
    }

    fn discard(&self, one: &Owned, why: &str) -> Step {
        self.step_of(Action::Discard, one, why.to_owned(), Vec::new())
    }

    fn import(&self, build: &Build, why: String) -> Step {
        let record = expect::incoming(self.definition, build, self.planning.definitions.tag());
        Step {
            action: Action::Import,
            definition: self.definition.id.clone(),
            image: Target::Imported(self.definition.id.clone()),
            name: self.definition.name.clone(),
            why,
            changes: Vec::new(),
            import: Some(Import {
                build: build.clone(),
                format: self.definition.format,
                record,
            }),
        }
    }

    fn step_of(&self, action: Action, one: &Owned, why: String, changes: Vec<Change>) -> Step {
        let image = self.planning.cloud.get(&one.id);
        Step {
            action,
            definition: self.definition.id.clone(),
            image: target(&one.id),
            name: image
                .map(|image| image.name().to_owned())
                .unwrap_or_default(),
            why,
            changes,
            import: None,
        }
    }
}

/// The names of fields that change, for a reason.
fn named(changes: &[Change]) -> String {
    let names: Vec<&str> = changes.iter().map(|one| one.field.as_str()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

//! A run while it goes on: progress of imports, and a line for each step when it has ended.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use catalogue::apply::{Did, Ended, Event};
use catalogue::plan::{Plans, Step};
use disk::Meter;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::visible;
use crate::progress::Task;

/// What is shown of a run.
pub(super) struct Shown<'a> {
    context: &'a Context,
    plans: &'a Plans,
    /// The imports under way, by site and step; several clouds that have the same one show it once.
    tasks: RefCell<BTreeMap<(usize, usize), Running>>,
}

/// An import under way, and its place on the board if it is shown.
type Running = (Arc<Meter>, Option<Task>);

impl<'a> Shown<'a> {
    pub(super) fn new(context: &'a Context, plans: &'a Plans) -> Self {
        Self {
            context,
            plans,
            tasks: RefCell::default(),
        }
    }

    pub(super) fn see(&self, event: &Event<'_>) {
        match event {
            Event::Begun { site, step, meter } => self.begin(*site, *step, meter.as_ref()),
            Event::Odd { definition, what } => {
                self.context.warn(&format!("{definition}: {what}"));
            }
            Event::Ended { site, step, did } => {
                self.tasks.borrow_mut().remove(&(*site, *step));
                if let Some(planned) = self.step(*site, *step) {
                    self.end(*site, planned, did);
                }
            }
        }
    }

    fn step(&self, site: usize, step: usize) -> Option<&'a Step> {
        self.plans.plans.get(site)?.plan.steps.get(step)
    }

    fn begin(&self, site: usize, index: usize, meter: Option<&Arc<Meter>>) {
        let (Some(meter), Some(step)) = (meter, self.step(site, index)) else {
            return;
        };
        let mut tasks = self.tasks.borrow_mut();
        let is_shown = tasks.values().any(|(other, _)| Arc::ptr_eq(other, meter));
        let task = (!is_shown).then(|| {
            let progress = &self.context.progress;
            progress.add(&step.definition, Arc::clone(meter))
        });
        tasks.insert((site, index), (Arc::clone(meter), task));
    }

    /// A line on standard output for a person; programs get all of it at the end.
    fn end(&self, site: usize, step: &Step, did: &Did) {
        if !super::is_text(self.context) {
            return;
        }
        let image = did.image.as_deref().unwrap_or("-");
        let (word, why) = said(&did.ended);
        let cloud = match self.plans.plans.as_slice() {
            [_] => String::new(),
            all => all
                .get(site)
                .map(|one| format!("{}: ", one.cloud))
                .unwrap_or_default(),
        };
        let mut line = format!(
            "{word:<8} {:<8} {cloud}{}  {image}",
            step.action.word(),
            step.definition
        );
        if let Some(why) = why {
            line += &format!("  {why}");
        }
        // A reader that has gone is noticed at the end.
        drop(self.context.out.text(&format!("{}\n", visible(&line))));
    }
}

/// The word for an end, and what is said of it.
pub(super) fn said(ended: &Ended) -> (&'static str, Option<String>) {
    match ended {
        Ended::Done => ("done", None),
        Ended::Kept(why) => ("kept", Some(why.clone())),
        Ended::Skipped(why) => ("skipped", Some(why.clone())),
        Ended::Failed(error) => ("failed", Some(Failure::from(error).on_one_line(": "))),
    }
}

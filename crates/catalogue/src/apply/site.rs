//! One cloud that a plan is carried out in, and what is known of its records by now.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use cloud::Glance;
use wire::image::Image;

use super::{Did, Ended};
use crate::plan::{Action, Plan, Step, Target, fingerprint};

/// A cloud, and the plan for it.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// Its image service, as a user of the plan's project.
    pub glance: &'a Glance,
    /// What is to be done there.
    pub plan: &'a Plan,
}

/// A site while its plan is carried out.
pub(super) struct At<'a> {
    pub(super) number: usize,
    pub(super) site: &'a Site<'a>,
    known: RefCell<Known>,
}

struct Known {
    /// The fingerprint that each record must have.
    prints: BTreeMap<String, String>,
    /// The images that were imported, by definition.
    imported: BTreeMap<String, String>,
    /// The definitions of which a step was not done.
    stopped: BTreeSet<String>,
    did: BTreeMap<usize, Did>,
}

impl<'a> At<'a> {
    pub(super) fn new((number, site): (usize, &'a Site<'a>)) -> Self {
        let known = Known {
            prints: site.plan.seen.clone(),
            imported: BTreeMap::new(),
            stopped: BTreeSet::new(),
            did: BTreeMap::new(),
        };
        Self {
            number,
            site,
            known: RefCell::new(known),
        }
    }

    /// The steps for a definition that come before all deletions.
    pub(super) fn of(&self, definition: &str) -> Vec<(usize, &'a Step)> {
        let steps = self.site.plan.steps.iter().enumerate();
        let own = |step: &Step| step.definition == definition && step.action != Action::Delete;
        steps.filter(|(_, step)| own(step)).collect()
    }

    /// The id of the image that a step is about.
    pub(super) fn id_of(&self, step: &Step) -> Option<String> {
        match &step.image {
            Target::Id(id) => Some(id.clone()),
            Target::Imported(definition) => self.known.borrow().imported.get(definition).cloned(),
        }
    }

    /// Whether a record is as it was left, by the plan or by a step before.
    pub(super) fn is_known(&self, image: &Image) -> bool {
        let known = self.known.borrow();
        known.prints.get(&image.id) == Some(&fingerprint(image))
    }

    /// A record is so now, by a step of ours.
    pub(super) fn learn(&self, image: &Image) {
        let print = fingerprint(image);
        let mut known = self.known.borrow_mut();
        known.prints.insert(image.id.clone(), print);
    }

    /// An import has made this image.
    pub(super) fn imported(&self, definition: &str, image: &Image) {
        self.learn(image);
        let mut known = self.known.borrow_mut();
        known
            .imported
            .insert(definition.to_owned(), image.id.clone());
    }

    pub(super) fn stop(&self, definition: &str) {
        self.known
            .borrow_mut()
            .stopped
            .insert(definition.to_owned());
    }

    pub(super) fn is_stopped(&self, definition: &str) -> bool {
        self.known.borrow().stopped.contains(definition)
    }

    pub(super) fn put(&self, step: usize, did: Did) {
        self.known.borrow_mut().did.insert(step, did);
    }

    /// What became of each step, in their order.
    pub(super) fn end(self) -> Vec<Did> {
        let mut did = self.known.into_inner().did;
        let steps = 0..self.site.plan.steps.len();
        let never = || Did {
            image: None,
            ended: Ended::Skipped("it was not come to".to_owned()),
        };
        steps
            .map(|step| did.remove(&step).unwrap_or_else(never))
            .collect()
    }
}

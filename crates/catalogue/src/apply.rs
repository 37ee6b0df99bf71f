//! Carrying a plan out, in one cloud or in several at the same time: each step is one small change that leaves the records as
//! the plan foresaw, so that a run which ends anywhere is taken up by planning again.
//!
//! An original that several clouds want is read once for all of them. A step that fails stops the later steps of its
//! definition in its cloud, and nothing else.

mod change;
mod download;
mod error;
mod finish;
mod import;
mod original;
mod remove;
mod site;

use std::sync::Arc;
use std::time::Duration;

use disk::{Cancel, Meter};
use futures_util::StreamExt as _;
use futures_util::future::join_all;

pub use error::Error;
pub use site::Site;

use crate::gather::Vendors;
use crate::plan::{Action, Step};
use site::At;

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// Through this machine, in one pass for all clouds.
    Here,
    /// Each cloud fetches them itself (`web-download`), for so long at most.
    Cloud {
        /// How long to wait.
        deadline: Duration,
    },
}

/// How plans are carried out.
pub struct Apply<'a> {
    /// How originals are had.
    pub vendors: Vendors<'a>,
    /// Which way the bytes go.
    pub bytes: Bytes,
    /// The largest disk to take, in bytes.
    pub max_virtual_size: Option<u64>,
    /// How long a cloud may say nothing.
    pub patience: Duration,
    /// How many definitions are worked on at once.
    pub jobs: usize,
    /// Ends the run after what is under way; an import is broken off and taken back.
    pub cancel: &'a Cancel,
    /// Is told what happens.
    pub watch: &'a dyn Fn(Event<'_>),
}

/// What happens while plans are carried out. `site` counts the sites, `step` the steps of its plan, both from 0.
pub enum Event<'a> {
    /// A step has begun; an import shows how far it is.
    Begun {
        /// Where.
        site: usize,
        /// Which.
        step: usize,
        /// How far an import is; shared by all clouds that have the same one.
        meter: Option<Arc<Meter>>,
    },
    /// Something is odd, and no reason to stop.
    Odd {
        /// The definition that it is about.
        definition: &'a str,
        /// What.
        what: String,
    },
    /// A step has ended.
    Ended {
        /// Where.
        site: usize,
        /// Which.
        step: usize,
        /// How.
        did: &'a Did,
    },
}

/// What became of a step.
#[derive(Debug)]
pub struct Did {
    /// The image that it was about, by its id, as far as there is one.
    pub image: Option<String>,
    /// How it ended.
    pub ended: Ended,
}

/// How a step ended.
#[derive(Debug)]
pub enum Ended {
    /// As planned.
    Done,
    /// The image could not be deleted now, which is no fault; the next run tries again.
    Kept(String),
    /// It was not begun, because of what went before.
    Skipped(String),
    /// It failed; nothing of it is left, unless the error says so.
    Failed(Error),
}

impl Apply<'_> {
    /// Carries out the plans, each at its site; for each site what became of each step. Nothing is checked beforehand: that a
    /// plan still fits its cloud says [`crate::plan::Plan::fits`]. Each step sees for itself that its image is as it was.
    pub async fn run(&self, sites: &[Site<'_>]) -> Vec<Vec<Did>> {
        let at: Vec<At<'_>> = sites.iter().enumerate().map(At::new).collect();
        let mut definitions: Vec<&str> = Vec::new();
        for step in sites.iter().flat_map(|site| &site.plan.steps) {
            if step.action != Action::Delete && !definitions.contains(&step.definition.as_str()) {
                definitions.push(&step.definition);
            }
        }
        let mut work = futures_util::stream::iter(definitions)
            .map(|definition| self.definition(&at, definition))
            .buffer_unordered(self.jobs.max(1));
        while work.next().await.is_some() {}
        drop(work);
        // All rotations come before the first deletion.
        join_all(at.iter().map(|at| self.deletions(at))).await;
        at.into_iter().map(At::end).collect()
    }

    /// The steps for one definition, in all clouds.
    async fn definition(&self, at: &[At<'_>], definition: &str) {
        let steps: Vec<Vec<(usize, &Step)>> = at.iter().map(|at| at.of(definition)).collect();
        let import = |steps: &[(usize, &Step)]| {
            let is = |(_, step): &(usize, &Step)| step.action == Action::Import;
            steps.iter().position(is).unwrap_or(steps.len())
        };
        let before = at.iter().zip(&steps).map(|(at, steps)| {
            let (before, _) = steps.split_at(import(steps));
            self.in_turn(at, before)
        });
        join_all(before).await;
        let imports = at.iter().zip(&steps).filter_map(|(at, steps)| {
            let (index, step) = steps.get(import(steps))?;
            Some((at, *index, *step))
        });
        self.imports(imports.collect()).await;
        let after = at.iter().zip(&steps).map(|(at, steps)| {
            let after = steps.get(import(steps) + 1..).unwrap_or_default();
            self.in_turn(at, after)
        });
        join_all(after).await;
    }

    async fn deletions(&self, at: &At<'_>) {
        let steps = at.site.plan.steps.iter().enumerate();
        let steps: Vec<_> = steps
            .filter(|(_, step)| step.action == Action::Delete)
            .collect();
        self.in_turn(at, &steps).await;
    }

    /// Steps one after the other.
    async fn in_turn(&self, at: &At<'_>, steps: &[(usize, &Step)]) {
        for (index, step) in steps {
            if !self.may(at, *index, step) {
                continue;
            }
            self.begin(at, *index, None);
            let ended = match step.action {
                Action::Delete | Action::Discard => self.remove(at, step).await,
                _ => self.change(at, step).await,
            };
            self.end(at, *index, step, at.id_of(step), ended);
        }
    }

    /// Whether a step may begin; if not it has ended.
    fn may(&self, at: &At<'_>, index: usize, step: &Step) -> bool {
        let why = if self.cancel.is_cancelled() {
            "the run was interrupted"
        } else if at.is_stopped(&step.definition) {
            "a step before it was not done"
        } else {
            return true;
        };
        self.end(at, index, step, None, Ended::Skipped(why.to_owned()));
        false
    }

    fn begin(&self, at: &At<'_>, step: usize, meter: Option<&Arc<Meter>>) {
        let site = at.number;
        let meter = meter.cloned();
        (self.watch)(Event::Begun { site, step, meter });
    }

    fn end(&self, at: &At<'_>, index: usize, step: &Step, image: Option<String>, ended: Ended) {
        if matches!(ended, Ended::Failed(_) | Ended::Skipped(_)) {
            at.stop(&step.definition);
        }
        let did = Did { image, ended };
        (self.watch)(Event::Ended {
            site: at.number,
            step: index,
            did: &did,
        });
        at.put(index, did);
    }
}

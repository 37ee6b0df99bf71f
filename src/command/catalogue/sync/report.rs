//! What a run came to: for people, as rows, and as JSON (`docs/sync.schema.json`).

use catalogue::apply::{Did, Ended};
use catalogue::plan::{Planned, Plans, Step};
use serde_json::{Value, json};

use super::show::said;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// The version of the form of reports.
const SCHEMA: &str = "ectype/sync/1";

/// What became of the plans.
pub(super) struct Report<'a> {
    plans: &'a Plans,
    did: &'a [Vec<Did>],
    /// The clouds that could not be looked at.
    unreached: &'a [(String, Failure)],
}

/// The columns of the steps.
pub(super) fn columns() -> Vec<Column> {
    [
        ("Cloud", "cloud"),
        ("Definition", "definition"),
        ("Action", "action"),
        ("Image", "image"),
        ("Name", "name"),
        ("Outcome", "outcome"),
        ("Reason", "reason"),
    ]
    .map(|(heading, alias)| Column::shown(heading, alias))
    .to_vec()
}

impl<'a> Report<'a> {
    pub(super) fn new(
        plans: &'a Plans,
        did: &'a [Vec<Did>],
        unreached: &'a [(String, Failure)],
    ) -> Self {
        Self {
            plans,
            did,
            unreached,
        }
    }

    /// All steps, each with its cloud and its end.
    fn steps(&self) -> impl Iterator<Item = (&'a Planned, &'a Step, &'a Did)> {
        let plans = self.plans.plans.iter().zip(self.did);
        plans.flat_map(|(planned, did)| {
            let steps = planned.plan.steps.iter().zip(did);
            steps.map(move |(step, did)| (planned, step, did))
        })
    }

    pub(super) fn list(&self) -> List {
        let row = |(planned, step, did): (&Planned, &Step, &Did)| {
            let (word, why) = said(&did.ended);
            vec![
                json!(planned.cloud.to_string()),
                json!(step.definition),
                json!(step.action.word()),
                json!(did.image),
                json!(step.name),
                json!(word),
                json!(why),
            ]
        };
        List {
            columns: columns(),
            rows: self.steps().map(row).collect(),
        }
    }

    /// One line at the end; none when there was nothing to do.
    pub(super) fn summary(&self) -> String {
        let count = |word: &str| {
            let all = self.steps();
            all.filter(|(_, _, did)| said(&did.ended).0 == word).count()
        };
        let counted: Vec<String> = ["done", "kept", "skipped", "failed"]
            .iter()
            .map(|word| (word, count(word)))
            .filter(|(_, count)| *count > 0)
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        match counted.is_empty() {
            true => String::new(),
            false => format!("{}\n", counted.join(", ")),
        }
    }

    pub(super) fn json(&self) -> Result<Value, serde_json::Error> {
        let mut clouds = Vec::new();
        for (planned, did) in self.plans.plans.iter().zip(self.did) {
            let steps = planned.plan.steps.iter().zip(did);
            let steps: Vec<Value> = steps.map(|(step, did)| one(step, did)).collect();
            clouds.push(json!({
                "cloud": serde_json::to_value(&planned.cloud)?,
                "plan": serde_json::to_value(&planned.plan)?,
                "steps": steps,
            }));
        }
        let unreached = self
            .unreached
            .iter()
            .map(|(cloud, why)| json!({ "cloud": cloud, "error": failure(why) }));
        Ok(json!({
            "schema": SCHEMA,
            "clouds": clouds,
            "unreached": unreached.collect::<Vec<_>>(),
        }))
    }

    /// How the run ends.
    ///
    /// # Errors
    /// Something was not done.
    pub(super) fn end(&self, context: &Context) -> Result<(), Failure> {
        context.going_on()?;
        let mut failures: Vec<(String, Failure)> = self
            .unreached
            .iter()
            .map(|(cloud, failure)| (cloud.clone(), failure.clone()))
            .collect();
        let several = self.plans.plans.len() > 1;
        let mut done = 0;
        for (planned, step, did) in self.steps() {
            match &did.ended {
                Ended::Failed(error) => {
                    let what = format!("{} {}", step.action.word(), step.definition);
                    let what = match several {
                        true => format!("{}: {what}", planned.cloud),
                        false => what,
                    };
                    failures.push((what, error.into()));
                }
                Ended::Done => done += 1,
                Ended::Kept(_) | Ended::Skipped(_) => {}
            }
        }
        end(&failures, done)
    }
}

fn end(failures: &[(String, Failure)], done: usize) -> Result<(), Failure> {
    let Some((_, first)) = failures.first() else {
        return Ok(());
    };
    let same = failures.iter().all(|(_, one)| one.exit == first.exit);
    let exit = match done == 0 && same {
        true => first.exit,
        false => Exit::Partly,
    };
    if let [(what, only)] = failures {
        return Err(Failure {
            exit,
            message: format!("{what}: {}", only.message),
            ..only.clone()
        });
    }
    let message = match failures.len() {
        1 => "something was not done".to_owned(),
        count => format!("{count} steps were not done"),
    };
    let lines = failures
        .iter()
        .map(|(what, one)| format!("{what}: {}", one.on_one_line(": ")));
    Err(lines.fold(Failure::new(exit, message), Failure::cause))
}

fn one(step: &Step, did: &Did) -> Value {
    let (word, why) = said(&did.ended);
    let error = match &did.ended {
        Ended::Failed(error) => failure(&error.into()),
        _ => Value::Null,
    };
    let why = match &did.ended {
        Ended::Failed(_) => None,
        _ => why,
    };
    json!({
        "action": step.action.word(),
        "definition": step.definition,
        "image": did.image,
        "outcome": word,
        "why": why,
        "error": error,
    })
}

fn failure(failure: &Failure) -> Value {
    json!({
        "exit_code": failure.exit as u8,
        "message": failure.message,
        "causes": failure.causes,
        "hint": failure.hint,
    })
}

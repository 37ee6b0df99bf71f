//! The steps of a plan as rows, for scripts.

use catalogue::plan::{Planned, Step, Target};
use serde_json::{Value, json};

use super::text::change;
use crate::output::Column;

pub(super) const COLUMNS: [Column; 12] = [
    column("Cloud", "cloud", true),
    column("Definition", "definition", true),
    column("Action", "action", true),
    column("Image", "image", true),
    column("Name", "name", true),
    column("Why", "why", true),
    column("Changes", "changes", false),
    column("Build", "build", false),
    column("URL", "url", false),
    column("Size", "size", false),
    column("Evidence", "evidence", false),
    column("Signer", "signer", false),
];

const fn column(heading: &'static str, alias: &'static str, shown: bool) -> Column {
    Column {
        heading,
        alias,
        shown,
    }
}

/// The rows of one plan.
pub(super) fn of(planned: &Planned) -> Vec<Vec<Value>> {
    let steps = planned.plan.steps.iter();
    steps
        .map(|step| row(&planned.cloud.to_string(), step))
        .collect()
}

fn row(cloud: &str, step: &Step) -> Vec<Value> {
    let build = step.import.as_ref().map(|import| &import.build);
    let id = match &step.image {
        Target::Id(id) => Some(id),
        Target::Imported(_) => None,
    };
    let changes: Vec<String> = step.changes.iter().map(change).collect();
    vec![
        json!(cloud),
        json!(step.definition),
        json!(step.action.word()),
        json!(id),
        json!(step.name),
        json!(step.why),
        json!(changes),
        json!(build.map(|build| &build.id)),
        json!(build.map(|build| build.url.as_str())),
        json!(build.and_then(|build| build.size)),
        json!(build.map(|build| build.evidence)),
        json!(build.and_then(|build| build.signer.as_ref())),
    ]
}

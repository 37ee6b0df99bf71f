//! `ectype catalogue check --scs`: do the images of the cloud keep the rules of SCS?

use catalogue::scs::{Check, Outcome, Verdict, judge};
use cloud::{Hidden, Query};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

const COLUMNS: [Column; 5] = [
    Column::shown("Rule", "rule"),
    Column::shown("Mandatory", "mandatory"),
    Column::shown("Test", "official"),
    Column::shown("Text", "text"),
    Column::shown("Offences", "offences"),
];

pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let cloud = context.cloud().await?;
    let query = Query {
        hidden: Hidden::Both,
        ..Query::default()
    };
    let images = cloud.glance().list(&query).await?;
    let checks = judge(&images, Timestamp::now());
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: checks.iter().map(row).collect(),
    })?;
    let broken = |verdict: fn(&Check) -> &Verdict| {
        let mandatory = checks.iter().filter(|check| check.mandatory);
        let broken = mandatory.filter(|check| verdict(check).outcome != Outcome::Pass);
        broken.count()
    };
    let (official, text) = (broken(|check| &check.official), broken(|check| &check.text));
    if official + text == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Exit::No,
        format!(
            "of the mandatory rules, {official} are broken as the official test judges, {text} as the text does"
        ),
    ))
}

fn row(check: &Check) -> Vec<Value> {
    let mut offences: Vec<String> = Vec::new();
    for one in check.official.offences.iter().chain(&check.text.offences) {
        let line = format!("{}: {}", one.name, one.what);
        if !offences.contains(&line) {
            offences.push(line);
        }
    }
    vec![
        json!(check.id),
        json!(check.mandatory),
        json!(check.official.outcome.word()),
        json!(check.text.outcome.word()),
        json!(offences),
    ]
}

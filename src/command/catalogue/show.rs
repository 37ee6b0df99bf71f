//! `ectype catalogue show`: every value of the definitions, and where it stands.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::files;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// Show every value of the images that should be there, and where it stands.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Only these images, as the catalogue calls them: debian-13
    #[arg(value_name = "IMAGE")]
    images: Vec<String>,
    /// A catalogue file to lay over the shipped catalogue, repeatable
    #[arg(long = "catalogue", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave the images of the shipped catalogue out
    #[arg(long)]
    alone: bool,
}

const COLUMNS: [Column; 4] = [
    Column::shown("Image", "image"),
    Column::shown("Field", "field"),
    Column::shown("Value", "value"),
    Column::shown("Origin", "origin"),
];

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let settled = files::read(&args.files, args.alone)?.settle();
    for fault in settled.definitions.faults() {
        context.warn(&fault.to_string());
    }
    let known = |id: &&String| !settled.settings.contains_key(*id);
    if let Some(id) = args.images.iter().find(known) {
        let ids: Vec<&str> = settled.settings.keys().map(String::as_str).collect();
        let message = format!("no image is called `{id}` in the catalogue");
        return Err(
            Failure::new(Exit::NotFound, message).cause(format!("known: {}", ids.join(", ")))
        );
    }
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (id, settings) in &settled.settings {
        if !args.images.is_empty() && !args.images.contains(id) {
            continue;
        }
        rows.extend(settings.iter().map(|setting| {
            let place = setting.place.as_ref().map(ToString::to_string);
            vec![
                json!(id),
                json!(setting.field),
                setting.value.clone(),
                json!(place),
            ]
        }));
    }
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows,
    })
}

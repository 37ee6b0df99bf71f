//! `ectype cloud`: the connection itself.

use clap::Subcommand;
use cloud::config::Origin;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, List};

/// What to do with the connection.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every setting in effect and where it came from; secrets are masked, nothing is contacted
    Show,
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Show => show(context),
        }
    }
}

const COLUMNS: [Column; 3] = [column("name"), column("value"), column("origin")];

const fn column(heading: &'static str) -> Column {
    Column {
        heading,
        alias: heading,
        shown: true,
    }
}

fn show(context: &Context) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let config = context.config()?;
    let row = |(name, value, origin): (&str, String, &Origin)| {
        vec![json!(name), json!(value), json!(origin.to_string())]
    };
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: config.values().map(row).collect(),
    })
}

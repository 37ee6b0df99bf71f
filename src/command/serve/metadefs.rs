//! `ectype serve metadefs`: what properties mean, loaded from files.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use server::{Existing, LoadError, load};

use super::records::Records;
use super::records::database_failure;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// What to do with metadata definitions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load metadata definitions from a folder of files
    Load(LoadArgs),
}

/// Load metadata definitions from a folder of files
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The files end in .json and have the form that Glance reads: its own are in etc/metadefs of its
source, /etc/glance/metadefs of its packages. Each is a namespace. All are loaded, or none.
The service may run.")]
pub(crate) struct LoadArgs {
    /// The folder, or one file
    #[arg(value_name = "DIR")]
    place: PathBuf,
    /// Put what the files say in the place of namespaces that are there; otherwise these stay
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    records: Records,
}

const COLUMNS: [Column; 2] = [
    Column::shown("Namespace", "namespace"),
    Column::shown("Action", "action"),
];

impl Command {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Load(args) => run_load(context, &args).await,
        }
    }
}

async fn run_load(context: &Context, args: &LoadArgs) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let pool = args.records.pool().await?;
    let existing = match args.replace {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    let loaded = load(&pool, &args.place, existing).await;
    let loaded = loaded.map_err(|error| failure(&error))?;
    let rows = [
        ("added", &loaded.added),
        ("replaced", &loaded.replaced),
        ("kept", &loaded.kept),
    ];
    let rows = rows.into_iter().flat_map(|(action, names)| {
        names
            .iter()
            .map(move |name| vec![json!(name), json!(action)])
    });
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
    })?;
    if !loaded.kept.is_empty() {
        context
            .note("namespaces that were there are kept: `--replace` puts the files in their place");
    }
    Ok(())
}

/// What an error means for the one who typed the command.
fn failure(error: &LoadError) -> Failure {
    let exit = match error {
        LoadError::Database(error) => return database_failure(error),
        LoadError::Unreadable(..) | LoadError::Nothing(_) => Exit::NotFound,
        LoadError::TooLarge(_) | LoadError::Invalid { .. } => Exit::Config,
    };
    Failure::of(exit, error)
}

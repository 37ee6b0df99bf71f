//! `ectype image import info`: how images can be imported.

use clap::Subcommand;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Record;

/// What to know about imports.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the ways to import that the cloud offers
    Info,
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Info => context.run(info(context)),
        }
    }
}

async fn info(context: &Context) -> Result<(), Failure> {
    context.out.expect_record()?;
    let cloud = context.cloud().await?;
    let methods = cloud.glance().import_methods().await?;
    let fields = vec![("import-methods".to_owned(), json!(methods))];
    let columns = &context.out.shape().columns;
    context.out.record(&match columns.is_empty() {
        true => Record(fields),
        false => Record::of(fields, columns)?,
    })
}

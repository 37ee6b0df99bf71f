//! `ectype serve project`: the service's projects.

use clap::{Args as ClapArgs, Subcommand};
use identity::own::NewProject;
use jiff::Timestamp;
use serde_json::json;

use super::records::{Records, failure, outcome};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, List, Record};

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the projects
    List(ListArgs),
    /// Make a project
    Create(CreateArgs),
    /// Delete projects; their images stay, and an administrator can give them to another
    Delete(DeleteArgs),
}

/// List the projects
#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// List more of each
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    records: Records,
}

/// Make a project
#[derive(Debug, ClapArgs)]
pub(crate) struct CreateArgs {
    /// The project's name
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value_t, hide_default_value = true)]
    description: String,
    /// Nobody can log in to it yet
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    records: Records,
}

/// Delete projects
#[derive(Debug, ClapArgs)]
pub(crate) struct DeleteArgs {
    /// Names or ids
    #[arg(value_name = "PROJECT", required = true)]
    projects: Vec<String>,
    #[command(flatten)]
    records: Records,
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(context, &args).await,
            Self::Create(args) => create(context, args).await,
            Self::Delete(args) => delete(context, &args).await,
        }
    }
}

fn columns(long: bool) -> Vec<Column> {
    let more = |heading, alias| Column {
        shown: long,
        ..Column::shown(heading, alias)
    };
    vec![
        Column::shown("ID", "id"),
        Column::shown("Name", "name"),
        more("Description", "description"),
        more("Enabled", "enabled"),
    ]
}

async fn list(context: &Context, args: &ListArgs) -> Result<(), Failure> {
    let columns = columns(args.long);
    context.out.expect_list(&columns)?;
    let own = args.records.open().await?;
    let projects = own.projects().await.map_err(|error| failure(&error))?;
    let rows = projects.into_iter().map(|project| {
        vec![
            json!(project.id),
            json!(project.name),
            json!(project.description),
            json!(project.enabled),
        ]
    });
    context.out.list(&List {
        columns,
        rows: rows.collect(),
    })
}

async fn create(context: &Context, args: CreateArgs) -> Result<(), Failure> {
    context.out.expect_record()?;
    let own = args.records.open().await?;
    let new = NewProject {
        name: args.name,
        description: args.description,
        disabled: args.disable,
        ..NewProject::default()
    };
    let made = own.create_project(new, Timestamp::now()).await;
    let project = made.map_err(|error| failure(&error))?;
    let fields = vec![
        ("id".to_owned(), json!(project.id)),
        ("name".to_owned(), json!(project.name)),
        ("description".to_owned(), json!(project.description)),
        ("enabled".to_owned(), json!(project.enabled)),
    ];
    let record = match context.out.shape().columns.as_slice() {
        [] => Record(fields),
        columns => Record::of(fields, columns)?,
    };
    context.out.record(&record)
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<(), Failure> {
    let own = args.records.open().await?;
    let mut failures = Vec::new();
    for name in &args.projects {
        let gone = match own.find_project(name).await {
            Ok(project) => own.delete_project(&project.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = gone {
            failures.push((name.clone(), failure(&error)));
        }
    }
    outcome(context, "projects", args.projects.len(), failures)
}

//! `ectype serve role`: who has which role in which project of the service.

use clap::{Args as ClapArgs, Subcommand};
use identity::own::{Own, Role, Where, role_named};
use serde_json::json;

use super::records::{Records, failure};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, List};

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List who has which role in which project
    List(ListArgs),
    /// Give a user a role in a project
    Add(ChangeArgs),
    /// Take a role from a user in a project; it ends at once
    Remove(ChangeArgs),
}

/// List who has which role in which project
#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// Only this user's, by name or id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only in this project, by name or id
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    #[command(flatten)]
    records: Records,
}

/// Give or take a role
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A reader sees images; a member also makes, changes and downloads them; an admin may do everything in every project.
An admin is a manager, a manager is a member, a member is a reader.")]
pub(crate) struct ChangeArgs {
    /// The role: reader, member, manager, admin, service
    role: String,
    /// The user, by name or id
    #[arg(long, value_name = "USER")]
    user: String,
    /// The project, by name or id
    #[arg(long, value_name = "PROJECT")]
    project: String,
    #[command(flatten)]
    records: Records,
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(context, args).await,
            Self::Add(args) => {
                let (own, user, project, role) = args.found().await?;
                let given = own.assign(&user, &project, role).await;
                given.map_err(|error| failure(&error))
            }
            Self::Remove(args) => {
                let (own, user, project, role) = args.found().await?;
                let taken = own.unassign(&user, &project, role).await;
                taken.map_err(|error| failure(&error))
            }
        }
    }
}

impl ChangeArgs {
    /// The records, and the ids of the user and the project.
    async fn found(self) -> Result<(Own, String, String, &'static Role), Failure> {
        let role = role_named(&self.role).map_err(|error| {
            failure(&error).hint("the roles are reader, member, manager, admin, service")
        })?;
        let own = self.records.open().await?;
        let user = own.find_user(&self.user).await;
        let user = user.map_err(|error| failure(&error))?;
        let project = own.find_project(&self.project).await;
        let project = project.map_err(|error| failure(&error))?;
        Ok((own, user.id, project.id, role))
    }
}

const COLUMNS: [Column; 3] = [
    Column::shown("Role", "role"),
    Column::shown("User", "user"),
    Column::shown("Project", "project"),
];

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let own = args.records.open().await?;
    let mut wanted = Where::default();
    if let Some(name) = &args.user {
        let user = own.find_user(name).await;
        wanted.user = Some(user.map_err(|error| failure(&error))?.id);
    }
    if let Some(name) = &args.project {
        let project = own.find_project(name).await;
        wanted.project = Some(project.map_err(|error| failure(&error))?.id);
    }
    let found = own.assignments(&wanted).await;
    let found = found.map_err(|error| failure(&error))?;
    let rows = found.into_iter().map(|found| {
        vec![
            json!(found.role.name),
            json!(found.user_name),
            json!(found.project_name),
        ]
    });
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
    })
}

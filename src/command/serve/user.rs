//! `ectype serve user`: the service's users.

use clap::{Args as ClapArgs, Subcommand};
use identity::own::{NewUser, Own, Role, User, UserChange, role_named};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};

use super::password::{Chosen, Password, generated};
use super::records::{Records, failure, outcome};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, List, Record};

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the users
    List(ListArgs),
    /// Make a user; without a password given, one is made up and printed once
    Create(CreateArgs),
    /// Change a user
    Set(SetArgs),
    /// Delete users, with their roles and application credentials
    Delete(DeleteArgs),
}

/// List the users
#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// List more of each
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    records: Records,
}

/// Make a user
#[derive(Debug, ClapArgs)]
pub(crate) struct CreateArgs {
    /// The user's name
    name: String,
    /// The project of log-ins that name none
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Give the user this role in the project: reader, member, manager, admin
    #[arg(long, value_name = "ROLE", requires = "project")]
    role: Option<String>,
    /// Who it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The user's address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The user cannot log in yet
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    records: Records,
}

/// Change a user
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A new password, and --disable, end all tokens of the user at once; application credentials stay.")]
pub(crate) struct SetArgs {
    /// Name or id
    user: String,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The project of log-ins that name none
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Who it is
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The user's address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The user can log in
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// The user cannot log in
    #[arg(long)]
    disable: bool,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    records: Records,
}

/// Delete users
#[derive(Debug, ClapArgs)]
pub(crate) struct DeleteArgs {
    /// Names or ids
    #[arg(value_name = "USER", required = true)]
    users: Vec<String>,
    #[command(flatten)]
    records: Records,
}

impl Command {
    /// A password is asked for before signals are watched: at a prompt they do what they always do.
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => context.run(list(context, &args)),
            Self::Create(args) => {
                context.out.expect_record()?;
                let chosen = match args.password.chosen(context)? {
                    Some(chosen) => chosen,
                    None => generated()?,
                };
                context.run(create(context, args, chosen))
            }
            Self::Set(args) => {
                context.out.expect_record()?;
                let chosen = args.password.chosen(context)?;
                context.run(set(context, args, chosen))
            }
            Self::Delete(args) => context.run(delete(context, &args)),
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
        more("Project", "project"),
        more("Description", "description"),
        more("Email", "email"),
        more("Enabled", "enabled"),
    ]
}

async fn list(context: &Context, args: &ListArgs) -> Result<(), Failure> {
    let columns = columns(args.long);
    context.out.expect_list(&columns)?;
    let own = args.records.open().await?;
    let users = own.users().await.map_err(|error| failure(&error))?;
    let rows = users.into_iter().map(|user| {
        let email = user.extra.get("email").cloned();
        vec![
            json!(user.id),
            json!(user.name),
            json!(user.default_project.unwrap_or_default()),
            json!(user.description.unwrap_or_default()),
            email.unwrap_or_else(|| json!("")),
            json!(user.enabled),
        ]
    });
    context.out.list(&List {
        columns,
        rows: rows.collect(),
    })
}

/// Shows a user, and the password if it was made up.
fn show(context: &Context, user: User, chosen: Option<&Chosen>) -> Result<(), Failure> {
    let mut fields = vec![
        ("id".to_owned(), json!(user.id)),
        ("name".to_owned(), json!(user.name)),
        ("enabled".to_owned(), json!(user.enabled)),
        ("default_project_id".to_owned(), json!(user.default_project)),
        ("description".to_owned(), json!(user.description)),
    ];
    fields.extend(user.extra);
    if let Some(chosen) = chosen.filter(|chosen| chosen.generated) {
        let password = json!(chosen.password.expose_secret());
        fields.push(("password".to_owned(), password));
    }
    let record = match context.out.shape().columns.as_slice() {
        [] => Record(fields),
        columns => Record::of(fields, columns)?,
    };
    context.out.record(&record)
}

/// The id of a project that was named.
async fn project_id(own: &Own, name: Option<String>) -> Result<Option<String>, Failure> {
    match name {
        Some(name) => {
            let found = own.find_project(&name).await;
            Ok(Some(found.map_err(|error| failure(&error))?.id))
        }
        None => Ok(None),
    }
}

fn with_email(email: Option<String>) -> Map<String, Value> {
    let email = email.map(|email| ("email".to_owned(), json!(email)));
    email.into_iter().collect()
}

async fn create(context: &Context, args: CreateArgs, chosen: Chosen) -> Result<(), Failure> {
    let role = args.role.as_deref().map(role_named).transpose();
    let role: Option<&Role> = role.map_err(|error| failure(&error))?;
    let own = args.records.open().await?;
    let project = project_id(&own, args.project).await?;
    let new = NewUser {
        name: args.name,
        password: Some(chosen.password.clone()),
        disabled: args.disable,
        default_project: project.clone(),
        description: args.description,
        extra: with_email(args.email),
    };
    let made = own.create_user(new, Timestamp::now()).await;
    let user = made.map_err(|error| failure(&error))?;
    if let (Some(role), Some(project)) = (role, project) {
        let given = own.assign(&user.id, &project, role).await;
        given.map_err(|error| failure(&error))?;
    }
    show(context, user, Some(&chosen))
}

async fn set(context: &Context, args: SetArgs, chosen: Option<Chosen>) -> Result<(), Failure> {
    let own = args.records.open().await?;
    let user = own.find_user(&args.user).await;
    let user = user.map_err(|error| failure(&error))?;
    let change = UserChange {
        name: args.name,
        password: chosen.as_ref().map(|chosen| chosen.password.clone()),
        enabled: (args.enable || args.disable).then_some(args.enable),
        default_project: project_id(&own, args.project).await?.map(Some),
        description: args.description.map(Some),
        extra: with_email(args.email),
    };
    let changed = own.change_user(&user.id, change).await;
    let user = changed.map_err(|error| failure(&error))?;
    show(context, user, chosen.as_ref())
}

async fn delete(context: &Context, args: &DeleteArgs) -> Result<(), Failure> {
    let own = args.records.open().await?;
    let mut failures = Vec::new();
    for name in &args.users {
        let gone = match own.find_user(name).await {
            Ok(user) => own.delete_user(&user.id).await,
            Err(error) => Err(error),
        };
        if let Err(error) = gone {
            failures.push((name.clone(), failure(&error)));
        }
    }
    outcome(context, "users", args.users.len(), failures)
}

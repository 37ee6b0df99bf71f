//! `ectype catalogue status`: how old the images of clouds are, what is due, and how long they are supported.

use catalogue::plan::{Builds, Definitions, Health, Site, Standing, standings};
use clap::Args as ClapArgs;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::sites::{self, Reached};
use super::wish::{Sources, Which};
use crate::args::Form;
use crate::command::vendor::today;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// Show how old the images are, what is due, and how long they are supported
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
What is late or past its end comes first. Vendors are asked with --newest only.

Exit code: 0 shown, 1 something is late, missing or past its end (with --exit-code), 8 something of
several could not be found out, 9 a definition or an image's record is at fault (docs/exit-codes.md).

  ectype catalogue status
  ectype catalogue status --newest --to prod/dx1 --to prod/dx2
  ectype catalogue status -f value -c image -c due --exit-code")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Ask the vendors for their newest builds, too
    #[arg(long)]
    newest: bool,
    /// End with 1 when something is late, missing or past its end
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    sources: Sources,
}

const COLUMNS: [Column; 17] = [
    column("Cloud", "cloud", false),
    column("Image", "image", true),
    column("State", "state", true),
    column("Build", "build", true),
    column("Newest", "newest", false),
    column("Age", "age", true),
    column("Every", "replace_frequency", true),
    column("Due", "due", true),
    column("Support Ends", "provided_until", true),
    column("Days Left", "days_left", true),
    column("Evidence", "evidence", true),
    column("Old", "old", true),
    column("Note", "note", true),
    column("Name", "name", false),
    column("ID", "id", false),
    column("Built", "image_build_date", false),
    column("Signer", "signer", false),
];

const fn column(heading: &'static str, alias: &'static str, shown: bool) -> Column {
    Column {
        heading,
        alias,
        shown,
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let definitions = args.sources.content_with(args.which.definitions()?);
    let configs = sites::configured(context, &args.which.to)?;
    let now = today();
    let (builds, reached) = tokio::join!(
        newest(context, &args, &definitions, now),
        sites::reach(context, &configs)
    );
    let builds = builds?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for (config, reached) in configs.iter().zip(reached) {
        match reached {
            Ok(Reached { site, images, .. }) => {
                let all = standings(&definitions, &images, builds.as_ref(), now);
                found.push((site, all));
            }
            Err(failure) => failures.push((sites::called(config), failure)),
        }
    }
    if found.is_empty() {
        sites::end(&failures, 0)?;
    }
    context.out.list(&List {
        columns: columns(context, &args, configs.len()),
        rows: found
            .iter()
            .flat_map(|(site, all)| all.iter().map(move |one| row(site, one)))
            .collect(),
    })?;
    sites::end(&failures, found.len())?;
    let all: Vec<&Standing> = found.iter().flat_map(|(_, all)| all).collect();
    end(&all, args.exit_code)
}

async fn newest(
    context: &Context,
    args: &Args,
    definitions: &Definitions,
    now: Date,
) -> Result<Option<Builds>, Failure> {
    match args.newest {
        true => args
            .sources
            .builds(context, definitions, now)
            .await
            .map(Some),
        false => Ok(None),
    }
}

/// A person is shown what there is room for; a program all of it.
fn columns(context: &Context, args: &Args, clouds: usize) -> Vec<Column> {
    let all = !matches!(context.out.shape().format, Form::Table | Form::Value);
    let wanted = |column: &Column| match column.heading {
        "Cloud" => clouds > 1,
        "Newest" => args.newest,
        _ => column.shown,
    };
    let shown = |column: Column| Column {
        shown: all || wanted(&column),
        ..column
    };
    COLUMNS.map(shown).to_vec()
}

fn row(site: &Site, one: &Standing) -> Vec<Value> {
    let image = one.image.as_ref();
    vec![
        json!(site.to_string()),
        json!(one.definition),
        json!(one.health.word()),
        json!(image.map(|image| &image.build)),
        json!(one.newest.as_ref().and_then(|newest| newest.as_ref().ok())),
        json!(image.and_then(|image| image.age)),
        json!(one.every),
        json!(one.due),
        json!(one.until),
        json!(one.days_left),
        json!(image.and_then(|image| image.evidence.as_ref())),
        json!(one.old),
        json!(one.note),
        json!(one.name),
        json!(image.map(|image| &image.id)),
        json!(image.and_then(|image| image.built)),
        json!(image.and_then(|image| image.signer.as_ref())),
    ]
}

fn end(all: &[&Standing], exit_code: bool) -> Result<(), Failure> {
    let mut unknown: Vec<String> = Vec::new();
    for one in all {
        let line = match &one.newest {
            Some(Err(why)) => format!("{}: {why}", one.definition),
            _ => continue,
        };
        // The same in every cloud.
        if !unknown.contains(&line) {
            unknown.push(line);
        }
    }
    if !unknown.is_empty() {
        let failure = Failure::new(Exit::Partly, "not every newest build could be found out");
        return Err(unknown.into_iter().fold(failure, Failure::cause));
    }
    let faults = all.iter().filter(|one| one.health == Health::Fault);
    let faults: Vec<String> = faults
        .map(|one| format!("{}: {}", one.definition, one.note))
        .collect();
    if !faults.is_empty() {
        let failure = Failure::new(Exit::Alarm, "not everything is as it has to be");
        return Err(faults.into_iter().fold(failure, Failure::cause));
    }
    match exit_code && all.iter().any(|one| one.health.is_overdue()) {
        true => Err(Failure::silent(Exit::No)),
        false => Ok(()),
    }
}

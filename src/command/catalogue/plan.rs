//! `ectype catalogue plan`: what would be changed in clouds so that what should be there is there. Changes nothing.

mod file;
mod rows;
pub(super) mod text;

use std::path::PathBuf;

use catalogue::plan::{Builds, Definitions, Planned, Plans, plan};
use clap::Args as ClapArgs;
use cloud::Cloud;
use jiff::civil::Date;

use self::text::Look;
use super::sites::{self, Reached};
use super::wish::{Sources, Which};
use crate::args::Form;
use crate::command::vendor::today;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::List;

/// Show what would be changed in clouds, and why; changes nothing
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Asks the vendors for their newest builds and what vouches for them, and each cloud for two lists of
its images. Nothing is changed. -v shows also the images that stay as they are, and why.

Exit code: 0 planned, 1 there is something to do (with --exit-code), 8 some of several clouds could
not be looked at, 9 something is wrong with an image, which stays as it is (docs/exit-codes.md).

  ectype catalogue plan
  ectype catalogue plan mine.yaml --to prod/dx1 --to prod/dx2 --out monday.json
  ectype catalogue plan --family debian -f value -c action -c image")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// How many old images may be deleted; what the catalogue says (shipped: 0) unless given
    #[arg(long, value_name = "COUNT")]
    max_delete: Option<u32>,
    /// Write the plan into this file, too (JSON, docs/plan.schema.json)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "out")]
    force: bool,
    /// End with 1 when there is something to do
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    sources: Sources,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    expect(context)?;
    if let Some(path) = &args.out {
        file::expect(path, args.force)?;
    }
    let looked = looked(context, &args.which, args.max_delete, &args.sources).await?;
    let failures = looked.failures;
    let plans = looked.plans.into_iter().map(|(planned, _)| planned);
    let plans = Plans::new(plans.collect());
    if plans.plans.is_empty() {
        sites::end(&failures, 0)?;
    }
    show(context, &plans, false)?;
    sites::end(&failures, plans.plans.len())?;
    if let Some(path) = &args.out {
        file::write(path, &plans, args.force)?;
        context.note(&format!("the plan is in `{}`", path.display()));
    }
    alarm(&plans)?;
    match args.exit_code && !plans.is_empty() {
        true => Err(Failure::silent(Exit::No)),
        false => Ok(()),
    }
}

/// What plans were made from, and the plans.
pub(super) struct Looked {
    pub(super) definitions: Definitions,
    pub(super) builds: Builds,
    pub(super) now: Date,
    /// A plan for each cloud that could be looked at.
    pub(super) plans: Vec<(Planned, Cloud)>,
    /// Why the others could not.
    pub(super) failures: Vec<(String, Failure)>,
}

/// Looks at vendors and clouds, and plans.
pub(super) async fn looked(
    context: &Context,
    which: &Which,
    max_delete: Option<u32>,
    sources: &Sources,
) -> Result<Looked, Failure> {
    let definitions = sources.content_with(which.definitions()?);
    let definitions = match max_delete {
        Some(limit) => definitions.with_max_delete(limit),
        None => definitions,
    };
    let configs = sites::configured(context, &which.to)?;
    let now = today();
    let (builds, reached) = tokio::join!(
        sources.builds(context, &definitions, now),
        sites::reach(context, &configs)
    );
    let builds = builds?;
    let (mut plans, mut failures) = (Vec::new(), Vec::new());
    for (config, reached) in configs.iter().zip(reached) {
        match reached {
            Ok(Reached {
                site,
                cloud,
                images,
            }) => {
                let plan = plan(&definitions, &builds, &images, now);
                plans.push((Planned { cloud: site, plan }, cloud));
            }
            Err(failure) => failures.push((sites::called(config), failure)),
        }
    }
    Ok(Looked {
        definitions,
        builds,
        now,
        plans,
        failures,
    })
}

/// Whether the answer is a table of steps and not a whole plan.
pub(super) fn in_columns(context: &Context) -> bool {
    let shape = context.out.shape();
    !shape.columns.is_empty() || matches!(shape.format, Form::Csv | Form::Value | Form::Shell)
}

fn expect(context: &Context) -> Result<(), Failure> {
    match in_columns(context) {
        true => context.out.expect_list(&rows::COLUMNS),
        false => Ok(()),
    }
}

/// Prints plans; `done` says that they are about to be carried out.
pub(super) fn show(context: &Context, plans: &Plans, done: bool) -> Result<(), Failure> {
    if in_columns(context) {
        return context.out.list(&List {
            columns: rows::COLUMNS.to_vec(),
            rows: plans.plans.iter().flat_map(rows::of).collect(),
        });
    }
    if context.out.shape().format != Form::Table {
        let value = serde_json::to_value(plans).map_err(|error| Failure::of(Exit::Bug, &error))?;
        return context.out.document(&value);
    }
    let look = Look {
        colour: context.out.sink().colour,
        kept: context.is_verbose(),
        done,
    };
    let texts: Vec<String> = plans
        .plans
        .iter()
        .map(|one| text::plan(one, look))
        .collect();
    context.out.text(&texts.join("\n"))
}

/// The end of a run that has found something wrong.
///
/// # Errors
/// There is an alarm.
pub(super) fn alarm(plans: &Plans) -> Result<(), Failure> {
    let several = plans.plans.len() > 1;
    let mut lines = Vec::new();
    for Planned { cloud, plan } in &plans.plans {
        lines.extend(plan.alarms().map(|note| {
            let of = text::about(note);
            match several {
                true => format!("{cloud}: {of}{}", note.message),
                false => format!("{of}{}", note.message),
            }
        }));
    }
    let message = match lines.len() {
        0 => return Ok(()),
        1 => "there is an alarm".to_owned(),
        several => format!("there are {several} alarms"),
    };
    let failure = Failure::new(Exit::Alarm, message);
    Err(lines.into_iter().fold(failure, Failure::cause))
}

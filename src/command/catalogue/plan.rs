//! `ectype catalogue plan`: what would be changed in clouds so that what should be there is there. Changes nothing.

mod file;
mod rows;
pub(super) mod text;

use std::path::PathBuf;

use catalogue::plan::{Planned, Plans, plan};
use clap::Args as ClapArgs;

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
    let (plans, failures) = planned(context, &args).await?;
    if plans.plans.is_empty() {
        sites::end(&failures, 0)?;
    }
    show(context, &plans)?;
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

/// A plan for each cloud that could be looked at, and why the others could not.
async fn planned(
    context: &Context,
    args: &Args,
) -> Result<(Plans, Vec<(String, Failure)>), Failure> {
    let definitions = args.sources.content_with(args.which.definitions()?);
    let definitions = match args.max_delete {
        Some(limit) => definitions.with_max_delete(limit),
        None => definitions,
    };
    let configs = sites::configured(context, &args.which.to)?;
    let now = today();
    let (builds, reached) = tokio::join!(
        args.sources.builds(&definitions, now),
        sites::reach(context, &configs)
    );
    let builds = builds?;
    let (mut plans, mut failures) = (Vec::new(), Vec::new());
    for (config, reached) in configs.iter().zip(reached) {
        match reached {
            Ok(Reached { site, images }) => plans.push(Planned {
                cloud: site,
                plan: plan(&definitions, &builds, &images, now),
            }),
            Err(failure) => failures.push((sites::called(config), failure)),
        }
    }
    Ok((Plans::new(plans), failures))
}

/// Whether the answer is a table of steps and not a whole plan.
fn in_columns(context: &Context) -> bool {
    let shape = context.out.shape();
    !shape.columns.is_empty() || matches!(shape.format, Form::Csv | Form::Value | Form::Shell)
}

fn expect(context: &Context) -> Result<(), Failure> {
    match in_columns(context) {
        true => context.out.expect_list(&rows::COLUMNS),
        false => Ok(()),
    }
}

fn show(context: &Context, plans: &Plans) -> Result<(), Failure> {
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
        done: false,
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

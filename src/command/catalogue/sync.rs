//! `ectype catalogue sync`: prints the plan, does it, and says what became of each step.

mod report;
mod show;

use std::time::Duration;

use catalogue::apply::{Apply, Did, Site};
use catalogue::plan::{Planned, Plans};
use clap::Args as ClapArgs;
use cloud::Cloud;

use self::report::Report;
use self::show::Shown;
use super::plan;
use super::wish::{Sources, Which};
use crate::args::Form;
use crate::command::vendor::pages;
use crate::command::verify::bytes;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Make clouds as they should be: print the plan, and do it
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Makes the plan that `catalogue plan` shows, prints it, and does it. A new image is made where nobody sees it, compared with
what was sent, and only then gets the name; the old one stays usable by its id. An original that several clouds want is
read once for all of them, and no copy of it is written to this machine's disk. A run that ends anywhere is taken up by the
next one.

Exit code: 0 everything is as it should be, 8 some steps were not done, 9 something is wrong with an image and all that
was made for it stays as it is, 7 another run is at work or a vendor or cloud cannot be reached; a run of which nothing was
done ends with the code of what stood in the way (docs/exit-codes.md).

  ectype catalogue sync
  ectype catalogue sync mine.yaml --to prod/dx1 --to prod/dx2
  ectype catalogue sync --family debian --max-delete 3")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// How many old images may be deleted; what the catalogue says (shipped: 0) unless given
    #[arg(long, value_name = "COUNT")]
    max_delete: Option<u32>,
    /// How many images are worked on at once
    #[arg(long, value_name = "COUNT", default_value = "2", value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// The largest disk to take, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    #[command(flatten)]
    sources: Sources,
}

/// How long a cloud may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    expect(context)?;
    let looked = plan::looked(context, &args.which, args.max_delete, &args.sources);
    let looked = context.unless_cancelled(looked).await?;
    let (planned, clouds): (Vec<Planned>, Vec<Cloud>) = looked.plans.into_iter().unzip();
    let plans = Plans::new(planned);
    if context.out.shape().format == Form::Table {
        plan::show(context, &plans, true)?;
    }
    let did = done(context, &args, &plans, &clouds).await?;
    let report = Report::new(&plans, &did, &looked.failures);
    show(context, &report)?;
    report.end(context)?;
    plan::alarm(&plans)
}

/// Does it.
async fn done(
    context: &Context,
    args: &Args,
    plans: &Plans,
    clouds: &[Cloud],
) -> Result<Vec<Vec<Did>>, Failure> {
    let (families, client) = (
        args.sources.vendors.families()?,
        args.sources.vendors.client()?,
    );
    let (trust, cache) = (args.sources.signatures.trust()?, pages());
    let shown = Shown::new(context, plans);
    let apply = Apply {
        vendors: catalogue::gather::Vendors {
            families: &families,
            client: &client,
            trust: &trust,
            mirrors: &args.sources.vendors.mirrors,
            cache: cache.as_ref(),
        },
        max_virtual_size: args.max_virtual_size,
        patience: PATIENCE,
        jobs: usize::from(args.jobs),
        cancel: &context.cancel,
        watch: &|event| shown.see(&event),
    };
    let sites = plans.plans.iter().zip(clouds);
    let sites: Vec<Site<'_>> = sites
        .map(|(planned, cloud)| Site {
            glance: cloud.glance(),
            plan: &planned.plan,
        })
        .collect();
    Ok(apply.run(&sites).await)
}

fn expect(context: &Context) -> Result<(), Failure> {
    match plan::in_columns(context) {
        true => context.out.expect_list(&report::columns()),
        false => Ok(()),
    }
}

/// The answer at the end; on a terminal the steps were shown when they ended.
fn show(context: &Context, report: &Report<'_>) -> Result<(), Failure> {
    if plan::in_columns(context) {
        return context.out.list(&report.list());
    }
    match context.out.shape().format {
        Form::Table => context.out.text(&report.summary()),
        _ => {
            let value = report.json();
            let value = value.map_err(|error| Failure::of(Exit::Bug, &error))?;
            context.out.document(&value)
        }
    }
}

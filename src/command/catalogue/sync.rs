//! `ectype catalogue sync`: prints the plan, does it, and says what became of each step.

mod begin;
mod report;
mod show;

use std::path::PathBuf;
use std::time::Duration;

use catalogue::apply::{Apply, Bytes, Did, Site};
use catalogue::plan::Plans;
use clap::Args as ClapArgs;

use self::begin::Begin;
use self::report::Report;
use self::show::Shown;
use super::plan;
use super::wish::{Sources, Which};
use crate::args::Form;
use crate::command::vendor::pages;
use crate::command::verify::{bytes, seconds};
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
  ectype catalogue sync --family debian --max-delete 3
  ectype catalogue plan --out monday.json && ectype catalogue sync --plan monday.json")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Do what this plan says that `catalogue plan --out` has written, and nothing else; refused if a cloud has changed since
    #[arg(long, value_name = "FILE",
        conflicts_with_all = ["files", "alone", "only", "families", "to", "max_delete"])]
    plan: Option<PathBuf>,
    /// How many old images may be deleted; what the catalogue says (shipped: 0) unless given
    #[arg(long, value_name = "COUNT")]
    max_delete: Option<u32>,
    /// How the bytes of new images get into a cloud
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    import: How,
    /// With --import web-download: how long to wait for a cloud
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    timeout: Duration,
    /// How many images are worked on at once
    #[arg(long, value_name = "COUNT", default_value = "2", value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// The largest disk to take, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    #[command(flatten)]
    sources: Sources,
}

/// How the bytes of new images get into a cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum How {
    /// Through this machine, converted while they are sent
    #[default]
    Stream,
    /// Each cloud fetches them from the vendor; what arrived is compared with what the vendor lists
    WebDownload,
}

/// How long a cloud may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    expect(context)?;
    let begin = context.unless_cancelled(async {
        match &args.plan {
            Some(path) => begin::approved(context, path).await,
            None => begin::computed(context, &args).await,
        }
    });
    let begin = begin.await?;
    let plans = begin.plans();
    let done = shown(context, &args, &begin, &plans).await;
    let unreached = begin.unreached.clone();
    begin.release().await;
    let (did, lost) = done?;
    let report = Report::new(&plans, &did, &unreached);
    show(context, &report)?;
    match lost {
        Some(failure) => return Err(failure),
        None => report.end(context)?,
    }
    plan::alarm(&plans)
}

/// Shows the plans and carries them out, as long as the locks hold.
async fn shown(
    context: &Context,
    args: &Args,
    begin: &Begin,
    plans: &Plans,
) -> Result<(Vec<Vec<Did>>, Option<Failure>), Failure> {
    if is_text(context) {
        plan::show(context, plans, true)?;
    }
    let lost = async {
        let leases: Vec<_> = begin.leases().map(|lease| Box::pin(lease.keep())).collect();
        match leases.is_empty() {
            true => std::future::pending().await,
            false => futures_util::future::select_all(leases).await,
        }
    };
    let (done, lost) = (done(context, args, begin, plans), lost);
    tokio::pin!(done, lost);
    tokio::select! {
        did = &mut done => Ok((did?, None)),
        _ = &mut lost => {
            context.cancel.cancel();
            let failure = Failure::new(Exit::Unreachable, "the lock of this run is over, and another one may be at work")
                .hint("run it again");
            Ok((done.await?, Some(failure)))
        }
    }
}

/// Does it.
async fn done(
    context: &Context,
    args: &Args,
    begin: &Begin,
    plans: &Plans,
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
        bytes: match args.import {
            How::Stream => Bytes::Here,
            How::WebDownload => Bytes::Cloud {
                deadline: args.timeout,
            },
        },
        max_virtual_size: args.max_virtual_size,
        patience: PATIENCE,
        jobs: usize::from(args.jobs),
        cancel: &context.cancel,
        watch: &|event| shown.see(&event),
    };
    let sites: Vec<Site<'_>> = begin
        .begun
        .iter()
        .map(|one| Site {
            glance: one.cloud.glance(),
            plan: &one.planned.plan,
        })
        .collect();
    Ok(apply.run(&sites).await)
}

/// Whether the answer is for a person, and comes while the work goes on.
fn is_text(context: &Context) -> bool {
    context.out.shape().format == Form::Table && !plan::in_columns(context)
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

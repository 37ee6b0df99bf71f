//! `ectype serve scrub` and `ectype serve collect`: care for what is stored, beside the service or without it.

use std::sync::Arc;

use clap::Args as ClapArgs;
use identity::{CallerFuture, Identity, Refusal};
use serde_json::json;
use server::{Kept, Others, Service, Settings, Strays, SweepError};

use super::chosen::Where;
use super::first;
use super::records::database_failure;
use super::start::{store, store_failure, unstarted};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List, Record};

/// Read all that is stored, and say what is damaged
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Every byte is read and held to its SHA-512. Nothing is changed; the service may run. The exit code
is 1 when something is damaged. Upload the right bytes once more, to any image, and all images
that share them are whole again.")]
pub(crate) struct ScrubArgs {
    #[command(flatten)]
    place: Where,
}

/// Remove what uploads and deletions that did not end have left
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The service does so itself at its start and every ten minutes.")]
pub(crate) struct CollectArgs {
    /// Remove what no record knows, too: only where nobody else keeps images in the same place
    #[arg(long)]
    strays: bool,
    #[command(flatten)]
    place: Where,
}

/// Nobody calls here.
struct Nobody;

impl Identity for Nobody {
    fn caller<'a>(&'a self, _token: &'a str) -> CallerFuture<'a> {
        Box::pin(async { Err(Refusal::Unknown) })
    }
}

/// Opens the service's records and bytes. Also whether other processes may be at work on them.
async fn open(place: &Where) -> Result<(Service, Others, Option<std::fs::File>), Failure> {
    let folder = place.records.folder()?;
    let file = place.records.file(&folder)?;
    let address = place.records.address_with_existing(&file, &folder)?;
    let lock = first::lock(&folder).ok();
    let alone = address.starts_with("sqlite:") && lock.is_some();
    let pool = database::connect(&address).await;
    let pool = pool.map_err(|error| database_failure(&error))?;
    let store = store(&place.bytes.place(&file, &folder)?)?;
    let settings = Settings::new(folder.join("spool"));
    let kept = Kept::open(pool, store).await;
    let service = kept.and_then(|kept| Service::new(kept, Arc::new(Nobody), settings));
    let service = service.map_err(|error| unstarted(&error))?;
    let others = if alone { Others::None } else { Others::Maybe };
    Ok((service, others, lock))
}

fn failure(error: &SweepError) -> Failure {
    match error {
        SweepError::Store(error) => store_failure(error),
        error => Failure::of(Exit::Unreachable, error),
    }
}

/// Reads everything.
pub(super) async fn scrub(context: &Context, args: &ScrubArgs) -> Result<(), Failure> {
    let columns = vec![
        Column::shown("SHA-512", "hash"),
        Column::shown("Finding", "finding"),
        Column::shown("Images", "images"),
    ];
    context.out.expect_list(&columns)?;
    // The service may be started while this runs.
    let (service, _, lock) = open(&args.place).await?;
    drop(lock);
    let scrubbed = service.scrub(|_, _| {});
    let scrubbed = context
        .unless_cancelled(async { scrubbed.await.map_err(|error| failure(&error)) })
        .await?;
    let rows = scrubbed.rot.iter().map(|rot| {
        vec![
            json!(rot.hash),
            json!(rot.finding),
            json!(rot.images.join(", ")),
        ]
    });
    context.out.list(&List {
        columns,
        rows: rows.collect(),
    })?;
    context.note(&format!(
        "{} contents, {} bytes read, {} damaged",
        scrubbed.blobs,
        scrubbed.bytes,
        scrubbed.rot.len()
    ));
    match scrubbed.rot.is_empty() {
        true => Ok(()),
        false => Err(Failure::silent(Exit::No)),
    }
}

/// Collects.
pub(super) async fn collect(context: &Context, args: &CollectArgs) -> Result<(), Failure> {
    context.out.expect_record()?;
    let (service, others, lock) = open(&args.place).await?;
    let strays = match args.strays {
        true => Strays::Remove,
        false => Strays::Keep,
    };
    let collected = service.collect(others, strays).await;
    drop(lock);
    let collected = collected.map_err(|error| failure(&error))?;
    let fields = [
        ("images", collected.images),
        ("contents", collected.blobs),
        ("parts", collected.parts),
        ("files", collected.files),
        ("tasks", collected.tasks),
    ];
    let fields = fields.map(|(name, count)| (name.to_owned(), json!(count)));
    context.out.record(&Record(fields.to_vec()))
}

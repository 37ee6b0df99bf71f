//! The work of `verify`: originals read side by side, a verdict for every image.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use disk::Meter;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use origin::Address;
use proof::{Group, Level, Prover, Verdict};
use tokio::runtime::Handle;

use super::{Args, select};
use crate::context::{Context, cache_folder};
use crate::failure::Failure;

/// The client for vendors' servers. It knows nothing of the cloud's credentials, certificates and exceptions: what is
/// tolerated towards a cloud must not make an original less certain.
pub(crate) fn client(stall_timeout: Duration) -> Result<origin::Client, Failure> {
    Ok(origin::Client::new(&net::Options {
        stall_timeout,
        ..net::Options::default()
    })?)
}

/// All verdicts in the order of the images asked for; each is given to `at_once` as soon as it is known.
pub(super) async fn verdicts(
    context: &Context,
    args: &Args,
    at_once: impl Fn(&Verdict) -> Result<(), Failure>,
) -> Result<Vec<Verdict>, Failure> {
    let client = client(args.stall_timeout)?;
    let handle = Handle::current();
    let options = proof::Options {
        checksums: args.checksums.clone(),
        max_virtual_size: args.max_virtual_size,
        full: args.full,
        cache: cache_folder().map(|folder| origin::Cache::new(folder.join("derived"))),
    };
    let trust = args.signatures.trust()?;
    let mut prover = Prover {
        trust: &trust,
        client: &client,
        glance: None,
        handle: &handle,
        options: &options,
    };
    if let (Some(path), Some(original)) = (&args.stored, &args.original) {
        let verdict = device(context, &client, path, original, &trust, &options).await;
        at_once(&verdict)?;
        return Ok(vec![verdict]);
    }
    let cloud = context.cloud().await?;
    let level = if args.content {
        Level::Content
    } else {
        Level::Record
    };
    if args.content {
        prover.glance = Some(cloud.glance());
    }
    let selected = match args.all {
        true => select::all(context, cloud.glance(), args.hidden).await?,
        false => select::named(cloud.glance(), &args.images, level, Timestamp::now()).await?,
    };
    let (groups, mut done) = sort(selected, args.original.as_ref(), level);
    for (_, verdict) in &done {
        at_once(verdict)?;
    }
    let judged = groups.iter().map(|group| judge(context, &prover, group));
    let mut judged = futures_util::stream::iter(judged).buffer_unordered(args.jobs.get());
    while let Some(verdicts) = judged.next().await {
        for (place, verdict) in verdicts {
            at_once(&verdict)?;
            done.push((place, verdict));
        }
    }
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, verdict)| verdict).collect())
}

/// The verdict about a file or device of this machine, with its progress shown.
pub(super) async fn device(
    context: &Context,
    client: &origin::Client,
    stored: &Path,
    original: &Address,
    trust: &origin::Trust,
    options: &proof::Options,
) -> Verdict {
    let handle = Handle::current();
    let prover = Prover {
        trust,
        client,
        glance: None,
        handle: &handle,
        options,
    };
    let (meter, begun) = (Arc::<Meter>::default(), Instant::now());
    let label = stored.display().to_string();
    let task = context.progress.add(&label, Arc::clone(&meter));
    let mut verdict = prover
        .device(stored, original, Timestamp::now(), &meter, &context.cancel)
        .await;
    drop(task);
    verdict.seconds = Some(begun.elapsed().as_secs_f64());
    verdict
}

type Placed = Vec<(usize, Verdict)>;

/// Puts what was selected into groups; what is no image has its verdict already. Places are those of the selection.
fn sort(
    selected: Vec<select::Selected>,
    original: Option<&Address>,
    level: Level,
) -> (Vec<Group>, Placed) {
    let (mut images, mut places, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for (place, one) in selected.into_iter().enumerate() {
        match one {
            Ok(image) => {
                images.push(image);
                places.push(place);
            }
            Err(verdict) => done.push((place, *verdict)),
        }
    }
    let place = |among: usize| places.get(among).copied().unwrap_or(among);
    let (mut groups, verdicts) = proof::group(images, original, level, Timestamp::now());
    for group in &mut groups {
        for (among, _) in &mut group.images {
            *among = place(*among);
        }
    }
    done.extend(
        verdicts
            .into_iter()
            .map(|(among, verdict)| (place(among), verdict)),
    );
    (groups, done)
}

/// Judges one group, with its progress shown.
async fn judge(context: &Context, prover: &Prover<'_>, group: &Group) -> Placed {
    let (meter, begun) = (Arc::<Meter>::default(), Instant::now());
    let task = context.progress.add(&label(group), Arc::clone(&meter));
    let mut verdicts = prover
        .group(group, Timestamp::now(), &meter, &context.cancel)
        .await;
    drop(task);
    for (_, verdict) in &mut verdicts {
        verdict.seconds = Some(begun.elapsed().as_secs_f64());
    }
    verdicts
}

fn label(group: &Group) -> String {
    let first = group.images.first().map_or("", |(_, image)| image.name());
    match group.images.len() {
        0 | 1 => first.to_owned(),
        more => format!("{first} and {} more", more - 1),
    }
}

//! The way of the bytes: read, decoded, hashed and sent in one pass, which ends well at both ends or not at all.

use std::sync::Arc;

use cloud::Door;
use disk::limits::MAX_VIRTUAL_SIZE;
use disk::{Algorithms, Contents, Ends, Layer, Meter, Output, Reading, Sink, Wanted};
use proof::Reason;

use super::origin::Opened;
use super::plan::Plan;
use super::repack::Repack;
use super::sink::{DIGESTS, Upload};
use super::{Work, gate};
use crate::command::verify::because;
use crate::failure::{Exit, Failure};

/// What was sent.
pub(super) struct Sent {
    /// The bytes that went into the request.
    pub(super) contents: Contents,
    /// What they were made from.
    pub(super) reading: Reading,
    /// Every byte went out, and then no answer came, or one of a proxy that had lost patience.
    pub(super) doubt: Option<Failure>,
}

/// Why it was not sent.
pub(super) enum Unsent {
    /// The token was not taken; with another one it may go.
    Unauthorized(Failure),
    /// Anything else.
    Failed(Failure),
}

impl From<Unsent> for Failure {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Unauthorized(failure) | Unsent::Failed(failure) => failure,
        }
    }
}

/// Sends the bytes of an image.
pub(super) async fn send(
    work: &Work<'_>,
    opened: Opened,
    plan: &Plan,
    door: Door,
    id: &str,
) -> Result<Sent, Unsent> {
    let declared = gate::declared(plan, work.args.fields.container());
    let largest = work.args.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE);
    let (sink, begun) = Upload::new(declared, largest);
    let sink: Box<dyn Sink> = match &plan.qcow2 {
        Some(qcow2) => Box::new(Repack::new(qcow2, sink)),
        None => Box::new(sink),
    };
    let pass = pass(work, opened, plan, door, sink);
    let store = work.args.stores.first().filter(|_| door == Door::File);
    let upload = async {
        // Without a first byte there is no request; the pass says why.
        let (size, body) = begun.await.ok()?;
        let glance = work.cloud.glance();
        Some(
            glance
                .send(door, id, size, store.map(String::as_str), body)
                .await,
        )
    };
    let (passed, answered) = tokio::join!(pass, upload);
    let bug = |error| Unsent::Failed(Failure::of(Exit::Bug, &error));
    let passed = passed.map_err(bug)?;
    match (answered, passed) {
        (Some(Ok(())), Ok(sent)) => Ok(sent),
        // The body was given up because the pass failed.
        (None | Some(Ok(()) | Err(cloud::Error::Net(net::Error::GivenUp { .. }))), Err(error)) => {
            Err(Unsent::Failed(spoilt(work, &error)))
        }
        (Some(Err(error @ cloud::Error::Unauthorized(_))), _) => {
            Err(Unsent::Unauthorized(error.into()))
        }
        (Some(Err(error @ cloud::Error::Net(_))), Ok(sent)) => Ok(Sent {
            doubt: Some(error.into()),
            ..sent
        }),
        (Some(Err(error)), _) => Err(Unsent::Failed(error.into())),
        (None, Ok(_)) => Err(Unsent::Failed(Failure::new(Exit::Bug, "no byte was sent"))),
    }
}

/// Why the pass over the file failed.
pub(super) fn spoilt(work: &Work<'_>, error: &disk::Error) -> Failure {
    let other_length = matches!(
        error,
        disk::Error::Truncated { .. } | disk::Error::Changed { .. }
    );
    if let (Some(size), true) = (work.args.size, other_length) {
        let message = format!("what came has not the {size} bytes that --size says");
        return Failure::new(Exit::Usage, message);
    }
    if let disk::Error::Output { source } = error
        && let Some(refused) = source.get_ref().and_then(|error| error.downcast_ref())
    {
        return gate::refusal(refused);
    }
    if let disk::Error::Output { source } = error
        && source.kind() == std::io::ErrorKind::InvalidData
    {
        // Only the second of two passes meets this.
        let message = "the file changed between its two readings";
        return Failure::new(Exit::Unreachable, message).cause(source.to_string());
    }
    let reason = Reason::of_pass(error);
    because(&reason, reason.message.clone())
}

/// The pass over the file, on threads of its own.
fn pass(
    work: &Work<'_>,
    opened: Opened,
    plan: &Plan,
    door: Door,
    sink: Box<dyn Sink>,
) -> impl Future<Output = Result<Result<Sent, disk::Error>, tokio::task::JoinError>> + use<> {
    let (meter, cancel) = (Arc::<Meter>::default(), work.context.cancel.clone());
    let task = work
        .context
        .progress
        .add(&work.args.name, Arc::clone(&meter));
    let wanted = wanted(work, &opened, plan, door);
    let (layer, found) = (plan.layer, plan.found);
    let running = tokio::task::spawn_blocking(move || {
        let output = Output { sink, layer };
        let ends = Ends {
            output: Some(output),
            ..Ends::default()
        };
        let mut reading = disk::read(opened.source, &wanted, ends, &meter, &cancel)?;
        let sink = reading.sink.take().ok_or(disk::Error::Cancelled)?;
        // That a raw disk is a fixed VHD its end shows.
        let footed = found == disk::Format::Raw && reading.format == disk::Format::Vhd;
        if reading.format != found && !footed {
            // It is not the file that was looked at before.
            return Err(disk::Error::Changed {
                offset: 0,
                end: reading.file.size,
            });
        }
        let finished = sink.finish();
        let contents = finished.map_err(|source| disk::Error::Output { source })?;
        Ok(Sent {
            contents,
            reading,
            doubt: None,
        })
    });
    async move {
        let ended = running.await;
        drop(task);
        ended
    }
}

/// The digests that are needed beside those of what is sent.
fn wanted(work: &Work<'_>, opened: &Opened, plan: &Plan, door: Door) -> Wanted {
    let converted = plan.layer == Layer::Disk;
    Wanted {
        // The file's, unless they are those of what is sent.
        file: match opened.look.packings.is_empty() && !converted {
            true => Algorithms::NONE,
            false => DIGESTS,
        },
        // A cloud may convert what it imports; then the disk is what its record is of.
        disk: match door == Door::Stage && plan.format != "raw" {
            true => DIGESTS,
            false => Algorithms::NONE,
        },
        // What is sent as it is must be a whole image, too.
        whole: !converted,
        max_virtual_size: work.args.max_virtual_size,
        ..Wanted::default()
    }
}

impl Sent {
    /// The bytes of the file as it was given: what somebody else would hash who has the same file.
    pub(super) fn file(&self) -> &Contents {
        match self.reading.file.digests.iter().next() {
            Some(_) => &self.reading.file,
            None => &self.contents,
        }
    }

    /// The bytes of the disk, where the pass has seen it.
    pub(super) fn disk(&self) -> Option<u64> {
        let raw = self.reading.format == disk::Format::Raw;
        let disk = self.reading.disk.as_ref().map(|disk| disk.size);
        disk.or(raw.then_some(self.contents.size))
    }
}

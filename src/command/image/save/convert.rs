//! A conversion on the way out: the stored bytes are decoded while they stream, and compared with the record before the
//! file appears.

use std::path::Path;

use disk::limits::MAX_VIRTUAL_SIZE;
use disk::write::{self, Existing, Image, Unfinished, Workers, raw, vmdk};
use disk::{Algorithms, Look, Sink, Source, Wanted};
use proof::Reason;
use tokio::runtime::Handle;

use super::Work;
use super::part::Destination;
use super::stream::{broken, untrusted};
use crate::command::pass::{Broken, device, pass, stdout, unwritable, widened};
use crate::failure::{Exit, Failure, because};

/// What the disk is to become.
pub(super) struct Goal<'a> {
    pub(super) image: Image,
    pub(super) to: &'a Destination,
    /// The largest disk, in bytes.
    pub(super) largest: Option<u64>,
}

/// A sink, and what removes an unfinished file when it is dropped.
type Ready = (Box<dyn Sink>, Option<Unfinished>);

impl Goal<'_> {
    /// # Errors
    /// A format that does not go where it is wanted.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match (self.image, self.to) {
            (Image::Qcow2(_), Destination::Pipe | Destination::Device(_)) => Err(forward()),
            _ => Ok(()),
        }
    }

    fn shown(&self) -> &Path {
        match self.to {
            Destination::Pipe => "standard output".as_ref(),
            Destination::Device(path) | Destination::File(path) => path,
        }
    }

    fn sink(&self) -> Result<Ready, Failure> {
        const NONE: Algorithms = Algorithms::NONE;
        let out = match self.to {
            Destination::File(path) => {
                let made = write::file(path, self.image, Existing::Replace, NONE, Workers::Cores);
                let (sink, unfinished) = made.map_err(|error| unwritable(path, &error))?;
                return Ok((sink, Some(unfinished)));
            }
            Destination::Pipe => stdout(),
            Destination::Device(path) => device(path),
        };
        let out = out.map_err(|error| unwritable(self.shown(), &error))?;
        match self.image {
            Image::Raw => Ok((raw::stream(out, NONE), None)),
            Image::Vmdk(options) => Ok((vmdk::stream(out, options, NONE, Workers::Cores), None)),
            Image::Qcow2(_) => Err(forward()),
        }
    }

    fn failed(&self, error: disk::Error) -> Failure {
        match error {
            disk::Error::Io { source, .. } => broken(source),
            disk::Error::Output { source } if source.kind() == std::io::ErrorKind::InvalidInput => {
                Failure::new(Exit::Usage, source.to_string()).hint("name a file: --file FILE")
            }
            disk::Error::Output { source } => unwritable(self.shown(), &source),
            error => {
                let reason = Reason::of_pass(&error);
                because(&reason, reason.message.clone())
            }
        }
    }
}

/// A qcow2 in one pass needs a place that can be written out of order.
fn forward() -> Failure {
    let message = "a qcow2 cannot go to standard output or a device: its tables are written last";
    Failure::new(Exit::Usage, message).hint("name a file: --file FILE; or take --convert raw")
}

impl Work<'_> {
    /// Saves the image as another format.
    pub(super) async fn converted(&self, goal: &Goal<'_>) -> Result<(), Failure> {
        let download = self.download(None).await?.into_reader(&Handle::current());
        let mut source = Source::stream(download, self.image.size);
        let largest = goal.largest.unwrap_or(MAX_VIRTUAL_SIZE);
        let looked = tokio::task::spawn_blocking(move || {
            let look = disk::look(&mut source, largest);
            look.map(|look| (source, look))
        });
        let looked = self.context.unless_cancelled(async {
            let looked = looked.await;
            looked.map_err(|error| Failure::of(Exit::Bug, &error))
        });
        let looked = looked.await?;
        let (source, look) = looked.map_err(|error| self.judged_by(error, goal))?;
        self.declared(&look)?;
        let (sink, _unfinished) = goal.sink()?;
        let wanted = Wanted {
            file: self.recorded.algorithms(),
            max_virtual_size: goal.largest,
            ..Wanted::default()
        };
        let (recorded, id) = (self.recorded.clone(), self.image.id.clone());
        let judge = move |reading: &disk::Reading| {
            let wrong = recorded.wrong(&reading.file, "came");
            match wrong.is_empty() {
                true => Ok(()),
                false => Err(untrusted(&id, wrong)),
            }
        };
        let name = self.image.name();
        let done = pass(self.context, name, source, wanted, sink, judge).await;
        let done = done.map_err(|broken| match broken {
            Broken::Pass(error) => self.judged_by(error, goal),
            Broken::Judged(failure) => failure,
        })?;
        let disk = done.reading.disk.as_ref().unwrap_or(&done.reading.file);
        widened(self.context, goal.image, disk.size);
        Ok(())
    }

    /// A stream of another length than the record says is not the image.
    fn judged_by(&self, error: disk::Error, goal: &Goal<'_>) -> Failure {
        match error {
            disk::Error::Truncated { .. } | disk::Error::Changed { .. } => {
                untrusted(&self.image.id, vec![error.to_string()])
            }
            error => goal.failed(error),
        }
    }

    /// A machine gets the bytes as the record declares them; what they look like otherwise must not be decoded.
    fn declared(&self, look: &Look) -> Result<(), Failure> {
        let Some(declared) = self.image.disk_format.as_deref() else {
            return Ok(());
        };
        let marked = ["qcow2", "vmdk", "vhd", "vhdx", "vdi", "ploop"].contains(&declared);
        let found = look.format.glance_name();
        if found == declared || (look.format.is_plain() && !marked) {
            return Ok(());
        }
        let id = &self.image.id;
        let message = format!("image {id} is recorded as {declared}, and its bytes are {found}");
        Err(Failure::new(Exit::Untrusted, message)
            .hint("without --convert its bytes are saved as they are"))
    }
}

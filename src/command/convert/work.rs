//! The conversion itself: one pass, or two where a qcow2 goes into a stream.

use std::io::{self, Write};
use std::path::Path;

use disk::write::{self, Image, Workers, qcow2, raw, vmdk};
use disk::{Algorithm, Algorithms, Sink, Wanted};
use proof::Reason;

use super::Args;
use super::goal::{Goal, taken};
use crate::command::digest::source;
use crate::command::pass::{Broken, Done, device, pass, stdout, unwritable};
use crate::context::Context;
use crate::failure::{Exit, Failure, because};

/// What is to be converted.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a Args,
    pub(super) image: Image,
    pub(super) goal: &'a Goal,
}

impl Work<'_> {
    /// Converts.
    pub(super) async fn run(&self) -> Result<Done, Failure> {
        let (sink, _unfinished) = match (self.image, self.goal) {
            (Image::Qcow2(options), Goal::Pipe | Goal::Device(_)) => {
                (self.measured(options).await?, None)
            }
            (image, Goal::File(path, existing)) => {
                let made = write::file(path, image, *existing, self.own_digests(), Workers::Cores);
                let (sink, unfinished) = made.map_err(|error| self.unwritable(&error))?;
                (sink, Some(unfinished))
            }
            (Image::Raw, _) => (raw::stream(self.open()?, self.own_digests()), None),
            (Image::Vmdk(options), _) => {
                let digests = self.own_digests();
                (
                    vmdk::stream(self.open()?, options, digests, Workers::Cores),
                    None,
                )
            }
        };
        self.pass(sink, self.digests(), &self.args.input).await
    }

    /// A sink for a qcow2 that goes forward only, out of a pass that measures.
    async fn measured(&self, options: qcow2::Options) -> Result<Box<dyn Sink>, Failure> {
        if self.args.input == "-" {
            let message = "a qcow2 cannot go from standard input to a pipe or device";
            return Err(Failure::new(Exit::Usage, message).hint(
                "its tables come first, so the input is read twice: name a file for one of the two",
            ));
        }
        let (sink, measured) = qcow2::measure(options, Workers::Cores);
        let label = format!("{} (measuring)", self.args.input);
        self.pass(sink, Algorithms::NONE, &label).await?;
        let plan = measured.plan();
        let plan = plan.ok_or_else(|| Failure::new(Exit::Bug, "nothing was measured"))?;
        Ok(plan.stream(self.open()?, self.own_digests(), Workers::Cores))
    }

    /// Lets the input pass into the sink, and finishes it.
    async fn pass(
        &self,
        sink: Box<dyn Sink>,
        digests: Algorithms,
        label: &str,
    ) -> Result<Done, Failure> {
        let source = source(&self.args.input, self.args.stall_timeout).await?;
        let wanted = Wanted {
            file: digests,
            disk: digests,
            max_virtual_size: self.args.max_virtual_size,
            ..Wanted::default()
        };
        let context = self.context;
        let done = pass(context, label, source, wanted, sink, |_| Ok(())).await;
        done.map_err(|broken| match broken {
            Broken::Pass(error) => self.failed(&error),
            Broken::Judged(failure) => failure,
        })
    }

    fn failed(&self, error: &disk::Error) -> Failure {
        if let disk::Error::Output { source } = error {
            return self.unwritable(source);
        }
        let reason = Reason::of_pass(error);
        because(
            &reason,
            format!("`{}`: {}", self.args.input, reason.message),
        )
    }

    /// What the input's digests are computed by.
    fn digests(&self) -> Algorithms {
        if self.args.no_digests {
            return Algorithms::NONE;
        }
        let chosen: Algorithms = self.args.algorithms.iter().copied().collect();
        match chosen.is_empty() {
            true => Algorithms::NONE.with(Algorithm::Sha512),
            false => chosen,
        }
    }

    /// What the output's digests are computed by, beyond those of the disk: a raw file is the disk.
    fn own_digests(&self) -> Algorithms {
        match self.image {
            Image::Raw => Algorithms::NONE,
            Image::Qcow2(_) | Image::Vmdk(_) => self.digests(),
        }
    }

    /// What a stream is written to.
    fn open(&self) -> Result<Box<dyn Write + Send>, Failure> {
        let opened = match self.goal {
            Goal::Pipe => stdout(),
            Goal::Device(path) | Goal::File(path, _) => device(path),
        };
        opened.map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        let shown: &Path = match self.goal {
            Goal::Pipe => "standard output".as_ref(),
            Goal::Device(path) | Goal::File(path, _) => path,
        };
        match error.kind() {
            io::ErrorKind::AlreadyExists => return taken(shown),
            io::ErrorKind::InvalidInput if matches!(self.image, Image::Vmdk(_)) => {
                return Failure::new(Exit::Usage, error.to_string())
                    .hint("name a file as OUT, or unpack the input first");
            }
            io::ErrorKind::FileTooLarge if matches!(self.image, Image::Qcow2(_)) => {
                return Failure::new(Exit::Usage, error.to_string())
                    .hint("take larger clusters: --cluster-size");
            }
            // Only the second of two passes meets this.
            io::ErrorKind::InvalidData => {
                let message = format!("`{}` changed while it was read", self.args.input);
                return Failure::new(Exit::Unreachable, message).cause(error.to_string());
            }
            _ => {}
        }
        unwritable(shown, error)
    }
}

//! One pass over an image into a sink, on threads of its own with its progress shown, and what such a sink writes into.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

use disk::write::Image;
use disk::{Contents, Ends, Layer, Meter, Output, Reading, Sink, Source, Wanted};

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// A pass that came to its end.
pub(crate) struct Done {
    /// The input.
    pub(crate) reading: Reading,
    /// What the sink has written.
    pub(crate) written: Contents,
}

/// Why a pass did not.
pub(crate) enum Broken {
    /// The input or the sink failed.
    Pass(disk::Error),
    /// What the caller said of the input.
    Judged(Failure),
}

/// Lets the disk of `source` pass into `sink`, and finishes it if `judge` trusts what was read.
pub(crate) async fn pass(
    context: &Context,
    label: &str,
    source: Source,
    wanted: Wanted,
    sink: Box<dyn Sink>,
    judge: impl FnOnce(&Reading) -> Result<(), Failure> + Send + 'static,
) -> Result<Done, Broken> {
    let output = Output {
        sink,
        layer: Layer::Disk,
    };
    let ends = Ends {
        stored: None,
        output: Some(output),
    };
    let (meter, cancel) = (Arc::<Meter>::default(), context.cancel.clone());
    let task = context.progress.add(label, Arc::clone(&meter));
    let work = tokio::task::spawn_blocking(move || {
        let reading = disk::read(source, &wanted, ends, &meter, &cancel);
        let mut reading = reading.map_err(Broken::Pass)?;
        judge(&reading).map_err(Broken::Judged)?;
        let written = match reading.sink.take() {
            Some(sink) => sink
                .finish()
                .map_err(|source| Broken::Pass(disk::Error::Output { source }))?,
            None => Contents::default(),
        };
        Ok(Done { reading, written })
    });
    let done = work.await;
    drop(task);
    done.unwrap_or_else(|error| Err(Broken::Judged(Failure::of(Exit::Bug, &error))))
}

/// Warns of the zeros that fill the last sector of a disk of so many bytes in a file of this format.
pub(crate) fn widened(context: &Context, image: Image, disk: u64) {
    let wide = image.disk_size(disk);
    if wide > disk {
        let (name, more) = (image.name(), wide - disk);
        context.warn(&format!(
            "the disk has {disk} bytes and a {name} holds whole sectors: {more} zeros were added"
        ));
    }
}

/// Standard output, without the buffer that looks for ends of lines.
///
/// # Errors
/// It is closed.
pub(crate) fn stdout() -> io::Result<Box<dyn Write + Send>> {
    let stdout = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(Box::new(File::from(stdout)))
}

/// A device or a named pipe.
///
/// # Errors
/// It cannot be written.
pub(crate) fn device(path: &Path) -> io::Result<Box<dyn Write + Send>> {
    Ok(Box::new(Synced(OpenOptions::new().write(true).open(path)?)))
}

/// A device, whose bytes are on it when it has been flushed.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.sync_data() {
            // A pipe or a device that has no cache.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            done => done,
        }
    }
}

/// A file that cannot be written, and of which nothing was left.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write `{}`", path.display());
    let failure = Failure::new(Exit::Unreachable, message).cause(error.to_string());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            failure.hint("make room and run it again; nothing was left there")
        }
        _ => failure,
    }
}

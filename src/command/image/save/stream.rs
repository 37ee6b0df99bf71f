//! The bytes on their way: read, hashed, written, and judged at the end.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use disk::{Cancel, Meter};

use super::part::{Destination, Part, cannot};
use super::proof::{Expected, Running};
use crate::failure::{Exit, Failure};

/// What is known before the first byte.
pub(super) struct Job {
    pub(super) expected: Expected,
    /// The recorded size in bytes.
    pub(super) size: Option<u64>,
    /// Bytes to move at a time.
    pub(super) chunk: usize,
    pub(super) meter: Arc<Meter>,
    pub(super) cancel: Cancel,
    pub(super) id: String,
}

impl Job {
    /// Moves all bytes, on a thread of its own.
    pub(super) fn run(
        mut self,
        download: net::Reader,
        destination: &Destination,
        part: Option<Part>,
    ) -> Result<(), Failure> {
        let mut running = std::mem::take(&mut self.expected).begin();
        let Some(mut part) = part else {
            let total = match destination {
                Destination::Device(path) => {
                    let opened = OpenOptions::new().write(true).open(path);
                    let mut file = opened.map_err(|error| cannot(path, &error))?;
                    let mut add = |bytes: &[u8]| {
                        let written = file.write_all(bytes);
                        written.map_err(|error| cannot(path, &error))
                    };
                    self.pump(download, 0, &mut running, &mut add)?
                }
                Destination::Pipe | Destination::File(_) => {
                    let mut add = |bytes: &[u8]| {
                        let mut stdout = io::stdout().lock();
                        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                        // Even when only the reader has gone: 0 would say that the bytes were right.
                        written.map_err(|error| cannot("standard output".as_ref(), &error))
                    };
                    self.pump(download, 0, &mut running, &mut add)?
                }
            };
            return self.judge(total, running);
        };
        part.again(|bytes| running.update(bytes))?;
        let at = part.len();
        let moved = self.pump(download, at, &mut running, &mut |bytes| part.add(bytes));
        let total = moved.map_err(|failure| going_on(failure, part.len()))?;
        match self.judge(total, running) {
            Ok(()) => part.publish(),
            Err(failure) => {
                part.discard();
                Err(failure)
            }
        }
    }

    /// Moves the bytes from `at` on; how many there are in all.
    fn pump(
        &self,
        mut download: net::Reader,
        at: u64,
        running: &mut Running,
        add: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<u64, Failure> {
        let (mut total, mut buffer) = (at, vec![0; self.chunk]);
        loop {
            self.meter.file_read.store(total, Ordering::Relaxed);
            if self.cancel.is_cancelled() {
                return Err(Failure::new(Exit::Interrupted, "interrupted"));
            }
            let (count, ended) = fill(&mut download, &mut buffer);
            let bytes = buffer.get(..count).unwrap_or_default();
            running.update(bytes);
            add(bytes)?;
            total = total.saturating_add(count as u64);
            match ended {
                Some(error) => return Err(broken(error)),
                None if count == 0 => return Ok(total),
                None => {}
            }
        }
    }

    fn judge(&self, total: u64, running: Running) -> Result<(), Failure> {
        let mut wrong = running.finish();
        if let Some(size) = self.size.filter(|size| *size != total) {
            wrong.insert(0, format!("size: {size} bytes are recorded, {total} came"));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let message = format!(
            "the bytes of image {} are not those that the cloud has recorded",
            self.id
        );
        let failure = Failure::new(Exit::Untrusted, message);
        Err(wrong.into_iter().fold(failure, Failure::cause))
    }
}

/// Fills the buffer, so that zeros that came in several packets are seen as one hole. The bytes before an error count.
fn fill(download: &mut net::Reader, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut count = 0;
    while let Some(rest) = buffer.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match download.read(rest) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) => return (count, Some(error)),
        }
    }
    (count, None)
}

/// A download that broke off.
fn broken(error: io::Error) -> Failure {
    let inner = error.into_inner();
    match inner.map(<dyn std::error::Error + Send + Sync>::downcast::<net::Error>) {
        Some(Ok(error)) => cloud::Error::from(*error).into(),
        Some(Err(other)) => Failure::new(Exit::Unreachable, other.to_string()),
        None => Failure::new(Exit::Unreachable, "the download broke off"),
    }
}

/// What was saved stays for the next run.
fn going_on(failure: Failure, len: u64) -> Failure {
    if failure.exit != Exit::Unreachable || failure.hint.is_some() || len == 0 {
        return failure;
    }
    failure.hint(format!("the same command goes on at byte {len}"))
}

//! The bytes on their way: read, hashed, written, and judged at the end.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use disk::{Cancel, Meter};

use super::check::Check;
use super::part::{Target, cannot};
use crate::failure::{Exit, Failure};

/// What is known before the first byte.
pub(super) struct Job {
    pub(super) check: Check,
    /// Bytes to move at a time.
    pub(super) chunk: usize,
    pub(super) meter: Arc<Meter>,
    pub(super) cancel: Cancel,
    pub(super) id: String,
}

impl Job {
    /// Moves all bytes, on a thread of its own.
    pub(super) fn run(mut self, download: net::Reader, target: Target) -> Result<(), Failure> {
        match target {
            Target::Pipe => {
                self.pump(download, &mut |bytes| {
                    let mut stdout = io::stdout().lock();
                    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
                    // Even when only the reader has gone: 0 would say that the bytes were right.
                    written.map_err(|error| cannot("standard output".as_ref(), &error))
                })?;
                self.judge()
            }
            Target::Device(path) => {
                let opened = OpenOptions::new().write(true).open(&path);
                let mut file = opened.map_err(|error| cannot(&path, &error))?;
                self.pump(download, &mut |bytes| {
                    let written = file.write_all(bytes);
                    written.map_err(|error| cannot(&path, &error))
                })?;
                self.judge()
            }
            Target::Part(mut part) => {
                part.again(|bytes| self.check.update(bytes))?;
                let moved = self.pump(download, &mut |bytes| part.add(bytes));
                moved.map_err(|failure| going_on(failure, part.len()))?;
                match self.judge() {
                    Ok(()) => part.publish(),
                    Err(failure) => {
                        part.discard();
                        Err(failure)
                    }
                }
            }
        }
    }

    /// Moves what the download brings.
    fn pump(
        &mut self,
        mut download: net::Reader,
        add: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut buffer = vec![0; self.chunk];
        loop {
            let so_far = self.check.size();
            self.meter.file_read.store(so_far, Ordering::Relaxed);
            if self.cancel.is_cancelled() {
                return Err(Failure::new(Exit::Interrupted, "interrupted"));
            }
            let (count, ended) = fill(&mut download, &mut buffer);
            let bytes = buffer.get(..count).unwrap_or_default();
            self.check.update(bytes);
            add(bytes)?;
            match ended {
                Some(error) => return Err(broken(error)),
                None if count == 0 => return Ok(()),
                None => {}
            }
        }
    }

    fn judge(self) -> Result<(), Failure> {
        let wrong = self.check.finish();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(untrusted(&self.id, wrong))
    }
}

/// Bytes that are not the image's; a line for each thing that is wrong.
pub(super) fn untrusted(id: &str, wrong: Vec<String>) -> Failure {
    let message = format!("the bytes of image {id} are not those that the cloud has recorded");
    let failure = Failure::new(Exit::Untrusted, message);
    wrong.into_iter().fold(failure, Failure::cause)
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
pub(super) fn broken(error: io::Error) -> Failure {
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

//! The disk's bytes as they are: into a file with holes where there are zeros, or into a stream.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use super::out::is_zero;
use super::settle::Settler;
use crate::run::{Fan, Run, zeros};
use crate::{Algorithms, Contents, Sink};

/// A block of the usual file systems. Of each, what comes in one piece and is zero is not written.
const BLOCK: usize = 4 << 10;

/// A file that is written from its start, with holes where there are zeros.
#[derive(Debug)]
pub struct Sparse {
    file: File,
    at: u64,
    settler: Settler,
}

impl Sparse {
    /// Writes into `file`, which is empty.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self::at(file, 0)
    }

    /// Goes on in `file`, which ends at byte `at`.
    #[must_use]
    pub fn at(file: File, at: u64) -> Self {
        Self {
            file,
            at,
            settler: Settler::default(),
        }
    }

    /// Adds bytes; those after the last call of [`set_end`](Self::set_end) may be missing at the end of the file while they
    /// are zero.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut from = 0;
        let mut end = 0;
        while end < bytes.len() {
            let at = self.at + end as u64;
            let aligned = BLOCK - usize::try_from(at % BLOCK as u64).unwrap_or(0);
            let stop = bytes.len().min(end + aligned);
            if bytes.get(end..stop).is_some_and(is_zero) {
                self.put(bytes, from, end)?;
                from = stop;
            }
            end = stop;
        }
        self.put(bytes, from, end)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8], from: usize, end: usize) -> io::Result<()> {
        let piece = bytes.get(from..end).unwrap_or_default();
        if piece.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(piece, self.at + from as u64)?;
        self.settler.wrote(&self.file, piece.len() as u64)
    }

    /// Where the next byte goes.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.at
    }

    /// Adds zeros.
    pub fn skip(&mut self, len: u64) {
        self.at += len;
    }

    /// Makes the file end after what was added.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn set_end(&self) -> io::Result<()> {
        self.file.set_len(self.at)
    }

    /// Waits until everything that was added is on the disk. Much of it is already: it went there while more came.
    ///
    /// # Errors
    /// It cannot be put there.
    pub fn settle(&mut self) -> io::Result<()> {
        self.settler.finish(&self.file)
    }
}

impl Sink for Sparse {
    fn begin(&mut self, _size: Option<u64>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.add(&bytes)
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.skip(len);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Contents> {
        self.set_end()?;
        self.settle()?;
        Ok(Contents {
            size: self.at,
            ..Contents::default()
        })
    }
}

/// A sink into a pipe, a device or anything else that takes bytes one after the other.
#[must_use]
pub fn stream(out: impl Write + Send + 'static, digests: Algorithms) -> Box<dyn Sink> {
    Box::new(Stream {
        out: Box::new(out),
        fan: Fan::new(digests),
    })
}

struct Stream {
    out: Box<dyn Write + Send>,
    fan: Fan,
}

impl Stream {
    fn count(&mut self, run: &Run) -> io::Result<()> {
        let sent = self.fan.send(run);
        sent.map_err(|_| io::Error::other("a digest has stopped"))
    }
}

impl Sink for Stream {
    fn begin(&mut self, _size: Option<u64>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.out.write_all(&bytes)?;
        self.count(&Run::Data(bytes))
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        let mut done = Ok(());
        zeros(len, |piece| {
            if done.is_ok() {
                done = self.out.write_all(piece);
            }
        });
        done?;
        self.count(&Run::Zero(len))
    }

    fn finish(mut self: Box<Self>) -> io::Result<Contents> {
        self.out.flush()?;
        Ok(self.fan.finish())
    }
}

//! Where a format's writer puts its bytes: a file that can be patched, or a stream that only goes forward.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use crate::limits::CHUNK;
use crate::run::{Fan, Run, ZEROS, zeros};
use crate::{Algorithms, Contents};

/// Bytes on their way out, in order, collected into large pieces.
pub(super) struct Out {
    to: To,
    buffer: Vec<u8>,
    /// Where in the output `buffer` begins.
    start: u64,
    fan: Fan,
    /// What came before its turn: offset, bytes.
    early: BTreeMap<u64, Vec<u8>>,
}

enum To {
    File(File),
    Stream(Box<dyn Write + Send>),
}

impl Out {
    /// Into a file, from its start.
    pub(super) fn file(file: File) -> Self {
        Self::new(To::File(file), Algorithms::NONE)
    }

    /// Into a stream, whose digests are computed on the way.
    pub(super) fn stream(out: Box<dyn Write + Send>, digests: Algorithms) -> Self {
        Self::new(To::Stream(out), digests)
    }

    fn new(to: To, digests: Algorithms) -> Self {
        Self {
            to,
            buffer: Vec::new(),
            start: 0,
            fan: Fan::new(digests),
            early: BTreeMap::new(),
        }
    }

    /// The end of what was appended.
    pub(super) fn end(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    /// Adds bytes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    /// Adds zeros up to offset `end`.
    pub(super) fn pad(&mut self, end: u64) -> io::Result<()> {
        let mut done = Ok(());
        zeros(end.saturating_sub(self.end()), |piece| {
            if done.is_ok() {
                done = self.append(piece);
            }
        });
        done
    }

    /// Puts bytes at an offset that is not behind the end. Before it nothing more comes than what is `settled`: bytes that
    /// come before their turn are held.
    pub(super) fn put(&mut self, at: u64, bytes: &[u8], settled: u64) -> io::Result<()> {
        if at == self.end() {
            self.append(bytes)?;
        } else {
            self.early.insert(at, bytes.to_vec());
        }
        self.settle(settled)
    }

    /// Nothing new comes before offset `settled`: what is held up to there goes out, with zeros between.
    pub(super) fn settle(&mut self, settled: u64) -> io::Result<()> {
        let mut end = settled.max(self.end());
        while let Some((at, bytes)) = self.early.pop_first() {
            if at > end {
                self.early.insert(at, bytes);
                break;
            }
            self.pad(at)?;
            self.append(&bytes)?;
            end = settled.max(self.end());
        }
        Ok(())
    }

    /// Writes over bytes that were put into a file.
    pub(super) fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if let Some(held) = self.early.get_mut(&at) {
            bytes.clone_into(held);
            return Ok(());
        }
        self.flush()?;
        match &self.to {
            To::File(file) => file.write_all_at(bytes, at),
            To::Stream(_) => Err(io::ErrorKind::NotSeekable.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.buffer));
        if piece.is_empty() {
            return Ok(());
        }
        match &mut self.to {
            To::File(file) => file.write_all_at(&piece, self.start)?,
            To::Stream(out) => out.write_all(&piece)?,
        }
        self.start += piece.len() as u64;
        let sent = self.fan.send(&Run::Data(piece));
        sent.map_err(|_| io::Error::other("a digest has stopped"))
    }

    /// Everything has come: the size and digests of what went out.
    pub(super) fn finish(mut self) -> io::Result<Contents> {
        self.flush()?;
        if let To::Stream(out) = &mut self.to {
            out.flush()?;
        }
        Ok(self.fan.finish())
    }
}

/// Whether all bytes are zero.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes
        .chunks(ZEROS.len())
        .all(|piece| ZEROS.get(..piece.len()) == Some(piece))
}

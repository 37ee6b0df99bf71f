//! What an image file is, found by its bytes alone, and what about it is dangerous: before any of it is used or sent.
//!
//! The [`Inspector`] sees a file's bytes in their order, in pieces of any size, or skips what it does not need
//! ([`at`]). It keeps the file's beginning, its end, and the few places between that headers point to, never more. No
//! file that an image names is ever opened.
//!
//! What it has seen becomes an [`Inspection`]: the formats whose signatures match, sizes, features, partitions, boot
//! modes and [`Finding`]s; [`Inspection::glance_verdict`] says what OpenStack's own inspector will say, and [`gate`]
//! turns an inspection into permission to go on.

mod boot;
mod fields;
mod finding;
mod format;
mod gate;
mod glance;
mod inspection;
mod kind;
mod look;
mod map;
mod seen;
mod table;

use std::io;

pub use boot::Boot;
pub use finding::{Code, Finding, Severity};
pub use gate::{Passed, Refused, gate};
pub use glance::{Declared, GlanceVerdict};
pub use inspection::{Feature, Inspection};
pub use kind::Kind;
pub use look::{Look, Wish, look};
pub use map::Map;
pub use table::{Eye, Layout, Partition, Scheme, Table};

use crate::ReadAt;
use crate::limits::{CHUNK, INSPECTED_TAIL};
use crate::run::zeros;
use glance::Vhdx;
use seen::Seen;

/// Looks at a file while it passes.
#[derive(Clone, Debug, Default)]
pub struct Inspector {
    seen: Seen,
    vhdx: Vhdx,
}

impl Inspector {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the file. How they are cut into pieces changes nothing.
    pub fn push(&mut self, bytes: &[u8]) {
        self.vhdx.push(bytes);
        self.seen.push(bytes, &format::wanted);
    }

    /// Takes so many zero bytes.
    pub fn push_zeros(&mut self, len: u64) {
        zeros(len, |piece| self.push(piece));
    }

    /// What is certain before the end has been seen. Nothing that later bytes could take back is among its findings.
    #[must_use]
    pub fn so_far(&self) -> Inspection {
        Inspection::of(&self.seen, &self.vhdx)
    }

    /// The file ends here.
    #[must_use]
    pub fn finish(mut self) -> Inspection {
        self.vhdx.finish();
        self.seen.finish(&format::wanted);
        Inspection::of(&self.seen, &self.vhdx)
    }

    /// How many of the next bytes need not be shown, in a file of `len` bytes.
    fn needless(&self, len: u64) -> u64 {
        let at = self.seen.position();
        let tail = len.saturating_sub(INSPECTED_TAIL as u64);
        let next = self.seen.next().unwrap_or(tail).min(tail);
        let next = self.vhdx.next().map_or(next, |vhdx| vhdx.min(next));
        // OpenStack's inspector sees whole pieces, so only whole ones can be left out.
        let next = next - next % glance::PIECE as u64;
        next.saturating_sub(at)
    }

    fn skip(&mut self, bytes: u64) {
        self.vhdx.skip(bytes);
        self.seen.skip(bytes);
    }
}

/// Inspects a file of `len` bytes that can be read at any offset, reading only what matters.
///
/// # Errors
/// Any failure to read. A file that turns out shorter than `len` is inspected as the shorter one.
pub fn at(source: &dyn ReadAt, len: u64) -> io::Result<Inspection> {
    let mut inspector = Inspector::new();
    let mut space = vec![0; CHUNK.max(glance::PIECE)];
    loop {
        let needless = inspector.needless(len);
        if needless > 0 {
            inspector.skip(needless);
        }
        let position = inspector.seen.position();
        let want = usize::try_from(len.saturating_sub(position))
            .unwrap_or(space.len())
            .min(space.len());
        let piece = space.get_mut(..want).unwrap_or_default();
        let got = source.read_at(piece, position)?;
        inspector.push(piece.get(..got).unwrap_or_default());
        if got < want || position.saturating_add(got as u64) >= len {
            return Ok(inspector.finish());
        }
    }
}

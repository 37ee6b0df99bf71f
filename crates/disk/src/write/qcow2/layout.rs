//! Where clusters and compressed data go in the file: the rule that all ways of writing share.

use std::io;

use crate::limits::WRITE_HELD;

/// The file's places, given away from its start to its end.
///
/// Compressed clusters follow each other byte by byte. A table or a plain cluster takes a whole cluster of the file; when
/// it comes where compressed ones have begun to fill a cluster, they go on there afterwards, until the gap is full or too
/// much waits behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    bits: u32,
    /// Where the next compressed cluster would begin; at the beginning of a cluster: nowhere yet.
    tail: u64,
    /// The first cluster that is free, with all after it.
    next: u64,
    /// Bytes given away behind the gap after `tail`.
    held: u64,
}

impl Places {
    /// Clusters of `1 << bits` bytes, free from offset `next` on.
    pub(super) fn new(bits: u32, next: u64) -> Self {
        Self {
            bits,
            tail: 0,
            next,
            held: 0,
        }
    }

    fn cluster(&self) -> u64 {
        1 << self.bits
    }

    /// A cluster has `1 << bits` bytes.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// How much of the tail's cluster is free.
    fn room(&self) -> u64 {
        self.tail.next_multiple_of(self.cluster()) - self.tail
    }

    /// A whole cluster.
    pub(super) fn whole(&mut self) -> u64 {
        let at = self.next;
        self.next += self.cluster();
        if self.room() > 0 {
            self.held += self.cluster();
            if self.held > WRITE_HELD {
                self.close();
            }
        }
        at
    }

    /// `len` bytes, less than a cluster.
    pub(super) fn packed(&mut self, len: u64) -> u64 {
        let room = self.room();
        let goes_on = room > 0 && self.tail + room == self.next;
        if room < len && !goes_on {
            self.close();
        }
        let at = if self.room() > 0 {
            self.tail
        } else {
            self.next
        };
        self.tail = at + len;
        if self.tail > self.next {
            self.next += self.cluster();
            self.held = 0;
        } else if self.room() == 0 {
            self.held = 0;
        }
        at
    }

    /// Gives up the gap after the tail; the first free cluster.
    pub(super) fn close(&mut self) -> u64 {
        self.tail = 0;
        self.held = 0;
        self.next
    }

    /// Nothing more will be given away before this offset.
    pub(super) fn settled(&self) -> u64 {
        if self.room() > 0 {
            self.tail
        } else {
            self.next
        }
    }
}

/// How many things lie in each cluster of the file.
#[derive(Debug)]
pub(super) struct Counts {
    bits: u32,
    of: Vec<u16>,
}

impl Counts {
    /// Clusters of `1 << bits` bytes.
    pub(super) fn new(bits: u32) -> Self {
        Self {
            bits,
            of: Vec::new(),
        }
    }

    /// One thing more lies in `len` bytes from `at` on.
    ///
    /// # Errors
    /// More things in one cluster than a reference count of 16 bits holds. No compressor makes anything that small.
    pub(super) fn add(&mut self, at: u64, len: u64) -> io::Result<()> {
        let index = |at: u64| usize::try_from(at >> self.bits).map_err(io::Error::other);
        let (first, last) = (index(at)?, index(at + len.max(1) - 1)?);
        if self.of.len() <= last {
            self.of.resize(last + 1, 0);
        }
        for count in self.of.iter_mut().take(last + 1).skip(first) {
            *count = count
                .checked_add(1)
                .ok_or_else(|| io::Error::other("a cluster holds too many others"))?;
        }
        Ok(())
    }

    /// Nothing lies in the cluster at `at`.
    pub(super) fn free(&mut self, at: u64) {
        let index = usize::try_from(at >> self.bits).ok();
        if let Some(count) = index.and_then(|index| self.of.get_mut(index)) {
            *count = 0;
        }
    }

    /// Adds what holds the counts themselves, at the end of the file.
    pub(super) fn seal(mut self) -> io::Result<Sealed> {
        let cluster = 1_u64 << self.bits;
        // Two bytes a count, eight a place of a block.
        let (per_block, per_table) = (cluster / 2, cluster / 8);
        let before = self.of.len() as u64;
        let (mut blocks, mut tables) = (0, 0);
        loop {
            let total = before + blocks + tables;
            let needed = (total.div_ceil(per_block), blocks.div_ceil(per_table));
            if needed == (blocks, tables) {
                break;
            }
            (blocks, tables) = needed;
        }
        let table = before << self.bits;
        let first_block = table + (tables << self.bits);
        self.add(table, (tables + blocks) << self.bits)?;
        Ok(Sealed {
            bits: self.bits,
            counts: self.of,
            table,
            tables,
            first_block,
            blocks,
        })
    }
}

/// All reference counts, and where they go.
#[derive(Debug)]
pub(super) struct Sealed {
    bits: u32,
    counts: Vec<u16>,
    /// Where the refcount table lies, and its clusters.
    pub(super) table: u64,
    pub(super) tables: u64,
    first_block: u64,
    blocks: u64,
}

impl Sealed {
    /// The size of the file.
    pub(super) fn end(&self) -> u64 {
        self.first_block + (self.blocks << self.bits)
    }

    /// The refcount table and the blocks, piece by piece; the rest of each is zeros up to the next cluster.
    pub(super) fn each(&self, mut put: impl FnMut(u64, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let blocks = (0..self.blocks).map(|number| self.first_block + (number << self.bits));
        let table: Vec<u8> = blocks.clone().flat_map(u64::to_be_bytes).collect();
        put(self.table, &table)?;
        let per_block = usize::try_from((1_u64 << self.bits) / 2).map_err(io::Error::other)?;
        for (at, counts) in blocks.zip(self.counts.chunks(per_block)) {
            let block: Vec<u8> = counts.iter().copied().flat_map(u16::to_be_bytes).collect();
            put(at, &block)?;
        }
        Ok(())
    }
}

//! A qcow2 laid down cluster by cluster: into a file, or into a stream as it was measured before.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use super::header::{Tables, bytes, per_table, sizes};
use super::layout::{Counts, Places, Sealed};
use super::{Options, Plan};
use crate::write::out::Out;
use crate::write::squeeze::{Cell, Lay};
use crate::{Algorithms, Contents};

/// Set for a cluster of the file that nothing else uses.
pub(super) const COPIED: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;

/// What a cluster takes in the file: compressed bytes, or 0 for a whole cluster.
pub(super) type Taken = u32;

/// Where each way of writing differs.
enum Way {
    /// Tables are written over when they are known.
    File,
    /// Everything is known beforehand.
    Stream(Arc<Plan>),
}

/// A qcow2 that is being laid down.
pub(super) struct Writer {
    options: Options,
    way: Way,
    out: Out,
    places: Places,
    counts: Counts,
    /// Bytes of the disk, where they are known beforehand.
    size: Option<u64>,
    l1: Vec<u64>,
    table: Option<Table>,
    /// Over every cluster's number and bytes in the file.
    seal: blake3::Hasher,
}

/// The L2 table whose clusters come now.
struct Table {
    number: u64,
    at: u64,
    entries: Vec<u64>,
}

impl Writer {
    pub(super) fn into_file(file: File, options: Options) -> Self {
        Self::new(options, Way::File, Out::file(file))
    }

    pub(super) fn into_stream(
        plan: Arc<Plan>,
        out: Box<dyn Write + Send>,
        digests: Algorithms,
    ) -> Self {
        let options = plan.options;
        Self::new(options, Way::Stream(plan), Out::stream(out, digests))
    }

    fn new(options: Options, way: Way, out: Out) -> Self {
        Self {
            options,
            way,
            out,
            places: Places::new(options.cluster_bits, 0),
            counts: Counts::new(options.cluster_bits),
            size: None,
            l1: Vec::new(),
            table: None,
            seal: blake3::Hasher::new(),
        }
    }

    /// A whole cluster of the file, with these bytes and zeros after them.
    fn whole(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let at = self.places.whole();
        self.counts.add(at, self.options.cluster_size())?;
        self.out.put(at, bytes, self.places.settled())?;
        Ok(at)
    }

    /// Begins the L2 table with this number, directly before what it maps.
    fn open(&mut self, number: u64) -> io::Result<()> {
        let index = usize::try_from(number).map_err(io::Error::other)?;
        let len = usize::try_from(per_table(&self.options)).map_err(io::Error::other)?;
        let mut entries = vec![0; len];
        if let Way::Stream(plan) = &self.way {
            let mut places = self.places;
            places.whole();
            for (number, taken) in plan.taken.get(&number).ok_or_else(other_bytes)? {
                let entry = entry(&mut places, *taken);
                if let Some(space) = entries.get_mut(*number as usize) {
                    *space = entry.0;
                }
            }
        }
        let at = self.whole(&table(&entries))?;
        if self.l1.len() <= index {
            self.l1.resize(index + 1, 0);
        }
        if let Some(space) = self.l1.get_mut(index) {
            *space = at | COPIED;
        }
        self.table = Some(Table {
            number,
            at,
            entries,
        });
        Ok(())
    }

    /// The L2 table's clusters have all come.
    fn close(&mut self) -> io::Result<()> {
        match (self.table.take(), &self.way) {
            (Some(done), Way::File) => self.out.patch(done.at, &table(&done.entries)),
            _ => Ok(()),
        }
    }

    /// Writes the reference counts, at the end of the file.
    fn counts(&mut self, sealed: &Sealed) -> io::Result<()> {
        let out = &mut self.out;
        sealed.each(|at, bytes| {
            out.pad(at)?;
            out.append(bytes)
        })?;
        out.pad(sealed.end())
    }

    /// Where the L1 table is, when everything but the counts is there: in its place after the header; or here, if the size of
    /// the disk was not known beforehand and the table has outgrown that.
    fn place_l1(&mut self, entries: u64) -> io::Result<u64> {
        let cluster = self.options.cluster_size();
        let clusters = l1_clusters(&self.options, entries);
        if self.size.is_some() || clusters == 1 {
            return Ok(cluster);
        }
        let (at, len) = (self.places.close(), clusters * cluster);
        self.counts.add(at, len)?;
        self.counts.free(cluster);
        self.out.pad(at + len)?;
        Ok(at)
    }
}

/// The file begins: its places behind the header and the L1 table of so many `entries`, and what has been counted there.
pub(super) fn begin(options: &Options, entries: u64) -> io::Result<(Places, Counts)> {
    let clusters = 1 + l1_clusters(options, entries);
    let first = clusters * options.cluster_size();
    let mut counts = Counts::new(options.cluster_bits);
    counts.add(0, first)?;
    Ok((Places::new(options.cluster_bits, first), counts))
}

fn l1_clusters(options: &Options, entries: u64) -> u64 {
    (entries * 8).div_ceil(options.cluster_size())
}

/// Adds a cluster's bytes in the file.
pub(super) fn seal(seal: &mut blake3::Hasher, number: u64, bytes: &[u8]) {
    seal.update(&number.to_le_bytes());
    seal.update(bytes);
}

/// What a cluster takes, and its bytes in the file.
pub(super) fn taken(cell: Cell<'_>) -> io::Result<(Taken, &[u8])> {
    Ok(match cell {
        Cell::Plain(bytes) => (0, bytes),
        Cell::Packed(bytes) => (
            Taken::try_from(bytes.len()).map_err(io::Error::other)?,
            bytes,
        ),
    })
}

/// The bytes of a table.
fn table(entries: &[u64]) -> Vec<u8> {
    entries.iter().copied().flat_map(u64::to_be_bytes).collect()
}

/// The L2 entry of the next cluster, and where it goes.
pub(super) fn entry(places: &mut Places, taken: Taken) -> (u64, u64) {
    if taken == 0 {
        let at = places.whole();
        return (at | COPIED, at);
    }
    let len = u64::from(taken);
    let at = places.packed(len);
    let more_sectors = (at + len - 1) / 512 - at / 512;
    let entry = COMPRESSED | more_sectors << (62 - (places.bits() - 8)) | at;
    (entry, at)
}

/// The second pass is not over the disk of the first.
fn other_bytes() -> io::Error {
    let text = "the disk is not the same as when its size as qcow2 was measured";
    io::Error::new(io::ErrorKind::InvalidData, text)
}

impl Lay for Writer {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        let size = match &self.way {
            Way::File => size,
            Way::Stream(plan) if size.is_none_or(|size| size == plan.disk_size) => {
                Some(plan.disk_size)
            }
            Way::Stream(_) => return Err(other_bytes()),
        };
        self.size = size;
        let entries = match size {
            Some(size) => sizes(&self.options, size)?.1,
            None => 1,
        };
        (self.places, self.counts) = begin(&self.options, entries)?;
        let cluster = self.options.cluster_size();
        if let Way::Stream(plan) = &self.way {
            self.out.append(&plan.header()?)?;
            self.out.pad(cluster)?;
            self.out.append(&table(&plan.l1))?;
        }
        self.out.pad(self.places.settled())
    }

    fn cell(&mut self, number: u64, cell: Cell<'_>) -> io::Result<()> {
        let per_table = per_table(&self.options);
        let (group, within) = (number / per_table, number % per_table);
        if self
            .table
            .as_ref()
            .is_none_or(|table| table.number != group)
        {
            self.close()?;
            self.open(group)?;
        }
        let (taken, bytes) = taken(cell)?;
        seal(&mut self.seal, number, bytes);
        let (entry, at) = entry(&mut self.places, taken);
        let table = self.table.as_mut().map(|table| &mut table.entries);
        let index = usize::try_from(within).map_err(io::Error::other)?;
        let space = table.and_then(|entries| entries.get_mut(index));
        match (&self.way, space) {
            (Way::Stream(_), Some(space)) if *space == entry => {}
            (Way::Stream(_), _) => return Err(other_bytes()),
            (Way::File, Some(space)) => *space = entry,
            (Way::File, None) => {}
        }
        self.counts.add(at, bytes.len() as u64)?;
        self.out.put(at, bytes, self.places.settled())
    }

    fn end(mut self, size: u64) -> io::Result<Contents> {
        self.close()?;
        let end = self.places.close();
        self.out.settle(end)?;
        let (disk, entries) = sizes(&self.options, size)?;
        if let Way::Stream(plan) = &self.way
            && (size != plan.disk_size || self.seal.finalize() != plan.seal)
        {
            return Err(other_bytes());
        }
        let l1 = self.place_l1(entries)?;
        let sealed =
            std::mem::replace(&mut self.counts, Counts::new(self.options.cluster_bits)).seal()?;
        self.counts(&sealed)?;
        self.l1
            .resize(usize::try_from(entries).map_err(io::Error::other)?, 0);
        let tables = Tables {
            size: disk,
            l1: (entries, l1),
            refcounts: (sealed.tables, sealed.table),
        };
        if let Way::File = self.way {
            self.out.patch(l1, &table(&self.l1))?;
            self.out.patch(0, &bytes(&self.options, &tables)?)?;
        }
        self.out.finish()
    }
}

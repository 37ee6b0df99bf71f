//! The walk through an image in the order of the disk, by its directory and tables.

use bytes::Bytes;

use crate::Error;
use crate::limits::{VMDK_MAX_DIRECTORY, VMDK_MAX_GRAIN};
use crate::run::Stop;
use crate::unit::{Codec, Unit};
use crate::walk::{Out, Walk};
use crate::window::View;

use super::descriptor::Descriptor;
use super::footer::footer_at_end;
use super::header::{Header, SECTOR};
use super::tables::{Directory, bytes_at, entries};
use super::{corrupt, markers};

/// Bytes of a grain's marker: where in the disk it belongs, in sectors, and the length of its compressed data.
pub(super) const MARKER: u64 = 12;

/// So much of the descriptor QEMU reads, however short the header says that it is.
const QEMU_READS: u64 = 20 * SECTOR;

const _: () = assert!(VMDK_MAX_DIRECTORY <= u32::MAX as u64 && VMDK_MAX_GRAIN < 1 << 31);

impl Walk for Header {
    fn codec(&self) -> Option<Codec> {
        Some(Codec::Zlib)
    }

    fn unit(&self) -> u64 {
        self.grain
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        view.unused(0..SECTOR);
        check_descriptor(&self, view)?;
        out.size(self.size)?;
        let mut disk = Disk::new(&self, out);
        match self.directory {
            Some(at) => {
                if let Some(redundant) = self.redundant.filter(|start| *start >= SECTOR) {
                    view.unused(redundant..at.max(redundant));
                }
                let directory = directory(&self, at, view)?;
                by_tables(&self, &directory, view, &mut disk)
            }
            None if self.compressed && self.markers => markers::walk(&self, view, &mut disk),
            None => {
                let place = footer_at_end(&self, view)?;
                let directory = directory(&self, place, view)?;
                by_tables(&self, &directory, view, &mut disk)
            }
        }
    }
}

/// The text must end where the header says that it ends, so that nobody sees another one.
fn check_descriptor(header: &Header, view: &mut View) -> Result<(), Stop> {
    let range = header.descriptor.clone();
    let bytes = view.table(range.clone(), "the descriptor")?;
    let ends = |bytes: &[u8]| bytes.contains(&0);
    if range.end - range.start < QEMU_READS
        && !ends(&bytes)
        && !view
            .table(range.end..range.end + 1, "the descriptor's end")?
            .starts_with(&[0])
    {
        return Err(corrupt(range.end, "the descriptor's text has no end").into());
    }
    Ok(Descriptor::parse(&bytes, range.start)?.check_embedded()?)
}

/// The parts of the disk that have been handed on, and where they go.
pub(super) struct Disk<'a> {
    header: &'a Header,
    out: &'a mut dyn Out,
    /// The first grain that has not been handed on.
    pub(super) next: u64,
}

impl<'a> Disk<'a> {
    fn new(header: &'a Header, out: &'a mut dyn Out) -> Self {
        Self {
            header,
            out,
            next: 0,
        }
    }

    /// Zeros up to the grain `number`, or to the end of the disk.
    pub(super) fn hole_to(&mut self, number: u64) -> Result<(), Stop> {
        let start = self.next * self.header.grain;
        let end = (number * self.header.grain).min(self.header.size);
        self.next = number;
        if end > start {
            self.out.zero(end - start)?;
        }
        Ok(())
    }

    /// The grain `number`, compressed. The file ends inside it where it is `cut`.
    pub(super) fn unit(
        &mut self,
        number: u64,
        bytes: Bytes,
        offset: u64,
        cut: bool,
    ) -> Result<(), Stop> {
        self.hole_to(number)?;
        self.next += 1;
        self.out.unit(Unit {
            bytes,
            offset,
            visible: usize::try_from(self.header.visible(number)).unwrap_or(usize::MAX),
            cut,
        })
    }
}

/// The directory that lies at `at`.
pub(super) fn directory(header: &Header, at: u64, view: &mut View) -> Result<Directory, Stop> {
    let range = at..at + header.directory_len();
    let bytes = view.table(range, "the grain directory")?;
    Ok(Directory::parse(header, &bytes, at, view.len())?)
}

/// Hands on what has not been handed on yet, as the tables say.
pub(super) fn by_tables(
    header: &Header,
    directory: &Directory,
    view: &mut View,
    disk: &mut Disk<'_>,
) -> Result<(), Stop> {
    let first = disk.next / header.table_entries;
    let tables = (0_u64..).zip(directory.tables.iter().copied());
    let tables = tables.filter(|(table, at)| *table >= first && *at != 0);
    view.expect_tables(tables.clone().map(|(_, at)| at), header.table_len());
    for (table, at) in tables {
        let bytes = view.table(at..at + header.table_len(), "a grain table")?;
        let numbers = table * header.table_entries..;
        for (number, entry) in numbers.zip(entries(header, table, &bytes, at)?) {
            if entry != 0 && number >= disk.next {
                grain(
                    header,
                    directory,
                    view,
                    disk,
                    (number, u64::from(entry) * SECTOR),
                )?;
            }
        }
    }
    disk.hole_to(header.grains())?;
    view.reaches(directory.taken.end().max(header.overhead), "a table")
}

/// Hands on the grain `number`, which lies at `offset`.
fn grain(
    header: &Header,
    directory: &Directory,
    view: &mut View,
    disk: &mut Disk<'_>,
    (number, offset): (u64, u64),
) -> Result<(), Stop> {
    let first_sector = offset..offset + SECTOR;
    if !header.compressed {
        let range = offset..offset + header.visible(number);
        directory.taken.check_data(&range)?;
        disk.hole_to(number)?;
        disk.next += 1;
        return view.data(range, "a grain", |bytes| disk.out.data(bytes));
    }
    directory.taken.check_data(&first_sector)?;
    if !header.markers {
        // Nothing says how long it is; QEMU gives the decoder one grain's length of the file.
        let (bytes, cut) = view.up_to(offset, header.grain, SECTOR, "a grain")?;
        return disk.unit(number, bytes, offset, cut);
    }
    let marker = view.table(offset..offset + MARKER, "a grain's marker")?;
    if u64::from_le_bytes(bytes_at(&marker, 0)).checked_mul(SECTOR) != Some(number * header.grain) {
        return Err(corrupt(offset, "a grain's marker belongs to another grain").into());
    }
    let data = data_of(header, &marker, offset)?;
    directory.taken.check_data(&data)?;
    let bytes = view.table(data.clone(), "a grain")?;
    view.unused(data.end..data.end.next_multiple_of(SECTOR));
    disk.unit(number, bytes, data.start, false)
}

/// Where the data is that the marker at `offset` announces. QEMU reads two grains' length of the file at most.
pub(super) fn data_of(
    header: &Header,
    marker: &Bytes,
    offset: u64,
) -> Result<std::ops::Range<u64>, Error> {
    let len = u64::from(u32::from_le_bytes(bytes_at(marker, 8)));
    if len == 0 || MARKER + len > header.grain * 2 {
        let what = format!("a compressed grain cannot have {len} bytes");
        return Err(corrupt(offset + 8, what));
    }
    let start = offset + MARKER;
    Ok(start..start + len)
}

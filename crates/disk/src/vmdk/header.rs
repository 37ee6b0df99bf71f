//! The header of a sparse VMDK extent, which a footer repeats: read and validated.

use std::ops::Range;

use crate::limits::{VMDK_MAX_DESCRIPTOR, VMDK_MAX_DIRECTORY, VMDK_MAX_GRAIN, VMDK_TABLE_ENTRIES};
use crate::{Error, Refusal};

use super::descriptor::no_descriptor;
use super::{corrupt, refused};

/// `KDMV`: "VMDK" as a little-endian number.
pub(crate) const MAGIC: [u8; 4] = *b"KDMV";

/// Everything is counted in sectors of this size.
pub(super) const SECTOR: u64 = 512;

const FLAG_NEWLINES: u32 = 1;
const FLAG_REDUNDANT: u32 = 1 << 1;
const FLAG_ZEROED_GRAINS: u32 = 1 << 2;
const FLAG_COMPRESSED: u32 = 1 << 16;
const FLAG_MARKERS: u32 = 1 << 17;

/// The directory is where the footer says.
const AT_END: u64 = u64::MAX;

/// What a transfer as text would have changed.
const NEWLINES: [u8; 4] = *b"\n \r\n";

/// What of the header matters to a reader, in bytes. Every value is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The size of the disk.
    pub(super) size: u64,
    pub(super) grain: u64,
    /// How many grains one table maps.
    pub(super) table_entries: u64,
    /// Where the grain directory begins; `None`: the footer says.
    pub(super) directory: Option<u64>,
    /// Where the redundant directory begins.
    pub(super) redundant: Option<u64>,
    /// Everything before this is header, descriptor and tables.
    pub(super) overhead: u64,
    pub(super) descriptor: Range<u64>,
    pub(super) compressed: bool,
    /// A marker stands before each compressed grain, and before tables behind them.
    pub(super) markers: bool,
    /// The entry 1 means a grain of zeros.
    pub(super) zeroed: bool,
}

impl Header {
    /// Reads the header, or the footer, out of `bytes`, which lie at `at` in the file.
    pub(super) fn parse(bytes: &[u8], at: u64, max_size: u64) -> Result<Self, Error> {
        let fields = Fields { bytes, at };
        if fields.array(0)? != MAGIC {
            return Err(corrupt(at, "there is no footer where one should be"));
        }
        let (version, flags) = (fields.u32(4)?, fields.u32(8)?);
        if !(1..=3).contains(&version) {
            let format = "vmdk";
            return Err(refused(Refusal::Version { format, version }));
        }
        if flags & FLAG_NEWLINES != 0 && fields.array(73)? != NEWLINES {
            return Err(corrupt(
                at + 73,
                "the bytes that show a transfer as text are wrong",
            ));
        }
        let compressed = compressed(&fields, flags)?;
        let size = fields.sectors(12, "the size of the disk")?;
        if size == 0 {
            return Err(corrupt(at + 12, "the disk has no bytes"));
        }
        within("the virtual size", size, max_size)?;
        let header = Self {
            size,
            grain: grain(&fields)?,
            table_entries: table_entries(&fields)?,
            directory: match fields.u64(56)? {
                AT_END => None,
                _ => Some(fields.sectors(56, "the grain directory")?),
            },
            redundant: match flags & FLAG_REDUNDANT {
                0 => None,
                _ => Some(fields.sectors(48, "the redundant grain directory")?),
            },
            overhead: fields.sectors(64, "the first grain")?,
            descriptor: descriptor(&fields)?,
            compressed,
            markers: flags & FLAG_MARKERS != 0,
            zeroed: flags & FLAG_ZEROED_GRAINS != 0,
        };
        within(
            "the grain directory",
            header.directory_len(),
            VMDK_MAX_DIRECTORY,
        )?;
        if header.directory == Some(0) {
            return Err(corrupt(at + 56, "there is no grain directory"));
        }
        Ok(header)
    }

    /// Bytes of the disk that one grain table maps.
    pub(super) fn span(&self) -> u64 {
        self.grain * self.table_entries
    }

    /// How many grain tables the disk needs.
    pub(super) fn tables(&self) -> u64 {
        self.size.div_ceil(self.span())
    }

    /// Bytes of the grain directory.
    pub(super) fn directory_len(&self) -> u64 {
        self.tables() * 4
    }

    /// Bytes of a grain table.
    pub(super) fn table_len(&self) -> u64 {
        self.table_entries * 4
    }

    /// How many grains the disk has; the last one may be longer than what is left of the disk.
    pub(super) fn grains(&self) -> u64 {
        self.size.div_ceil(self.grain)
    }

    /// How many bytes of the grain `number` belong to the disk.
    pub(super) fn visible(&self, number: u64) -> u64 {
        self.grain
            .min(self.size.saturating_sub(number.saturating_mul(self.grain)))
    }

    /// Whether `footer` describes the same disk.
    pub(super) fn agrees(&self, footer: &Self) -> bool {
        let facts = |header: &Self| {
            (
                header.size,
                header.grain,
                header.table_entries,
                header.compressed,
                header.markers,
                header.zeroed,
            )
        };
        facts(self) == facts(footer)
    }
}

/// Little-endian fields of a header that lies at `at`.
struct Fields<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Fields<'_> {
    fn array<const N: usize>(&self, place: usize) -> Result<[u8; N], Error> {
        self.bytes
            .get(place..)
            .and_then(|rest| rest.first_chunk::<N>())
            .copied()
            .ok_or_else(|| Error::Truncated {
                what: "the header".into(),
                needed: self.at + SECTOR,
                len: self.at + self.bytes.len() as u64,
            })
    }

    fn u16(&self, place: usize) -> Result<u16, Error> {
        self.array(place).map(u16::from_le_bytes)
    }

    fn u32(&self, place: usize) -> Result<u32, Error> {
        self.array(place).map(u32::from_le_bytes)
    }

    fn u64(&self, place: usize) -> Result<u64, Error> {
        self.array(place).map(u64::from_le_bytes)
    }

    /// A number of sectors, as bytes. Offsets in tables have 32 bits of sectors, so none can be beyond 2^56.
    fn sectors(&self, place: usize, what: &str) -> Result<u64, Error> {
        let sectors = self.u64(place)?;
        sectors
            .checked_mul(SECTOR)
            .filter(|bytes| *bytes < 1 << 56)
            .ok_or_else(|| {
                corrupt(
                    self.at + place as u64,
                    format!("{what} cannot be {sectors} sectors"),
                )
            })
    }
}

fn compressed(fields: &Fields<'_>, flags: u32) -> Result<bool, Error> {
    match (fields.u16(77)?, flags & FLAG_COMPRESSED != 0) {
        (0, false) => Ok(false),
        (1, true) => Ok(true),
        (0 | 1, _) => Err(corrupt(
            fields.at + 77,
            "compression method and flag contradict each other",
        )),
        (method, _) => Err(refused(Refusal::Kind {
            format: "vmdk",
            kind: format!("compression method {method}"),
        })),
    }
}

fn grain(fields: &Fields<'_>) -> Result<u64, Error> {
    let grain = fields.sectors(20, "a grain")?;
    if !grain.is_power_of_two() {
        let what = format!("a grain of {grain} bytes is no power of two");
        return Err(corrupt(fields.at + 20, what));
    }
    within("the size of a grain", grain, VMDK_MAX_GRAIN)?;
    Ok(grain)
}

fn table_entries(fields: &Fields<'_>) -> Result<u64, Error> {
    let entries = u64::from(fields.u32(44)?);
    if VMDK_TABLE_ENTRIES.contains(&entries) {
        return Ok(entries);
    }
    let what = format!("a grain table of {entries} entries is not between 1 and 512");
    Err(corrupt(fields.at + 44, what))
}

/// QEMU and Glance look for the descriptor in the second sector, whatever the header says: another place would show them
/// another text.
fn descriptor(fields: &Fields<'_>) -> Result<Range<u64>, Error> {
    let start = fields.sectors(28, "the descriptor")?;
    let len = fields.sectors(36, "the length of the descriptor")?;
    if start == 0 || len == 0 {
        return Err(no_descriptor());
    }
    if start != SECTOR {
        let what = "the descriptor does not begin in the second sector";
        return Err(corrupt(fields.at + 28, what));
    }
    within("the descriptor", len, VMDK_MAX_DESCRIPTOR)?;
    Ok(start..start + len)
}

fn within(what: &'static str, value: u64, limit: u64) -> Result<(), Error> {
    if value > limit {
        return Err(Error::Limit { what, value, limit });
    }
    Ok(())
}

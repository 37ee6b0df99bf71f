//! The master boot record, and the chain of records in an extended partition.

use super::super::fields::{array, le32};
use super::super::finding::{Code, Finding};
use super::super::seen::{Place, Seen};
use super::types;
use super::{Partition, Scheme, Table};
use crate::limits::MAX_LOGICAL_PARTITIONS;

const SECTOR: u64 = 512;
const ENTRIES: usize = 446;
/// The type that says: the real table is a GPT.
const PROTECTIVE: u8 = 0xee;

/// The boot record of a disk. The first sector of a FAT file system has the same signature and is none.
pub(crate) struct Record<'a> {
    sector: &'a [u8],
    entries: [Entry; 4],
}

/// One of its four entries.
#[derive(Clone, Copy)]
struct Entry {
    flag: u8,
    chs: [u8; 3],
    kind: u8,
    start: u32,
    sectors: u32,
}

impl Entry {
    fn read(sector: &[u8], index: usize) -> Option<Self> {
        let raw: [u8; 16] = array(sector, ENTRIES + 16 * index)?;
        let [flag, head, sector, track, kind, ..] = raw;
        Some(Self {
            flag,
            chs: [head, sector, track],
            kind,
            start: le32(&raw, 8)?,
            sectors: le32(&raw, 12)?,
        })
    }

    fn is_extended(self) -> bool {
        matches!(self.kind, 0x05 | 0x0f | 0x85)
    }

    /// As a partition; the entry counts from `base`, in sectors.
    fn partition(self, number: u32, base: u64) -> Partition {
        Partition {
            number,
            start: (base.saturating_add(u64::from(self.start))).saturating_mul(SECTOR),
            size: u64::from(self.sectors) * SECTOR,
            kind: format!("{:#04x}", self.kind),
            kind_name: types::mbr(self.kind),
            name: None,
            active: self.flag == 0x80,
        }
    }
}

impl<'a> Record<'a> {
    /// Out of a disk's first bytes. A FAT file system is told by two values of its first sector: the number of its tables
    /// and the kind of its medium; the same two as OpenStack's inspector looks at.
    pub(crate) fn read(head: &'a [u8]) -> Option<Self> {
        let sector = head.get(..512)?;
        let fat = sector.get(0x10) == Some(&2) && sector.get(0x15) == Some(&0xf8);
        if fat || !sector.ends_with(&[0x55, 0xaa]) {
            return None;
        }
        let entry = |index| Entry::read(sector, index);
        let entries = [entry(0)?, entry(1)?, entry(2)?, entry(3)?];
        Some(Self { sector, entries })
    }

    /// What OpenStack's inspector does not let pass, in the order in which it looks.
    pub(crate) fn complaints(&self) -> Vec<Code> {
        let mut found = Vec::new();
        for entry in self.entries {
            if !matches!(entry.flag, 0 | 0x80) {
                found.push(Code::MbrBootFlag);
            }
            if entry.kind == PROTECTIVE && (entry.chs != [0, 2, 0] || entry.start != 1) {
                found.push(Code::GptProtective);
            }
        }
        if self.is_hybrid() {
            found.push(Code::GptHybrid);
        }
        if self.used().count() == 0 {
            found.push(Code::MbrEmpty);
        }
        found
    }

    /// Whether it protects a GPT and lists something besides, or not in its first entry.
    pub(crate) fn is_hybrid(&self) -> bool {
        let protects = self.entries.iter().any(|entry| entry.kind == PROTECTIVE);
        let first = self
            .entries
            .first()
            .is_some_and(|entry| entry.kind == PROTECTIVE);
        protects && !(first && self.used().count() == 1)
    }

    /// Whether there is code to boot with.
    pub(crate) fn has_code(&self) -> bool {
        self.sector.iter().take(440).any(|b| *b != 0)
    }

    fn used(&self) -> impl Iterator<Item = (u32, Entry)> {
        let entries = (1..).zip(self.entries);
        entries.filter(|(_, entry)| entry.kind != 0)
    }
}

/// The partitions inside an extended one, and where the next record of the chain is, if it has not been seen.
pub(crate) struct Logical {
    partitions: Vec<Partition>,
    pub(crate) missing: Option<Place>,
}

/// Follows the chain. Every record says where its partition is, from its own place, and where the next record is, from
/// the place of the first.
pub(crate) fn logical(seen: &Seen) -> Logical {
    let mut found = Logical {
        partitions: Vec::new(),
        missing: None,
    };
    let Some(record) = Record::read(seen.head()) else {
        return found;
    };
    let Some((_, extended)) = record.used().find(|(_, entry)| entry.is_extended()) else {
        return found;
    };
    let base = u64::from(extended.start);
    let mut here = base;
    for number in (5..).take(MAX_LOGICAL_PARTITIONS) {
        let place = (here.saturating_mul(SECTOR), 512);
        let Some(sector) = seen.bytes(place.0, place.1) else {
            found.missing = Some(place);
            break;
        };
        let (Some(own), Some(next)) = (Entry::read(sector, 0), Entry::read(sector, 1)) else {
            break;
        };
        if !sector.ends_with(&[0x55, 0xaa]) {
            break;
        }
        if own.kind != 0 {
            found.partitions.push(own.partition(number, here));
        }
        let onward = base.saturating_add(u64::from(next.start));
        // A chain that does not go on ahead is damaged, or was made to turn in a circle.
        if !next.is_extended() || onward <= here {
            break;
        }
        here = onward;
    }
    found
}

/// The table of a disk without a GPT.
pub(super) fn table(seen: &Seen, findings: &mut Vec<Finding>) -> Option<Table> {
    let record = Record::read(seen.head())?;
    let mut partitions: Vec<Partition> = record
        .used()
        .map(|(number, entry)| entry.partition(number, 0))
        .collect();
    let logical = logical(seen);
    partitions.extend(logical.partitions);
    if logical.missing.is_some() && seen.len().is_some() {
        findings.push(Finding::warning(Code::TableUnread).with("logical partitions"));
    }
    let id = le32(seen.head(), 440).filter(|id| *id != 0);
    Some(Table {
        scheme: Scheme::Mbr,
        sector: 512,
        id: id.map(|id| format!("{id:08x}")),
        partitions,
    })
}

//! Partition tables: of a raw file, and of the disk that a format decodes to.

mod gpt;
pub(crate) mod mbr;
pub(crate) mod types;

use super::boot::{self, Boot};
use super::fields::array;
use super::finding::{Code, Finding};
use super::seen::{Place, Seen};

/// The kind of a partition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// A master boot record.
    Mbr,
    /// A GUID partition table with its protective boot record.
    Gpt,
    /// A GUID partition table beside which the boot record lists partitions of its own.
    Hybrid,
}

impl Scheme {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mbr => "mbr",
            Self::Gpt => "gpt",
            Self::Hybrid => "gpt-hybrid",
        }
    }
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its number, as Linux counts.
    pub number: u32,
    /// Where it begins, in bytes.
    pub start: u64,
    /// How large it is, in bytes.
    pub size: u64,
    /// Its type: a GUID, or `0x83`.
    pub kind: String,
    /// What that type is, where it is known.
    pub kind_name: Option<&'static str>,
    /// Its own name, where it has one. Safe for a terminal.
    pub name: Option<String>,
    /// Whether a BIOS is to boot from it: the active flag.
    pub active: bool,
}

impl Partition {
    /// The first byte behind it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.size)
    }
}

/// A partition table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its kind.
    pub scheme: Scheme,
    /// Bytes of the sectors in which it counts.
    pub sector: u32,
    /// The disk's identifier: a GUID, or eight hexadecimal digits.
    pub id: Option<String>,
    /// The partitions, by number.
    pub partitions: Vec<Partition>,
}

/// What the partitions of a disk are, and how it boots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The partition table, where there is one.
    pub table: Option<Table>,
    /// How it boots, as far as the tables tell.
    pub boot: Boot,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Looks at a decoded disk while it passes, for its [`Layout`].
#[derive(Clone, Debug, Default)]
pub struct Eye {
    seen: Seen,
}

impl Eye {
    /// Takes the next bytes of the disk.
    pub fn push(&mut self, bytes: &[u8]) {
        self.seen.push(bytes, &wanted);
    }

    /// `len` zeros come next.
    pub fn zeros(&mut self, len: u64) {
        self.seen.zeros(len, &wanted);
    }

    /// Whether nothing is wanted any more but the end of the disk.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.seen.next().is_none()
    }

    /// The layout of a disk of which nothing more is shown.
    #[must_use]
    pub fn so_far(&self) -> Layout {
        layout(&self.seen)
    }

    /// The disk ends here.
    #[must_use]
    pub fn finish(mut self) -> Layout {
        self.seen.finish(&wanted);
        layout(&self.seen)
    }
}

/// What kind of partition table begins the disk.
pub(crate) fn scheme(seen: &Seen) -> Option<Scheme> {
    let record = mbr::Record::read(seen.head());
    if gpt::sector(seen.head()).is_none() {
        return record.map(|_| Scheme::Mbr);
    }
    let hybrid = record.is_some_and(|record| record.is_hybrid());
    Some(if hybrid { Scheme::Hybrid } else { Scheme::Gpt })
}

/// Places of the disk at which more of its tables is.
pub(crate) fn wanted(seen: &Seen) -> Vec<Place> {
    let mut places = boot::wanted(seen);
    match scheme(seen) {
        Some(Scheme::Mbr) => places.extend(mbr::logical(seen).missing),
        Some(_) => places.extend(
            gpt::entries(seen.head()).filter(|place| seen.bytes(place.0, place.1).is_none()),
        ),
        None => {}
    }
    places
}

/// Reads all tables.
pub(crate) fn layout(seen: &Seen) -> Layout {
    let mut findings = Vec::new();
    let table = match scheme(seen) {
        Some(Scheme::Mbr) => mbr::table(seen, &mut findings),
        Some(scheme) => gpt::table(seen, scheme, &mut findings),
        None => None,
    };
    if let Some(table) = &table {
        check(table, seen.len(), &mut findings);
    }
    let boot = boot::boot(seen, table.as_ref());
    Layout {
        table,
        boot,
        findings,
    }
}

/// Partitions must be in the disk and beside each other. An ISO that boots from a stick lies about both in its tables,
/// and nobody minds.
fn check(table: &Table, len: Option<u64>, findings: &mut Vec<Finding>) {
    let extended = |partition: &&Partition| partition.kind_name != Some(types::EXTENDED);
    let mut sorted: Vec<&Partition> = table.partitions.iter().filter(extended).collect();
    sorted.sort_by_key(|partition| partition.start);
    let overlap = sorted
        .iter()
        .zip(sorted.iter().skip(1))
        .find(|(a, b)| a.end() > b.start);
    if let Some((a, b)) = overlap {
        let detail = format!("partitions {} and {}", a.number, b.number);
        findings.push(Finding::warning(Code::PartitionOverlap).with(detail));
    }
    let outside = sorted
        .iter()
        .find(|partition| len.is_some_and(|len| partition.end() > len));
    if let (Some(partition), Some(len)) = (outside, len) {
        let detail = format!(
            "partition {} ends at byte {}, the disk at {len}",
            partition.number,
            partition.end()
        );
        findings.push(Finding::refused(Code::PartitionOutside).with(detail));
    }
}

/// Whether the disk begins as an ISO does behind its system area.
pub(crate) fn is_iso(seen: &Seen) -> bool {
    array::<5>(seen.head(), 0x8001).is_some_and(|name| &name == b"CD001")
}

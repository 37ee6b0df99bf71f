//! The header of a qcow2 image: read, validated, and everything refused that makes it more than one plain disk.

use crate::limits::{
    QCOW2_CLUSTER_BITS, QCOW2_MAX_BACKING_NAME, QCOW2_MAX_L1, QCOW2_MAX_REFCOUNT_TABLE,
    QCOW2_MAX_SNAPSHOTS,
};
use crate::unit::Codec;
use crate::{Error, Refusal};
use std::ops::Range;

/// `QFI\xfb`
pub(crate) const MAGIC: [u8; 4] = *b"QFI\xfb";

const INCOMPATIBLE_DIRTY: u64 = 1;
const INCOMPATIBLE_CORRUPT: u64 = 1 << 1;
const INCOMPATIBLE_DATA_FILE: u64 = 1 << 2;
const INCOMPATIBLE_COMPRESSION: u64 = 1 << 3;
const INCOMPATIBLE_EXTENDED_L2: u64 = 1 << 4;
/// Dirty and corrupt speak about reference counts; QEMU reads such images too when it does not write to them.
const INCOMPATIBLE_KNOWN: u64 = INCOMPATIBLE_DIRTY
    | INCOMPATIBLE_CORRUPT
    | INCOMPATIBLE_DATA_FILE
    | INCOMPATIBLE_COMPRESSION
    | INCOMPATIBLE_EXTENDED_L2;

const EXTENSION_END: u32 = 0;
const EXTENSION_ENCRYPTION: u32 = 0x0537_be77;

const V2_LEN: u64 = 72;
const V3_LEN: u64 = 104;

/// What of the header matters to a reader. Every value is within its limits.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) cluster_bits: u32,
    /// Bytes of the disk.
    pub(crate) size: u64,
    /// Where the L1 table lies.
    pub(crate) l1: Range<u64>,
    /// Where the refcount table lies.
    pub(crate) refcount_table: Range<u64>,
    pub(crate) codec: Codec,
    /// Extended L2 entries, with 32 subclusters each.
    pub(crate) subclusters: bool,
}

impl Header {
    /// Reads the header out of the file's first bytes.
    pub(crate) fn parse(first: &[u8], max_size: u64) -> Result<Self, Error> {
        let fields = Fields(first);
        let version = fields.u32(4)?;
        if !(2..=3).contains(&version) {
            let format = "qcow2";
            return Err(refused(Refusal::Version { format, version }));
        }
        let v3 = version == 3;
        let cluster_bits = cluster_bits(&fields)?;
        refuse_encryption(fields.u32(32)?)?;
        let incompatible = if v3 { fields.u64(72)? } else { 0 };
        refuse_features(incompatible)?;
        let header_len = header_len(&fields, v3, 1 << cluster_bits)?;
        let codec = codec(&fields, incompatible, header_len)?;
        check_extensions(&fields, header_len, 1 << cluster_bits)?;
        refuse_backing_file(&fields)?;
        let size = fields.u64(24)?;
        within("the virtual size", size, max_size)?;
        let snapshots = u64::from(fields.u32(60)?);
        within(
            "the number of snapshots",
            snapshots,
            u64::from(QCOW2_MAX_SNAPSHOTS),
        )?;
        let l1_len = u64::from(fields.u32(36)?) * 8;
        within("the L1 table", l1_len, QCOW2_MAX_L1)?;
        let refcount_len = u64::from(fields.u32(56)?) << cluster_bits;
        within("the refcount table", refcount_len, QCOW2_MAX_REFCOUNT_TABLE)?;
        let header = Self {
            version,
            cluster_bits,
            size,
            l1: table(&fields, 40, l1_len, "the L1 table", cluster_bits)?,
            refcount_table: table(
                &fields,
                48,
                refcount_len,
                "the refcount table",
                cluster_bits,
            )?,
            codec,
            subclusters: incompatible & INCOMPATIBLE_EXTENDED_L2 != 0,
        };
        header.check(v3, &fields)?;
        Ok(header)
    }

    fn check(&self, v3: bool, fields: &Fields<'_>) -> Result<(), Error> {
        if self.subclusters && self.cluster_bits < 14 {
            return Err(corrupt(20, "clusters are too small for subclusters".into()));
        }
        if self.refcount_table.is_empty() {
            return Err(corrupt(56, "there is no refcount table".into()));
        }
        if v3 && fields.u32(96)? > 6 {
            return Err(corrupt(
                96,
                "reference counts are wider than 64 bits".into(),
            ));
        }
        let covered = (self.l1.end - self.l1.start) / 8;
        if covered < self.l1_entries() {
            return Err(corrupt(
                36,
                format!(
                    "the L1 table has {covered} entries, the disk needs {}",
                    self.l1_entries()
                ),
            ));
        }
        Ok(())
    }

    /// Bytes of a cluster.
    pub(crate) fn cluster(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// Bytes of one L2 entry.
    pub(crate) fn l2_entry(&self) -> u64 {
        if self.subclusters { 16 } else { 8 }
    }

    /// Bytes of the disk that one L2 table maps.
    pub(crate) fn l2_span(&self) -> u64 {
        (self.cluster() / self.l2_entry()) << self.cluster_bits
    }

    /// How many L1 entries the disk needs.
    pub(crate) fn l1_entries(&self) -> u64 {
        self.size.div_ceil(self.l2_span())
    }
}

/// Big-endian fields of the file's first bytes.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Error> {
        usize::try_from(at)
            .ok()
            .and_then(|at| self.0.get(at..)?.first_chunk::<N>())
            .copied()
            .ok_or_else(|| Error::Truncated {
                what: "the header".into(),
                needed: at.saturating_add(N as u64),
                len: self.0.len() as u64,
            })
    }

    fn u32(&self, at: u64) -> Result<u32, Error> {
        self.array(at).map(u32::from_be_bytes)
    }

    fn u64(&self, at: u64) -> Result<u64, Error> {
        self.array(at).map(u64::from_be_bytes)
    }
}

fn refuse_encryption(method: u32) -> Result<(), Error> {
    match method {
        0 => Ok(()),
        1 => Err(refused(Refusal::Encrypted { method: "AES" })),
        2 => Err(refused(Refusal::Encrypted { method: "LUKS" })),
        _ => Err(corrupt(32, format!("unknown encryption method {method}"))),
    }
}

fn refuse_features(incompatible: u64) -> Result<(), Error> {
    if incompatible & !INCOMPATIBLE_KNOWN != 0 {
        return Err(refused(Refusal::UnknownFeatures {
            bits: incompatible & !INCOMPATIBLE_KNOWN,
        }));
    }
    if incompatible & INCOMPATIBLE_DATA_FILE != 0 {
        return Err(refused(Refusal::ExternalDataFile));
    }
    Ok(())
}

/// Version 2 has no feature bits and no compression field: what lies there means something else.
fn codec(fields: &Fields<'_>, incompatible: u64, header_len: u64) -> Result<Codec, Error> {
    let method = if header_len > V3_LEN {
        fields.array::<1>(V3_LEN)?[0]
    } else {
        0
    };
    let flagged = incompatible & INCOMPATIBLE_COMPRESSION != 0;
    match (method, flagged) {
        (0, false) => Ok(Codec::Deflate),
        (1, true) => Ok(Codec::Zstd),
        (0 | 1, _) => Err(corrupt(
            V3_LEN,
            "compression method and feature bit contradict each other".into(),
        )),
        _ => Err(refused(Refusal::Compression { method })),
    }
}

/// Extensions must end inside the first cluster. None of them changes the disk; an encryption header without
/// encryption is a contradiction.
fn check_extensions(fields: &Fields<'_>, header_len: u64, cluster: u64) -> Result<(), Error> {
    let end = cluster.min(fields.0.len() as u64);
    let mut at = header_len;
    while at + 8 <= end {
        let (kind, len) = (fields.u32(at)?, u64::from(fields.u32(at + 4)?));
        if kind == EXTENSION_END {
            break;
        }
        if kind == EXTENSION_ENCRYPTION {
            return Err(corrupt(
                at,
                "an encryption header, but no encryption".into(),
            ));
        }
        if at + 8 + len > cluster {
            return Err(corrupt(
                at,
                format!("header extension {kind:#010x} of {len} bytes leaves the first cluster"),
            ));
        }
        at += 8 + len.next_multiple_of(8);
    }
    Ok(())
}

fn refuse_backing_file(fields: &Fields<'_>) -> Result<(), Error> {
    let offset = fields.u64(8)?;
    if offset == 0 {
        return Ok(());
    }
    let len = fields.u32(16)?.min(QCOW2_MAX_BACKING_NAME);
    let name = usize::try_from(offset)
        .ok()
        .and_then(|start| {
            fields
                .0
                .get(start..start.checked_add(usize::try_from(len).ok()?)?)
        })
        .unwrap_or_default();
    let name = String::from_utf8_lossy(name)
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    Err(refused(Refusal::BackingFile { name }))
}

/// The range of a table of `len` bytes whose offset stands at `at`; aligned to clusters, no overflow.
fn table(
    fields: &Fields<'_>,
    at: u64,
    len: u64,
    what: &str,
    cluster_bits: u32,
) -> Result<Range<u64>, Error> {
    let start = fields.u64(at)?;
    if start & ((1 << cluster_bits) - 1) != 0 {
        return Err(corrupt(at, format!("{what} is not aligned to a cluster")));
    }
    if start >= 1 << 56 || (len > 0 && start == 0) {
        return Err(corrupt(at, format!("{what} cannot be at {start:#x}")));
    }
    Ok(start..start + len)
}

fn cluster_bits(fields: &Fields<'_>) -> Result<u32, Error> {
    let bits = fields.u32(20)?;
    if QCOW2_CLUSTER_BITS.contains(&bits) {
        return Ok(bits);
    }
    let what = format!("cluster size 2^{bits} is not between 2^9 and 2^21");
    Err(corrupt(20, what))
}

fn header_len(fields: &Fields<'_>, v3: bool, cluster: u64) -> Result<u64, Error> {
    if !v3 {
        return Ok(V2_LEN);
    }
    let len = u64::from(fields.u32(100)?);
    if (V3_LEN..=cluster).contains(&len) {
        return Ok(len);
    }
    let what = format!("header length {len} is not between {V3_LEN} and a cluster");
    Err(corrupt(100, what))
}

fn within(what: &'static str, value: u64, limit: u64) -> Result<(), Error> {
    if value > limit {
        return Err(Error::Limit { what, value, limit });
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused { refusal }
}

fn corrupt(offset: u64, what: String) -> Error {
    Error::Corrupt { what, offset }
}

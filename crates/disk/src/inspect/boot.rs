//! How a disk boots, as far as its tables tell: partitions, boot code, and the boot catalogue of an ISO.

use super::fields::{le16, le32};
use super::seen::{Place, Seen};
use super::table::{Table, is_iso, mbr, types};

/// The ways in which a disk offers itself to a firmware. Whether what is there works is another matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boot {
    /// A BIOS finds something to start.
    pub bios: bool,
    /// A UEFI finds something to start.
    pub uefi: bool,
    /// What says so.
    pub signs: Vec<&'static str>,
}

impl Boot {
    fn bios(&mut self, sign: &'static str) {
        self.bios = true;
        self.sign(sign);
    }

    fn uefi(&mut self, sign: &'static str) {
        self.uefi = true;
        self.sign(sign);
    }

    fn sign(&mut self, sign: &'static str) {
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }
}

/// A sector of a CD, in bytes.
const SECTOR: u64 = 2048;

/// The boot catalogue of an ISO, if it is not among what was kept.
pub(crate) fn wanted(seen: &Seen) -> Vec<Place> {
    let place = catalogue(seen).filter(|place| seen.bytes(place.0, place.1).is_none());
    place.into_iter().collect()
}

pub(crate) fn boot(seen: &Seen, table: Option<&Table>) -> Boot {
    let mut boot = Boot::default();
    let code = mbr::Record::read(seen.head()).is_some_and(|record| record.has_code());
    let partitions = table
        .map(|table| table.partitions.as_slice())
        .unwrap_or_default();
    for partition in partitions {
        match partition.kind_name {
            Some(types::EFI_SYSTEM) => boot.uefi("EFI system partition"),
            Some(types::BIOS_BOOT) if code => boot.bios("BIOS boot partition"),
            Some(types::PREP) => boot.sign("PowerPC PReP boot partition"),
            _ if partition.active && code => boot.bios("active partition"),
            _ => {}
        }
    }
    if code && !partitions.is_empty() {
        boot.bios("code in the boot record");
    }
    if let Some(bytes) = catalogue(seen).and_then(|(start, len)| seen.bytes(start, len)) {
        el_torito(bytes, &mut boot);
    }
    boot
}

/// Where the boot catalogue is: a volume descriptor of type 0 tells. El Torito 1.0, figure 7.
fn catalogue(seen: &Seen) -> Option<Place> {
    if !is_iso(seen) {
        return None;
    }
    for sector in 16..32 {
        let descriptor = seen.bytes(sector * SECTOR, 2048)?;
        match descriptor.first()? {
            0 if descriptor.get(7..30)? == b"EL TORITO SPECIFICATION" => {
                let start = u64::from(le32(descriptor, 71)?) * SECTOR;
                return Some((start, 2048));
            }
            255 => return None,
            _ => {}
        }
    }
    None
}

/// A validation entry, the first entry, then sections with entries of their own. El Torito 1.0, section 2.
fn el_torito(catalogue: &[u8], boot: &mut Boot) {
    let mut entries = catalogue.chunks_exact(32);
    let Some(validation) = entries.next().filter(|entry| entry.starts_with(&[1])) else {
        return;
    };
    let mut platform = validation.get(1).copied().unwrap_or_default();
    let mut left = 1;
    for entry in entries {
        let kind = entry.first().copied().unwrap_or_default();
        if left == 0 {
            if !matches!(kind, 0x90 | 0x91) {
                return;
            }
            platform = entry.get(1).copied().unwrap_or_default();
            left = le16(entry, 2).unwrap_or(0);
            continue;
        }
        left -= 1;
        match (kind, platform) {
            (0x88, 0xef) => boot.uefi("El Torito entry for UEFI"),
            (0x88, 0) => boot.bios("El Torito entry for BIOS"),
            _ => {}
        }
    }
}

//! What OpenStack's own inspector will say of a file: the same formats, the same checks, the same order.
//!
//! The rules are those of oslo.utils 10.2.0 (`imageutils.format_inspector`) and of Glance 33.0.0 (`location.py`,
//! `set_data`) with its default configuration. `tests/inspect` holds them against oslo.utils itself. What the real one
//! says can depend on how a file is cut into pieces; here it is the cut of Glance's upload, 64 KiB.

mod checks;
mod vhdx;
mod vmdk;

pub(crate) use vhdx::Vhdx;
pub(crate) use vmdk::is_text_vmdk;

use super::finding::Code;
use super::seen::Seen;

/// The pieces in which Glance reads an upload, in bytes (`WRITE_CHUNKSIZE` of its stores).
pub(crate) const PIECE: usize = 64 << 10;

/// What an image record says of the bytes that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// `disk_format`: `raw`, `qcow2`, `vmdk`, `vhd`, `vhdx`, `vdi`, `iso`, `ami` and so on.
    pub disk_format: String,
    /// `container_format`: `bare` for all disks; only those are inspected.
    pub container_format: String,
}

impl Declared {
    /// A disk without a container.
    #[must_use]
    pub fn bare(disk_format: &str) -> Self {
        Self {
            disk_format: disk_format.to_owned(),
            container_format: "bare".to_owned(),
        }
    }
}

/// What Glance will say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlanceVerdict {
    /// It takes the file, as this format. `virtual_size` is what it will record, where it records one.
    Accepted {
        /// The format that it finds, by its own name for it.
        format: &'static str,
        /// Bytes of the disk.
        virtual_size: Option<u64>,
    },
    /// It answers 415 or 400, for these reasons.
    Refused {
        /// Why.
        codes: Vec<Code>,
    },
    /// It takes the file without having looked.
    NotInspected,
}

impl GlanceVerdict {
    /// Whether the upload is accepted.
    #[must_use]
    pub fn accepts(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }
}

/// One inspector of oslo.utils that has recognised the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    name: &'static str,
    /// Whether it has got all the bytes that it waits for; else its checks do not run, and that is a refusal.
    complete: bool,
    violations: Vec<Code>,
    size: Size,
    /// How far it had read when it gave up, if it did. It is then all that it knows of the file's length.
    stopped_at: Option<u64>,
}

/// The size of the disk as that inspector gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Bytes(u64),
    /// Not a size that fits: recorded or not, it is none.
    Unknown,
    /// Reading it fails, and with it the upload.
    Fails,
}

/// What all of them together have to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    matches: Vec<Matched>,
    /// One of them breaks in a way that Glance takes for "nothing to inspect".
    blind: bool,
    /// Too little has been seen to say anything.
    early: bool,
    len: Option<u64>,
}

/// The formats that oslo.utils knows: a declared format that is none of these takes any content that is none of them
/// either.
const KNOWN: [&str; 10] = [
    "raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi", "qed", "iso", "gpt", "luks",
];

impl Evidence {
    /// From what has been seen. Before the end, and before the first piece is whole, it knows nothing.
    pub(crate) fn of(seen: &Seen, vhdx: &Vhdx) -> Self {
        let mut matches = Vec::new();
        let mut blind = false;
        let early = seen.len().is_none() && seen.head().len() < PIECE;
        if !early {
            matches = checks::matches(seen);
            matches.extend(vhdx.matched(seen.len().is_some()));
            match vmdk::matched(seen) {
                vmdk::Found::Match(vmdk) => matches.push(vmdk),
                vmdk::Found::Breaks => blind = true,
                vmdk::Found::Nothing => {}
            }
        }
        Self {
            matches,
            blind,
            early,
            len: seen.len(),
        }
    }

    /// Whether less than the first piece has been seen, of a file that goes on.
    pub(crate) fn is_early(&self) -> bool {
        self.early
    }

    /// What Glance says when the file comes under this name. Early, what it has no reason to refuse yet counts as accepted.
    pub(crate) fn verdict(&self, declared: &Declared) -> GlanceVerdict {
        if declared.container_format != "bare" || self.blind {
            return GlanceVerdict::NotInspected;
        }
        let refused = |codes| GlanceVerdict::Refused { codes };
        let raw = Matched {
            name: "raw",
            complete: true,
            violations: Vec::new(),
            size: self.len.map_or(Size::Unknown, Size::Bytes),
            stopped_at: None,
        };
        let found = match self.matches.as_slice() {
            [] => &raw,
            [one] => one,
            [a, b] if ["iso", "gpt"].contains(&a.name) && ["iso", "gpt"].contains(&b.name) => {
                if a.name == "iso" { a } else { b }
            }
            _ => return refused(vec![Code::SeveralFormats]),
        };
        let declared = declared.disk_format.as_str();
        if self.early {
            return GlanceVerdict::Accepted {
                format: found.name,
                virtual_size: None,
            };
        }
        let size = if found.name == declared {
            found.size
        } else if found.name == "raw" && !KNOWN.contains(&declared) {
            Size::Unknown
        } else if declared == "raw" && self.matches.len() <= 1 {
            found.stopped_at.map_or(raw.size, Size::Bytes)
        } else {
            // An ISO that is a disk, too, comes to this as `raw`.
            return refused(vec![Code::FormatMismatch]);
        };
        if size == Size::Fails {
            return refused(vec![Code::SizeUnreadable]);
        }
        if !found.complete {
            return refused(vec![Code::Incomplete]);
        }
        if !found.violations.is_empty() {
            return refused(found.violations.clone());
        }
        let virtual_size = match size {
            Size::Bytes(bytes) if bytes > 0 => Some(bytes),
            _ => None,
        };
        GlanceVerdict::Accepted {
            format: found.name,
            virtual_size,
        }
    }
}

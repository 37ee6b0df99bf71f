//! What is done to the bytes on their way: sent as they are, or as another format.

use std::sync::Arc;

use disk::inspect::Kind;
use disk::write::{Image, qcow2};
use disk::{Algorithms, Layer, Look};

use crate::upload::DIGESTS;

/// What the cloud shall get, whatever the file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The disk itself.
    Raw,
    /// A qcow2 of the disk, made on the way.
    Qcow2,
}

impl Goal {
    /// The format's name, as Glance has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
        }
    }
}

/// Formats that clouds take as they are everywhere.
const AS_IS: [&str; 3] = ["raw", "qcow2", "iso"];

/// How the bytes are sent.
#[derive(Clone, Debug)]
pub struct Way {
    /// Which bytes: the disk, or the file without its packing.
    pub layer: Layer,
    /// The format of what is sent, as Glance names it.
    pub format: &'static str,
    /// The format that was found by content.
    pub found: disk::Format,
    /// The bytes of the disk, where they are known beforehand.
    pub disk: Option<u64>,
    /// The qcow2 that the disk becomes on its way, measured ([`crate::measure()`]).
    pub qcow2: Option<Arc<qcow2::Plan>>,
}

/// Words that contradict each other, or the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Converted into the one and declared as the other.
    #[error("converted to {goal} it is not {declared}")]
    Goal {
        /// What it is converted to.
        goal: &'static str,
        /// What it is declared as.
        declared: String,
    },
    /// A word that is none of [`KNOWN`].
    #[error("`{declared}` is no disk format")]
    Unknown {
        /// The word.
        declared: String,
    },
    /// Declared as what it is not.
    #[error("the file is {found}, not {declared}")]
    NotSo {
        /// What it is.
        found: &'static str,
        /// What it is declared as.
        declared: String,
    },
}

impl Way {
    /// What is to be done to a file that looks so.
    ///
    /// # Errors
    /// `goal` and the `declared` format contradict each other, or the file.
    pub fn of(
        look: &Look,
        goal: Option<Goal>,
        declared: Option<&str>,
    ) -> Result<Self, Contradiction> {
        let found = look.format.glance_name();
        let way = |layer, format| Self {
            layer,
            format,
            found: look.format,
            disk: look.disk,
            qcow2: None,
        };
        match (goal.map(Goal::word), declared) {
            (Some(goal), Some(other)) if goal != other => Err(Contradiction::Goal {
                goal,
                declared: other.to_owned(),
            }),
            (Some(goal), _) => Ok(way(Layer::Disk, goal)),
            (None, Some(declared)) => {
                let format = declare(found, declared)?;
                Ok(way(Layer::Unpacked, format))
            }
            // What follows the disk in its file is not the disk's.
            (None, None) if look.inspection.kind == Kind::VhdFixed => Ok(Self {
                disk: look.inspection.virtual_size,
                ..way(Layer::Disk, "raw")
            }),
            (None, None) if AS_IS.contains(&found) => Ok(way(Layer::Unpacked, found)),
            (None, None) => Ok(way(Layer::Disk, "raw")),
        }
    }

    /// The digests of the file that are wanted for who asks for the file's own: none where what is sent is the file.
    #[must_use]
    pub fn file_digests(&self, look: &Look) -> Algorithms {
        match look.packings.is_empty() && self.layer != Layer::Disk {
            true => Algorithms::NONE,
            false => DIGESTS,
        }
    }

    /// Whether a disk of so many bytes is in what is sent without zeros that fill its last sector.
    #[must_use]
    pub fn holds(&self, disk: u64) -> bool {
        self.qcow2.is_none() || Image::Qcow2(qcow2::Options::default()).disk_size(disk) == disk
    }

    /// Whether the cloud gets the disk in another file than the one that was looked at.
    #[must_use]
    pub fn rebuilt(&self) -> bool {
        self.layer == Layer::Disk && (!self.found.is_plain() || self.format == "qcow2")
    }
}

/// The formats that Glance knows; an operator may allow fewer.
pub const KNOWN: [&str; 12] = [
    "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "ploop", "ami", "ari", "aki", "gpt",
];

/// Formats that have no mark of their own, so that what looks raw can be one of them.
const UNMARKED: [&str; 6] = ["raw", "iso", "ami", "ari", "aki", "gpt"];

/// A format that the user declares, if it can be that of what was found. Glance compares, too, but after the upload.
///
/// # Errors
/// It cannot.
pub fn declare(found: &'static str, declared: &str) -> Result<&'static str, Contradiction> {
    let Some(known) = KNOWN.iter().find(|known| **known == declared) else {
        return Err(Contradiction::Unknown {
            declared: declared.to_owned(),
        });
    };
    if *known == found || (found == "raw" && UNMARKED.contains(known)) {
        return Ok(known);
    }
    Err(Contradiction::NotSo {
        found,
        declared: declared.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_format_must_be_that_of_the_file() {
        assert_eq!(declare("qcow2", "qcow2"), Ok("qcow2"));
        assert_eq!(declare("raw", "iso"), Ok("iso"));
        for (found, declared) in [
            ("qcow2", "raw"),
            ("raw", "qcow2"),
            ("raw", "vmdk"),
            ("raw", "RAW"),
        ] {
            assert!(declare(found, declared).is_err(), "{found} {declared}");
        }
    }
}

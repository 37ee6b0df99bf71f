//! What is done to the bytes on their way: sent as they are, or as another format.

use std::sync::Arc;

use disk::inspect::Kind;
use disk::write::{Image, qcow2};
use disk::{Layer, Look};

use super::Args;
use crate::failure::{Exit, Failure};

/// What to send, whatever the file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Convert {
    /// raw and qcow2 as they are, everything else as raw
    Auto,
    /// The disk itself
    Raw,
    /// A compressed qcow2; the file is read twice
    Qcow2,
}

/// Formats that clouds take as they are everywhere.
const AS_IS: [&str; 3] = ["raw", "qcow2", "iso"];

/// How the bytes are sent.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Which bytes: the disk, or the file without its packing.
    pub(super) layer: Layer,
    /// The format of what is sent, as Glance names it.
    pub(super) format: &'static str,
    /// The format that was found by content.
    pub(super) found: disk::Format,
    /// The bytes of the disk, where they are known beforehand.
    pub(super) disk: Option<u64>,
    /// The qcow2 that the disk becomes on its way, measured.
    pub(super) qcow2: Option<Arc<qcow2::Plan>>,
}

impl Plan {
    /// What is to be done to a file that looks so.
    ///
    /// # Errors
    /// The user's words contradict each other, or the file.
    pub(super) fn of(look: &Look, args: &Args) -> Result<Self, Failure> {
        let declared = args.fields.disk_format.as_deref();
        let found = look.format.glance_name();
        let plan = |layer, format| Self {
            layer,
            format,
            found: look.format,
            disk: look.disk,
            qcow2: None,
        };
        let goal = match args.convert {
            Some(Convert::Raw) => Some("raw"),
            Some(Convert::Qcow2) => Some("qcow2"),
            Some(Convert::Auto) | None => None,
        };
        match (goal, declared) {
            (Some(goal), Some(other)) if goal != other => {
                let message =
                    format!("--convert {goal} and --disk-format {other} contradict each other");
                Err(Failure::new(Exit::Usage, message).hint("leave --disk-format out"))
            }
            (Some(goal), _) => Ok(plan(Layer::Disk, goal)),
            (None, Some(declared)) => {
                let format = declare(found, declared)?;
                Ok(plan(Layer::Unpacked, format))
            }
            // What follows the disk in its file is not the disk's.
            (None, None) if look.inspection.kind == Kind::VhdFixed => Ok(Self {
                disk: look.inspection.virtual_size,
                ..plan(Layer::Disk, "raw")
            }),
            (None, None) if AS_IS.contains(&found) => Ok(plan(Layer::Unpacked, found)),
            (None, None) => Ok(plan(Layer::Disk, "raw")),
        }
    }

    /// Whether a disk of so many bytes is in what is sent without zeros that fill its last sector.
    pub(super) fn holds(&self, disk: u64) -> bool {
        self.qcow2.is_none() || Image::Qcow2(qcow2::Options::default()).disk_size(disk) == disk
    }

    /// Whether the cloud gets the disk in another file than the one that was looked at.
    pub(super) fn rebuilt(&self) -> bool {
        self.layer == Layer::Disk && (!self.found.is_plain() || self.format == "qcow2")
    }
}

/// The formats that Glance knows; an operator may allow fewer.
const KNOWN: [&str; 12] = [
    "raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "ploop", "ami", "ari", "aki", "gpt",
];

/// Formats that have no mark of their own, so that what looks raw can be one of them.
const UNMARKED: [&str; 6] = ["raw", "iso", "ami", "ari", "aki", "gpt"];

/// A format that the user declares, if it can be that of what was found. Glance compares, too, but after the upload.
pub(super) fn declare(found: &'static str, declared: &str) -> Result<&'static str, Failure> {
    let Some(known) = KNOWN.iter().find(|known| **known == declared) else {
        let message = format!("`{declared}` is no disk format");
        return Err(
            Failure::new(Exit::Usage, message).cause(format!("known: {}", KNOWN.join(", ")))
        );
    };
    if *known == found || (found == "raw" && UNMARKED.contains(known)) {
        return Ok(known);
    }
    let message = format!("the file is {found}, not {declared}");
    let hint = match declared {
        "raw" => "leave --disk-format out to send it as it is, or add --convert raw instead",
        _ => "leave --disk-format out",
    };
    Err(Failure::new(Exit::Usage, message).hint(hint))
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
            assert_eq!(declare(found, declared).unwrap_err().exit, Exit::Usage);
        }
    }
}

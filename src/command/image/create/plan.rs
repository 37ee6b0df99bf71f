//! What is done to the bytes on their way: sent as they are, or as another format.

use disk::inspect::Kind;
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
}

/// Formats that clouds take as they are everywhere.
const AS_IS: [&str; 3] = ["raw", "qcow2", "iso"];

/// How the bytes are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Which bytes: the disk, or the file without its packing.
    pub(super) layer: Layer,
    /// The format of what is sent, as Glance names it.
    pub(super) format: &'static str,
    /// The format that was found by content.
    pub(super) found: disk::Format,
    /// The bytes of the disk, where they are known beforehand.
    pub(super) disk: Option<u64>,
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
        };
        match (args.convert, declared) {
            (Some(Convert::Raw), None | Some("raw")) => Ok(plan(Layer::Disk, "raw")),
            (Some(Convert::Raw), Some(other)) => {
                let message =
                    format!("--convert raw and --disk-format {other} contradict each other");
                Err(Failure::new(Exit::Usage, message).hint("leave --disk-format out"))
            }
            (_, Some(declared)) => {
                let format = declare(found, declared)?;
                Ok(plan(Layer::Unpacked, format))
            }
            // What follows the disk in its file is not the disk's.
            (_, None) if look.inspection.kind == Kind::VhdFixed => Ok(Self {
                disk: look.inspection.virtual_size,
                ..plan(Layer::Disk, "raw")
            }),
            (_, None) if AS_IS.contains(&found) => Ok(plan(Layer::Unpacked, found)),
            (_, None) => Ok(plan(Layer::Disk, "raw")),
        }
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

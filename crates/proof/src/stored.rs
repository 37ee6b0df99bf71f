//! The stored bytes: out of Glance, or a file or block device of this machine.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use cloud::Glance;
use disk::{Algorithms, Format, Layer, Stored};
use tokio::runtime::Handle;
use wire::image::Image;

use crate::judge;
use crate::reason::{Code, Kind, Reason};
use crate::record::Recorded;

/// The image's data, to be read beside the layer of the original that it ought to be. `original` is the original's
/// length, by which a file as published is told from an unpacked one.
pub(crate) async fn data(
    glance: &Glance,
    image: &Image,
    original: Option<u64>,
    handle: &Handle,
) -> Result<Stored, Reason> {
    let download = glance
        .data(&image.id)
        .await
        .map_err(|error| unavailable(&error))?;
    let layer = match () {
        () if judge::is_raw(image) => Layer::Disk,
        () if image.size.is_some() && image.size == original => Layer::File,
        () => Layer::Unpacked,
    };
    let digests = Recorded::of(image).algorithms();
    Ok(Stored {
        bytes: Box::new(download.into_reader(handle)),
        layer,
        digests,
        prefix: false,
    })
}

fn unavailable(error: &cloud::Error) -> Reason {
    let kind = match error {
        cloud::Error::Unauthorized(_) | cloud::Error::Forbidden(_) | cloud::Error::Refused(_) => {
            Kind::Refused
        }
        cloud::Error::NotFound { .. } | cloud::Error::NoData { .. } => Kind::NotFound,
        _ => Kind::Temporary,
    };
    let reason =
        Reason::new(Code::StoredUnavailable, "the stored bytes could not be had").of_kind(kind);
    let reason = reason.caused_by(Some(error));
    match error.hint() {
        Some(hint) => reason.hint(hint),
        None => reason,
    }
}

/// A file or device of this machine.
pub(crate) struct Local {
    pub(crate) stored: Stored,
    /// The length of a block device, which may be larger than what is on it.
    pub(crate) device: Option<u64>,
}

/// Opens a file or device. What begins like a raw disk is beside the disk; otherwise a file of the original's own length
/// beside the file, and one in a format that is decoded beside the unpacked file.
pub(crate) fn local(path: &Path, original: Option<u64>) -> io::Result<Local> {
    use std::os::unix::fs::FileTypeExt as _;

    let mut file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let device = match meta.file_type().is_block_device() {
        true => Some(file.seek(SeekFrom::End(0))?),
        false => None,
    };
    let mut layer = Layer::Disk;
    if meta.is_file() {
        let mut start = Vec::new();
        (&mut file)
            .take(disk::HEAD as u64)
            .read_to_end(&mut start)?;
        layer = match Format::of_start(&start) {
            // By chance a disk can be as long as a file that it is in.
            Some(format) if format.is_plain() => Layer::Disk,
            _ if original == Some(meta.len()) => Layer::File,
            Some(_) => Layer::Unpacked,
            None => Layer::Disk,
        };
    }
    if meta.is_file() || device.is_some() {
        file.rewind()?;
    }
    let digests = Algorithms::NONE.with(disk::Algorithm::Sha512);
    let prefix = device.is_some();
    Ok(Local {
        stored: Stored {
            bytes: Box::new(file),
            layer,
            digests,
            prefix,
        },
        device,
    })
}

/// Why a file or device cannot be read.
pub(crate) fn unopened(path: &Path, error: &io::Error) -> Reason {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            Kind::NotFound
        }
        io::ErrorKind::PermissionDenied => Kind::Refused,
        _ => Kind::Temporary,
    };
    let reason = Reason::new(
        Code::StoredUnavailable,
        format!("cannot read `{}`", path.display()),
    );
    reason.of_kind(kind).caused_by(Some(error))
}

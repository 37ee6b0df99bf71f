//! The one seam of all formats: a file taken apart in the order of the disk.

use bytes::Bytes;

use crate::run::Stop;
use crate::unit::{Codec, Unit};
use crate::window::View;
use crate::{Error, Format, qcow2, vdi, vhd, vhdx, vmdk};

/// A format's file, opened and validated as far as its first bytes go.
pub(crate) trait Walk: Send {
    /// How its compressed units are decoded; `None` for a format that has none and hands out none.
    fn codec(&self) -> Option<Codec> {
        None
    }

    /// Bytes of one unit, decoded: a cluster, a grain.
    fn unit(&self) -> u64;

    /// Bytes of the disk, where the first bytes of the file tell.
    fn size(&self) -> Option<u64> {
        None
    }

    /// Hands the whole disk to `out`: its size first, then its parts in order. Tables and data are asked of the window
    /// as they are needed.
    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop>;
}

/// Takes the parts of a disk in order.
pub(crate) trait Out {
    /// The size of the disk in bytes; comes once, before anything else.
    fn size(&mut self, bytes: u64) -> Result<(), Stop>;

    /// So many zero bytes.
    fn zero(&mut self, len: u64) -> Result<(), Stop>;

    /// These bytes.
    fn data(&mut self, bytes: Bytes) -> Result<(), Stop>;

    /// A unit that has to be decoded.
    fn unit(&mut self, unit: Unit) -> Result<(), Stop>;
}

/// Opens an image of `format`, which begins with `head`; `None` where the file is the disk, which needs no walk. A disk larger than `max_size`
/// bytes is refused here where the first bytes tell, otherwise by [`Out::size`].
pub(crate) fn open(
    format: Format,
    head: &[u8],
    max_size: u64,
) -> Result<Option<Box<dyn Walk>>, Error> {
    Ok(match format {
        Format::Raw | Format::Iso => None,
        Format::Qcow2 => Some(Box::new(qcow2::Header::parse(head, max_size)?)),
        Format::Vhd => Some(Box::new(vhd::Dynamic::parse(head, max_size)?)),
        Format::Vhdx => Some(Box::new(vhdx::Vhdx)),
        Format::Vdi => Some(Box::new(vdi::Header::parse(head, max_size)?)),
        Format::Vmdk => Some(vmdk::open(head, max_size)?),
    })
}

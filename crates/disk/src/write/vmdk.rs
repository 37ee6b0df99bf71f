//! VMDK `streamOptimized`, forward only: what VMware, VirtualBox and QEMU read, and what an OVA holds.
//!
//! The rules are those of VMware's "Virtual Disk Format 5.0": compressed grains behind markers in the order of the disk, the
//! grain table of every 32 MiB behind its grains, then the grain directory, a footer and the marker of the end. The content id
//! in the descriptor follows from the disk's size, so that the same disk gives the same bytes.

use std::fs::File;
use std::io::{self, Write};

use super::out::Out;
use super::squeeze::{Cell, Lay, Squeezer};
use super::unit::{Kind, Level};
use super::{Compression, SECTOR, Workers};
use crate::{Algorithms, Contents, Sink};

/// Bytes of a grain, as all writers have it.
const GRAIN: u64 = 64 << 10;
const GRAIN_SECTORS: u64 = GRAIN / SECTOR;
/// Entries of a grain table, and the sectors that they take.
const PER_TABLE: u64 = 512;
const TABLE_SECTORS: u64 = PER_TABLE * 4 / SECTOR;
/// Header, descriptor and padding before the first grain, in sectors.
const OVERHEAD: u64 = 128;
const DESCRIPTOR_SECTORS: u64 = 20;
/// The offset of the grain directory in the header: it is in the footer.
const AT_END: u64 = u64::MAX;
/// What a marker is for.
const MARK_END: u32 = 0;
const MARK_TABLE: u32 = 1;
const MARK_DIRECTORY: u32 = 2;
const MARK_FOOTER: u32 = 3;

/// How a VMDK is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    level: Level,
}

impl Options {
    /// Grains compressed by zlib, which is all that the format has; `None` for any other compression.
    #[must_use]
    pub fn new(compression: Compression) -> Option<Self> {
        match compression {
            Compression::Zlib(level) => Some(Self { level }),
            Compression::None | Compression::Zstd(_) => None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: Level::ZLIB_DEFAULT,
        }
    }
}

/// A sink into a stream. The size of the disk has to be known beforehand: `begin` fails otherwise.
#[must_use]
pub fn stream(
    out: impl Write + Send + 'static,
    options: Options,
    digests: Algorithms,
    workers: Workers,
) -> Box<dyn Sink> {
    let out = Out::stream(Box::new(out), digests);
    Box::new(squeezer(Writer::new(out, false), options, workers))
}

/// A sink into an empty file.
pub(super) fn into_file(file: File, options: Options, workers: Workers) -> impl Sink {
    squeezer(Writer::new(Out::file(file), true), options, workers)
}

fn squeezer(writer: Writer, options: Options, workers: Workers) -> Squeezer<Writer> {
    Squeezer::new(writer, GRAIN, Kind::Wrapped(options.level), workers)
}

/// A VMDK that is being laid down.
struct Writer {
    out: Out,
    can_patch: bool,
    known: bool,
    /// The sectors of the grain tables, and the tables' number and entries while their grains come.
    directory: Vec<u32>,
    table: Option<(u64, Vec<u32>)>,
}

impl Writer {
    fn new(out: Out, can_patch: bool) -> Self {
        Self {
            out,
            can_patch,
            known: false,
            directory: Vec::new(),
            table: None,
        }
    }

    fn sector(&self) -> io::Result<u32> {
        u32::try_from(self.out.end() / SECTOR).map_err(|_| too_large())
    }

    fn align(&mut self) -> io::Result<()> {
        self.out.pad(self.out.end().next_multiple_of(SECTOR))
    }

    /// A marker for so many sectors.
    fn mark(&mut self, sectors: u64, kind: u32) -> io::Result<()> {
        let mut marker = sectors.to_le_bytes().to_vec();
        marker.extend([0; 4]);
        marker.extend(kind.to_le_bytes());
        self.out.append(&marker)?;
        self.align()
    }

    /// The grains of a table have all come.
    fn close(&mut self) -> io::Result<()> {
        let Some((number, entries)) = self.table.take() else {
            return Ok(());
        };
        self.mark(TABLE_SECTORS, MARK_TABLE)?;
        let index = usize::try_from(number).map_err(io::Error::other)?;
        self.directory.resize(index + 1, 0);
        let sector = self.sector()?;
        if let Some(space) = self.directory.get_mut(index) {
            *space = sector;
        }
        self.out.append(&words(&entries))
    }
}

fn words(entries: &[u32]) -> Vec<u8> {
    entries.iter().copied().flat_map(u32::to_le_bytes).collect()
}

impl Lay for Writer {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        self.known = size.is_some();
        if !self.known && !self.can_patch {
            let text = "the size of the disk must be known before a VMDK can be streamed";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let size = size.unwrap_or(0);
        self.out.append(&front(size)?)?;
        self.out.pad(OVERHEAD * SECTOR)
    }

    fn cell(&mut self, number: u64, cell: Cell<'_>) -> io::Result<()> {
        let (Cell::Packed(bytes) | Cell::Plain(bytes)) = cell;
        let (group, within) = (number / PER_TABLE, number % PER_TABLE);
        if self.table.as_ref().is_none_or(|(table, _)| *table != group) {
            self.close()?;
            self.table = Some((group, vec![0; 512]));
        }
        let sector = self.sector()?;
        let index = usize::try_from(within).map_err(io::Error::other)?;
        let entries = self.table.as_mut().map(|(_, entries)| entries);
        if let Some(space) = entries.and_then(|entries| entries.get_mut(index)) {
            *space = sector;
        }
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.out.append(&(number * GRAIN_SECTORS).to_le_bytes())?;
        self.out.append(&len.to_le_bytes())?;
        self.out.append(bytes)?;
        self.align()
    }

    fn end(mut self, size: u64) -> io::Result<Contents> {
        self.close()?;
        let tables = size.div_ceil(GRAIN).div_ceil(PER_TABLE);
        let tables = usize::try_from(tables).map_err(io::Error::other)?;
        let mut directory = std::mem::take(&mut self.directory);
        directory.resize(tables, 0);
        let directory = words(&directory);
        self.mark((directory.len() as u64).div_ceil(SECTOR), MARK_DIRECTORY)?;
        let at = u64::from(self.sector()?);
        self.out.append(&directory)?;
        self.align()?;
        self.mark(1, MARK_FOOTER)?;
        self.out.append(&header(size, at))?;
        self.mark(0, MARK_END)?;
        if !self.known {
            self.out.patch(0, &front(size)?)?;
        }
        self.out.finish()
    }
}

/// The header's sector. `directory` is where the grain directory is, in sectors.
fn header(size: u64, directory: u64) -> Vec<u8> {
    let mut bytes = b"KDMV".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    // The bytes below for line ends are valid; grains are compressed; there are markers.
    bytes.extend((1_u32 | 1 << 16 | 1 << 17).to_le_bytes());
    for value in [size.div_ceil(SECTOR), GRAIN_SECTORS, 1, DESCRIPTOR_SECTORS] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(512_u32.to_le_bytes());
    // No second grain directory.
    for value in [0, directory, OVERHEAD] {
        bytes.extend(value.to_le_bytes());
    }
    // Closed properly; how lines end, to notice a transfer as text; deflate.
    bytes.extend([0, b'\n', b' ', b'\r', b'\n', 1, 0]);
    bytes.resize(512, 0);
    bytes
}

/// Header and descriptor.
fn front(size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = header(size, AT_END);
    bytes.extend(descriptor(size.div_ceil(SECTOR)).as_bytes());
    if bytes.len() as u64 > (1 + DESCRIPTOR_SECTORS) * SECTOR {
        return Err(too_large());
    }
    Ok(bytes)
}

fn descriptor(sectors: u64) -> String {
    let digest = blake3::hash(&sectors.to_le_bytes());
    let id = digest.as_bytes().iter().take(4);
    // Below the two values that mean "none".
    let id = id.fold(0_u32, |id, byte| id << 8 | u32::from(*byte)) & 0x7fff_ffff;
    let (heads, per_track) = (255, 63);
    let cylinders = sectors.div_ceil(heads * per_track);
    format!(
        "# Disk DescriptorFile\n\
         version=1\n\
         CID={id:08x}\n\
         parentCID=ffffffff\n\
         createType=\"streamOptimized\"\n\
         \n\
         # Extent description\n\
         RW {sectors} SPARSE \"disk.vmdk\"\n\
         \n\
         # The Disk Data Base\n\
         #DDB\n\
         \n\
         ddb.adapterType = \"lsilogic\"\n\
         ddb.geometry.cylinders = \"{cylinders}\"\n\
         ddb.geometry.heads = \"{heads}\"\n\
         ddb.geometry.sectors = \"{per_track}\"\n\
         ddb.virtualHWVersion = \"4\"\n"
    )
}

fn too_large() -> io::Error {
    let text = "the disk is too large for a VMDK of one file, which ends at 2 TiB";
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}

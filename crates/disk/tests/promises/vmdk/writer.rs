//! A writer of VMDKs of every shape that the specification allows, for these tests alone; `qemu-img` holds it to account.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::pattern::Dice;

pub(crate) const SECTOR: usize = 512;

/// In which order grains lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Disk,
    Backwards,
    Shuffled(u64),
    /// In order but for the last two.
    LastSwapped,
}

/// Where the directory and its tables lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Front,
    /// Each table behind its grains, then the directory, the footer and the end-of-stream marker.
    BehindTheirGrains,
    /// The same with all tables behind all grains.
    Behind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) version: u32,
    /// Sectors.
    pub(crate) grain: usize,
    pub(crate) entries: usize,
    pub(crate) compressed: bool,
    pub(crate) markers: bool,
    pub(crate) tables: Tables,
    pub(crate) order: Order,
    /// Grains of zeros have the entry 1.
    pub(crate) zeroed: bool,
    /// Sectors of zeros here and there between grains.
    pub(crate) padded: bool,
    /// Tables without entries are left out of the directory.
    pub(crate) lean: bool,
}

/// As VMware's and VirtualBox's exporters do it.
pub(crate) const STREAM: Shape = Shape {
    version: 3,
    grain: 128,
    entries: 512,
    compressed: true,
    markers: true,
    tables: Tables::BehindTheirGrains,
    order: Order::Disk,
    zeroed: false,
    padded: false,
    lean: true,
};

/// As `qemu-img` does it.
pub(crate) const SPARSE: Shape = Shape {
    version: 1,
    compressed: false,
    markers: false,
    tables: Tables::Front,
    ..STREAM
};

pub(crate) fn descriptor(kind: &str, sectors: usize) -> String {
    format!(
        "# Disk DescriptorFile\nversion=1\nCID=7e5b80a7\nparentCID=ffffffff\ncreateType=\"{kind}\"\n\n\
         # Extent description\nRW {sectors} SPARSE \"disk.vmdk\"\n\n#DDB\n\nddb.adapterType = \"lsilogic\"\n"
    )
}

/// Where things lie in a file that was made.
pub(crate) struct Made {
    pub(crate) image: Vec<u8>,
    /// The place of the directory.
    pub(crate) directory: usize,
    /// The place of each table; 0 for none.
    pub(crate) tables: Vec<usize>,
    /// The place of the grains, in their order in the file.
    pub(crate) grains: Vec<usize>,
}

pub(crate) fn make(disk: &[u8], shape: Shape) -> Made {
    Writer::new(disk, shape).write()
}

struct Writer<'a> {
    disk: &'a [u8],
    shape: Shape,
    out: Vec<u8>,
    /// One vector of entries for each table.
    entries: Vec<Vec<u32>>,
    tables: Vec<usize>,
    grains: Vec<usize>,
}

impl<'a> Writer<'a> {
    fn new(disk: &'a [u8], shape: Shape) -> Self {
        let count = disk.len().div_ceil(shape.grain * SECTOR * shape.entries);
        Self {
            disk,
            shape,
            out: Vec::new(),
            entries: vec![vec![0; shape.entries]; count],
            tables: vec![0; count],
            grains: Vec::new(),
        }
    }

    fn write(mut self) -> Made {
        let front = self.shape.tables == Tables::Front;
        let table_len = (self.shape.entries * 4).next_multiple_of(SECTOR);
        let directory_len = (self.tables.len() * 4).next_multiple_of(SECTOR);
        let mut directory = 21 * SECTOR;
        let mut overhead = directory;
        if front {
            overhead += directory_len + table_len * self.tables.len();
            for (n, table) in self.tables.iter_mut().enumerate() {
                *table = directory + directory_len + n * table_len;
            }
        }
        self.out.resize(overhead, 0);
        self.write_grains();
        if front {
            for (table, entries) in self.tables.iter().zip(&self.entries) {
                put(&mut self.out, *table, entries);
            }
            put(&mut self.out, directory, &sectors(&self.tables));
            self.head(0, directory, overhead);
        } else {
            self.write_tables(usize::MAX);
            self.mark(directory_len / SECTOR, 2);
            directory = self.out.len();
            self.out.resize(directory + directory_len, 0);
            put(&mut self.out, directory, &sectors(&self.tables));
            self.mark(1, 3);
            let footer = self.out.len();
            self.out.resize(footer + SECTOR, 0);
            self.head(footer, directory, overhead);
            self.mark(0, 0);
            self.head(0, usize::MAX, overhead);
        }
        let kind = if self.shape.compressed {
            "streamOptimized"
        } else {
            "monolithicSparse"
        };
        let text = descriptor(kind, self.disk.len() / SECTOR);
        self.out[SECTOR..SECTOR + text.len()].copy_from_slice(text.as_bytes());
        Made {
            image: self.out,
            directory,
            tables: self.tables,
            grains: self.grains,
        }
    }

    fn write_grains(&mut self) {
        let len = self.shape.grain * SECTOR;
        let mut order: Vec<usize> = Vec::new();
        for (n, bytes) in self.disk.chunks(len).enumerate() {
            if bytes.iter().any(|byte| *byte != 0) {
                order.push(n);
            } else if self.shape.zeroed {
                self.entries[n / self.shape.entries][n % self.shape.entries] = 1;
            }
        }
        let count = order.len();
        match self.shape.order {
            Order::Disk => {}
            Order::Backwards => order.reverse(),
            Order::LastSwapped => order.swap(count - 1, count - 2),
            Order::Shuffled(seed) => {
                let mut dice = Dice::new(seed);
                for n in (1..count).rev() {
                    order.swap(n, dice.below(n as u64 + 1) as usize);
                }
            }
        }
        for n in order {
            if self.shape.tables == Tables::BehindTheirGrains && self.shape.order == Order::Disk {
                self.write_tables(n / self.shape.entries);
            }
            if self.shape.padded && n % 3 == 1 {
                self.out.resize(self.out.len() + SECTOR, 0);
            }
            let place = self.out.len();
            self.grains.push(place);
            self.entries[n / self.shape.entries][n % self.shape.entries] =
                u32::try_from(place / SECTOR).unwrap();
            self.write_grain(n, len);
        }
    }

    fn write_grain(&mut self, n: usize, len: usize) {
        let bytes = &self.disk[n * len..self.disk.len().min((n + 1) * len)];
        if self.shape.compressed {
            let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(bytes).unwrap();
            let packed = packer.finish().unwrap();
            if self.shape.markers {
                self.out
                    .extend_from_slice(&((n * self.shape.grain) as u64).to_le_bytes());
                self.out
                    .extend_from_slice(&u32::try_from(packed.len()).unwrap().to_le_bytes());
            }
            self.out.extend_from_slice(&packed);
        } else {
            self.out.extend_from_slice(bytes);
        }
        let end = self.out.len().next_multiple_of(SECTOR);
        self.out.resize(end, 0);
    }

    /// The tables before `number` that have not been written.
    fn write_tables(&mut self, number: usize) {
        for n in 0..self.tables.len().min(number) {
            let empty = self.entries[n].iter().all(|entry| *entry == 0);
            if self.tables[n] != 0 || (empty && self.shape.lean) {
                continue;
            }
            let len = (self.shape.entries * 4).next_multiple_of(SECTOR);
            self.mark(len / SECTOR, 1);
            self.tables[n] = self.out.len();
            self.out.resize(self.out.len() + len, 0);
            put(&mut self.out, self.tables[n], &self.entries[n]);
        }
    }

    fn mark(&mut self, sectors: usize, kind: u32) {
        let mut marker = vec![0; SECTOR];
        marker[..8].copy_from_slice(&(sectors as u64).to_le_bytes());
        marker[12..16].copy_from_slice(&kind.to_le_bytes());
        self.out.extend_from_slice(&marker);
    }

    fn head(&mut self, at: usize, directory: usize, overhead: usize) {
        let shape = self.shape;
        let flags = 1
            | u32::from(shape.zeroed) << 2
            | u32::from(shape.compressed) << 16
            | u32::from(shape.markers) << 17;
        let directory = match directory {
            usize::MAX => u64::MAX,
            place => (place / SECTOR) as u64,
        };
        let mut head = b"KDMV".to_vec();
        head.extend(shape.version.to_le_bytes());
        head.extend(flags.to_le_bytes());
        for number in [(self.disk.len() / SECTOR) as u64, shape.grain as u64, 1, 20] {
            head.extend(number.to_le_bytes());
        }
        head.extend(u32::try_from(shape.entries).unwrap().to_le_bytes());
        for number in [0, directory, (overhead / SECTOR) as u64] {
            head.extend(number.to_le_bytes());
        }
        head.push(0);
        head.extend(b"\n \r\n");
        head.extend(u16::from(shape.compressed).to_le_bytes());
        self.out[at..at + head.len()].copy_from_slice(&head);
    }
}

fn sectors(places: &[usize]) -> Vec<u32> {
    places
        .iter()
        .map(|place| u32::try_from(place / SECTOR).unwrap())
        .collect()
}

fn put(out: &mut [u8], at: usize, words: &[u32]) {
    for (n, word) in words.iter().enumerate() {
        out[at + n * 4..at + n * 4 + 4].copy_from_slice(&word.to_le_bytes());
    }
}

//! A small writer of qcow2 images that knows nothing of the reader: any layout that the format allows, in any order.

use std::io::Write;

use crate::pattern::Dice;

/// What an image is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) version: u32,
    pub(crate) cluster_bits: u32,
    pub(crate) zstd: bool,
    pub(crate) subclusters: bool,
    /// Bytes of the disk.
    pub(crate) size: u64,
    pub(crate) seed: u64,
    /// How far things are moved from the order of the disk: 0 keeps it, 100 shuffles everything.
    pub(crate) disorder: u64,
    /// One cluster in so many is not allocated.
    pub(crate) sparse: u64,
}

/// An image and the disk that it holds.
pub(crate) struct Made {
    pub(crate) image: Vec<u8>,
    pub(crate) disk: Vec<u8>,
    /// The end of the last byte of the file that the disk is made of; what follows is padding.
    pub(crate) needed: usize,
}

/// Something that takes space in the file.
enum Item {
    Table(usize),
    Data(usize, Vec<u8>),
    /// Packed data; several of them share clusters and even sectors.
    Packed(usize, Vec<u8>),
    Garbage(Vec<u8>),
}

pub(crate) fn make(plan: &Plan) -> Made {
    Writer::new(plan).make()
}

struct Writer<'a> {
    plan: &'a Plan,
    dice: Dice,
    cluster: usize,
    entry: usize,
    per_table: usize,
    /// First words and bitmaps of all L2 entries.
    entries: Vec<(u64, u64)>,
    disk: Vec<u8>,
    items: Vec<(u64, Item)>,
    needed: usize,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan) -> Self {
        let cluster = 1 << plan.cluster_bits;
        let entry = if plan.subclusters { 16 } else { 8 };
        let clusters = (plan.size as usize).div_ceil(cluster);
        Self {
            plan,
            dice: Dice::new(plan.seed),
            cluster,
            entry,
            per_table: cluster / entry,
            entries: vec![(0, 0); clusters],
            disk: vec![0; clusters * cluster],
            items: Vec::new(),
            needed: cluster * 2,
        }
    }

    fn make(mut self) -> Made {
        let clusters = self.entries.len();
        for number in 0..clusters {
            if number % self.per_table == 0 {
                let place = self.place(number);
                self.items
                    .push((place, Item::Table(number / self.per_table)));
            }
            self.guest_cluster(number);
        }
        self.items.sort_by_key(|(place, _)| *place);
        let image = self.lay_out();
        self.disk.truncate(self.plan.size as usize);
        Made {
            image,
            disk: self.disk,
            needed: self.needed,
        }
    }

    /// Where in the file's order something of guest cluster `number` goes.
    fn place(&mut self, number: usize) -> u64 {
        let span = self.entries.len() as u64 * 16 * self.plan.disorder / 100;
        number as u64 * 16 + self.dice.below(span + 1)
    }

    fn guest_cluster(&mut self, number: usize) {
        if self.dice.below(self.plan.sparse) == 0 {
            let zero = self.plan.version == 3 && !self.plan.subclusters && self.dice.below(2) == 0;
            self.entries[number].0 = u64::from(zero);
            if self.plan.subclusters && self.dice.below(2) == 0 {
                self.entries[number].1 = self.dice.next() << 32;
            }
            return;
        }
        let range = number * self.cluster..(number + 1) * self.cluster;
        let place = self.place(number);
        if self.dice.below(8) == 0 {
            let mut garbage = vec![0; self.cluster];
            self.dice.noise(&mut garbage);
            self.items.push((place, Item::Garbage(garbage)));
        }
        let mut data = vec![0; self.cluster];
        match self.dice.below(4) {
            0 => self.dice.noise(&mut data),
            1 => data.fill(7),
            _ => self.dice.text(&mut data),
        }
        if self.dice.below(2) == 0 {
            let packed = self.pack(&data);
            if packed.len() < self.cluster {
                self.disk[range].copy_from_slice(&data);
                self.items.push((place, Item::Packed(number, packed)));
                return;
            }
        }
        if self.plan.subclusters {
            let (mask, zero) = (
                self.dice.next() & 0xffff_ffff,
                self.dice.next() & 0xffff_ffff,
            );
            self.entries[number].1 = mask | (zero & !mask) << 32;
            let size = self.cluster / 32;
            for sub in (0..32).filter(|sub| mask & 1 << sub != 0) {
                let part = sub * size..(sub + 1) * size;
                self.disk[range.start + part.start..range.start + part.end]
                    .copy_from_slice(&data[part]);
            }
        } else if self.plan.version == 3 && self.dice.below(6) == 0 {
            self.entries[number].0 = 1;
        } else {
            self.disk[range].copy_from_slice(&data);
        }
        self.items.push((place, Item::Data(number, data)));
    }

    fn pack(&mut self, data: &[u8]) -> Vec<u8> {
        if self.plan.zstd {
            return zstd::bulk::compress(data, 1).unwrap();
        }
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// Header, L1 table, refcount table, then the items; the L1 table may also come last.
    fn lay_out(&mut self) -> Vec<u8> {
        let tables = self.entries.len().div_ceil(self.per_table);
        let l1_len = (tables * 8).next_multiple_of(self.cluster);
        let l1_last = self.plan.disorder > 0 && self.dice.below(3) == 0;
        let mut image = vec![0; self.cluster * 2];
        let mut l1_at = image.len();
        if !l1_last {
            image.resize(l1_at + l1_len, 0);
        }
        let mut l1 = vec![0_u64; tables];
        let mut unfinished = Vec::new();
        let mut packed_end = None;
        for (_, item) in std::mem::take(&mut self.items) {
            if let Item::Packed(number, bytes) = item {
                let at = self.append_packed(&mut image, packed_end, &bytes);
                packed_end = Some(at + bytes.len());
                self.needed = self.needed.max(at + bytes.len());
                self.entries[number].0 =
                    compressed_entry(self.plan.cluster_bits, at as u64, bytes.len() as u64);
                continue;
            }
            let at = image.len().next_multiple_of(self.cluster);
            image.resize(at, 0xee);
            match item {
                Item::Table(number) => {
                    l1[number] = at as u64 | 1 << 63;
                    unfinished.push((number, at));
                    image.resize(at + self.cluster, 0);
                    self.needed = image.len();
                }
                Item::Data(number, data) => {
                    self.entries[number].0 |= at as u64 | 1 << 63;
                    image.extend(data);
                    let used = self.used(number);
                    self.needed = self.needed.max(if used == 0 { 0 } else { at + used });
                }
                Item::Garbage(bytes) | Item::Packed(_, bytes) => image.extend(bytes),
            }
        }
        if !l1_last {
            self.needed = self.needed.max(l1_at + tables * 8);
        }
        if l1_last {
            l1_at = image.len().next_multiple_of(self.cluster);
            image.resize(l1_at + l1_len, 0);
            self.needed = l1_at + tables * 8;
        }
        self.write_tables(&mut image, unfinished, l1_at, &l1);
        self.header(&mut image, l1_at as u64, tables as u32);
        image
    }

    fn write_tables(
        &self,
        image: &mut [u8],
        unfinished: Vec<(usize, usize)>,
        l1_at: usize,
        l1: &[u64],
    ) {
        for (number, at) in unfinished {
            let first = number * self.per_table;
            let mine = &self.entries[first..self.entries.len().min(first + self.per_table)];
            for (index, (word, bitmap)) in mine.iter().enumerate() {
                let at = at + index * self.entry;
                image[at..at + 8].copy_from_slice(&word.to_be_bytes());
                if self.plan.subclusters {
                    let bitmap = if word & 1 << 62 == 0 { *bitmap } else { 0 };
                    image[at + 8..at + 16].copy_from_slice(&bitmap.to_be_bytes());
                }
            }
        }
        for (index, word) in l1.iter().enumerate() {
            image[l1_at + index * 8..l1_at + index * 8 + 8].copy_from_slice(&word.to_be_bytes());
        }
    }

    /// How many bytes of an unpacked cluster in the file belong to the disk.
    fn used(&self, number: usize) -> usize {
        let (word, bitmap) = self.entries[number];
        let visible = self
            .cluster
            .min(self.plan.size as usize - number * self.cluster);
        if self.plan.subclusters {
            let allocated = bitmap & 0xffff_ffff;
            let size = self.cluster / 32;
            let last = (0..32)
                .rev()
                .find(|sub| allocated & 1 << sub != 0 && sub * size < visible);
            return last.map_or(0, |sub| visible.min((sub + 1) * size));
        }
        if word & 1 == 1 { 0 } else { visible }
    }

    /// Packed data goes on directly behind the packed data before it, when that cluster is still the last one.
    fn append_packed(
        &mut self,
        image: &mut Vec<u8>,
        packed_end: Option<usize>,
        bytes: &[u8],
    ) -> usize {
        let room = packed_end.filter(|end| {
            image.len() == end.next_multiple_of(self.cluster)
                && end + bytes.len() <= image.len()
                && end % self.cluster != 0
        });
        let at = room.unwrap_or_else(|| image.len().next_multiple_of(self.cluster));
        let end = (at + bytes.len())
            .next_multiple_of(self.cluster)
            .max(image.len());
        image.resize(end, 0);
        image[at..at + bytes.len()].copy_from_slice(bytes);
        at
    }

    fn header(&self, image: &mut [u8], l1: u64, tables: u32) {
        let plan = self.plan;
        let mut put32 =
            |at: usize, value: u32| image[at..at + 4].copy_from_slice(&value.to_be_bytes());
        put32(0, 0x5146_49fb);
        put32(4, plan.version);
        put32(20, plan.cluster_bits);
        put32(36, tables);
        put32(56, 1);
        if plan.version == 3 {
            put32(
                76,
                if plan.zstd { 8 } else { 0 } | if plan.subclusters { 16 } else { 0 },
            );
            put32(96, 4);
            put32(100, 112);
            image[104] = u8::from(plan.zstd);
        }
        let mut put64 =
            |at: usize, value: u64| image[at..at + 8].copy_from_slice(&value.to_be_bytes());
        put64(24, plan.size);
        put64(40, if tables == 0 { 0 } else { l1 });
        put64(48, self.cluster as u64);
    }
}

/// The L2 entry of `len` packed bytes at `at`.
pub(crate) fn compressed_entry(cluster_bits: u32, at: u64, len: u64) -> u64 {
    let sectors = (at + len - 1) / 512 - at / 512;
    1 << 62 | sectors << (62 - (cluster_bits - 8)) | at
}

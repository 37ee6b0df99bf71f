//! Files made by hand: headers of every format, with one thing wrong.

/// A file of zeros to be written into.
pub(crate) struct Draft(pub(crate) Vec<u8>);

impl Draft {
    pub(crate) fn zeros(len: usize) -> Self {
        Self(vec![0; len])
    }

    pub(crate) fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(crate) fn be32(self, at: usize, value: u32) -> Self {
        self.put(at, &value.to_be_bytes())
    }

    pub(crate) fn be64(self, at: usize, value: u64) -> Self {
        self.put(at, &value.to_be_bytes())
    }

    pub(crate) fn le32(self, at: usize, value: u32) -> Self {
        self.put(at, &value.to_le_bytes())
    }

    pub(crate) fn le64(self, at: usize, value: u64) -> Self {
        self.put(at, &value.to_le_bytes())
    }

    /// The signature of a boot record.
    pub(crate) fn signed(self) -> Self {
        self.put(510, &[0x55, 0xaa])
    }

    /// An entry of a boot record.
    pub(crate) fn entry(self, index: usize, kind: u8, start: u32, sectors: u32) -> Self {
        let at = 446 + 16 * index;
        let chs = [0, 2, 0];
        self.put(at + 1, &chs)
            .put(at + 4, &[kind])
            .le32(at + 8, start)
            .le32(at + 12, sectors)
            .signed()
    }
}

/// An empty qcow2 of 1 MiB: header, refcounts, an L1 table.
pub(crate) fn qcow2(version: u32) -> Draft {
    Draft::zeros(256 << 10)
        .put(0, b"QFI\xfb")
        .be32(4, version)
        .be32(20, 16)
        .be64(24, 1 << 20)
        .be32(36, 1)
        .be64(40, 0x30000)
        .be64(48, 0x10000)
        .be32(56, 1)
        .be64(0x10000, 0x20000)
        .be32(96, if version == 3 { 4 } else { 0 })
        .be32(100, if version == 3 { 104 } else { 0 })
}

/// A sparse VMDK whose header points to this descriptor.
pub(crate) fn vmdk(descriptor: &str) -> Draft {
    Draft::zeros(64 << 10)
        .put(0, b"KDMV")
        .le32(4, 1)
        .le32(8, 3)
        .le64(12, 2048)
        .le64(20, 128)
        .le64(28, 1)
        .le64(36, 20)
        .le32(44, 512)
        .le64(48, 21)
        .le64(56, 26)
        .put(512, descriptor.as_bytes())
}

/// A descriptor of this type with these extents.
pub(crate) fn descriptor(kind: &str, extents: &str) -> String {
    format!(
        "# Disk DescriptorFile\nversion=1\nCID=0000abcd\nparentCID=ffffffff\ncreateType=\"{kind}\"\n\n\
         # Extent description\n{extents}\n\n# The Disk Data Base\nddb.adapterType = \"ide\"\n"
    )
}

/// CRC-32 as UEFI has it, computed bit by bit.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// A disk with a GPT, its backup, and partitions given as type GUID in bytes, first and last sector, and name.
pub(crate) fn gpt(sectors: u64, partitions: &[([u8; 16], u64, u64, &str)]) -> Draft {
    let mut entries = vec![0; 128 * 128];
    for (entry, (kind, first, last, name)) in entries.chunks_mut(128).zip(partitions) {
        entry[..16].copy_from_slice(kind);
        entry[16..32].copy_from_slice(&[7; 16]);
        entry[32..40].copy_from_slice(&first.to_le_bytes());
        entry[40..48].copy_from_slice(&last.to_le_bytes());
        for (unit, place) in name.encode_utf16().zip(entry[56..128].chunks_mut(2)) {
            place.copy_from_slice(&unit.to_le_bytes());
        }
    }
    let header = |own: u64, other: u64, table: u64| {
        let mut header = Draft::zeros(92)
            .put(0, b"EFI PART")
            .le32(8, 0x10000)
            .le32(12, 92)
            .le64(24, own)
            .le64(32, other)
            .le64(40, 34)
            .le64(48, sectors - 34)
            .put(56, &[9; 16])
            .le64(72, table)
            .le32(80, 128)
            .le32(84, 128)
            .le32(88, crc32(&entries));
        let crc = crc32(&header.0);
        header = header.le32(16, crc);
        header.0
    };
    let last = sectors - 1;
    let at = |sector: u64| sector as usize * 512;
    Draft::zeros(at(sectors))
        .entry(0, 0xee, 1, (sectors - 1) as u32)
        .put(512, &header(1, last, 2))
        .put(1024, &entries)
        .put(at(last - 32), &entries)
        .put(at(last), &header(last, 1, last - 32))
}

pub(crate) const EFI_SYSTEM: [u8; 16] = [
    0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b,
];
pub(crate) const BIOS_BOOT: [u8; 16] = *b"Hah!IdontNeedEFI";
pub(crate) const LINUX: [u8; 16] = [
    0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4,
];

/// An ISO with a primary descriptor, and a boot catalogue for a BIOS and a UEFI in sector 20.
pub(crate) fn iso() -> Draft {
    Draft::zeros(2048 * 24)
        .put(0x8000, b"\x01CD001\x01")
        .put(0x8000 + 40, b"TEST DISC")
        .le32(0x8000 + 80, 24)
        .put(0x8000 + 128, &[0, 8])
        .put(0x8800, b"\0CD001\x01EL TORITO SPECIFICATION")
        .le32(0x8800 + 71, 20)
        .put(0x9000, b"\xffCD001\x01")
        .put(20 * 2048, &[1, 0])
        .put(20 * 2048 + 30, &[0x55, 0xaa])
        .put(20 * 2048 + 32, &[0x88])
        .put(20 * 2048 + 64, &[0x91, 0xef, 1, 0])
        .put(20 * 2048 + 96, &[0x88])
}

/// A VHDX with the structures that are looked at: headers, a region table, metadata with these flags.
pub(crate) fn vhdx(flags: u32) -> Draft {
    const METADATA: [u8; 16] = [
        0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88,
        0x6e,
    ];
    const PARAMETERS: [u8; 16] = [
        0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7,
        0x6b,
    ];
    const SIZE: [u8; 16] = [
        0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4,
        0xb8,
    ];
    let (regions, metadata) = (192 << 10, 2 << 20);
    Draft::zeros(3 << 20)
        .put(0, b"vhdxfile")
        .put(64 << 10, b"head")
        .le64((64 << 10) + 8, 7)
        .put((64 << 10) + 66, &[1])
        .put(128 << 10, b"head")
        .le64((128 << 10) + 8, 6)
        .put(regions, b"regi")
        .le32(regions + 8, 1)
        .put(regions + 16, &METADATA)
        .le64(regions + 32, 2 << 20)
        .le32(regions + 40, 1 << 20)
        .put(metadata, b"metadata")
        .put(metadata + 10, &[2, 0])
        .put(metadata + 32, &PARAMETERS)
        .le32(metadata + 48, 64 << 10)
        .le32(metadata + 52, 8)
        .put(metadata + 64, &SIZE)
        .le32(metadata + 80, (64 << 10) + 8)
        .le32(metadata + 84, 8)
        .le32(metadata + (64 << 10), 1 << 20)
        .le32(metadata + (64 << 10) + 4, flags)
        .le64(metadata + (64 << 10) + 8, 8 << 20)
}

/// A dynamic VDI of 4 MiB with one block.
pub(crate) fn vdi(kind: u32) -> Draft {
    Draft::zeros(2 << 20)
        .put(0, b"<<< a disk made by hand >>>\n")
        .le32(0x40, 0xbeda_107f)
        .le32(0x44, 0x10001)
        .le32(0x48, 0x190)
        .le32(0x4c, kind)
        .le32(0x154, 0x200)
        .le32(0x158, 0x400)
        .le32(0x168, 512)
        .le64(0x170, 4 << 20)
        .le32(0x178, 1 << 20)
        .le32(0x180, 4)
        .le32(0x184, 1)
}

/// A VHD footer of this type for a disk of `size` bytes.
pub(crate) fn vhd_footer(kind: u32, size: u64) -> Vec<u8> {
    Draft::zeros(512)
        .put(0, b"conectix")
        .be32(8, 2)
        .be32(12, 0x10000)
        .be64(16, if kind == 2 { u64::MAX } else { 512 })
        .put(28, b"test")
        .be64(40, size)
        .be64(48, size)
        .be32(60, kind)
        .0
}

/// A VHD with its footer at both ends and a dynamic header.
pub(crate) fn vhd(kind: u32) -> Draft {
    let footer = vhd_footer(kind, 1 << 20);
    Draft::zeros(8 << 10)
        .put(0, &footer)
        .put(512, b"cxsparse")
        .be32(512 + 32, 2 << 20)
        .put((8 << 10) - 512, &footer)
}

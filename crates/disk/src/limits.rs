//! Every limit of this crate, in one place. Under `cfg(fuzzing)` what is held in memory is so small that an image of a
//! few KiB does not fit: then every way around a full window is taken.

/// The largest virtual disk that is decoded unless the caller says otherwise, in bytes: 1 TiB, Glance's own
/// default `image_size_cap`.
pub const MAX_VIRTUAL_SIZE: u64 = 1 << 40;

/// How many layers of packing (gz, xz, zst, bz2, ova) are taken off.
pub const MAX_PACKINGS: usize = 2;

/// How many times larger than the file its unpacked bytes may become, once they are past [`EXPANSION_FREE`].
/// A nearly empty 20 GiB disk packed by xz is 800 times larger than its file.
pub const MAX_EXPANSION: u64 = 10_000;

/// Unpacked bytes that are allowed whatever the ratio: 1 GiB.
pub const EXPANSION_FREE: u64 = 1 << 30;

/// Memory that unpacking xz may take, in bytes: `xz -9` needs 65 MiB.
pub const MAX_XZ_MEMORY: u64 = 256 << 20;

/// The largest window of a zstd frame around an image, as a power of two: 128 MiB, what `zstd -d` takes.
pub const MAX_ZSTD_WINDOW_LOG: u32 = 27;

/// The largest window of a zstd frame in a qcow2 cluster, as a power of two: 8 MiB, four times the largest cluster.
pub const MAX_CLUSTER_ZSTD_WINDOW_LOG: u32 = 23;

/// How many differing ranges a comparison lists before it only counts them.
pub const MAX_DIFFERENCES: usize = 1000;

/// Differing bytes this near to each other are listed as one range.
pub const DIFFERENCE_GAP: u64 = 512;

/// The unit in which a file is read and handed on, in bytes.
pub const CHUNK: usize = if cfg!(fuzzing) { 1 << 10 } else { 256 << 10 };

/// How much of a file is looked at before it is decided what to do with it, in bytes: bzip2 packs 900 kB at a time.
pub const LOOK: usize = INSPECTED_HEAD;

/// A hole is handed on in pieces of at most so many bytes, so that a pass over a large one shows progress and can be
/// cancelled.
pub const MAX_HOLE: u64 = 16 << 20;

/// How much of a file is held in memory while its place in the disk is not known yet, in bytes.
pub const WINDOW: usize = if cfg!(fuzzing) { 8 << 10 } else { 20 << 20 };

/// How much of [`WINDOW`] is kept behind the newest byte that was used. `qemu-img convert -c` needs less than two
/// clusters, `convert -c -W -m 16` up to 17 MB.
pub const WINDOW_BEHIND: usize = if cfg!(fuzzing) { 4 << 10 } else { 14 << 20 };

/// Bytes of a forward-only stream that left the window unused and are still held in memory.
pub const MAX_LEFTOVER: usize = if cfg!(fuzzing) { 2 << 10 } else { 4 << 20 };

/// Bytes of a forward-only stream that are spilled to a temporary file at most: 16 GiB.
pub const MAX_SPILL: u64 = 16 << 30;

/// Bytes of mapping tables that are held in memory until their turn comes.
pub const MAX_KEPT_TABLES: usize = if cfg!(fuzzing) { 2 << 10 } else { 8 << 20 };

/// Decoded bytes handed on at once, in bytes; a single cluster may be larger.
pub const BATCH: usize = if cfg!(fuzzing) { 8 << 10 } else { 256 << 10 };

/// Decoded batches that wait for their turn.
pub const BATCHES_WAITING: usize = 16;

/// Chunks that wait for a digest.
pub const CHUNKS_WAITING: usize = 8;

/// Bytes of a raw file that are written before they are sent on to the disk while more are written.
pub const SETTLED: u64 = 32 << 20;

/// Threads that decode at most.
pub const MAX_WORKERS: usize = 4;

/// qcow2: the smallest and the largest cluster, as powers of two (QEMU's `MIN_CLUSTER_BITS`, `MAX_CLUSTER_BITS`).
pub const QCOW2_CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;

/// qcow2: bytes of the L1 table (QEMU's `QCOW_MAX_L1_SIZE`).
pub const QCOW2_MAX_L1: u64 = 32 << 20;

/// qcow2: bytes of the refcount table (QEMU's `QCOW_MAX_REFTABLE_SIZE`).
pub const QCOW2_MAX_REFCOUNT_TABLE: u64 = 8 << 20;

/// qcow2: internal snapshots (QEMU's `QCOW_MAX_SNAPSHOTS`).
pub const QCOW2_MAX_SNAPSHOTS: u32 = 65_536;

/// qcow2: the length of a backing file's name (QEMU's limit).
pub const QCOW2_MAX_BACKING_NAME: u32 = 1023;

/// VDI: bytes of a block; QEMU reads no other.
pub const VDI_BLOCK: u64 = if cfg!(fuzzing) { 4 << 10 } else { 1 << 20 };

/// VDI: bytes of the part of the block map that the disk needs; enough for 8 TiB.
pub const VDI_MAX_MAP: u64 = 32 << 20;

/// VHD: the largest disk, in bytes: 2040 GiB, as for QEMU and Hyper-V.
pub const VHD_MAX_SIZE: u64 = 2040 << 30;

/// VHD: bytes of the part of the block table that the disk needs; enough for 2040 GiB in blocks of 512 KiB.
pub const VHD_MAX_TABLE: u64 = 16 << 20;

/// VHD: bytes at the end of a raw stream that are held back until it is known whether it ends in a footer. The size that
/// QEMU takes from the geometry is at most one cylinder (16 heads of 255 sectors) smaller than the footer's own.
pub const VHD_HELD_BACK: u64 = if cfg!(fuzzing) {
    4 << 10
} else {
    (16 * 255 + 1) * 512
};

/// VHDX: the largest disk, in bytes: 64 TiB ([MS-VHDX] 2.6.2.2).
pub const VHDX_MAX_SIZE: u64 = 64 << 40;

/// VHDX: the smallest and the largest block, in bytes ([MS-VHDX] 2.6.2.1).
pub const VHDX_BLOCK: std::ops::RangeInclusive<u64> = 1 << 20..=256 << 20;

/// VHDX: bytes of the part of the block allocation table that the disk needs; enough for 64 TiB in blocks of 16 MiB and
/// 4 TiB in blocks of 1 MiB.
pub const VHDX_MAX_TABLE: u64 = 34 << 20;

/// VMDK: the largest grain, in bytes: 2 MiB. Writers use 64 KiB.
pub const VMDK_MAX_GRAIN: u64 = 2 << 20;

/// VMDK: entries of a grain table (QEMU's limit; the specification says 512).
pub const VMDK_TABLE_ENTRIES: std::ops::RangeInclusive<u64> = 1..=512;

/// VMDK: bytes of the grain directory: 4 MiB, a disk of 32 TiB with the usual grains and tables.
pub const VMDK_MAX_DIRECTORY: u64 = 4 << 20;

/// VMDK: bytes of the embedded descriptor: 64 KiB. Writers use 10 KiB.
pub const VMDK_MAX_DESCRIPTOR: u64 = 64 << 10;

/// VMDK: grains that are remembered because they are not in the order of the disk: 256 GiB of the usual ones.
pub const VMDK_MAX_UNORDERED: usize = 4 << 20;

/// VMDK: grain tables that are looked at beforehand, to see whether the grains are in order: 512 GiB of the usual ones. A
/// disk with more is read as if they were not.
pub const VMDK_MAX_LOOK_AHEAD: usize = 16 << 10;

/// OVA: bytes of the OVF descriptor or of the manifest.
pub const OVA_MAX_TEXT: u64 = 1 << 20;

/// OVA: files in the package.
pub const OVA_MAX_FILES: usize = 1000;

/// tar: bytes of an extended header (a long name, pax records).
pub const TAR_MAX_EXTENDED: u64 = 64 << 10;

/// Memory for batches of units that are being compressed, in bytes, whatever the number of cores.
pub const WRITE_MEMORY: usize = 24 << 20;

/// So many batches are compressed at once even where they take more than [`WRITE_MEMORY`]: qcow2 clusters of 2 MiB, a
/// batch each, take 64 MiB.
pub const WRITE_BATCHES: usize = 16;

/// qcow2, written: bytes of whole clusters that wait until the gap before them has been filled with compressed ones. A gap
/// that is not full by then stays.
pub const WRITE_HELD: u64 = 4 << 20;

/// Inspecting: bytes of a file's beginning that are looked at whole. A VMDK's descriptor may take 1 MiB less one byte
/// behind its header (QEMU's and oslo.utils' limit); every other header lies before that.
pub const INSPECTED_HEAD: usize = (1 << 20) + (64 << 10);

/// Inspecting: bytes of a file's end that are looked at: the footers of VHD, VMDK and DMG, the backup header of a GPT.
pub const INSPECTED_TAIL: usize = 8 << 10;

/// Inspecting: places behind the beginning that a file may send the inspector to, at most.
pub const INSPECTED_SPOTS: usize = 160;

/// Inspecting: bytes at such a place, at most: a metadata table of a VHDX.
pub const INSPECTED_SPOT: usize = 64 << 10;

/// Inspecting: logical partitions that are followed, at most. Linux names 124.
pub const MAX_LOGICAL_PARTITIONS: usize = 128;

/// Inspecting: entries of a GPT that are read, at most; the usual number is 128.
pub const MAX_GPT_ENTRIES: u32 = 1024;

/// Inspecting: slices of a disk in its map of data.
pub const MAP_CELLS: u64 = 256;

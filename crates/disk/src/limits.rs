//! Every limit of this crate, in one place. Under `cfg(fuzzing)` what is held in memory is so small that an image of a
//! few KiB does not fit: then every way around a full window is taken.

/// The largest virtual disk that is decoded unless the caller says otherwise, in bytes: 1 TiB, Glance's own
/// default `image_size_cap`.
pub const MAX_VIRTUAL_SIZE: u64 = 1 << 40;

/// How many layers of packing (gz, xz, zst, bz2) are taken off.
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

//! Every limit of this crate, in one place.

/// The largest virtual disk that is decoded unless the caller says otherwise, in bytes: 1 TiB, Glance's own
/// default `image_size_cap`.
pub const MAX_VIRTUAL_SIZE: u64 = 1 << 40;

/// How many layers of packing (gz, xz, zst, bz2) are taken off.
pub const MAX_PACKINGS: usize = 2;

/// How many differing ranges a comparison lists before it only counts them.
pub const MAX_DIFFERENCES: usize = 1000;

//! Every limit on what vendors' pages and family files may cost.

/// The largest family file, in bytes.
pub const MAX_FAMILY: u64 = 256 << 10;
/// Family files that are read from one folder at most.
pub const MAX_FAMILIES: usize = 500;
/// The largest page that lists releases or builds, in bytes. Ubuntu's whole simplestreams file had about 18 MB in 2026.
pub const MAX_PAGE: usize = 48 << 20;
/// Entries that are taken from one page.
pub const MAX_ENTRIES: usize = 200_000;
/// The longest name of an entry, in bytes.
pub const MAX_NAME: usize = 1_000;
/// How many builds are looked into when the newest one lacks what is sought: an architecture, or its checksum file.
pub const MAX_OLDER: usize = 4;
/// The size of a compiled pattern, in bytes.
pub const MAX_PATTERN: usize = 64 << 10;
/// What a cache keeps unless told otherwise, in bytes.
pub const MAX_CACHE: u64 = 64 << 20;
/// The largest thing that a cache keeps, in bytes.
pub const MAX_CACHED: u64 = 32 << 20;

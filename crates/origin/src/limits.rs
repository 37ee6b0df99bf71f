//! Every limit on what vendors' pages, family files, signatures and keys may cost.

use std::time::Duration;

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
/// The largest file of signatures that is read, in bytes. Real ones have less than 1 kB.
pub const MAX_SIGNATURE: usize = 64 << 10;
/// How many signatures in one file are looked at.
pub const MAX_SIGNATURES: usize = 16;
/// The largest file of keys that is read, in bytes. A release's whole keyring (Debian's) has less than half of it.
pub const MAX_KEYS_FILE: usize = 1 << 20;
/// How many keys one file may hold.
pub const MAX_KEYS: usize = 256;
/// How far the clock of whoever signs may be ahead of ours.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(30 * 60);
/// How often a checksum file and its signature are fetched anew when they do not fit each other: a vendor may be
/// publishing just then, or the servers behind one name may differ.
pub const MAX_FRESH_LOOKS: u32 = 2;
/// The pause before the first fresh look; doubled for the next.
pub const FRESH_LOOK_PAUSE: Duration = Duration::from_secs(1);

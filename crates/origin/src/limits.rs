//! Every limit on signatures and keys that come from outside.

use std::time::Duration;

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

//! Every limit on what definitions and plans may cost.

use std::time::Duration;

/// The largest catalogue file, in bytes.
pub const MAX_FILE: u64 = 4 << 20;
/// The largest plan that is read back, in bytes.
pub const MAX_PLAN: usize = 64 << 20;
/// How many of a vendor's pages and checksum files are asked for at once.
pub const LOOKS_AT_ONCE: usize = 8;
/// Definitions in a catalogue.
pub const MAX_DEFINITIONS: usize = 5_000;
/// The longest name of an image, in characters: Glance takes 255, and a replaced image gets nine more.
pub const MAX_NAME: usize = 246;
/// The longest text of a property, in characters (Glance's own limit).
pub const MAX_TEXT: usize = 255;
/// Steps for one definition. A rotation with everything that can be around it takes fewer than ten, and each old image
/// at most two.
pub const MAX_STEPS: usize = 10_000;
/// How long the lock in a cloud holds after the run that has it last said so.
pub const LEASE: Duration = Duration::from_secs(30 * 60);
/// How often a run says so.
pub const LEASE_RENEWED: Duration = Duration::from_secs(5 * 60);
/// How long a run waits for another one that wants the lock, too, and came later, to step back.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(10);

//! Every limit of this crate, in one place.

use std::time::Duration;

/// Bytes of a JSON body that are read at most.
pub const MAX_BODY: usize = 1 << 20;

/// Images of a page when the client names no number (`limit_param_default` of Glance).
pub const DEFAULT_PAGE: u64 = 25;

/// Images of a page at most (`api_limit_max` of Glance).
pub const MAX_PAGE: u64 = 1000;

/// Records that are read from the database at once while a list is put together.
pub const SCAN: u64 = 500;

/// Bytes of an image at most, unless configured: 1 TiB (`image_size_cap` of Glance).
pub const IMAGE_SIZE_CAP: u64 = 1 << 40;

/// Custom properties of an image at most (`image_property_quota` of Glance).
pub const MAX_PROPERTIES: usize = 128;

/// Tags of an image at most (`image_tag_quota` of Glance).
pub const MAX_TAGS: usize = 128;

/// Projects that an image is shared with at most (`image_member_quota` of Glance).
pub const MAX_MEMBERS: usize = 128;

/// Characters of a name, a tag, an owner or the key of a property at most.
pub const MAX_NAME: usize = 255;

/// The largest `min_disk` and `min_ram`: what fits in the column that Glance keeps them in.
pub const MAX_MINIMUM: i64 = i32::MAX as i64;

/// How often a change is tried again when somebody else has changed the record in between.
pub const ATTEMPTS: usize = 8;

/// Pieces of an upload that wait between the network and the disk.
pub const PIECES_WAITING: usize = 8;

/// Bytes in which stored images are read.
pub const READ: usize = 1 << 20;

/// How often a running upload says that it is alive.
pub const HEARTBEAT: Duration = Duration::from_secs(10);

/// After how long without a sign of life an upload counts as abandoned.
pub const ABANDONED: Duration = Duration::from_secs(120);

/// How long an upload may keep what it is about to write from being collected.
pub const CLAIM: Duration = Duration::from_secs(24 * 3600);

/// How long a client may send nothing of an upload.
pub const STALL: Duration = Duration::from_secs(60);

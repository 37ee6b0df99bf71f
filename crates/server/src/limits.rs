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

/// Characters of a name in metadata definitions at most.
pub const MAX_DEFINITION: usize = 80;

/// Characters of the description of a namespace of metadata definitions at most.
pub const MAX_DESCRIPTION: usize = 500;

/// The largest `min_disk` and `min_ram`: what fits in the column that Glance keeps them in.
pub const MAX_MINIMUM: i64 = i32::MAX as i64;

/// How often a change is tried again when somebody else has changed the record in between.
pub const ATTEMPTS: usize = 8;

/// Bytes of an upload that are handed on together.
pub const PART_TAKEN: usize = 128 << 10;

/// Pieces of an upload that are handed on together at most, however short they are.
pub const PIECES_TAKEN: usize = 64;

/// How many such parts wait for each digest.
pub const PARTS_DIGESTED: usize = 2;

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

/// How long the deletion of some bytes may take before somebody else ends it.
pub const DYING: Duration = Duration::from_secs(3600);

/// How often abandoned uploads, unused bytes and old tasks are collected.
pub const COLLECTION: Duration = Duration::from_secs(600);

/// How long a client may take to send the head of a request.
pub const HEAD_TIME: Duration = Duration::from_secs(30);

/// Bytes of the head of a request at most.
pub const MAX_HEAD: usize = 64 << 10;

/// Connections that are served at one time; others wait.
pub const CONNECTIONS: usize = 1024;

/// How long a client may take for a TLS handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a client may take nothing of an answer, or of a handshake's end.
pub const WRITE_STALL: Duration = Duration::from_secs(120);

/// How long requests may take to end when the service is to stop.
pub const GRACE: Duration = Duration::from_secs(30);

/// Bytes of a part of an upload to an object store at least; larger where there would be more than [`PARTS`].
pub const PART: u64 = 16 << 20;

/// Parts of an upload to an object store at most; S3 allows ten thousand.
pub const PARTS: u64 = 9000;

/// Parts that are on their way to an object store at one time.
pub const PARTS_WAITING: usize = 2;

/// Bytes of a file of metadata definitions that is loaded at most; those that Glance comes with have less than 100 KiB.
pub const MAX_DEFINITIONS_FILE: u64 = 4 << 20;

/// Files of metadata definitions that are loaded from a folder at most.
pub const MAX_DEFINITIONS_FILES: usize = 1000;

//! Every limit of this crate, in one place.

use std::time::Duration;

/// Bytes of a JSON body that are read at most.
pub const MAX_BODY: usize = 1 << 20;

/// Bytes of a body that cost nothing beside its connection.
pub const SMALL_BODY: usize = 16 << 10;

/// Larger bodies that may be coming at one time; others wait.
pub const LARGE_BODIES: usize = 16;

/// Bytes of memory that a byte of JSON may become, with itself: `[],` is 72 bytes, for which twice the room is made.
pub const BODY_COST: usize = 49;

/// KiB that all bodies that have come may take, with what they become.
pub const BODIES: u32 = 128 << 10;

/// How long a body waits for its place, or its room.
pub const BODY_WAIT: Duration = Duration::from_secs(30);

/// How long a large body may send nothing while all places are taken.
pub const BODY_TURN: Duration = Duration::from_secs(1);

/// Bytes a second that a large body has to come with, after [`BODY_TURN`], while all places are taken.
pub const LARGE_PACE: usize = 32 << 10;

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

/// Pieces of an upload that wait between the network and the disk, and for each digest.
pub const PIECES_WAITING: usize = 2;

/// Bytes in which stored images are read.
pub const READ: usize = 1 << 20;

/// How often a running upload says that it is alive.
pub const HEARTBEAT: Duration = Duration::from_secs(10);

/// How often an upload that has failed tries to give back what it holds while the database is away, a heartbeat between.
pub const LATER: usize = 60;

/// After how long without a sign of life an upload counts as abandoned.
pub const ABANDONED: Duration = Duration::from_secs(120);

/// How long an upload may keep what it is about to write from being collected.
pub const CLAIM: Duration = Duration::from_secs(24 * 3600);

/// How long a client may send nothing of a body.
pub const STALL: Duration = Duration::from_secs(60);

/// Bytes a second that a client has to send of a body, on the whole, after [`STALL`].
pub const SLOWEST: u64 = 1 << 10;

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

/// Files that the process asks to have open at most.
pub const FILES: u64 = 1 << 16;

/// Files that a connection may need: itself, what it uploads or downloads, the object store, the service behind the dashboard.
pub const FILES_EACH: u64 = 4;

/// Files that are needed beside connections: the database, the log, the listener.
pub const FILES_BESIDE: u64 = 64;

/// How long a client may take for a TLS handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// How often it is looked whether the files of the certificate have changed.
pub const CERTIFICATE_LOOK: Duration = Duration::from_secs(60);

/// Bytes of the file of a certificate with its chain, or of a key, at most.
pub const MAX_CERTIFICATE: u64 = 1 << 20;

/// How long a client may take nothing of an answer, or of a handshake's end.
pub const WRITE_STALL: Duration = Duration::from_secs(120);

/// How long what a client still sends is taken, and thrown away, after its answer. As `lingering_time` of nginx.
pub const LINGER: Duration = Duration::from_secs(30);

/// How long a client may send nothing in that time. As `lingering_timeout` of nginx.
pub const LINGER_QUIET: Duration = Duration::from_secs(5);

/// How long requests may take to end when the service is to stop.
pub const GRACE: Duration = Duration::from_secs(30);

/// Bytes of a part of an upload to an object store at least; larger where there would be more than [`PARTS`].
pub const PART: u64 = 8 << 20;

/// Parts of an upload to an object store at most; S3 allows ten thousand.
pub const PARTS: u64 = 9000;

/// Parts that are on their way to an object store at one time.
pub const PARTS_WAITING: usize = 2;

/// MiB that uploads to an object store may take in all; those for which there is no room wait, on the disk. One whose parts
/// are larger than that goes alone.
pub const SENDING: u32 = 128;

/// How often a request to an object store is tried again that fails, but not because of what it asks for.
pub const STORE_TRIES: usize = 8;

/// How long it is tried again.
pub const STORE_PATIENCE: Duration = Duration::from_secs(30);

/// How long an object store may send nothing, or take for a part of an upload.
pub const STORE_STALL: Duration = Duration::from_secs(60);

/// How long an object store may take to say whether its bucket is there.
pub const STORE_LOOK: Duration = Duration::from_secs(3);

/// How long the database may take for an answer to `/healthcheck`: who balances load does not wait for long.
pub const HEALTH: Duration = Duration::from_secs(3);

/// Bytes of a file of metadata definitions that is loaded at most; those that Glance comes with have less than 100 KiB.
pub const MAX_DEFINITIONS_FILE: u64 = 4 << 20;

/// Files of metadata definitions that are loaded from a folder at most.
pub const MAX_DEFINITIONS_FILES: usize = 1000;

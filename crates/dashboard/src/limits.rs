//! Every limit of the dashboard.

use std::time::Duration;

use jiff::SignedDuration;

/// Visitors that can be logged in at the same time; the one that has been idle for longest makes room.
pub const MAX_SESSIONS: usize = 500;

/// How long a visitor may do nothing and stay logged in.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// How long anybody stays logged in; the cloud's token may end earlier.
pub const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(8);

/// Log-ins that are tried at the same time; each is a question to the identity service.
pub const MAX_LOGINS: usize = 4;

/// Bytes of a form other than an upload.
pub const MAX_FORM: usize = 16 << 10;

/// How long a browser may take to send a form other than an upload.
pub const FORM_TIME: Duration = Duration::from_secs(30);

/// How long the cloud may take for a page. Longer than [`FORM_TIME`], which ends first; shorter than proxies and browsers wait.
pub const ANSWER: Duration = Duration::from_secs(45);

/// Bytes of an address with its query.
pub const MAX_ADDRESS: usize = 4 << 10;

/// Characters of one value of a form or a query.
pub const MAX_VALUE: usize = 512;

/// Images on a page of the list.
pub const PAGE: usize = 50;

/// How old the list of images may be that a page is made from.
pub const LIST_AGE: SignedDuration = SignedDuration::from_secs(15);

/// Verdicts that are kept; the oldest makes room.
pub const MAX_VERDICTS: usize = 2000;

/// Images that may wait to be verified.
pub const MAX_WAITING: usize = 32;

/// Things that happened that are kept.
pub const MAX_EVENTS: usize = 500;

/// Lines on the page of what happened.
pub const ACTIVITY: usize = 100;

/// Uploads at the same time, of all visitors.
pub const MAX_UPLOADS: usize = 4;

/// How long a browser may send nothing of an upload.
pub const STALL: Duration = Duration::from_secs(60);

/// How long the image service may say nothing while it is sent one.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Reports about uploads that are kept for a visitor.
pub const MAX_REPORTS: usize = 20;

/// Pieces of an upload that wait to be looked at.
pub const PIECES: usize = 16;

/// Bytes that are still read of an upload that was refused, so that a browser gets to see the answer.
pub const DRAINED: u64 = 256 << 20;

/// The most bytes of an upload unless the operator says otherwise: 64 GiB.
pub const MAX_UPLOAD: u64 = 64 << 30;

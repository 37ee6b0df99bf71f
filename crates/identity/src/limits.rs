//! How much of everything: what a caller may send, what is kept, what a password costs.

use std::time::Duration;

/// Memory that one password check needs, in KiB: 19 MiB. With [`PASSWORD_PASSES`] and [`PASSWORD_LANES`] the cost that
/// OWASP's "Password Storage Cheat Sheet" gives for Argon2id.
pub const PASSWORD_MEMORY: u32 = 19 * 1024;
/// Bytes of address space that are asked for at least for one check: above glibc's largest `M_MMAP_THRESHOLD`, 32 MiB.
pub const PASSWORD_PIECE: usize = 33 << 20;
/// Passes over that memory.
pub const PASSWORD_PASSES: u32 = 2;
/// Lanes that it is divided into.
pub const PASSWORD_LANES: u32 = 1;
/// Password checks at one time, each on a thread of its own; 38 MiB in all.
pub const PASSWORD_CHECKS: usize = 2;
/// Log-ins that may wait for their check; the next one is asked to come back.
pub const PASSWORDS_WAITING: usize = 64;
/// The longest password, in bytes, as Keystone's `max_password_length`.
pub const MAX_PASSWORD: usize = 4096;

/// Failed log-ins to one name that cost nothing.
pub const FREE_FAILURES: u32 = 5;
/// The pause before the next attempt after the first failure that costs; it doubles with each further one.
pub const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A log-in that would have to wait longer than this is asked to come back.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// Names without a failure for so long are forgotten.
pub const FORGET_FAILURES: Duration = Duration::from_secs(900);
/// Names whose failures are remembered at one time.
pub const MAX_FAILING: usize = 10_000;

/// How long a token is good, unless it is told otherwise: as Keystone's `[token] expiration`.
pub const TOKEN_LIFE: Duration = Duration::from_secs(3600);
/// Tokens of one user at one time; the oldest end when there are more.
pub const MAX_TOKENS: i64 = 5_000;
/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 8192;

/// The largest body of a request, in bytes: as oslo.middleware's `max_request_body_size`.
pub const MAX_BODY: usize = 114_688;
/// The longest name of a user or an application credential, in characters.
pub const MAX_NAME: usize = 255;
/// The longest name of a project, in characters.
pub const MAX_PROJECT_NAME: usize = 64;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 16_384;
/// What clients may say of a user or a project beyond what is known here, in bytes of JSON.
pub const MAX_EXTRA: usize = 16_384;
/// Application credentials of one user.
pub const MAX_CREDENTIALS: i64 = 1_000;

/// Tokens of a foreign Keystone that are remembered at one time.
pub const MAX_REMEMBERED: usize = 1_000;
/// How long what a foreign Keystone said of a token is believed; never beyond the token's end.
pub const REMEMBERED: Duration = Duration::from_secs(60);
/// The most that a foreign Keystone may say of a token, in bytes.
pub const MAX_DESCRIBED: usize = 8 << 20;

//! The front door from outside: the real binary, its two outputs and its exit code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "front/catalogue.rs"]
mod catalogue;
#[path = "front/change.rs"]
mod change;
#[path = "front/convert_live.rs"]
mod convert_live;
#[path = "front/create.rs"]
mod create;
#[path = "front/create_faults.rs"]
mod create_faults;
#[path = "front/create_gate.rs"]
mod create_gate;
#[path = "front/create_import.rs"]
mod create_import;
#[path = "front/create_live.rs"]
mod create_live;
#[path = "front/create_qcow2.rs"]
mod create_qcow2;
#[path = "front/dashboard.rs"]
mod dashboard;
#[path = "front/exits.rs"]
mod exits;
#[path = "front/fake.rs"]
mod fake;
#[path = "front/glance.rs"]
mod glance;
#[path = "front/help.rs"]
mod help;
#[path = "front/hints.rs"]
mod hints;
#[path = "front/images.rs"]
mod images;
#[path = "front/known.rs"]
mod known;
#[path = "front/live.rs"]
mod live;
#[path = "front/look_alike.rs"]
mod look_alike;
#[path = "front/progress.rs"]
mod progress;
#[path = "front/run.rs"]
mod run;
#[path = "front/save.rs"]
mod save;
#[path = "front/save_convert.rs"]
mod save_convert;
#[path = "front/secrets.rs"]
mod secrets;
#[path = "front/serve_log_in.rs"]
mod serve_log_in;
#[path = "front/serve_users.rs"]
mod serve_users;
#[path = "front/signals.rs"]
mod signals;
#[path = "front/streams.rs"]
mod streams;

//! Promises of the pages to who looks, who logs in, and who means no good; against a cloud made for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "pages/doors.rs"]
mod doors;
#[path = "pages/faults.rs"]
mod faults;
#[path = "pages/forms.rs"]
mod forms;
#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/proving.rs"]
mod proving;
#[path = "pages/rig.rs"]
mod rig;
#[path = "pages/seen.rs"]
mod seen;

//! Catalogue files: what is shipped, how files lie over each other, what is refused and where it says so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "reading/check.rs"]
mod check;
#[path = "reading/foreign.rs"]
mod foreign;
#[path = "reading/overlay.rs"]
mod overlay;
#[path = "reading/refused.rs"]
mod refused;
#[path = "reading/schema.rs"]
mod schema;
#[path = "reading/shipped.rs"]
mod shipped;

use catalogue::{Catalogue, Settled};

/// The shipped catalogue with texts laid over it.
fn over(texts: &[&str]) -> Settled {
    let mut catalogue = Catalogue::shipped().unwrap();
    for (index, text) in texts.iter().enumerate() {
        catalogue.add(text, &format!("{}.yaml", index + 1)).unwrap();
    }
    catalogue.settle()
}

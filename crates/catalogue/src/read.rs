//! Reading catalogues: files laid over each other, settled into definitions.

mod document;
mod draft;
mod foreign;
mod layers;
mod settle;
mod shipped;
mod yaml;

pub use foreign::{Foreign, Ignored};
pub use layers::{Catalogue, NotNamed, Setting, Settled};

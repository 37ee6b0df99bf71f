//! Where images live: clouds.yaml and OS_*, Keystone, Glance.

pub mod config;

mod discovery;
mod error;
mod glance;
mod near;
mod service;
mod session;

pub use config::{Config, Sources};
pub use error::{Complaint, Error, Refusal};
pub use glance::{Answer, Direction, Door, Glance, Hidden, Import, Op, Query, Visibility};
pub use service::Cloud;
pub use wire::image::Image;

//! What the service remembers: images, members, tasks, definitions, and which bytes are stored; one file each.

pub(crate) mod image;
pub(crate) mod images;
pub(crate) mod members;
pub(crate) mod metadefs;
pub(crate) mod page;
pub(crate) mod parts;
mod steps;
pub(crate) mod stored;
pub(crate) mod tasks;

pub(crate) use image::{Image, Shown, Stage, Status, Visibility};
pub(crate) use steps::STEPS;

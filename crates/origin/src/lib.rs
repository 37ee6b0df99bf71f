//! Where images come from: originals, the checksum files beside them, and what they are evidence of.

pub mod manifest;

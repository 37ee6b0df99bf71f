//! Where images come from: originals, checksum files, evidence.

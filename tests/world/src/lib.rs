//! A small HTTP server for tests that can stall, cut and lie.

//! The five defects of a well-known tool, with the opposite outcome.

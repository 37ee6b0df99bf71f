//! ectype.
fn main() {}

//! Databases of a PostgreSQL server that all tests share.

use std::sync::OnceLock;

use world::Postgres;

/// An empty database of its own; nothing, and a line that says so, where PostgreSQL is not installed.
pub(crate) fn fresh(test: &str) -> Option<String> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let server = SERVER.get_or_init(Postgres::start);
    if server.is_none() {
        eprintln!("skipped: {test} on PostgreSQL, which is not installed");
    }
    server.as_ref().map(Postgres::fresh)
}

//! Metadata definitions: namespaces, what is in them, and the kinds of things they are for.

mod namespaces;
mod parts;
mod types;

pub(crate) use namespaces::{
    Namespace, Unmade, all, create, delete, get, insert, is_there, remove as remove_namespace,
    update,
};
pub(crate) use parts::{Kind, Part, Replaced, add, clear, of, one, remove, replace};
pub(crate) use types::{is_type, types};

use database::Migration;

/// The steps of the tables. A step that was once released never changes.
pub(crate) const STEPS: &[Migration] = &[&[
    // What is only shown, never asked for, is in one JSON text.
    "CREATE TABLE metadefs_namespaces (
        id TEXT PRIMARY KEY, namespace TEXT NOT NULL UNIQUE, visibility TEXT NOT NULL, owner TEXT,
        protected BIGINT NOT NULL, shown TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL)",
    "CREATE TABLE metadefs_parts (
        namespace TEXT NOT NULL REFERENCES metadefs_namespaces (id) ON DELETE CASCADE, kind TEXT NOT NULL,
        name TEXT NOT NULL, shown TEXT NOT NULL, created BIGINT NOT NULL, place BIGINT NOT NULL, updated BIGINT NOT NULL,
        PRIMARY KEY (namespace, kind, name))",
    "CREATE TABLE metadefs_types (name TEXT PRIMARY KEY, created BIGINT NOT NULL)",
    // What the definitions that Glance is delivered with are for: dashboards offer to choose among the known ones. Their
    // time is that of this step, 2026-11-25, one microsecond apart.
    "INSERT INTO metadefs_types (name, created) VALUES
        ('OS::Glance::Image', 1795564800000000), ('OS::Cinder::Volume', 1795564800000001),
        ('OS::Nova::Flavor', 1795564800000002), ('OS::Nova::Aggregate', 1795564800000003),
        ('OS::Nova::Server', 1795564800000004), ('OS::Trove::Instance', 1795564800000005)",
]];

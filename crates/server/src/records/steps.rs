//! The tables, as steps from an empty database. A step that was once released never changes.

use database::Migration;

/// The steps of the image service.
pub(crate) const STEPS: &[Migration] = &[FIRST, PARTS];

const FIRST: Migration = &[
    // Properties and tags are JSON: a list of images is one query, and no filter needs another table.
    "CREATE TABLE images (
        id TEXT PRIMARY KEY, name TEXT, status TEXT NOT NULL, visibility TEXT NOT NULL, owner TEXT,
        protected BIGINT NOT NULL, hidden BIGINT NOT NULL, min_disk BIGINT NOT NULL, min_ram BIGINT NOT NULL,
        disk_format TEXT, container_format TEXT, size BIGINT, virtual_size BIGINT, checksum TEXT, hash TEXT,
        properties TEXT NOT NULL, tags TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
        staged TEXT, staged_as TEXT, work TEXT, work_seen BIGINT NOT NULL, version BIGINT NOT NULL)",
    "CREATE INDEX images_by_time ON images (created, id)",
    "CREATE INDEX images_by_name ON images (name)",
    "CREATE INDEX images_by_hash ON images (hash)",
    "CREATE INDEX images_by_staged ON images (staged)",
    // Ids that were used once: no image can be made a second time under the id of a deleted one.
    "CREATE TABLE gone (id TEXT PRIMARY KEY, deleted BIGINT NOT NULL)",
    "CREATE TABLE members (
        image TEXT NOT NULL, member TEXT NOT NULL, status TEXT NOT NULL, created BIGINT NOT NULL,
        updated BIGINT NOT NULL, PRIMARY KEY (image, member))",
    "CREATE INDEX members_by_member ON members (member, image)",
    "CREATE TABLE tasks (
        id TEXT PRIMARY KEY, image TEXT, kind TEXT NOT NULL, status TEXT NOT NULL, owner TEXT, user_id TEXT,
        request TEXT, input TEXT NOT NULL, result TEXT, message TEXT NOT NULL, created BIGINT NOT NULL,
        updated BIGINT NOT NULL, expires BIGINT)",
    "CREATE INDEX tasks_by_image ON tasks (image)",
    // The bytes in the store, by their SHA-512. A dying one is being deleted and may not be used.
    "CREATE TABLE blobs (
        hash TEXT PRIMARY KEY, size BIGINT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL,
        looked BIGINT, finding TEXT)",
    // Uploads that are about to write bytes and to point an image at them.
    "CREATE TABLE claims (
        hash TEXT NOT NULL, work TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (hash, work))",
];

const PARTS: Migration = &[
    // What was begun in an object store and did not end yet, by the name that the store gave it.
    "CREATE TABLE parts (upload TEXT PRIMARY KEY, hash TEXT NOT NULL, work TEXT NOT NULL)",
];

//! The tables of the identity service, and the steps by which they came about.
//!
//! `stamp` of a user and of a project is counted up when every token of theirs shall end (another password, disabled); a
//! token remembers the stamps that it was made under. So a token cannot slip through that is made at the same moment.

use database::Migration;

/// All steps; released ones never change.
pub(super) const STEPS: &[Migration] = &[FIRST];

const FIRST: Migration = &[
    "CREATE TABLE identity_projects (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        description TEXT NOT NULL,
        enabled BIGINT NOT NULL,
        extra TEXT NOT NULL,
        stamp BIGINT NOT NULL,
        created BIGINT NOT NULL)",
    "CREATE TABLE identity_users (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        password TEXT,
        enabled BIGINT NOT NULL,
        default_project TEXT,
        description TEXT,
        extra TEXT NOT NULL,
        stamp BIGINT NOT NULL,
        created BIGINT NOT NULL)",
    "CREATE TABLE identity_assignments (
        user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
        project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
        role TEXT NOT NULL,
        PRIMARY KEY (user_id, project_id, role))",
    "CREATE INDEX identity_assignments_project ON identity_assignments (project_id)",
    "CREATE TABLE identity_credentials (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
        project_id TEXT NOT NULL REFERENCES identity_projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        secret TEXT NOT NULL,
        description TEXT,
        expires BIGINT,
        unrestricted BIGINT,
        roles TEXT NOT NULL,
        created BIGINT NOT NULL,
        UNIQUE (user_id, name))",
    "CREATE INDEX identity_credentials_project ON identity_credentials (project_id)",
    "CREATE TABLE identity_tokens (
        digest TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
        project_id TEXT REFERENCES identity_projects (id) ON DELETE CASCADE,
        credential_id TEXT REFERENCES identity_credentials (id) ON DELETE CASCADE,
        user_stamp BIGINT NOT NULL,
        project_stamp BIGINT NOT NULL,
        methods TEXT NOT NULL,
        audit TEXT NOT NULL,
        issued BIGINT NOT NULL,
        expires BIGINT NOT NULL)",
    "CREATE INDEX identity_tokens_expires ON identity_tokens (expires)",
    "CREATE INDEX identity_tokens_user ON identity_tokens (user_id, issued)",
    "CREATE INDEX identity_tokens_project ON identity_tokens (project_id)",
    "CREATE INDEX identity_tokens_credential ON identity_tokens (credential_id)",
];

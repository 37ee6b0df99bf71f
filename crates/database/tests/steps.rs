//! Steps are taken once, together or not at all, whoever comes first.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use database::{Error, Migration, Pool, connect, migrate};
use sqlx::Row;

const FIRST: Migration = &["CREATE TABLE things (id TEXT PRIMARY KEY)"];
const SECOND: Migration = &["INSERT INTO things (id) VALUES ('one')"];
const BROKEN: Migration = &["INSERT INTO things (id) VALUES ('two')", "this is no SQL"];

async fn things(pool: &Pool) -> i64 {
    let row = sqlx::query("SELECT COUNT(*) FROM things")
        .fetch_one(pool)
        .await
        .unwrap();
    row.try_get(0).unwrap()
}

fn address(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", folder.path().join("db").display())
}

#[tokio::test]
async fn a_step_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let pool = connect(&address(&folder)).await.unwrap();
    migrate(&pool, "test", &[FIRST]).await.unwrap();
    migrate(&pool, "test", &[FIRST, SECOND]).await.unwrap();
    migrate(&pool, "test", &[FIRST, SECOND]).await.unwrap();
    assert_eq!(things(&pool).await, 1);
}

#[tokio::test]
async fn processes_that_start_together_take_each_step_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = address(&folder);
    let runs = (0..8).map(|_| {
        let address = address.clone();
        tokio::spawn(async move {
            let pool = connect(&address).await?;
            migrate(&pool, "test", &[FIRST, SECOND]).await
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap().unwrap();
    }
    assert_eq!(things(&connect(&address).await.unwrap()).await, 1);
}

#[tokio::test]
async fn nothing_of_a_step_that_fails_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let pool = connect(&address(&folder)).await.unwrap();
    migrate(&pool, "test", &[FIRST]).await.unwrap();
    migrate(&pool, "test", &[FIRST, BROKEN]).await.unwrap_err();
    assert_eq!(things(&pool).await, 0);
    migrate(&pool, "test", &[FIRST, SECOND]).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let pool = connect(&address(&folder)).await.unwrap();
    migrate(&pool, "test", &[FIRST, SECOND]).await.unwrap();
    let error = migrate(&pool, "test", &[FIRST]).await.unwrap_err();
    assert!(matches!(
        error,
        Error::Newer {
            found: 2,
            known: 1,
            ..
        }
    ));
}

#[tokio::test]
async fn an_address_of_another_database_is_refused_without_its_password() {
    let error = connect("mysql://root:geheim@127.0.0.1/db")
        .await
        .unwrap_err();
    assert!(!error.to_string().contains("geheim"), "{error}");
    assert!(error.to_string().contains("`mysql`"), "{error}");
}

#[tokio::test]
async fn a_file_is_used_whatever_its_name_and_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain", "a b", "100%", "what?mode=ro", "#1", "ü"] {
        let path = folder.path().join(name);
        for _ in 0..2 {
            let pool = connect(&database::file(&path).unwrap()).await.unwrap();
            migrate(&pool, "test", &[FIRST, SECOND]).await.unwrap();
            assert_eq!(things(&pool).await, 1, "{name}");
            for entry in std::fs::read_dir(folder.path()).unwrap() {
                let mode = entry.unwrap().metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{name}");
            }
            pool.close().await;
        }
    }
    let nowhere = folder.path().join("none/such");
    let file = database::file(&nowhere);
    assert!(matches!(file, Err(Error::Unusable { .. })));
}

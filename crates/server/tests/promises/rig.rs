//! A service for a test, asked without a socket, by users whose tokens are their names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use identity::{Caller, CallerFuture, Identity, Refusal};
use serde_json::{Value, json};
use server::{BlobStore, Files, Kept, Service, Settings};
use tower::ServiceExt as _;

use crate::{moto, postgres};
pub(crate) use world::noise;

/// Everybody is a member of the project of the same name; `admin` is an administrator.
struct Names;

impl Identity for Names {
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a> {
        Box::pin(async move {
            if token == "nobody" {
                return Err(Refusal::Unknown);
            }
            let role = if token == "admin" { "admin" } else { "member" };
            Ok(Caller {
                user: token.to_owned(),
                user_name: token.to_owned(),
                project: Some(token.to_owned()),
                project_name: Some(token.to_owned()),
                domain: "default".to_owned(),
                roles: vec![role.to_owned()],
                expires: jiff::Timestamp::MAX,
            })
        })
    }
}

/// A service with all that it needs.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) folder: tempfile::TempDir,
    router: Router,
    database: String,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{text}");
        self
    }
}

impl Rig {
    /// On SQLite and files, with these settings besides.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Files::new(folder.path().join("store")));
        let database = format!("sqlite:{}", folder.path().join("db").display());
        Self::on(folder, database, store, change).await
    }

    /// On SQLite and files.
    pub(crate) async fn plain() -> Self {
        Self::with(|_| {}).await
    }

    /// On every database and store that there is here.
    pub(crate) async fn every(test: &str) -> Vec<Self> {
        let mut rigs = vec![Self::plain().await];
        if let Some(database) = postgres::fresh(test) {
            let folder = tempfile::tempdir().unwrap();
            let store = Arc::new(Files::new(folder.path().join("store")));
            rigs.push(Self::on(folder, database, store, |_| {}).await);
        }
        if let Some(store) = moto::fresh(test) {
            let folder = tempfile::tempdir().unwrap();
            let database = format!("sqlite:{}", folder.path().join("db").display());
            rigs.push(Self::on(folder, database, Arc::new(store), |_| {}).await);
        }
        rigs
    }

    async fn on(
        folder: tempfile::TempDir,
        database: String,
        store: Arc<dyn BlobStore>,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Settings::new(folder.path().join("spool"));
        change(&mut settings);
        let pool = database::connect(&database).await.unwrap();
        let kept = Kept::open(pool, Arc::clone(&store)).await.unwrap();
        let service = Service::new(kept, Arc::new(Names), settings).unwrap();
        Self {
            router: server::router(service.clone()),
            service,
            store,
            folder,
            database,
        }
    }

    /// Asks as a user.
    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: Body) -> Answer {
        let kind = match path.rsplit('/').next() {
            Some("file" | "stage") => "application/octet-stream",
            _ if method == "PATCH" => "application/openstack-images-v2.1-json-patch",
            _ => "application/json",
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-auth-token", who)
            .header("content-type", kind);
        if let Some(length) = http_body::Body::size_hint(&body).exact().filter(|n| *n > 0) {
            request = request.header("content-length", length);
        }
        let asked = self.router.clone().oneshot(request.body(body).unwrap());
        let response: Response<Body> = asked.await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        Answer {
            status,
            body: body.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("alice", "GET", path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("alice", "POST", path, Body::from(body.to_string()))
            .await
    }

    /// A new image that waits for raw data.
    pub(crate) async fn queued(&self) -> String {
        let body = json!({ "name": "a", "disk_format": "raw", "container_format": "bare" });
        let made = self.post("/v2/images", body).await.expect(201).json();
        made["id"].as_str().unwrap().to_owned()
    }

    /// Uploads.
    pub(crate) async fn put(&self, id: &str, bytes: impl Into<Body>) -> Answer {
        let path = format!("/v2/images/{id}/file");
        self.ask("alice", "PUT", &path, bytes.into()).await
    }

    /// A new image with these bytes.
    pub(crate) async fn active(&self, bytes: &[u8]) -> String {
        let id = self.queued().await;
        self.put(&id, bytes.to_vec()).await.expect(204);
        id
    }

    pub(crate) async fn show(&self, id: &str) -> Value {
        self.get(&format!("/v2/images/{id}"))
            .await
            .expect(200)
            .json()
    }

    pub(crate) async fn down(&self, id: &str) -> Answer {
        self.get(&format!("/v2/images/{id}/file")).await
    }

    pub(crate) async fn delete(&self, id: &str) -> Answer {
        let path = format!("/v2/images/{id}");
        self.ask("alice", "DELETE", &path, Body::empty()).await
    }

    /// Changes the records behind the service's back.
    pub(crate) async fn sql(&self, text: &'static str) {
        let pool = database::connect(&self.database).await.unwrap();
        sqlx::query(text).execute(&pool).await.unwrap();
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// The names in the store.
    pub(crate) async fn names(&self) -> Vec<String> {
        self.store.list().await.unwrap()
    }
}

/// How many files there are.
pub(crate) fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// Where the file store has some bytes.
pub(crate) fn stored(rig: &Rig, hash: &str) -> PathBuf {
    let root = rig.folder.path().join("store/sha512");
    root.join(&hash[..2]).join(&hash[2..4]).join(hash)
}

/// The digest that a program of the system computes.
pub(crate) fn sum(program: &str, bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let out = std::process::Command::new(program)
        .arg(file.path())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

//! A database, an object store and folders, for several processes of `ectype serve`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use world::{Gate, Moto, Postgres};

use crate::replica::{Places, Replica, ectype, skipped};

/// How services reach the object store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// As it is.
    Moto,
    /// Through a gate that can make mischief.
    Gate,
}

/// What several processes share.
pub(crate) struct Cloud {
    folder: tempfile::TempDir,
    places: Places,
    pub(crate) postgres: Arc<Postgres>,
    moto: Arc<Moto>,
    bucket: String,
    gate: Option<Gate>,
}

impl Cloud {
    /// A new one; nothing, and a line that says so, where its servers are not installed.
    pub(crate) fn new(test: &str) -> Option<Self> {
        Self::at(test, Place::Moto)
    }

    /// One whose object store is reached like this.
    pub(crate) fn at(test: &str, place: Place) -> Option<Self> {
        static POSTGRES: OnceLock<Option<Arc<Postgres>>> = OnceLock::new();
        let postgres = POSTGRES.get_or_init(|| Postgres::start().map(Arc::new));
        let Some(postgres) = postgres.clone() else {
            skipped(test, "PostgreSQL is not installed");
            return None;
        };
        Self::on(test, postgres, place)
    }

    /// One whose database may fail without harm to other tests.
    pub(crate) fn alone(test: &str) -> Option<Self> {
        let Some(postgres) = Postgres::start() else {
            skipped(test, "PostgreSQL is not installed");
            return None;
        };
        Self::on(test, Arc::new(postgres), Place::Moto)
    }

    fn on(test: &str, postgres: Arc<Postgres>, place: Place) -> Option<Self> {
        static MOTO: OnceLock<Option<Arc<Moto>>> = OnceLock::new();
        let moto = MOTO.get_or_init(|| Moto::start().map(Arc::new));
        let Some(moto) = moto.clone() else {
            skipped(test, "no object store (ECTYPE_TEST_MOTO)");
            return None;
        };
        let gate = (place == Place::Gate).then(|| Gate::before(moto.address()));
        let endpoint = match &gate {
            Some(gate) => gate.url(),
            None => format!("http://{}", moto.address()),
        };
        let bucket = moto.fresh();
        let places = Places {
            database: Some(postgres.fresh()),
            bucket: Some((format!("{bucket}/images"), endpoint)),
        };
        Some(Self {
            folder: tempfile::tempdir().unwrap(),
            places,
            postgres,
            moto,
            bucket,
            gate,
        })
    }

    /// A process on a folder of this name; it is not waited for.
    pub(crate) fn begin(&self, name: &str) -> Replica {
        let import = ["--import-host", "127.0.0.1"];
        Replica::begin(&self.folder.path().join(name), &self.places, &import)
    }

    /// The same, once it answers.
    pub(crate) fn start(&self, name: &str) -> Replica {
        let mut replica = self.begin(name);
        replica.wait();
        replica
    }

    /// What the store has.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.moto.keys(&self.bucket)
    }

    /// Takes the whole store away, which must be empty.
    pub(crate) fn remove_bucket(&self) {
        self.moto.remove(&self.bucket);
    }

    /// What was begun in the store, and neither ended nor taken back.
    pub(crate) fn parts(&self) -> Vec<String> {
        self.moto.begun(&self.bucket)
    }

    pub(crate) fn gate(&self) -> &Gate {
        self.gate.as_ref().unwrap()
    }

    /// What a statement gives on the records.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let database = self.places.database.as_deref().unwrap();
        self.postgres.sql(database, statement)
    }

    /// What has come in at the one of this name, and is in no store yet.
    pub(crate) fn spooled(&self, name: &str) -> Vec<PathBuf> {
        let spool = self.folder.path().join(name).join("spool");
        let files = std::fs::read_dir(spool).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// All that is unfinished was begun long ago.
    pub(crate) fn grow_old(&self, name: &str) {
        self.sql("UPDATE images SET work_seen = 0 WHERE work IS NOT NULL");
        self.sql("UPDATE claims SET since = 0");
        self.sql("UPDATE blobs SET since = 0 WHERE state = 'dying'");
        let old = SystemTime::now() - Duration::from_secs(86_400);
        for path in self.spooled(name) {
            let file = std::fs::File::options().write(true).open(path).unwrap();
            file.set_modified(old).unwrap();
        }
    }

    /// What `ectype serve` with these words says in the folder of this name.
    pub(crate) fn run(&self, name: &str, words: &[&str]) -> Output {
        self.run_in(name, words, &self.places)
    }

    /// The same with another bucket.
    pub(crate) fn run_at(&self, name: &str, words: &[&str], bucket: &str) -> Output {
        let mut places = self.places.clone();
        if let Some((name, _)) = &mut places.bucket {
            *name = bucket.to_owned();
        }
        self.run_in(name, words, &places)
    }

    fn run_in(&self, name: &str, words: &[&str], places: &Places) -> Output {
        let mut command = ectype();
        command.arg("serve").args(words).arg("--data");
        command.arg(self.folder.path().join(name));
        places.given_to(&mut command);
        command.output().unwrap()
    }

    /// What `ectype serve collect` has done in the folder of this name.
    pub(crate) fn collect(&self, name: &str) -> Value {
        let out = self.run(name, &["collect", "-f", "json"]);
        assert!(out.status.success(), "{out:?}");
        serde_json::from_slice(&out.stdout).unwrap()
    }
}

/// An upload of which half has been sent.
pub(crate) struct Begun {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Begun {
    pub(crate) fn upload(to: &Replica, token: &str, id: &str, bytes: &[u8]) -> Self {
        let mut stream = TcpStream::connect(to.url.trim_start_matches("http://")).unwrap();
        let head = format!(
            "PUT /v2/images/{id}/file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\
             Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            bytes.len()
        );
        let (half, rest) = bytes.split_at(bytes.len() / 2);
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(half).unwrap();
        Self {
            stream,
            rest: rest.to_vec(),
        }
    }

    /// Sends the rest. What is answered.
    pub(crate) fn end(mut self) -> String {
        // It may have been refused already.
        let _ = self.stream.write_all(&self.rest);
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

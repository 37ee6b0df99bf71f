//! An image service that takes one image: it keeps the record, hashes what it is sent, and lies when a test wants it.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use world::{Page, Seen, World};

use crate::fake::{cloud, user_of};
use crate::run::{Ectype, Ended};
use crate::save::sum;

/// The id that tests choose, so that its paths are known.
pub(crate) const ID: &str = "00000000-0000-4000-8000-00000000c0de";

/// The record, and all that happened to it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) record: Option<Value>,
    /// Method, last part of the path, and the visibility that the image has then.
    pub(crate) log: Vec<String>,
    /// What the bytes are when they have come.
    pub(crate) lie: Option<fn(&mut Value)>,
}

/// The service, and somebody who works with it.
pub(crate) struct Glance {
    pub(crate) world: World,
    pub(crate) ectype: Ectype,
    state: Arc<Mutex<State>>,
}

impl Glance {
    pub(crate) fn new() -> Self {
        let world = cloud(&json!([]));
        let state = Arc::<Mutex<State>>::default();
        world.put("/image/v2/images", page(&state, make));
        world.put(&at(""), page(&state, record));
        world.put(&at("/file"), page(&state, take));
        world.put(&at("/stage"), page(&state, stage));
        world.put(&at("/actions/deactivate"), page(&state, deactivate));
        let ectype = user_of(&world);
        Self {
            world,
            ectype,
            state,
        }
    }

    /// What takes the bytes.
    pub(crate) fn taker(&self) -> Page {
        page(&self.state, take)
    }

    /// Takes the bytes, and answers with something else.
    pub(crate) fn takes_then(&self, other: Page) {
        let answer = move |state: &mut State, seen: &Seen| {
            taken(state, &seen.body);
            other.clone()
        };
        self.world.put(&at("/file"), page(&self.state, answer));
    }

    /// Answers by what the state is.
    pub(crate) fn answering(&self, path: &str, answer: fn(&mut State, &Seen) -> Page) {
        self.world.put(path, page(&self.state, answer));
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What happened, without the questions.
    pub(crate) fn changes(&self) -> Vec<String> {
        let log = self.state().log.clone();
        log.into_iter()
            .filter(|line| !line.starts_with("GET"))
            .collect()
    }

    pub(crate) fn create(&self, args: &[&str]) -> Ended {
        self.ectype
            .run(&[&["image", "create", "mine", "--id", ID], args].concat())
    }

    /// Writes a file into the user's home.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.ectype.home().join(name), bytes).unwrap();
    }
}

/// A page that sees and changes the state, and is in its log.
fn page(
    state: &Arc<Mutex<State>>,
    answer: impl Fn(&mut State, &Seen) -> Page + Send + Sync + 'static,
) -> Page {
    let state = Arc::clone(state);
    Page::made_by(move |seen| {
        let mut state = state.lock().unwrap();
        let last = seen.path().rsplit('/').next().unwrap_or_default();
        let visibility = state.record.as_ref().map(|record| &record["visibility"]);
        let visibility = visibility.and_then(Value::as_str).unwrap_or("-").to_owned();
        let line = format!("{} {} {visibility}", seen.method, last.replace(ID, "image"));
        state.log.push(line);
        answer(&mut state, seen)
    })
}

/// A path of the image.
pub(crate) fn at(rest: &str) -> String {
    format!("/image/v2/images/{ID}{rest}")
}

fn answer(status: u16, value: &Value) -> Page {
    Page::refusal(status, value.to_string()).header("Content-Type", "application/json")
}

/// Makes the record.
pub(crate) fn make(state: &mut State, seen: &Seen) -> Page {
    let mut record: Value = serde_json::from_slice(&seen.body).unwrap();
    let object = record.as_object_mut().unwrap();
    for (name, value) in [
        ("status", json!("queued")),
        ("min_ram", json!(0)),
        ("owner", json!("p1")),
    ] {
        object.entry(name).or_insert(value);
    }
    state.record = Some(record.clone());
    answer(201, &record)
}

fn record(state: &mut State, seen: &Seen) -> Page {
    let Some(record) = &mut state.record else {
        return Page::refusal(404, "no such image");
    };
    match seen.method.as_str() {
        "DELETE" => {
            state.record = None;
            Page::status(204)
        }
        "PATCH" => {
            let ops: Value = serde_json::from_slice(&seen.body).unwrap();
            for op in ops.as_array().unwrap() {
                let name = op["path"]
                    .as_str()
                    .unwrap()
                    .trim_start_matches('/')
                    .to_owned();
                record[name] = op["value"].clone();
            }
            answer(200, record)
        }
        _ => answer(200, record),
    }
}

/// Takes the bytes, and says of them what Glance says: by the tools of the machine, not by ours.
pub(crate) fn taken(state: &mut State, bytes: &[u8]) {
    let Some(record) = &mut state.record else {
        return;
    };
    record["status"] = json!("active");
    record["size"] = json!(bytes.len());
    record["checksum"] = json!(sum("md5sum", bytes));
    record["os_hash_algo"] = json!("sha512");
    record["os_hash_value"] = json!(sum("sha512sum", bytes));
    if let Some(lie) = state.lie {
        lie(record);
    }
}

fn take(state: &mut State, seen: &Seen) -> Page {
    taken(state, &seen.body);
    Page::status(204)
}

fn stage(state: &mut State, _: &Seen) -> Page {
    if let Some(record) = &mut state.record {
        record["status"] = json!("uploading");
    }
    Page::status(204)
}

fn deactivate(state: &mut State, _: &Seen) -> Page {
    if let Some(record) = &mut state.record {
        record["status"] = json!("deactivated");
    }
    Page::status(204)
}

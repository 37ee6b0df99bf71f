//! A vendor of one image, two projects of the lab with a gate before each, and `catalogue sync`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use world::{Call, Gate, Page, World};

use crate::check::check;
use crate::run::{Made, Run, sum, tool};

/// Asks Glance by the real client's own library.
const ASK: &str = "
import json, sys, openstack
cloud, method, path, body, kind = sys.argv[1:]
image = openstack.connect(cloud=cloud).image
headers = {'Content-Type': kind} if body else {}
answer = image.request(path, method, data=body or None, headers=headers, raise_exc=False)
print(json.dumps({'status': answer.status_code, 'body': answer.json() if answer.content else None}))
";

const PATCH: &str = "application/openstack-images-v2.1-json-patch";

/// The clouds that a rig knows: two projects of one lab.
pub(crate) const CLOUDS: [&str; 2] = ["lab-demo", "lab-alt"];

pub(crate) struct Rig {
    pub(crate) world: World,
    pub(crate) home: tempfile::TempDir,
    pub(crate) gates: Vec<Gate>,
    /// The tag of this test's images, which no other test has.
    pub(crate) tag: String,
    pub(crate) lab: PathBuf,
}

/// One image of the catalogue.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) id: &'static str,
    pub(crate) build: &'static str,
    pub(crate) date: &'static str,
    /// Where its original is.
    pub(crate) url: String,
    /// `evidence: pinned` and this digest.
    pub(crate) digest: Option<String>,
    pub(crate) format: &'static str,
    pub(crate) until: &'static str,
    pub(crate) validity: &'static str,
}

impl Rig {
    pub(crate) fn find(test: &str) -> Option<Self> {
        Self::find_at(test, "ECTYPE_TEST_LAB")
    }

    /// On the lab that a variable names.
    pub(crate) fn find_at(test: &str, variable: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Some(lab) = std::env::var_os(variable).filter(|lab| !lab.is_empty()) else {
            eprintln!("skipped: {test}: no lab ({variable})");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut rig = Self {
            world: World::start(),
            home: tempfile::tempdir().unwrap(),
            gates: Vec::new(),
            tag: format!("sync-{}-{number}", std::process::id()),
            lab: lab.into(),
        };
        // Where the image service is says the cloud itself.
        let empty = rig.file("empty.yaml", "catalogue: 1\n");
        let lab = rig.lab.join("clouds.yaml");
        let own = rig.home.path().join("clouds.yaml");
        std::fs::copy(&lab, &own).unwrap();
        let plan = rig.run(&["plan", "--alone", &empty, "--to", CLOUDS[0], "-f", "json"]);
        let endpoint = plan.json()["plans"][0]["cloud"]["image_endpoint"].clone();
        let endpoint: url::Url = endpoint.as_str().unwrap().parse().unwrap();
        let server = endpoint.socket_addrs(|| None).unwrap()[0];
        let mut clouds = std::fs::read_to_string(&lab).unwrap();
        for cloud in CLOUDS {
            let gate = Gate::before(server);
            let entry = format!("  {cloud}:\n");
            let with = format!("{entry}    image_endpoint_override: {}/\n", gate.url());
            clouds = clouds.replacen(&entry, &with, 1);
            rig.gates.push(gate);
        }
        std::fs::write(own, clouds).unwrap();
        Some(rig)
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Publishes an original and describes it as the catalogue wants it.
    pub(crate) fn publish(&self, id: &'static str, build: &'static str, made: &Made) -> Wanted {
        let path = format!("/{id}/{build}.qcow2");
        self.world.put(&path, Page::bytes(made.original()));
        Wanted {
            id,
            build,
            date: "2026-11-01",
            url: self.world.url(&path),
            digest: Some(sum("sha256sum", &made.qcow2)),
            format: "raw",
            until: "none",
            validity: "none",
        }
    }

    /// Writes the catalogue.
    pub(crate) fn wants(&self, all: &[&Wanted]) {
        let mut text = format!("catalogue: 1\ntag: {}\nimages:\n", self.tag);
        for one in all {
            let evidence = if one.digest.is_some() {
                "pinned"
            } else {
                "none"
            };
            text += &format!(
                "  {0}:\n    name: {1} {0}\n    family: {0}\n    release: '1'\n    os_distro: debian\n    os_version: '13'\n    \
                 login: none\n    visibility: shared\n    min_disk: 1\n    min_ram: 512\n    format: {2}\n    \
                 replace_frequency: never\n    uuid_validity: {3}\n    provided_until: {4}\n    \
                 image_description: https://example.org/notes\n    evidence: {evidence}\n    original:\n      url: {5}\n      \
                 build: '{6}'\n      date: {7}\n",
                one.id, self.tag, one.format, one.validity, one.until, one.url, one.build, one.date
            );
            if let Some(digest) = &one.digest {
                text += &format!("      digest: sha256:{digest}\n");
            }
        }
        self.file("mine.yaml", &text);
    }

    /// A command of the catalogue, in the first cloud unless another one is named.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env(
                "OS_CLIENT_CONFIG_FILE",
                self.home.path().join("clouds.yaml"),
            )
            .env("OS_CLOUD", CLOUDS[0])
            .arg("catalogue")
            .args(args)
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(&self.command(args).output().unwrap())
    }

    /// Plans, in JSON.
    pub(crate) fn plan(&self) -> Value {
        let run = self.run(&[
            "plan",
            "--alone",
            "mine.yaml",
            "--max-delete",
            "9",
            "--allow-private",
            "-f",
            "json",
        ]);
        run.json()["plans"][0]["plan"].clone()
    }

    /// Syncs, in JSON, and has to end so.
    pub(crate) fn sync(&self, more: &[&str], code: i32) -> Value {
        let args = [
            &[
                "sync",
                "--alone",
                "mine.yaml",
                "--allow-private",
                "-f",
                "json",
            ],
            more,
        ]
        .concat();
        let run = self.run(&args);
        assert_eq!(run.code, code, "{}\n{}", run.stdout, run.stderr);
        let report = run.json();
        let schema = schema();
        assert_eq!(check(&schema, &schema, &report), None, "{report:#}");
        report
    }

    /// Begins a sync that is still at work when this comes back: something is being sent.
    pub(crate) fn begin(&self, path: &str) -> Child {
        let before = self.world.requests_to(path).len();
        self.gates[0].forget();
        let mut command = self.command(&["sync", "--alone", "mine.yaml", "--allow-private"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sending = |call: &Call| {
            call.method == "POST" && call.status == Some(201) && call.path().ends_with("/images")
        };
        // The record of the lock, and that of the image.
        while self.world.requests_to(path).len() == before
            || self.gates[0]
                .calls()
                .iter()
                .filter(|call| sending(call))
                .count()
                < 2
        {
            assert!(child.try_wait().unwrap().is_none(), "it has ended");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        child
    }

    /// The Python with the clients in it, which labs may share.
    fn python(&self) -> PathBuf {
        let shared = std::env::var_os("LAB_VENV").map(PathBuf::from);
        let other = std::env::var_os("ECTYPE_TEST_LAB").map(|lab| PathBuf::from(lab).join("venv"));
        let all = [shared, Some(self.lab.join("venv")), other]
            .into_iter()
            .flatten();
        let mut all = all.map(|venv| venv.join("bin/python"));
        all.find(|python| python.exists())
            .expect("the lab's Python")
    }

    /// Asks Glance, past the gate.
    pub(crate) fn glance(&self, cloud: &str, method: &str, path: &str, body: &str) -> Value {
        let kind = if method == "PATCH" {
            PATCH
        } else {
            "application/json"
        };
        let mut python = Command::new(self.python());
        python
            .args(["-c", ASK, cloud, method, path, body, kind])
            .env("OS_CLIENT_CONFIG_FILE", self.lab.join("clouds.yaml"));
        serde_json::from_str(&tool(&mut python)).unwrap()
    }

    /// The records with this test's tag, hidden ones too.
    pub(crate) fn records(&self, cloud: &str) -> Vec<Value> {
        self.tagged(cloud, &self.tag)
    }

    /// The locks on this test's images.
    pub(crate) fn locks(&self, cloud: &str) -> Vec<Value> {
        self.tagged(cloud, &format!("{}_lock", self.tag))
    }

    fn tagged(&self, cloud: &str, tag: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for hidden in ["false", "true"] {
            let path = format!("/images?tag={tag}&os_hidden={hidden}&limit=1000");
            let list = self.glance(cloud, "GET", &path, "");
            all.extend(list["body"]["images"].as_array().unwrap().clone());
        }
        all
    }

    pub(crate) fn patch(&self, image: &Value, ops: &Value) {
        let path = format!("/images/{}", image["id"].as_str().unwrap());
        let done = self.glance(CLOUDS[0], "PATCH", &path, &ops.to_string());
        assert_eq!(done["status"], 200, "{done}");
    }
}

/// The published schema of reports, with that of plans in it.
fn schema() -> Value {
    let read = |name: &str| {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        std::fs::read_to_string(docs.join(name)).unwrap()
    };
    let plan: Value = serde_json::from_str(&read("plan.schema.json")).unwrap();
    let text = read("sync.schema.json").replace("plan.schema.json#/", "#/");
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    let own = schema["$defs"].as_object_mut().unwrap();
    for (name, definition) in plan["$defs"].as_object().unwrap() {
        own.entry(name).or_insert_with(|| definition.clone());
    }
    schema
}

impl Drop for Rig {
    fn drop(&mut self) {
        if self.gates.is_empty() {
            return;
        }
        for cloud in CLOUDS {
            let locks = self.locks(cloud);
            for image in self.records(cloud).into_iter().chain(locks) {
                let path = format!("/images/{}", image["id"].as_str().unwrap());
                self.glance(cloud, "DELETE", &path, "");
            }
        }
    }
}

/// The outcomes of a report's only cloud: `import done`.
pub(crate) fn outcomes(report: &Value) -> Vec<String> {
    let steps = report["clouds"][0]["steps"].as_array().unwrap();
    let line = |step: &Value| {
        format!(
            "{} {}",
            step["action"].as_str().unwrap(),
            step["outcome"].as_str().unwrap()
        )
    };
    steps.iter().map(line).collect()
}

/// What the gate saw of changes: `POST /v2/images`, ids left out.
pub(crate) fn writes(gate: &Gate) -> Vec<String> {
    let line = |call: &Call| {
        let path: Vec<&str> = call
            .path()
            .split('/')
            .map(|part| if part.len() == 36 { "ID" } else { part })
            .collect();
        format!("{} {}", call.method, path.join("/"))
    };
    gate.writes().iter().map(line).collect()
}

/// A test's two disks: other bytes, the same size.
pub(crate) fn other() -> Made {
    let made = Made::new(&["-c"]);
    crate::run::flip(&made.raw, 0);
    let convert = |args: &[&str], from: &Path, to: &Path| {
        tool(
            Command::new("qemu-img")
                .arg("convert")
                .args(args)
                .arg(from)
                .arg(to),
        );
    };
    convert(&["-f", "raw", "-O", "qcow2", "-c"], &made.raw, &made.qcow2);
    made
}

/// A record after these changes of a plan: what a step is to leave.
pub(crate) fn changed(record: &Value, changes: &Value) -> Value {
    let mut record = record.clone();
    for change in changes.as_array().into_iter().flatten() {
        let (field, to) = (change["field"].as_str().unwrap(), &change["to"]);
        match to {
            Value::Null => drop(record.as_object_mut().unwrap().remove(field)),
            to => record[field] = to.clone(),
        }
    }
    record
}

/// A record without what the cloud says of it by itself.
pub(crate) fn own(record: &Value) -> Value {
    let mut record = record.clone();
    let fields = record.as_object_mut().unwrap();
    for field in [
        "updated_at",
        "created_at",
        "self",
        "file",
        "schema",
        "stores",
        "direct_url",
        "locations",
        "owner",
        "id",
        "size",
        "virtual_size",
        "checksum",
        "os_hash_algo",
        "os_hash_value",
        "status",
        "protected",
        "memberships",
        "min_disk",
    ] {
        fields.remove(field);
    }
    if let Some(tags) = fields.get_mut("tags").and_then(Value::as_array_mut) {
        tags.sort_by_key(ToString::to_string);
    }
    json!(fields)
}

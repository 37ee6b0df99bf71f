//! An operator in the lab: a project of their own, the vendors, a gate before Glance, and the catalogue's commands.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use world::{Gate, Held};

use crate::http::{Reply, call};
use crate::run::Run;
use crate::vendors::Mirror;

/// The variable that names the lab's folder.
const LAB: &str = "ECTYPE_TEST_LAB";

/// A project of the lab that goes away with all its images, and who works in it.
pub(crate) struct Operator {
    pub(crate) mirror: Mirror,
    pub(crate) gate: Gate,
    pub(crate) project: String,
    /// Part of the names of everything that this test makes; no other test has it.
    pub(crate) mark: String,
    lab: PathBuf,
    keystone: SocketAddr,
    glance: SocketAddr,
    token: String,
}

impl Operator {
    /// In the lab; without one the test is skipped and says so.
    pub(crate) fn find(test: &str, mirror: impl FnOnce() -> Mirror) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Some(lab) = std::env::var_os(LAB).map(PathBuf::from) else {
            eprintln!("skipped: {test}: no lab ({LAB})");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("c{}-{number}", std::process::id());
        let clouds = std::fs::read_to_string(lab.join("clouds.yaml")).expect("the lab's clouds");
        let keystone = between(&clouds, "auth_url: \"http://", "/v3\"").parse();
        let keystone = keystone.expect("Keystone's address");
        let admin = log_in(keystone, "admin");
        let body = admin.json();
        let id = |path: &str| body.pointer(path).and_then(Value::as_str).expect("an id");
        let token = admin.header("X-Subject-Token").expect("a token");
        let glance = image_service(&body);
        let project = json!({"project": {"name": mark, "domain_id": id("/token/user/domain/id")}});
        let made = write(keystone, "POST", "/v3/projects", &token, &project);
        let project = made.good().json()["project"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let roles = body["token"]["roles"].as_array().expect("roles");
        let role = roles
            .iter()
            .find(|role| role["name"] == "admin")
            .expect("admin");
        let grant = format!(
            "/v3/projects/{project}/users/{}/roles/{}",
            id("/token/user/id"),
            role["id"].as_str().unwrap()
        );
        call(keystone, "PUT", &grant, Some(&token), None).good();
        let operator = Self {
            mirror: mirror(),
            gate: Gate::before(glance),
            project,
            token: log_in(keystone, &mark)
                .header("X-Subject-Token")
                .expect("a token"),
            mark,
            lab,
            keystone,
            glance,
        };
        operator.configure(&clouds);
        Some(operator)
    }

    /// Two clouds: the operator's own project, with Glance behind the gate, and an ordinary customer's.
    fn configure(&self, clouds: &str) {
        let url = between(clouds, "auth_url: \"", "\"");
        let entry = |user: &str, password: &str, project: &str, more: &str| {
            format!(
                "    auth: {{auth_url: '{url}', username: {user}, password: {password}, project_name: '{project}',\n      \
                 user_domain_name: Default, project_domain_name: Default}}\n    region_name: RegionOne\n{more}"
            )
        };
        let gate = format!("    image_endpoint_override: {}\n", self.gate.url());
        let text = format!(
            "clouds:\n  operator:\n{}  customer:\n{}",
            entry("admin", "lab-admin", &self.mark, &gate),
            entry("alt", "lab-alt", "alt", "")
        );
        std::fs::write(self.clouds(), text).unwrap();
    }

    fn clouds(&self) -> PathBuf {
        self.mirror.home.path().join("clouds.yaml")
    }

    /// A file in the home, as a path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.mirror.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, cloud: &str, args: &[&str]) -> Command {
        let clouds = self.clouds();
        let env = [
            ("OS_CLIENT_CONFIG_FILE", clouds.as_path()),
            ("OS_CLOUD", Path::new(cloud)),
        ];
        self.mirror.command(&env, args)
    }

    /// Runs the product as the operator, counting anew.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.gate.forget();
        self.go_on(args)
    }

    /// The same without touching what the gate was told.
    pub(crate) fn go_on(&self, args: &[&str]) -> Run {
        Run::of(&self.command("operator", args).output().expect("it runs"))
    }

    /// Runs the product as an ordinary customer.
    pub(crate) fn customer(&self, args: &[&str]) -> Run {
        Run::of(&self.command("customer", args).output().expect("it runs"))
    }

    /// Begins a run, to be ended by whoever asked for it.
    pub(crate) fn begin(&self, args: &[&str]) -> Child {
        let mut command = self.command("operator", args);
        let log = std::fs::File::create(self.mirror.home.path().join("killed.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command.spawn().expect("it runs")
    }

    /// Runs it and kills it (SIGKILL, by its id) at this write; whether there was one of this number.
    pub(crate) fn kill_at(&self, args: &[&str], number: usize, held: Held) -> bool {
        self.gate.hold(number, held);
        let mut child = self.begin(args);
        let over = || child.try_wait().expect("a child").is_some();
        let reached = self.gate.wait(over);
        let _ = child.kill();
        child.wait().expect("it ended");
        self.gate.forget();
        reached
    }

    /// Runs the real client as the customer.
    pub(crate) fn openstack(&self, args: &[&str]) -> String {
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$@\" <&-", "sh"])
            .arg(self.lab.join("venv/bin/openstack"))
            .env("OS_CLIENT_CONFIG_FILE", self.clouds())
            .args(["--os-cloud", "customer"])
            .args(args);
        crate::run::tool(&mut command)
    }

    /// Runs a program of this folder there, with the customer's cloud; what it printed.
    pub(crate) fn customer_runs(&self, program: &str, folder: &Path, args: &[&str]) -> String {
        let mut command = Command::new(folder.join(program));
        command
            .current_dir(folder)
            .env("OS_CLIENT_CONFIG_FILE", self.clouds())
            .env("OS_CLOUD", "customer")
            .args(args);
        crate::run::tool(&mut command)
    }

    /// Asks Glance itself, past the gate.
    pub(crate) fn glance(&self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Reply {
        call(self.glance, method, path, Some(&self.token), body)
    }

    /// The records of the project's images, hidden ones too, by name. Locks are none.
    pub(crate) fn images(&self) -> Vec<Value> {
        let mut all = self.records();
        all.retain(|image| !is_lock(image));
        all
    }

    /// The locks that are there.
    pub(crate) fn locks(&self) -> Vec<Value> {
        let mut all = self.records();
        all.retain(is_lock);
        all
    }

    fn records(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for hidden in ["false", "true"] {
            let path = format!(
                "/v2/images?limit=1000&owner={}&os_hidden={hidden}",
                self.project
            );
            let list = self.glance("GET", &path, None).good().json();
            all.extend(list["images"].as_array().unwrap().clone());
        }
        all.sort_by_key(|image| (text(image, "name"), text(image, "id")));
        all
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // Whatever the test has come to, no other test is to find these images.
        self.clear();
        let project = format!("/v3/projects/{}", self.project);
        call(self.keystone, "DELETE", &project, Some(&self.token), None);
    }
}

impl Operator {
    /// Deletes all images of the project.
    pub(crate) fn clear(&self) {
        for image in self.records() {
            let path = format!("/v2/images/{}", text(&image, "id"));
            if image["protected"] == true {
                let open = br#"[{"op": "replace", "path": "/protected", "value": false}]"#;
                let kind = "application/openstack-images-v2.1-json-patch";
                self.glance("PATCH", &path, Some((kind, open)));
            }
            self.glance("DELETE", &path, None);
        }
    }
}

fn is_lock(image: &Value) -> bool {
    text(image, "name") == "ectype lock"
}

/// A field of a record as text.
pub(crate) fn text(image: &Value, field: &str) -> String {
    match &image[field] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("as the lab writes it");
    rest.split_once(after).expect("as the lab writes it").0
}

fn log_in(keystone: SocketAddr, project: &str) -> Reply {
    let domain = json!({"name": "Default"});
    let body = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user":
            {"name": "admin", "domain": domain, "password": "lab-admin"}}},
        "scope": {"project": {"name": project, "domain": domain}}}});
    let bytes = body.to_string();
    let json = ("application/json", bytes.as_bytes());
    call(keystone, "POST", "/v3/auth/tokens", None, Some(json)).good()
}

fn write(server: SocketAddr, method: &str, path: &str, token: &str, body: &Value) -> Reply {
    let bytes = body.to_string();
    let json = ("application/json", bytes.as_bytes());
    call(server, method, path, Some(token), Some(json))
}

fn image_service(token: &Value) -> SocketAddr {
    let catalog = token["token"]["catalog"].as_array().expect("a catalogue");
    let image = catalog.iter().find(|one| one["type"] == "image");
    let endpoints = image.expect("an image service")["endpoints"]
        .as_array()
        .unwrap();
    let url = endpoints[0]["url"].as_str().expect("an address");
    let address = url
        .strip_prefix("http://")
        .expect("plain")
        .trim_end_matches('/');
    address.parse().expect("loopback")
}

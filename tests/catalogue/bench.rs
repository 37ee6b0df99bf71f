//! Vendors over TLS and clouds on this machine, and somebody who provides images with them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use world::{Authority, Page, Seen, Tls, World};

use crate::run::{Run, ectype};

/// The vendors' hosts, each a folder of the one server.
const HOSTS: [&str; 3] = [
    "cloud.debian.org",
    "cloud-images.ubuntu.com",
    "repo.almalinux.org",
];

/// The project that the user works in.
pub(crate) const PROJECT: &str = "p1";

/// An image service: a log-in that always works, and images that are listed as Glance lists them.
pub(crate) struct Cloud {
    pub(crate) world: World,
    images: Arc<Mutex<Vec<Value>>>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let world = World::start();
        let endpoint = json!({
            "id": "e", "interface": "public", "region": "R", "region_id": "R", "url": world.url("/image/v2"),
        });
        let token = json!({ "token": {
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-11-22T00:00:00.000000Z",
            "methods": ["password"],
            "user": { "id": "u1", "name": "demo", "domain": { "id": "default", "name": "Default" } },
            "project": { "id": PROJECT, "name": "demo", "domain": { "id": "default", "name": "Default" } },
            "roles": [{ "id": "r1", "name": "member" }],
            "catalog": [{ "id": "s", "type": "image", "name": "glance", "endpoints": [endpoint] }],
        }});
        world.put(
            "/v3/auth/tokens",
            answer(&token, 201).header("X-Subject-Token", "token"),
        );
        let images = Arc::<Mutex<Vec<Value>>>::default();
        let listed = Arc::clone(&images);
        let list = move |seen: &Seen| {
            let hidden = seen.target.contains("os_hidden=true");
            let mine = !seen.target.contains("owner=") || seen.target.contains("owner=p1");
            let all = listed.lock().unwrap();
            let fits = |image: &&Value| image["os_hidden"] == hidden && mine;
            let found: Vec<&Value> = all.iter().filter(fits).collect();
            answer(&json!({"images": found}), 200)
        };
        world.put("/image/v2/images", Page::made_by(list));
        Self { world, images }
    }

    /// The images, to change them behind ectype's back.
    pub(crate) fn images(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        self.images.lock().unwrap()
    }

    /// What was asked of the image service: the method, and whether the hidden images were meant.
    pub(crate) fn asked(&self) -> Vec<(String, bool)> {
        let requests = self.world.requests().into_iter();
        requests
            .filter(|seen| seen.path().starts_with("/image"))
            .map(|seen| (seen.method.clone(), seen.target.contains("os_hidden=true")))
            .collect()
    }

    /// Does what a plan says, with nothing of ours: records and changes as JSON.
    pub(crate) fn carry_out(&self, plan: &Value) {
        let mut images = self.images();
        for (number, step) in plan["steps"].as_array().unwrap().iter().enumerate() {
            let id = step["image"]["id"].as_str().map(str::to_owned);
            match step["action"].as_str().unwrap() {
                "import" => {
                    let mut image = json!({
                        "id": format!("00000000-0000-4000-8000-{:012}", images.len() + number),
                        "owner": PROJECT, "status": "active", "protected": false,
                        "size": 3_u64 << 30, "virtual_size": 3_u64 << 30,
                    });
                    for (name, value) in step["import"]["record"].as_object().unwrap() {
                        image[name] = value.clone();
                    }
                    image["ectype_state"] = json!("ready");
                    images.push(image);
                }
                "discard" | "delete" => images.retain(|one| one["id"] != step["image"]["id"]),
                _ => {
                    let made = images.len() - 1;
                    let of = images
                        .iter()
                        .position(|one| Some(&one["id"]) == step["image"].get("id"));
                    let image = &mut images[of.unwrap_or(made)];
                    assert!(of.is_some() || id.is_none());
                    for change in step["changes"].as_array().unwrap() {
                        image[change["field"].as_str().unwrap()] = change["to"].clone();
                    }
                }
            }
        }
    }
}

fn answer(value: &Value, status: u16) -> Page {
    Page::refusal(status, value.to_string()).header("Content-Type", "application/json")
}

/// Vendors, a cloud, and a home.
pub(crate) struct Bench {
    pub(crate) vendors: World,
    pub(crate) cloud: Cloud,
    home: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let authority = Authority::new("vendors");
        std::fs::write(home.path().join("roots.pem"), authority.pem()).unwrap();
        Self {
            vendors: World::secure(&Tls::by(&authority)),
            cloud: Cloud::new(),
            home,
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Puts a page at the vendor's own address.
    pub(crate) fn put(&self, url: &str, page: impl Into<Vec<u8>>) {
        self.vendors.put(&path(url), Page::bytes(page));
    }

    /// A build of Debian 13 for both architectures, and the list of all builds so far.
    pub(crate) fn debian(&self, builds: &[&str]) {
        let trixie = "https://cloud.debian.org/images/cloud/trixie/";
        let rows = builds
            .iter()
            .map(|build| format!("<a href=\"{build}/\">{build}/</a>  2026-07-12 08:42  -\n"));
        self.put(
            trixie,
            format!("<html><pre>{}</pre></html>", rows.collect::<String>()),
        );
        for (number, build) in builds.iter().enumerate() {
            let line = |arch: &str| {
                let digest = format!("{:0128x}", number + 1);
                format!("{digest}  debian-13-genericcloud-{arch}-{build}.qcow2\n")
            };
            let sums = line("amd64") + &line("arm64");
            self.put(&format!("{trixie}{build}/SHA512SUMS"), sums);
        }
    }

    /// Writes a file into the home.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the product with the vendors' hosts mapped and the cloud in its variables.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let url = self.cloud.world.url("/v3");
        let env = [
            ("OS_AUTH_URL", url.as_str()),
            ("OS_USERNAME", "demo"),
            ("OS_PASSWORD", "secret"),
            ("OS_PROJECT_NAME", "demo"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ];
        self.run_as(&env, args)
    }

    /// The same with other variables.
    pub(crate) fn run_as(&self, env: &[(&str, &str)], args: &[&str]) -> Run {
        let roots = self.home().join("roots.pem");
        let env = env.iter().map(|(name, value)| (*name, Path::new(*value)));
        let env: Vec<(&str, &Path)> = env.chain([("SSL_CERT_FILE", roots.as_path())]).collect();
        let mirrors =
            HOSTS.map(|host| format!("{host}={}", self.vendors.url(&format!("/{host}/"))));
        let mut all: Vec<&str> = args.to_vec();
        all.push("--allow-private");
        for mirror in &mirrors {
            all.extend(["--mirror", mirror]);
        }
        ectype(self.home(), &env, &all)
    }

    /// A plan for Debian 13 that must be made; the one plan in the answer.
    pub(crate) fn planned(&self, more: &[&str]) -> Value {
        let args = ["catalogue", "plan", "--only", "debian-13", "-f", "json"];
        let run = self.run(&[&args, more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let all = run.json();
        assert_eq!(all["plans"].as_array().unwrap().len(), 1);
        all["plans"][0]["plan"].clone()
    }
}

/// Where a vendor's address is on the server.
pub(crate) fn path(url: &str) -> String {
    format!("/{}", url.strip_prefix("https://").unwrap())
}

/// What is done, and to which image, in this order.
pub(crate) fn actions(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().unwrap().iter();
    steps.map(|step| step["action"].as_str().unwrap()).collect()
}

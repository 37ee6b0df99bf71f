//! `ectype serve` and `ectype dashboard` below a path of another server's, behind a proxy that takes the path off: whatever
//! they say where something is, it is there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve_proxy/pages.rs"]
mod pages;
#[path = "serve/prefix.rs"]
mod prefix;
#[path = "serve/visitor.rs"]
mod visitor;

use std::path::{Path, PathBuf};
use std::process::Command;

use binary::{Running, ectype, free_port};
use http::{Answer, Request};
use prefix::Prefix;
use serde_json::{Value, json};

/// The service's path in front of the proxy.
const PATH: &str = "/images";
const PASSWORD: &str = "lab-admin";

/// A service that knows its address behind a proxy.
struct Behind {
    _folder: tempfile::TempDir,
    data: PathBuf,
    running: Running,
    proxy: Prefix,
}

impl Behind {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("service");
        let port = free_port();
        let proxy = Prefix::before(port, PATH);
        let url = proxy.url();
        let words = [&["--public-url", &url], arguments].concat();
        let password = [("ECTYPE_SERVE_ADMIN_PASSWORD", PASSWORD)];
        let running = Running::start_at(&data, port, &words, &password);
        Self {
            _folder: folder,
            data,
            running,
            proxy,
        }
    }

    fn clouds(&self) -> PathBuf {
        self.data.join("clouds.yaml")
    }

    /// Asks for something below the public address.
    fn ask(&self, method: &str, path: &str, token: &str) -> Request {
        Request::new(method, &format!("{PATH}{path}")).header("X-Auth-Token", token)
    }

    fn send(&self, request: &Request) -> Answer {
        request.send(&Request::server(&self.proxy.url()))
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.send(&self.ask("GET", path, token))
    }

    /// What is at an address that the service has given.
    fn follow(&self, address: &str, token: &str) -> Answer {
        let url = self.proxy.url();
        let path = address.strip_prefix(&url).expect(address);
        self.get(path, token)
    }

    /// The administrator's token, and what came with it.
    fn log_in(&self) -> (String, Value) {
        let user = json!({ "name": "admin", "domain": { "id": "default" }, "password": PASSWORD });
        let scope = json!({ "project": { "name": "admin", "domain": { "id": "default" } } });
        let asked = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } }, "scope": scope } });
        let request = self
            .ask("POST", "/identity/v3/auth/tokens", "")
            .json(&asked);
        let answer = self.send(&request).expect(201);
        let token = answer.header("x-subject-token").unwrap().to_owned();
        (token, answer.json())
    }

    /// Every address that it gave led to it.
    fn end(self) {
        assert_eq!(self.proxy.strays(), Vec::<String>::new());
        self.running.end();
    }
}

/// All strings below this value that are whole addresses.
fn addresses(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.contains("://") => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(addresses).collect(),
        Value::Object(all) => all.values().flat_map(addresses).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_address_that_the_service_gives_leads_through_the_proxy() {
    let behind = Behind::start(&[]);
    let url = behind.proxy.url();
    let said = behind.running.said();
    assert!(
        said.contains(&format!("serving images at {url}\n")),
        "{said}"
    );
    assert!(said.contains(&format!("dashboard at {url}/dashboard/\n")));
    let (token, body) = behind.log_in();
    let catalogue = addresses(&body["token"]["catalog"]);
    assert!(catalogue.len() >= 6, "{body}");
    // As in Glance, there is nothing at `/v2/` itself; what counts is who says so.
    let leads = |address: &str| {
        let answer = behind.follow(address, &token);
        let id = answer.header("x-openstack-request-id");
        let there = matches!(answer.status, 200 | 300);
        assert!(there || id.is_some(), "{address}: {answer}");
    };
    catalogue.iter().for_each(|address| leads(address));

    // Discovery, of both services: where they are, and where the version is.
    for (path, status) in [
        ("/", 300),
        ("/versions", 200),
        ("/identity", 300),
        ("/identity/v3", 200),
    ] {
        let answer = behind.get(path, "").expect(status);
        let told = addresses(&answer.json());
        assert!(!told.is_empty(), "{path}: {answer}");
        told.iter().for_each(|address| leads(address));
    }
    let version = behind.get("/v2", &token).expect(302);
    leads(version.header("location").unwrap());
    // Who comes without a token is told where to log in.
    let refused = behind.get("/v2/images", "").expect(401);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(&format!("{url}/identity/v3")),
        "{challenge}"
    );

    behind.end();
}

#[test]
fn what_is_made_is_where_the_answer_says() {
    let behind = Behind::start(&["--import-host", "127.0.0.1"]);
    let (token, _) = behind.log_in();
    let image = behind
        .ask("POST", "/v2/images", &token)
        .json(&json!({ "name": "one" }));
    let space = json!({ "namespace": "A::B c", "visibility": "public" });
    let space = behind
        .ask("POST", "/v2/metadefs/namespaces", &token)
        .json(&space);
    let input = json!({ "import_from": "http://127.0.0.1/", "import_from_format": "raw", "image_properties": {} });
    let task = behind.ask("POST", "/v2/tasks", &token);
    let task = task.json(&json!({ "type": "import", "input": input }));
    for request in [image, space, task] {
        let answer = behind.send(&request).expect(201);
        let place = answer.header("location").expect(&request.path);
        behind.follow(place, &token).expect(200);
    }
    behind.end();
}

/// As in Glance, links in bodies are paths below the endpoint: it is what clients put before them.
#[test]
fn links_in_bodies_are_below_the_endpoint_and_lead_there() {
    let behind = Behind::start(&[]);
    let (token, _) = behind.log_in();
    for number in 0..3 {
        let image =
            json!({ "name": number.to_string(), "disk_format": "raw", "container_format": "bare" });
        behind
            .send(&behind.ask("POST", "/v2/images", &token).json(&image))
            .expect(201);
    }
    let mut names = Vec::new();
    let mut next = Some("/v2/images?limit=2&sort=name:asc".to_owned());
    while let Some(path) = next {
        let page = behind.get(&path, &token).expect(200).json();
        for image in page["images"].as_array().unwrap() {
            names.push(image["name"].as_str().unwrap().to_owned());
            for link in ["self", "schema"] {
                behind
                    .get(image[link].as_str().unwrap(), &token)
                    .expect(200);
            }
        }
        behind
            .get(page["first"].as_str().unwrap(), &token)
            .expect(200);
        behind
            .get(page["schema"].as_str().unwrap(), &token)
            .expect(200);
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(names, ["0", "1", "2"]);

    // The bytes go where the record says, staged and imported.
    let one = behind.get("/v2/images?limit=1", &token).json()["images"][0].clone();
    let own = one["self"].as_str().unwrap();
    let octets = "application/octet-stream";
    let stage = behind
        .ask("PUT", &format!("{own}/stage"), &token)
        .header("Content-Type", octets);
    behind.send(&stage.bytes(&[7; 70_000])).expect(204);
    let import = json!({ "method": { "name": "glance-direct" } });
    behind
        .send(
            &behind
                .ask("POST", &format!("{own}/import"), &token)
                .json(&import),
        )
        .expect(202);
    while behind.get(own, &token).str("status") != "active" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let bytes = behind
        .get(one["file"].as_str().unwrap(), &token)
        .expect(200)
        .body;
    assert_eq!(bytes, [7; 70_000]);
    behind.end();
}

#[test]
fn ectype_finds_all_images_through_the_proxy_by_the_log_in_that_was_written() {
    let behind = Behind::start(&[]);
    let (token, _) = behind.log_in();
    let own = visitor::image(&behind.clouds(), "ectype", "stored", &[]);
    // More than a page of Glance's.
    for number in 0..30 {
        let image = json!({ "name": format!("more {number}") });
        behind
            .send(&behind.ask("POST", "/v2/images", &token).json(&image))
            .expect(201);
    }
    let run = |words: &[&str]| {
        let mut command = ectype();
        command.arg("--clouds").arg(behind.clouds());
        let out = command
            .args(["--os-cloud", "ectype", "image"])
            .args(words)
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let list = run(&["list", "-f", "value", "-c", "Name"]);
    assert_eq!(list.lines().count(), 31, "{list}");
    let copy = behind.data.join("copy");
    run(&["save", &own, "--file", copy.to_str().unwrap()]);
    assert_eq!(std::fs::read(copy).unwrap(), [7; 70_000]);
    run(&["delete", &own]);
    behind.end();
}

#[test]
fn the_openstack_client_works_through_the_proxy() {
    let Some(python) = world::python_for("the_openstack_client_works_through_the_proxy") else {
        return;
    };
    let behind = Behind::start(&[]);
    let (token, _) = behind.log_in();
    for number in 0..30 {
        let image = json!({ "name": format!("more {number}") });
        behind
            .send(&behind.ask("POST", "/v2/images", &token).json(&image))
            .expect(201);
    }
    let disk = behind.data.join("disk.raw");
    std::fs::write(&disk, [9; 70_000]).unwrap();
    let (file, copy) = (disk.to_str().unwrap(), behind.data.join("copy"));
    let lines = [
        &[
            "image",
            "create",
            "own",
            "--disk-format",
            "raw",
            "--file",
            file,
            "-f",
            "value",
            "-c",
            "status",
        ][..],
        &["image", "list", "-f", "value", "-c", "Name"],
        &["image", "save", "own", "--file", copy.to_str().unwrap()],
        &["image", "delete", "own"],
    ];
    let lines: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| [&["--os-cloud", "ectype"], *line].concat())
        .collect();
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/glance_contract/clients/command_line.py");
    let out = Command::new(python)
        .arg(script)
        .args(["openstack", &json!(lines).to_string()])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &behind.data)
        .env("PYTHONWARNINGS", "ignore")
        .env("OS_CLIENT_CONFIG_FILE", behind.clouds())
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    for line in said.as_array().unwrap() {
        assert_eq!(line["code"], 0, "{line}");
    }
    assert_eq!(said[0]["out"], "active\n");
    assert_eq!(said[1]["out"].as_str().unwrap().lines().count(), 31);
    assert_eq!(std::fs::read(copy).unwrap(), [9; 70_000]);
    behind.end();
}

#[test]
fn an_address_with_more_than_a_path_is_refused() {
    for address in [
        "https://a.example/?b",
        "https://a.example/#b",
        "https://u:p@a.example",
        "ftp://a.example",
        "a.example",
        "https://a.example/a;b",
    ] {
        let out = ectype()
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--public-url",
                address,
                "--data",
            ])
            .arg(tempfile::tempdir().unwrap().path())
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(3), "{address}: {out:?}");
    }
}

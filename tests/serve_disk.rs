//! A disk that is full: uploads are refused in words, what is there stays whole, and what fits is taken again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve/service.rs"]
mod service;

use std::path::Path;
use std::process::Command;

use http::{Answer, Request};
use serde_json::json;
use service::{Service, skipped};

/// A file system of its own in memory; nobody but root may make one.
struct Small(tempfile::TempDir);

impl Small {
    fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path());
        let mounted = mount.output().is_ok_and(|out| out.status.success());
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

fn log_in(service: &Service) -> String {
    let user = json!({ "name": "admin", "domain": { "name": "Default" }, "password": "lab-admin" });
    let scope = json!({ "project": { "name": "admin", "domain": { "name": "Default" } } });
    let body = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } }, "scope": scope } });
    let request = Request::at("POST", &service.keystone, "/auth/tokens").json(&body);
    let answer = request.send(&service.glance).expect(201);
    answer.header("x-subject-token").unwrap().to_owned()
}

#[test]
fn a_full_disk_costs_nothing_that_was_there() {
    if !Service::there() {
        skipped("a full disk", "no service of our own (ECTYPE_TEST_SERVE)");
        return;
    }
    let Some(disk) = Small::of("24m") else {
        skipped("a full disk", "nothing can be mounted here");
        return;
    };
    let service = Service::start(disk.path());
    let token = log_in(&service);
    let ask = |request: Request| request.header("X-Auth-Token", &token).send(&service.glance);
    let create = || {
        let body = json!({ "name": "a", "disk_format": "raw", "container_format": "bare" });
        ask(Request::new("POST", "/v2/images").json(&body))
            .expect(201)
            .str("id")
    };
    let upload = |id: &str, bytes: &[u8]| -> Answer {
        let request = Request::new("PUT", &format!("/v2/images/{id}/file"));
        ask(request
            .header("Content-Type", "application/octet-stream")
            .bytes(bytes))
    };
    let show = |id: &str| ask(Request::new("GET", &format!("/v2/images/{id}"))).expect(200);
    let small = create();
    upload(&small, &[3; 4 << 20]).expect(204);
    for _ in 0..3 {
        let large = create();
        let refused = upload(&large, &vec![5; 40 << 20]);
        assert!([413, 503, 507].contains(&refused.status), "{refused}");
        assert!(refused.text().to_lowercase().contains("full"), "{refused}");
        assert_eq!(show(&large).str("status"), "queued");
    }
    let down = ask(Request::new("GET", &format!("/v2/images/{small}/file"))).expect(200);
    assert!(down.body == [3; 4 << 20], "an older image has other bytes");
    let fits = create();
    upload(&fits, &[9; 4 << 20]).expect(204);
    assert_eq!(show(&fits).str("status"), "active");
    service.kill();
}

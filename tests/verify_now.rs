//! *Verify now* in the dashboard: whose push of the button may lead into the network of the machine that serves it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;
#[path = "serve/visitor.rs"]
mod visitor;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use binary::{Running, ectype};
use visitor::{Visitor, image, status};
use world::{Page, World};

/// A vendor at a private address, as all that tests can have are.
fn vendor() -> World {
    let vendor = World::start();
    vendor.put("/13/disk.raw", Page::bytes([7; 70_000]));
    vendor
}

/// An image that names the vendor's file.
fn copied(vendor: &World, clouds: &Path) -> String {
    let source = format!("image_source={}", vendor.url("/13/disk.raw"));
    image(clouds, "ectype", "copied", &["--property", &source])
}

/// The answer's page once the verdict is there.
fn verdict(visitor: &Visitor, id: &str) -> String {
    let asked = visitor.post(&format!("/images/{id}/verify"), "");
    assert_eq!(status(&asked), "303", "{asked}");
    let standing = format!("/images/{id}/standing");
    while visitor.get(&standing).contains("\"busy\":true") {
        std::thread::sleep(Duration::from_millis(20));
    }
    visitor.get(&format!("/images/{id}"))
}

fn refused(vendor: &World, page: &str) {
    assert!(page.contains("Undecided"), "{page}");
    assert!(page.contains("private address"), "{page}");
    assert!(vendor.requests().is_empty());
}

fn identical(vendor: &World, page: &str) {
    assert!(page.contains("Identical"), "{page}");
    assert!(!vendor.requests_to("/13/disk.raw").is_empty());
}

#[test]
fn the_service_reads_originals_of_its_own_network_only_where_the_operator_says_so() {
    for (arguments, variables, fine) in [
        (&[][..], &[][..], false),
        (&["--verify-private"], &[], true),
        (&[], &[("ECTYPE_SERVE_VERIFY_PRIVATE", "true")], true),
    ] {
        let (folder, vendor) = (tempfile::tempdir().unwrap(), vendor());
        let data = folder.path().join("service");
        let running = Running::start(&data, arguments, variables);
        let clouds = data.join("clouds.yaml");
        let id = copied(&vendor, &clouds);
        let admin = Visitor::admin(running.port(), "/dashboard", &clouds);
        let page = verdict(&admin, &id);
        match fine {
            true => identical(&vendor, &page),
            false => refused(&vendor, &page),
        }
        running.end();
    }
}

#[test]
fn a_dashboard_for_others_reads_originals_of_its_own_network_only_where_the_operator_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &[], &[]);
    let clouds = data.join("clouds.yaml");
    for (arguments, fine) in [
        // Only this machine's users come: what they ask for they could fetch themselves.
        (&[][..], true),
        (&["--host", "localhost"], false),
        (&["--host", "localhost", "--allow-private"], true),
    ] {
        let vendor = vendor();
        let id = copied(&vendor, &clouds);
        let mut command = ectype();
        command.arg("--clouds").arg(&clouds);
        command.args(["--os-cloud", "ectype", "dashboard"]);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let port = line.trim().trim_end_matches('/').rsplit(':').next();
        let port = port.unwrap().parse().unwrap();
        let admin = Visitor::admin(port, "", &clouds);
        let page = verdict(&admin, &id);
        process.kill().unwrap();
        process.wait().unwrap();
        match fine {
            true => identical(&vendor, &page),
            false => refused(&vendor, &page),
        }
    }
    running.end();
}

//! Images that claim a family whose vendor does not publish what they name as their original.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use world::Page;

use crate::fake::{cloud, image, user_of};

/// MD5 as the real program has it.
fn md5sum(bytes: &[u8]) -> String {
    let mut command = Command::new("md5sum");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..32].to_owned()
}

fn copy(number: u32, name: &str, source: &str, os_distro: Option<&str>, original: &[u8]) -> Value {
    let mut image = image(number, name);
    image["image_source"] = json!(source);
    image["checksum"] = json!(md5sum(original));
    image["size"] = json!(original.len());
    if let Some(os_distro) = os_distro {
        image["os_distro"] = json!(os_distro);
    }
    image
}

#[test]
fn an_image_that_claims_a_family_and_comes_from_elsewhere_is_called_a_look_alike() {
    let original = [7; 4096];
    let elsewhere = "http://images.example/debian-13.raw";
    let debian = "http://cloud.debian.org/images/cloud/trixie/latest/debian-13.raw";
    let images = json!([
        copy(1, "Debian 13", elsewhere, None, &original),
        copy(2, "Debian 13 of Debian", debian, None, &original),
        copy(3, "web server", elsewhere, Some("debian"), &original),
        copy(4, "web server of our own", elsewhere, None, &original),
        copy(5, "Ubuntu 24.04", debian, Some("debian"), &original),
    ]);
    let world = cloud(&images);
    for source in [elsewhere, debian] {
        world.put(source, Page::bytes(original));
    }
    let user = user_of(&world)
        .env("http_proxy", world.url(""))
        .env("no_proxy", "127.0.0.1");
    let ended = user.run(&["verify", "--all", "-f", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let verdicts: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let mut told = Vec::new();
    for verdict in &verdicts {
        assert_eq!(verdict["verdict"], "identical");
        let codes = verdict["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| w["code"].as_str().unwrap());
        told.extend(codes.map(|code| (verdict["asked"].as_str().unwrap(), code)));
    }
    told.sort_unstable();
    let expected = ["Debian 13", "Ubuntu 24.04", "web server"].map(|name| (name, "look-alike"));
    assert_eq!(told, expected);
    let words = user.run(&["verify", "--all"]).stdout;
    let line = "  warning   look-alike: the image claims to be debian, but its `image_source` lies at images.example and not \
                where that is published (cloud.debian.org, cdimage.debian.org)\n";
    assert!(words.contains(line), "{words}");
}

//! A cloud of two pages: a log-in that always works, and whatever images a test wants.

use serde_json::{Value, json};
use world::{Page, World};

use crate::run::Ectype;

/// The password that the fake cloud is asked with; it must never be seen in any output.
pub(crate) const PASSWORD: &str = "pass-4d0c1b7e-word";
/// The token that it answers with.
pub(crate) const TOKEN: &str = "gAAAA-token-9f3b6a21";

/// A world that answers as Keystone and Glance do; it has these images.
pub(crate) fn cloud(images: &Value) -> World {
    let world = World::start();
    let endpoint = json!({
        "id": "e", "interface": "public", "region": "R", "region_id": "R", "url": world.url("/image/v2"),
    });
    let token = json!({ "token": {
        "expires_at": "2099-01-01T00:00:00.000000Z",
        "issued_at": "2026-11-22T00:00:00.000000Z",
        "methods": ["password"],
        "user": { "id": "u1", "name": "demo", "domain": { "id": "default", "name": "Default" } },
        "project": { "id": "p1", "name": "demo", "domain": { "id": "default", "name": "Default" } },
        "roles": [{ "id": "r1", "name": "member" }],
        "catalog": [{ "id": "s", "type": "image", "name": "glance", "endpoints": [endpoint] }],
    }});
    let json = |value: &Value, status| {
        Page::refusal(status, value.to_string()).header("Content-Type", "application/json")
    };
    world.put(
        "/v3/auth/tokens",
        json(&token, 201).header("X-Subject-Token", TOKEN),
    );
    world.put(
        "/image/v2/images",
        json(&json!({ "images": images, "schema": "", "first": "" }), 200),
    );
    world
}

/// The binary with the variables of somebody who works on this cloud.
pub(crate) fn user_of(world: &World) -> Ectype {
    Ectype::new()
        .env("OS_AUTH_URL", world.url("/v3"))
        .env("OS_USERNAME", "demo")
        .env("OS_PASSWORD", PASSWORD)
        .env("OS_PROJECT_NAME", "demo")
        .env("OS_USER_DOMAIN_NAME", "Default")
        .env("OS_PROJECT_DOMAIN_NAME", "Default")
}

/// An image as Glance lists it.
pub(crate) fn image(number: u32, name: &str) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"),
        "name": name, "status": "active", "visibility": "public", "protected": false,
        "os_hidden": false, "owner": "p1", "size": u64::from(number) * 1000, "min_disk": 0, "min_ram": 0,
        "disk_format": "raw", "container_format": "bare", "tags": [],
        "checksum": null, "os_hash_algo": null, "os_hash_value": null, "virtual_size": null,
        "created_at": "2026-11-22T00:00:00Z", "updated_at": "2026-11-22T00:00:00Z",
        "file": "/v2/images/x/file", "self": "/v2/images/x", "schema": "/v2/schemas/image",
    })
}

//! The types against what a real Keystone and a real Glance answered (tests/samples).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::{Value, json};
use wire::identity::{
    Application, AuthRequest, Domain, Identity, Login, Project, Scope, TokenReply, User,
};
use wire::image::{Image, Images};
use wire::import::{ImportInfo, Tasks};
use wire::versions::Versions;

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!(
        "{}/tests/samples/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

#[test]
fn an_image_loses_nothing_on_the_way_through() {
    for name in ["image-queued.json", "image-active.json"] {
        let image: Image = serde_json::from_str(&sample(name)).unwrap();
        let expected: Value = serde_json::from_str(&sample(name)).unwrap();
        assert_eq!(serde_json::to_value(&image).unwrap(), expected, "{name}");
    }
    let page: Images = serde_json::from_str(&sample("images.json")).unwrap();
    let expected: Value = serde_json::from_str(&sample("images.json")).unwrap();
    assert_eq!(serde_json::to_value(&page).unwrap(), expected);
    assert!(page.next.unwrap().contains("marker="));
}

#[test]
fn custom_properties_keep_the_servers_order_and_nothing_else_is_among_them() {
    let image: Image = serde_json::from_str(&sample("image-active.json")).unwrap();
    let text = sample("image-active.json");
    let mut names: Vec<&str> = image.properties.keys().map(String::as_str).collect();
    let found = names.clone();
    names.sort_by_key(|name| text.find(&format!("\"{name}\"")).unwrap());
    assert_eq!(found, names);
    names.sort_unstable();
    assert_eq!(names, ["apple", "image_source", "os_distro", "zebra"]);
    assert_eq!(image.property("os_distro"), Some("debian"));
    assert_eq!(image.property("nothing"), None);
    assert_eq!(
        (image.size, image.os_hash_algo.as_deref()),
        (Some(11), Some("sha512"))
    );
    // sha512sum and md5sum of "sample data"
    assert_eq!(
        image.checksum.as_deref(),
        Some("26e078b87fdaa3206ab8bf63a6096c07")
    );
    assert_eq!(
        image.os_hash_value.as_deref(),
        Some(
            "334a142ae03fa3e64b5ee6b1ed4e406305d2653567fa874465f749856ba64d3afac7621bc49b62374bd8abb397999911b1848a6ede015d2151af8ff343fa0f60"
        )
    );
}

#[test]
fn nulls_absent_members_and_new_ones_are_tolerated() {
    let image: Image = serde_json::from_value(json!({"id": "7"})).unwrap();
    assert_eq!((image.name(), image.size, image.min_disk), ("", None, 0));
    let nulls = json!({"id": "7", "name": null, "status": null, "tags": null, "min_ram": null, "protected": null, "os_hidden": null,
                       "visibility": null, "invented": {"later": [1]}, "number": 3});
    let image: Image = serde_json::from_value(nulls).unwrap();
    assert!(image.tags.is_empty());
    assert_eq!(image.properties["invented"]["later"][0], 1);
    assert_eq!(
        image.property("number"),
        None,
        "only texts are properties of Glance's"
    );
}

#[test]
fn tokens_tell_their_scope_and_their_services() {
    let read = |name: &str| {
        serde_json::from_str::<TokenReply>(&sample(name))
            .unwrap()
            .token
    };
    let project = read("token-project.json");
    assert_eq!(
        project
            .project
            .as_ref()
            .unwrap()
            .domain
            .as_ref()
            .unwrap()
            .name,
        "Default"
    );
    assert_eq!(
        project
            .roles
            .iter()
            .map(|role| role.name.as_str())
            .collect::<Vec<_>>(),
        ["reader", "member"]
    );
    let catalog = project.catalog.as_ref().unwrap();
    let image = catalog
        .iter()
        .find(|service| service.kind == "image")
        .unwrap();
    assert_eq!(
        (
            image.endpoints[0].region(),
            image.endpoints[0].interface.as_str()
        ),
        ("RegionOne", "public")
    );
    assert!(!project.unscoped());
    assert!(read("token-system.json").system.is_some());
    let unscoped = read("token-unscoped.json");
    assert!(unscoped.unscoped() && unscoped.catalog.is_none());
}

#[test]
fn versions_are_found_in_every_form() {
    let read = |name: &str| serde_json::from_str::<Versions>(&sample(name)).unwrap();
    let glance = read("versions-glance.json");
    assert_eq!(
        glance.highest(2).unwrap().id,
        "v2.17",
        "by number, not by text: v2.9 is older"
    );
    assert_eq!(
        glance.highest(2).unwrap().href(),
        Some("http://127.0.0.1:19292/v2/")
    );
    assert_eq!(glance.highest(1), None);
    assert_eq!(
        read("versions-keystone.json").highest(3).unwrap().id,
        "v3.14"
    );
    assert_eq!(read("version-keystone.json").all().len(), 1);
}

/// The bodies of the examples of the Identity API reference, "Authentication and token management".
#[test]
fn log_ins_are_written_as_the_identity_api_wants_them() {
    let body = |identity, scope| {
        serde_json::to_value(AuthRequest::new(Login { identity, scope })).unwrap()
    };
    let user = || User::new(None, Some("admin"), Some(Domain::Name("Default")));
    let project = Project {
        id: None,
        name: Some("demo"),
        domain: Some(Domain::Id("default")),
    };
    assert_eq!(
        body(
            Identity::password(user(), "devstacker"),
            Some(Scope::Project(project))
        ),
        json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"name": "Default"}, "password": "devstacker"}}},
            "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
        }})
    );
    assert_eq!(
        body(Identity::token("gAAA"), Some(Scope::System { all: true })),
        json!({"auth": {"identity": {"methods": ["token"], "token": {"id": "gAAA"}}, "scope": {"system": {"all": true}}}})
    );
    let by_id = Application {
        id: Some("423f"),
        name: None,
        user: None,
        secret: "rEaq",
    };
    assert_eq!(
        body(Identity::application_credential(by_id), None),
        json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "423f", "secret": "rEaq"}}}})
    );
    let by_name = Application {
        id: None,
        name: Some("monitoring"),
        user: Some(user()),
        secret: "rEaq",
    };
    assert_eq!(
        body(Identity::application_credential(by_name), None)["auth"]["identity"]["application_credential"],
        json!({"name": "monitoring", "user": {"name": "admin", "domain": {"name": "Default"}}, "secret": "rEaq"})
    );
    assert_eq!(
        body(Identity::token("t"), Some(Scope::Domain(Domain::Id("d"))))["auth"]["scope"],
        json!({"domain": {"id": "d"}})
    );
    assert_eq!(
        body(Identity::token("t"), Some(Scope::Trust { id: "x" }))["auth"]["scope"],
        json!({"OS-TRUST:trust": {"id": "x"}})
    );
}

#[test]
fn import_methods_and_tasks_are_read_as_glance_writes_them() {
    // As Glance 33.0.0 answered.
    let info = r#"{"import-methods": {"description": "Import methods available.", "type": "array", "value": ["glance-direct", "web-download", "copy-image"]}}"#;
    let info: ImportInfo = serde_json::from_str(info).unwrap();
    assert_eq!(
        info.methods.value,
        ["glance-direct", "web-download", "copy-image"]
    );
    let tasks = r#"{"tasks": [{"id": "5b7c", "type": "api_image_import", "status": "failure", "owner": "e409",
        "message": "Task failed due to Internal Error", "expires_at": "2026-11-27T01:30:00Z", "created_at": "2026-11-25T01:30:00Z",
        "updated_at": "2026-11-25T01:30:00Z", "deleted_at": null, "deleted": false, "input": {}, "result": null,
        "user_id": "u", "request_id": "req-1", "image_id": "i"}]}"#;
    let tasks: Tasks = serde_json::from_str(tasks).unwrap();
    let task = &tasks.tasks[0];
    assert_eq!(
        (task.status.as_str(), task.kind.as_str()),
        ("failure", "api_image_import")
    );
    assert_eq!(task.message, "Task failed due to Internal Error");
    // One that has just begun has no message.
    let begun: Tasks =
        serde_json::from_str(r#"{"tasks": [{"id": "1", "status": "pending", "message": null}]}"#)
            .unwrap();
    assert_eq!(begun.tasks[0].message, "");
}

//! Metadata definitions are whole: all of a namespace is there, or nothing of it, on every database.

use axum::body::Body;
use serde_json::{Value, json};

use crate::rig::{Answer, Rig};

const ROOT: &str = "/v2/metadefs/namespaces";

async fn admin(rig: &Rig, method: &str, path: &str, body: Value) -> Answer {
    let body = match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    };
    rig.ask("admin", method, &format!("{ROOT}{path}"), body)
        .await
}

async fn seen(rig: &Rig, path: &str) -> Answer {
    rig.get(&format!("{ROOT}{path}")).await
}

/// The names of a list of namespaces or of what is in one.
fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| {
        let name = entry.get("namespace").unwrap_or(&entry["name"]);
        name.as_str().unwrap()
    })
    .collect()
}

/// The resource types that there are to choose among.
async fn known(rig: &Rig) -> Vec<String> {
    let known = rig.get("/v2/metadefs/resource_types").await.expect(200);
    let known = known.json();
    let known = names(&known["resource_types"]).into_iter();
    known.map(str::to_owned).collect()
}

/// A public namespace with one of everything.
fn full(name: &str) -> Value {
    let property = json!({ "title": "A", "type": "string" });
    json!({
        "namespace": name, "visibility": "public", "display_name": "Of a test",
        "resource_type_associations": [{ "name": "OS::Glance::Image", "prefix": "hw_" }],
        "objects": [{ "name": "quota", "required": ["a"], "properties": { "a": property } }],
        "properties": { "bus": property },
        "tags": [{ "name": "one" }, { "name": "two" }],
    })
}

#[tokio::test]
async fn a_namespace_is_made_with_all_that_is_in_it() {
    for rig in Rig::every("a namespace").await {
        admin(&rig, "POST", "", full("n")).await.expect(201);
        let space = seen(&rig, "/n").await.expect(200).json();
        assert_eq!(names(&space["objects"]), ["quota"]);
        assert_eq!(names(&space["tags"]), ["two", "one"]);
        assert_eq!(space["properties"]["bus"]["title"], "A");
        let space = seen(&rig, "/n?resource_type=OS::Glance::Image")
            .await
            .expect(200)
            .json();
        assert_eq!(space["properties"]["hw_bus"]["title"], "A");
        assert_eq!(space["objects"][0]["required"], json!(["hw_a"]));
        assert_eq!(space["objects"][0]["properties"]["hw_a"]["type"], "string");
        let one = seen(&rig, "/n/properties/hw_bus?resource_type=OS::Glance::Image");
        assert_eq!(one.await.expect(200).json()["name"], "bus");
    }
}

#[tokio::test]
async fn a_namespace_that_holds_something_twice_is_not_made() {
    for rig in Rig::every("something twice").await {
        let mut twice = full("n");
        twice["tags"] = json!([{ "name": "one" }, { "name": "one" }]);
        twice["resource_type_associations"] = json!([{ "name": "OS::Of::Mine" }]);
        admin(&rig, "POST", "", twice.clone()).await.expect(409);
        seen(&rig, "/n").await.expect(404);
        assert!(!known(&rig).await.contains(&"OS::Of::Mine".to_owned()));
        twice["tags"] = json!([{ "name": "one" }]);
        admin(&rig, "POST", "", twice).await.expect(201);
        assert!(known(&rig).await.contains(&"OS::Of::Mine".to_owned()));
    }
}

#[tokio::test]
async fn what_is_in_a_namespace_goes_with_it() {
    for rig in Rig::every("a namespace that goes").await {
        admin(&rig, "POST", "", full("n")).await.expect(201);
        admin(&rig, "DELETE", "/n", Value::Null).await.expect(204);
        let empty = json!({ "namespace": "n", "visibility": "public" });
        admin(&rig, "POST", "", empty).await.expect(201);
        let tags = seen(&rig, "/n/tags").await.expect(200).json();
        assert_eq!(tags["tags"], json!([]));
    }
}

#[tokio::test]
async fn a_name_is_taken_once() {
    for rig in Rig::every("a name that is taken").await {
        admin(&rig, "POST", "", full("n")).await.expect(201);
        admin(&rig, "POST", "", json!({ "namespace": "m" }))
            .await
            .expect(201);
        let renamed = json!({ "namespace": "n" });
        admin(&rig, "PUT", "/m", renamed).await.expect(409);
        let one = json!({ "name": "two" });
        admin(&rig, "PUT", "/n/tags/one", one).await.expect(409);
        let both = json!({ "tags": [{ "name": "x" }, { "name": "x" }] });
        admin(&rig, "POST", "/n/tags", both).await.expect(409);
        let tags = seen(&rig, "/n/tags?sort_key=name&sort_dir=asc").await;
        assert_eq!(names(&tags.json()["tags"]), ["one", "two"]);
        // Under its new name it is all there.
        let moved = json!({ "namespace": "o", "visibility": "public" });
        admin(&rig, "PUT", "/n", moved).await.expect(200);
        let space = seen(&rig, "/o").await.expect(200).json();
        assert_eq!(names(&space["objects"]), ["quota"]);
        seen(&rig, "/n").await.expect(404);
    }
}

#[tokio::test]
async fn pages_put_together_are_the_list() {
    for rig in Rig::every("pages").await {
        for name in ["b", "d", "a", "c", "e"] {
            admin(&rig, "POST", "", full(name)).await.expect(201);
        }
        let hidden = json!({ "namespace": "hidden", "visibility": "private" });
        admin(&rig, "POST", "", hidden).await.expect(201);
        let mut path = format!("{ROOT}?limit=2&sort_key=namespace&sort_dir=asc");
        let mut all = Vec::new();
        loop {
            let page = rig.get(&path).await.expect(200).json();
            let found = names(&page["namespaces"]).into_iter();
            all.extend(found.map(str::to_owned));
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut path),
                None => break,
            }
        }
        assert_eq!(all, ["a", "b", "c", "d", "e"]);
    }
}

#[tokio::test]
async fn no_name_can_break_a_database() {
    for rig in Rig::every("names").await {
        for name in ["a\0b", "", &"x".repeat(81)] {
            let body = json!({ "namespace": name });
            admin(&rig, "POST", "", body).await.expect(400);
            let body = json!({ "namespace": "n", "tags": [{ "name": name }] });
            admin(&rig, "POST", "", body).await.expect(400);
        }
        let body = json!({ "namespace": "n", "owner": "a\0b", "description": "a" });
        admin(&rig, "POST", "", body).await.expect(400);
        // What is only shown may be any text.
        let body = json!({ "namespace": "n n", "description": "a\0b", "visibility": "public" });
        admin(&rig, "POST", "", body).await.expect(201);
        let space = seen(&rig, "/n%20n").await.expect(200).json();
        assert_eq!(space["description"], "a\0b");
    }
}

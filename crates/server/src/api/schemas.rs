//! The schemas, from which python-glanceclient builds its records.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::validate::{CONTAINER_FORMATS, DISK_FORMATS, ID_PATTERN};
use super::{json as answer, metadefs};
use crate::limits::MAX_NAME;
use crate::refused::Refused;

pub(crate) fn schema(name: &str) -> Result<Response, Refused> {
    let schema = match name {
        "image" => image(),
        "images" => collection("images", &image()),
        "member" => member(),
        "members" => members(),
        "task" => task(),
        "tasks" => tasks(),
        _ => name
            .strip_prefix("metadefs/")
            .and_then(metadefs::schemas::of)
            .ok_or_else(Refused::nothing)?,
    };
    Ok(answer(StatusCode::OK, &schema))
}

// long: one member a line, as in the document.
fn image() -> Value {
    let text = |description: &str, longest: usize| json!({ "type": ["null", "string"], "maxLength": longest, "description": description });
    let number = |description: &str| json!({ "type": ["null", "integer"], "readOnly": true, "description": description });
    let formats = |words: &[&str], description: &str| {
        let all: Vec<Value> = [Value::Null]
            .into_iter()
            .chain(words.iter().map(|word| json!(word)))
            .collect();
        json!({ "type": ["null", "string"], "enum": all, "description": description })
    };
    let fixed = |kind: &str, description: &str| json!({ "type": kind, "readOnly": true, "description": description });
    let mut checksum = text("MD5 of the stored bytes", 32);
    let mut algorithm = text("Which digest os_hash_value is", 64);
    let mut value = text("Digest of the stored bytes", 128);
    for read_only in [&mut checksum, &mut algorithm, &mut value] {
        if let Some(members) = read_only.as_object_mut() {
            members.insert("readOnly".to_owned(), json!(true));
        }
    }
    json!({
        "name": "image",
        "properties": {
            "id": { "type": "string", "pattern": ID_PATTERN, "description": "The image's UUID" },
            "name": text("The name, which need not be unique", MAX_NAME),
            "status": {
                "type": "string", "readOnly": true, "description": "How far the image has come",
                "enum": ["queued", "saving", "active", "killed", "deleted", "uploading", "importing", "pending_delete",
                    "deactivated"],
            },
            "visibility": {
                "type": "string", "description": "Who may see the image",
                "enum": ["community", "public", "private", "shared"],
            },
            "protected": { "type": "boolean", "description": "Whether deleting is refused" },
            "os_hidden": { "type": "boolean", "description": "Whether ordinary lists leave the image out" },
            "checksum": checksum,
            "os_hash_algo": algorithm,
            "os_hash_value": value,
            "owner": text("The project that owns the image", MAX_NAME),
            "size": number("Stored bytes"),
            "virtual_size": number("Bytes of the disk that a virtual machine sees"),
            "container_format": formats(&CONTAINER_FORMATS, "What is around the stored bytes"),
            "disk_format": formats(&DISK_FORMATS, "How the stored bytes are laid out"),
            "created_at": fixed("string", "When the record was made"),
            "updated_at": fixed("string", "When the record was last changed"),
            "tags": {
                "type": "array", "items": { "type": "string", "maxLength": MAX_NAME },
                "description": "Labels without values",
            },
            "direct_url": fixed("string", "Where the bytes are, where that is shown"),
            "min_ram": { "type": "integer", "description": "Least memory to boot with, in MiB" },
            "min_disk": { "type": "integer", "description": "Smallest disk to boot from, in GiB" },
            "self": fixed("string", "The path of the record"),
            "file": fixed("string", "The path of the data"),
            "stores": fixed("string", "The stores that hold the bytes"),
            "schema": fixed("string", "The path of the schema"),
            "locations": locations(),
        },
        "additionalProperties": { "type": "string" },
        "links": [
            { "rel": "self", "href": "{self}" },
            { "rel": "enclosure", "href": "{file}" },
            { "rel": "describedby", "href": "{schema}" },
        ],
    })
}

fn locations() -> Value {
    json!({
        "type": "array",
        "description": "Where the bytes are, where that is shown",
        "items": {
            "type": "object",
            "properties": {
                "url": { "type": "string", "maxLength": 255 },
                "metadata": { "type": "object" },
                "validation_data": {
                    "type": "object",
                    "writeOnly": true,
                    "additionalProperties": false,
                    "properties": {
                        "checksum": { "type": "string", "minLength": 32, "maxLength": 32 },
                        "os_hash_algo": { "type": "string", "maxLength": 64 },
                        "os_hash_value": { "type": "string", "maxLength": 128 },
                    },
                    "required": ["os_hash_algo", "os_hash_value"],
                },
            },
            "required": ["url", "metadata"],
        },
    })
}

fn collection(name: &str, item: &Value) -> Value {
    json!({
        "name": name,
        "properties": {
            name: { "type": "array", "items": item },
            "first": { "type": "string" },
            "next": { "type": "string" },
            "schema": { "type": "string" },
        },
        "links": [
            { "rel": "first", "href": "{first}" },
            { "rel": "next", "href": "{next}" },
            { "rel": "describedby", "href": "{schema}" },
        ],
    })
}

fn member() -> Value {
    json!({
        "name": "member",
        "properties": {
            "created_at": { "type": "string", "description": "When the image was offered" },
            "image_id": { "type": "string", "pattern": ID_PATTERN, "description": "The image" },
            "member_id": { "type": "string", "description": "The project" },
            "schema": { "type": "string", "readOnly": true },
            "status": {
                "type": "string", "enum": ["pending", "accepted", "rejected"], "description": "Its answer",
            },
            "updated_at": { "type": "string", "description": "When the answer was last changed" },
        },
    })
}

fn members() -> Value {
    json!({
        "name": "members",
        "properties": {
            "members": { "type": "array", "items": member() },
            "schema": { "type": "string" },
        },
        "links": [{ "rel": "describedby", "href": "{schema}" }],
    })
}

pub(crate) fn task() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let object =
        |description: &str| json!({ "type": ["null", "object"], "description": description });
    json!({
        "name": "task",
        "properties": {
            "id": { "type": "string", "pattern": ID_PATTERN, "description": "The task's UUID" },
            "type": { "type": "string", "enum": ["import", "api_image_import", "location_import"] },
            "status": { "type": "string", "enum": ["pending", "processing", "success", "failure"] },
            "input": object("What it was told"),
            "result": object("What came of it"),
            "owner": text("The project that it is for"),
            "message": text("What there is to say about it"),
            "image_id": text("The image that it works on"),
            "request_id": text("The request that began it"),
            "user_id": text("The user that began it"),
            "expires_at": { "type": ["null", "string"], "description": "Until when it is shown" },
            "created_at": text("When it began"),
            "updated_at": text("When it last changed"),
            "self": { "type": "string", "readOnly": true },
            "schema": { "type": "string", "readOnly": true },
        },
    })
}

/// A list of tasks, of each what the list shows.
fn tasks() -> Value {
    let mut task = task();
    if let Some(properties) = task.get_mut("properties").and_then(Value::as_object_mut) {
        for long in ["input", "message", "result"] {
            properties.remove(long);
        }
    }
    json!({
        "name": "tasks",
        "properties": {
            "tasks": { "type": "array", "items": task },
            "schema": { "type": "string" },
        },
        "links": [{ "rel": "describedby", "href": "{schema}" }],
    })
}

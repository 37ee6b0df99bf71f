//! The schemas of metadata definitions: what clients read, and what requests are held against.

use serde_json::{Value, json};

use crate::limits::{MAX_DEFINITION, MAX_DESCRIPTION, MAX_NAME};

/// The schema of this name, as it is served.
pub(crate) fn of(name: &str) -> Option<Value> {
    Some(match name {
        "namespace" => namespace(),
        "namespaces" => collection("namespaces", namespace()),
        "resource_type" => resource_type(),
        "resource_types" => {
            let name = "resource_type_associations";
            collection(name, resource_type())
        }
        "property" => property(true),
        "properties" => {
            let mut list = collection("properties", property(false));
            // Properties are listed by their names.
            if let Some(list) = list.pointer_mut("/properties/properties") {
                let item = list.get_mut("items").map(Value::take);
                *list = json!({ "type": "object", "additionalProperties": item });
            }
            list
        }
        "object" => object(),
        "objects" => collection("objects", object()),
        "tag" => tag(),
        "tags" => collection("tags", tag()),
        _ => return None,
    })
}

/// The tags of one request.
pub(super) fn several_tags() -> Value {
    let tag = json!({
        "type": "object",
        "properties": { "name": { "type": "string" } },
        "required": ["name"],
        "additionalProperties": false,
    });
    json!({
        "name": "tags",
        "properties": { "tags": { "type": "array", "items": tag } },
        "additionalProperties": false,
    })
}

fn name() -> Value {
    json!({ "type": "string", "maxLength": MAX_DEFINITION })
}

fn time() -> Value {
    json!({ "type": "string", "readOnly": true, "format": "date-time" })
}

fn link() -> Value {
    json!({ "type": "string", "readOnly": true })
}

/// The types of JSON; the last one is a mistake of the model that clients know.
fn types() -> Value {
    let types = ["array", "boolean", "integer", "number", "object", "string"];
    let mut all: Vec<Value> = types.iter().map(|kind| json!(kind)).collect();
    all.push(Value::Null);
    json!({ "type": "string", "enum": all })
}

/// What a property can say of itself.
fn attributes() -> Value {
    let positive = json!({ "$ref": "#/definitions/positiveInteger" });
    let from_zero = json!({ "$ref": "#/definitions/positiveIntegerDefault0" });
    json!({
        "name": name(),
        "title": { "type": "string" },
        "description": { "type": "string" },
        "operators": { "type": "array", "items": { "type": "string" } },
        "type": types(),
        "required": { "$ref": "#/definitions/stringArray" },
        "minimum": { "type": "number" },
        "maximum": { "type": "number" },
        "maxLength": positive,
        "minLength": from_zero,
        "pattern": { "type": "string", "format": "regex" },
        "enum": { "type": "array" },
        "readonly": { "type": "boolean" },
        "default": {},
        "items": { "type": "object", "properties": { "type": types(), "enum": { "type": "array" } } },
        "maxItems": positive,
        "minItems": from_zero,
        "uniqueItems": { "type": "boolean", "default": false },
        "additionalItems": { "type": "boolean" },
    })
}

fn numbers(texts: &Value) -> Value {
    json!({
        "positiveInteger": { "type": "integer", "minimum": 0 },
        "positiveIntegerDefault0": { "allOf": [{ "$ref": "#/definitions/positiveInteger" }, { "default": 0 }] },
        "stringArray": texts,
    })
}

fn definitions() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true });
    let mut definitions = numbers(&texts);
    let one =
        json!({ "type": "object", "required": ["title", "type"], "properties": attributes() });
    if let Some(definitions) = definitions.as_object_mut() {
        let property = json!({ "type": "object", "additionalProperties": one });
        definitions.insert("property".to_owned(), property);
    }
    definitions
}

/// A property of a request, or of an object or a list, where the name stands outside.
pub(super) fn property(named: bool) -> Value {
    let texts = json!({
        "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true,
    });
    let mut required = vec!["type", "title"];
    if named {
        required.push("name");
    }
    json!({
        "name": "property",
        "properties": attributes(),
        "additionalProperties": false,
        "definitions": numbers(&texts),
        "required": required,
    })
}

pub(super) fn object() -> Value {
    json!({
        "name": "object",
        "properties": {
            "name": name(),
            "description": { "type": "string" },
            "required": { "$ref": "#/definitions/stringArray" },
            "properties": { "$ref": "#/definitions/property" },
            "schema": link(),
            "self": link(),
            "created_at": time(),
            "updated_at": time(),
        },
        "additionalProperties": false,
        "definitions": definitions(),
        "required": ["name"],
    })
}

pub(super) fn tag() -> Value {
    json!({
        "name": "tag",
        "properties": { "name": name(), "created_at": time(), "updated_at": time() },
        "additionalProperties": false,
        "required": ["name"],
    })
}

pub(super) fn resource_type() -> Value {
    json!({
        "name": "resource_type_association",
        "properties": {
            "name": name(),
            "prefix": name(),
            "properties_target": name(),
            "created_at": time(),
            "updated_at": time(),
        },
        "additionalProperties": false,
        "required": ["name"],
    })
}

pub(super) fn namespace() -> Value {
    let text = || json!({ "type": "string" });
    let list = |properties: Value| json!({ "type": "array", "items": { "type": "object", "properties": properties } });
    json!({
        "name": "namespace",
        "properties": {
            "namespace": name(),
            "display_name": name(),
            "description": { "type": "string", "maxLength": MAX_DESCRIPTION },
            "visibility": { "type": "string", "enum": ["public", "private"] },
            "protected": { "type": "boolean" },
            "owner": { "type": "string", "maxLength": MAX_NAME },
            "created_at": time(),
            "updated_at": time(),
            "schema": link(),
            "self": link(),
            "resource_type_associations": list(json!({ "name": text(), "prefix": text(), "properties_target": text() })),
            "properties": { "$ref": "#/definitions/property" },
            "objects": list(json!({
                "name": text(),
                "description": text(),
                "required": { "$ref": "#/definitions/stringArray" },
                "properties": { "$ref": "#/definitions/property" },
            })),
            "tags": list(json!({ "name": text() })),
        },
        "additionalProperties": false,
        "definitions": definitions(),
        "required": ["namespace"],
    })
}

/// A list of such items; their definitions stand once, outside.
fn collection(name: &str, mut item: Value) -> Value {
    let members = item.as_object_mut();
    let definitions = members.and_then(|members| members.remove("definitions"));
    let mut list = json!({
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
    });
    if let (Some(definitions), Some(list)) = (definitions, list.as_object_mut()) {
        list.insert("definitions".to_owned(), definitions);
    }
    list
}

//! The columns of images: openstackclient's headings, each with the API's own name for the same field.

use serde_json::{Map, Value, json};
use wire::image::Image;

use crate::output::Column;

/// A heading, the API's name of the field, and its value in an image.
type Field = (&'static str, &'static str, fn(&Image) -> Value);

/// How many of [`FIELDS`] `image list --long` shows.
const LONG: usize = 13;

/// All columns, in openstackclient's order; after [`LONG`] those that it does not have.
const FIELDS: &[Field] = &[
    ("ID", "id", |i| json!(i.id)),
    ("Name", "name", |i| json!(i.name)),
    ("Disk Format", "disk_format", |i| json!(i.disk_format)),
    ("Container Format", "container_format", |i| {
        json!(i.container_format)
    }),
    ("Size", "size", |i| json!(i.size)),
    ("Checksum", "checksum", |i| json!(i.checksum)),
    ("Status", "status", |i| json!(i.status)),
    ("Visibility", "visibility", |i| json!(i.visibility)),
    ("Protected", "protected", |i| json!(i.protected)),
    ("Project", "owner", |i| json!(i.owner)),
    ("Hash Algorithm", "os_hash_algo", |i| json!(i.os_hash_algo)),
    ("Hash Value", "os_hash_value", |i| json!(i.os_hash_value)),
    ("Tags", "tags", |i| json!(i.tags)),
    ("created_at", "created_at", |i| json!(i.created_at)),
    ("updated_at", "updated_at", |i| json!(i.updated_at)),
    ("virtual_size", "virtual_size", |i| json!(i.virtual_size)),
    ("min_disk", "min_disk", |i| json!(i.min_disk)),
    ("min_ram", "min_ram", |i| json!(i.min_ram)),
    ("os_hidden", "os_hidden", |i| json!(i.os_hidden)),
    ("properties", "properties", properties),
];

/// The columns of a list, and which of them are shown without `-c`.
pub(super) fn columns(long: bool) -> Vec<Column> {
    let short = |field: &str| matches!(field, "id" | "name" | "status");
    let column = |(at, field): (usize, &Field)| Column {
        heading: field.0,
        alias: field.1,
        shown: if long { at < LONG } else { short(field.1) },
    };
    FIELDS.iter().enumerate().map(column).collect()
}

/// An image's values in all columns.
pub(super) fn row(image: &Image) -> Vec<Value> {
    FIELDS.iter().map(|field| field.2(image)).collect()
}

/// Everything that openstackclient shows under `properties`: the custom ones, and the base fields that it moved there.
pub(super) fn properties(image: &Image) -> Value {
    let mut map = Map::new();
    map.insert("os_hidden".to_owned(), json!(image.os_hidden));
    let texts = [
        ("os_hash_algo", &image.os_hash_algo),
        ("os_hash_value", &image.os_hash_value),
        ("direct_url", &image.direct_url),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            map.insert(name.to_owned(), json!(text));
        }
    }
    if let Some(locations) = &image.locations {
        map.insert("locations".to_owned(), locations.clone());
    }
    map.extend(
        image
            .properties
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if let Some(stores) = &image.stores {
        map.insert("stores".to_owned(), json!(stores));
    }
    Value::Object(map)
}

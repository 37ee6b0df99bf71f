//! `--sort KEY[:asc|desc],…`: the order of a list of images.

use wire::image::Image;

use super::columns;
use crate::output::{compare, find};

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// The API's name of the field.
    pub(super) field: &'static str,
    /// Largest first.
    pub(super) descending: bool,
    /// Whether the image service can sort by it (Glance: `v2/images.py`, `_available_sort_keys`).
    pub(super) on_server: bool,
    place: usize,
}

const ON_SERVER: [&str; 8] = [
    "name",
    "status",
    "container_format",
    "disk_format",
    "size",
    "id",
    "created_at",
    "updated_at",
];

/// Reads one `KEY[:asc|desc]`.
pub(super) fn parse(text: &str) -> Result<Order, String> {
    let (key, descending) = match text.split_once(':') {
        None | Some((_, "asc")) => (text.split(':').next().unwrap_or(text), false),
        Some((key, "desc")) => (key, true),
        Some((_, other)) => return Err(format!("`{other}` is neither asc nor desc")),
    };
    let columns = columns::columns(true);
    let found = find(&columns, key)
        .ok()
        .and_then(|place| Some((place, columns.get(place)?)));
    let Some((place, column)) = found else {
        let fields: Vec<&str> = columns.iter().map(|column| column.alias).collect();
        return Err(format!("fields to sort by: {}", fields.join(", ")));
    };
    let on_server = ON_SERVER.contains(&column.alias);
    Ok(Order {
        field: column.alias,
        descending,
        on_server,
        place,
    })
}

/// openstackclient's order when none is asked for.
pub(super) fn by_name() -> Vec<Order> {
    parse("name:asc").into_iter().collect()
}

/// Sorts by the first key, then the next; what is equal stays in the server's order.
pub(super) fn sort(images: &mut [Image], order: &[Order]) {
    for key in order.iter().rev() {
        images.sort_by_cached_key(|image| {
            Key(
                columns::row(image).into_iter().nth(key.place),
                key.descending,
            )
        });
    }
}

/// A value with its direction, to sort by.
#[derive(PartialEq)]
struct Key(Option<serde_json::Value>, bool);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = compare(self.0.as_ref(), other.0.as_ref());
        if self.1 { order.reverse() } else { order }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_key_is_read_with_and_without_a_direction() {
        let order = parse("created_at:desc").unwrap();
        assert_eq!(
            (order.field, order.descending, order.on_server),
            ("created_at", true, true)
        );
        assert!(!parse("Visibility").unwrap().on_server);
        assert!(parse("name:up").unwrap_err().contains("`up`"));
        assert!(parse("colour").unwrap_err().contains("created_at"));
    }
}

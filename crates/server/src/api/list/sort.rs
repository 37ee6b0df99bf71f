//! The order of a list, in both spellings that Glance knows.

use std::cmp::Ordering;

use crate::records::Image;
use crate::refused::Refused;

const KEYS: [&str; 8] = [
    "name",
    "status",
    "container_format",
    "disk_format",
    "size",
    "id",
    "created_at",
    "updated_at",
];

/// Keys with their directions; true is down.
pub(super) struct Order(Vec<(String, bool)>);

impl Order {
    pub(super) fn of(query: &[(String, String)]) -> Result<Self, Refused> {
        let all = |name: &str| -> Vec<&str> {
            let found = query.iter().filter(|(key, _)| key == name);
            found.map(|(_, value)| value.trim()).collect()
        };
        let (modern, keys, directions) = (all("sort"), all("sort_key"), all("sort_dir"));
        let (mut keys, directions) = if let Some(text) = modern.last() {
            if !keys.is_empty() || !directions.is_empty() {
                return Err(Refused::bad(
                    "Old and new sorting syntax cannot be combined",
                ));
            }
            let mut found = (Vec::new(), Vec::new());
            for part in text.split(',') {
                let (key, direction) = part.split_once(':').unwrap_or((part, ""));
                found.0.push(self::key(key.trim())?);
                let direction = if direction.is_empty() {
                    "desc"
                } else {
                    direction
                };
                found.1.push(down(direction.trim())?);
            }
            found
        } else {
            let keys: Result<Vec<String>, Refused> = keys.into_iter().map(key).collect();
            let directions: Result<Vec<bool>, Refused> = directions.into_iter().map(down).collect();
            (keys?, directions?)
        };
        if directions.len() > 1 && directions.len() != keys.len() {
            return Err(Refused::bad(
                "Number of sort dirs does not match the number of sort keys",
            ));
        }
        if keys.is_empty() {
            keys.push("created_at".to_owned());
        }
        // One direction is for all keys, those that are added too.
        let single = match directions.as_slice() {
            [] => Some(true),
            [one] => Some(*one),
            _ => None,
        };
        let mut order: Vec<(String, bool)> = keys
            .into_iter()
            .enumerate()
            .map(|(at, key)| {
                let down = single.or_else(|| directions.get(at).copied());
                (key, down.unwrap_or(true))
            })
            .collect();
        for more in ["created_at", "id"] {
            if !order.iter().any(|(key, _)| key == more) {
                order.push((more.to_owned(), single.unwrap_or(true)));
            }
        }
        Ok(Self(order))
    }

    /// Whether it is by time, and by id within one moment, both the same way.
    pub(super) fn is_by_time(&self) -> bool {
        match self.0.as_slice() {
            [(time, one), (id, other)] => time == "created_at" && id == "id" && one == other,
            _ => false,
        }
    }

    /// Whether the largest comes first, of an order by time.
    pub(super) fn is_down(&self) -> bool {
        self.0.first().is_none_or(|(_, down)| *down)
    }

    pub(super) fn compare(&self, one: &Image, other: &Image) -> Ordering {
        for (key, down) in &self.0 {
            let order = match key.as_str() {
                "name" => one.name.cmp(&other.name),
                "status" => one.status.word().cmp(other.status.word()),
                "container_format" => one.container_format.cmp(&other.container_format),
                "disk_format" => one.disk_format.cmp(&other.disk_format),
                "size" => one.size.cmp(&other.size),
                "created_at" => one.created.cmp(&other.created),
                "updated_at" => one.updated.cmp(&other.updated),
                _ => one.id.cmp(&other.id),
            };
            let order = if *down { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

fn key(key: &str) -> Result<String, Refused> {
    match KEYS.contains(&key) {
        true => Ok(key.to_owned()),
        false => Err(Refused::bad(format!(
            "Invalid sort key: {key}. It must be one of the following: {}.",
            KEYS.join(", ")
        ))),
    }
}

fn down(direction: &str) -> Result<bool, Refused> {
    match direction {
        "desc" => Ok(true),
        "asc" => Ok(false),
        _ => Err(Refused::bad(format!("Invalid sort direction: {direction}"))),
    }
}

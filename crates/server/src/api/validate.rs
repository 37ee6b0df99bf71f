//! Members of an image held to their types and ranges, with the words of Glance's schema check.

use serde_json::Value;

use crate::limits::{MAX_MINIMUM, MAX_NAME};
use crate::python;
use crate::records::{Image, Visibility};
use crate::refused::Refused;

/// Disk formats (`disk_formats` of Glance).
pub(crate) const DISK_FORMATS: [&str; 11] = [
    "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop",
];
/// Container formats (`container_formats` of Glance).
pub(crate) const CONTAINER_FORMATS: [&str; 8] = [
    "ami",
    "ari",
    "aki",
    "bare",
    "ovf",
    "ova",
    "docker",
    "compressed",
];
const VISIBILITIES: [&str; 4] = ["community", "public", "private", "shared"];
/// What an id looks like.
pub(crate) const ID_PATTERN: &str =
    "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";
/// What nobody may set: what only the service knows.
const READ_ONLY: [&str; 13] = [
    "created_at",
    "updated_at",
    "status",
    "checksum",
    "size",
    "virtual_size",
    "direct_url",
    "self",
    "file",
    "schema",
    "id",
    "os_hash_algo",
    "os_hash_value",
];
const RESERVED: [&str; 3] = ["location", "deleted", "deleted_at"];
/// The beginning of names that the service keeps for itself.
pub(crate) const RESERVED_NAMES: &str = "os_glance_";

/// The members of an image that are no custom properties and may be set.
pub(crate) fn is_base(key: &str) -> bool {
    READ_ONLY.contains(&key)
        || matches!(
            key,
            "name"
                | "visibility"
                | "protected"
                | "os_hidden"
                | "owner"
                | "container_format"
                | "disk_format"
                | "tags"
                | "min_ram"
                | "min_disk"
                | "locations"
        )
}

/// # Errors
/// 403 for what no client may set in a PATCH.
pub(crate) fn settable(key: &str) -> Result<(), Refused> {
    if READ_ONLY.contains(&key) {
        return Err(Refused::forbidden(format!(
            "Attribute '{key}' is read-only."
        )));
    }
    not_reserved(key).map_err(|_| Refused::forbidden(format!("Attribute '{key}' is reserved.")))
}

/// # Errors
/// 403 for names that the service keeps for itself.
pub(crate) fn not_reserved(key: &str) -> Result<(), Refused> {
    match RESERVED.contains(&key) || key.starts_with(RESERVED_NAMES) {
        true => Err(Refused::denied(format!("Attribute '{key}' is reserved."))),
        false => Ok(()),
    }
}

/// Holds the value of a member to the schema.
///
/// # Errors
/// 400.
pub(crate) fn check(key: &str, value: &Value) -> Result<(), Refused> {
    let refused = |reason: String| {
        Refused::bad(format!(
            "Provided object does not match schema 'image': {reason}"
        ))
    };
    reason(key, value).map_or(Ok(()), |reason| Err(refused(reason)))
}

/// What is wrong with a value.
fn reason(key: &str, value: &Value) -> Option<String> {
    match key {
        "id" => text(value, MAX_NAME).or_else(|| {
            let id = value.as_str().unwrap_or_default();
            let shown = python::quoted(id);
            (!is_id(id)).then(|| format!("{shown} does not match {}", python::quoted(ID_PATTERN)))
        }),
        "name" | "owner" | "checksum" | "os_hash_algo" | "os_hash_value" => optional(value),
        "visibility" => text(value, usize::MAX).or_else(|| choice(value, false, &VISIBILITIES)),
        "protected" | "os_hidden" => match value {
            Value::Bool(_) => None,
            _ => Some(format!("{} is not of type 'boolean'", python::repr(value))),
        },
        "container_format" => format_choice(value, &CONTAINER_FORMATS),
        "disk_format" => format_choice(value, &DISK_FORMATS),
        "min_ram" | "min_disk" => minimum(value),
        "size" | "virtual_size" => match value {
            Value::Null => None,
            Value::Number(number) if number.is_i64() || number.is_u64() => None,
            _ => Some(format!(
                "{} is not of type 'null', 'integer'",
                python::repr(value)
            )),
        },
        "tags" => tags(value),
        "locations" => match value {
            Value::Array(all) => all
                .iter()
                .find(|one| !one.is_object())
                .map(|one| format!("{} is not of type 'object'", python::repr(one))),
            _ => Some(format!("{} is not of type 'array'", python::repr(value))),
        },
        // A PostgreSQL text has no NUL, and no property needs one.
        _ => match value {
            Value::String(text) if text.contains('\0') => {
                Some(format!("{} is not a text", python::repr(value)))
            }
            Value::String(_) => None,
            _ => Some(format!("{} is not of type 'string'", python::repr(value))),
        },
    }
}

fn minimum(value: &Value) -> Option<String> {
    let whole = value.as_number().is_some_and(|n| n.is_i64() || n.is_u64());
    let shown = python::repr(value);
    match whole {
        false => Some(format!("{shown} is not of type 'integer'")),
        true => None,
    }
}

fn tags(value: &Value) -> Option<String> {
    let Value::Array(values) = value else {
        return Some(format!("{} is not of type 'array'", python::repr(value)));
    };
    values.iter().find_map(|value| text(value, MAX_NAME))
}

fn text(value: &Value, longest: usize) -> Option<String> {
    match value {
        Value::String(text) if text.chars().count() > longest => {
            Some(format!("{} is too long", python::repr(value)))
        }
        Value::String(text) if text.contains('\0') => {
            Some(format!("{} is not a text", python::repr(value)))
        }
        Value::String(_) => None,
        _ => Some(format!("{} is not of type 'string'", python::repr(value))),
    }
}

fn optional(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(_) => text(value, MAX_NAME),
        _ => Some(format!(
            "{} is not of type 'null', 'string'",
            python::repr(value)
        )),
    }
}

fn format_choice(value: &Value, choices: &[&str]) -> Option<String> {
    optional(value).or_else(|| choice(value, true, choices))
}

fn choice(value: &Value, or_null: bool, choices: &[&str]) -> Option<String> {
    if (or_null && value.is_null()) || value.as_str().is_some_and(|word| choices.contains(&word)) {
        return None;
    }
    let null = or_null.then_some(Value::Null);
    let words = choices.iter().map(|word| Value::from(*word));
    let all: Vec<Value> = null.into_iter().chain(words).collect();
    Some(format!(
        "{} is not one of {}",
        python::repr(value),
        python::list(&all)
    ))
}

/// Whether this is the text form of a UUID.
pub(crate) fn is_id(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, len)| {
            part.len() == len && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// Writes a checked value into the image. False for what is no base member.
///
/// # Errors
/// 400 for a negative size, 403 for a format that is frozen.
pub(crate) fn set(image: &mut Image, key: &str, value: &Value) -> Result<bool, Refused> {
    let words = || value.as_str().map(str::to_owned);
    let frozen = |image: &Image| match image.status {
        crate::records::Status::Queued | crate::records::Status::Importing => Ok(()),
        _ => Err(Refused::forbidden(format!(
            "Attribute {key} can be only replaced for a queued image."
        ))),
    };
    let number = || {
        let number = value.as_i64().unwrap_or(i64::MAX);
        if number > MAX_MINIMUM {
            return Err(Refused::bad(format!(
                "'{key}' value out of range, must not exceed {MAX_MINIMUM}."
            )));
        }
        match number < 0 {
            true => Err(Refused::bad(format!(
                "Invalid value '{number}' for parameter '{key}': Cannot be a negative value"
            ))),
            false => Ok(number),
        }
    };
    match key {
        "name" => image.name = words(),
        "owner" => image.owner = words(),
        "visibility" => {
            let visibility = value.as_str().and_then(Visibility::of);
            image.visibility = visibility.unwrap_or(image.visibility);
        }
        "protected" => image.protected = value.as_bool().unwrap_or_default(),
        "os_hidden" => image.hidden = value.as_bool().unwrap_or_default(),
        "container_format" => {
            frozen(image)?;
            image.container_format = words();
        }
        "disk_format" => {
            frozen(image)?;
            image.disk_format = words();
        }
        "min_ram" => image.min_ram = number()?,
        "min_disk" => image.min_disk = number()?,
        "tags" => {
            image.tags.clear();
            for tag in value.as_array().into_iter().flatten() {
                let tag = tag.as_str().unwrap_or_default().to_owned();
                if !image.tags.contains(&tag) {
                    image.tags.push(tag);
                }
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

//! Which images a list shows.

use crate::moment;
use crate::records::Image;
use crate::refused::Refused;

/// What a query asks for, besides order and pages.
pub(super) struct Filter {
    pub(super) hidden: bool,
    pub(super) visibility: Option<String>,
    pub(super) member_status: String,
    tags: Vec<String>,
    tests: Vec<(String, Test)>,
}

/// A comparison with one member of an image.
enum Test {
    Is(String),
    In(Vec<String>),
    /// An operator and a time in microseconds.
    Time(String, i64),
    Least(i64),
    Most(i64),
    Flag(bool),
}

/// Words of a query that are no filters.
const OTHERS: [&str; 5] = ["limit", "marker", "sort", "sort_key", "sort_dir"];

impl Filter {
    pub(super) fn of(query: &[(String, String)]) -> Result<Self, Refused> {
        let mut filter = Self {
            hidden: false,
            visibility: None,
            member_status: "accepted".to_owned(),
            tags: Vec::new(),
            tests: Vec::new(),
        };
        for (key, value) in query {
            if !OTHERS.contains(&key.as_str()) {
                filter.add(key, value)?;
            }
        }
        Ok(filter)
    }

    fn add(&mut self, key: &str, value: &str) -> Result<(), Refused> {
        let test = match key {
            "tag" => {
                self.tags.push(value.trim().to_owned());
                return Ok(());
            }
            "visibility" => {
                if !["community", "public", "private", "shared", "all", ""].contains(&value) {
                    return Err(Refused::bad(format!("Invalid visibility value: {value}")));
                }
                self.visibility = Some(value.to_owned()).filter(|value| !value.is_empty());
                return Ok(());
            }
            "member_status" => {
                if !["pending", "accepted", "rejected", "all"].contains(&value) {
                    return Err(Refused::bad(format!("Invalid status: {value}")));
                }
                self.member_status = value.to_owned();
                return Ok(());
            }
            "os_hidden" => {
                self.hidden = truth(key, &value.to_ascii_lowercase())?;
                return Ok(());
            }
            "deleted" => return Ok(()),
            "changes-since" => {
                return Err(Refused::bad(
                    "The \"changes-since\" filter is no longer available on v2.",
                ));
            }
            "protected" => Test::Flag(truth(key, value)?),
            "created_at" | "updated_at" => time(key, value)?,
            "name" | "id" | "status" | "container_format" | "disk_format" => words(value)?,
            _ => range(key, value)?,
        };
        // The last one of a name counts.
        self.tests.retain(|(own, _)| own != key);
        self.tests.push((key.to_owned(), test));
        Ok(())
    }

    /// The one name that is asked for.
    pub(super) fn name(&self) -> Option<&str> {
        self.tests.iter().find_map(|(key, test)| match test {
            Test::Is(name) if key == "name" => Some(name.as_str()),
            _ => None,
        })
    }

    pub(super) fn takes(&self, image: &Image) -> bool {
        self.tags.iter().all(|tag| image.tags.contains(tag))
            && self
                .tests
                .iter()
                .all(|(key, test)| passes(image, key, test))
    }
}

fn passes(image: &Image, key: &str, test: &Test) -> bool {
    let number = |key: &str| match key {
        "size" => image.size.and_then(|size| i64::try_from(size).ok()),
        "virtual_size" => image.virtual_size.and_then(|size| i64::try_from(size).ok()),
        "min_disk" => Some(image.min_disk),
        "min_ram" => Some(image.min_ram),
        _ => None,
    };
    match test {
        Test::Is(wanted) => match key {
            "size" | "virtual_size" | "min_disk" | "min_ram" => {
                number(key).is_some_and(|own| own.to_string() == *wanted)
            }
            _ => text(image, key) == Some(wanted.as_str()),
        },
        Test::In(wanted) => text(image, key).is_some_and(|own| wanted.iter().any(|one| one == own)),
        Test::Least(least) => key
            .strip_suffix("_min")
            .and_then(number)
            .is_some_and(|own| own >= *least),
        Test::Most(most) => key
            .strip_suffix("_max")
            .and_then(number)
            .is_some_and(|own| own <= *most),
        Test::Flag(wanted) => image.protected == *wanted,
        Test::Time(operator, wanted) => {
            let own = if key == "created_at" {
                image.created
            } else {
                image.updated
            };
            // What a client sees of a time is its second.
            let own = own.div_euclid(1_000_000).saturating_mul(1_000_000);
            match operator.as_str() {
                "gt" => own > *wanted,
                "gte" => own >= *wanted,
                "lt" => own < *wanted,
                "lte" => own <= *wanted,
                "neq" => own != *wanted,
                _ => own == *wanted,
            }
        }
    }
}

fn text<'a>(image: &'a Image, key: &str) -> Option<&'a str> {
    match key {
        "name" => image.name.as_deref(),
        "id" => Some(&image.id),
        "status" => Some(image.status.word()),
        "container_format" => image.container_format.as_deref(),
        "disk_format" => image.disk_format.as_deref(),
        "owner" => image.owner.as_deref(),
        "checksum" => image.checksum.as_deref(),
        "os_hash_value" => image.hash.as_deref(),
        "os_hash_algo" => image.hash.as_ref().map(|_| "sha512"),
        _ => image
            .properties
            .get(key)
            .and_then(serde_json::Value::as_str),
    }
}

fn truth(key: &str, value: &str) -> Result<bool, Refused> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refused::bad(format!(
            "Invalid value '{value}' for '{key}' filter. Valid values are 'true' or 'false'."
        ))),
    }
}

fn time(key: &str, value: &str) -> Result<Test, Refused> {
    let bad = || {
        Refused::bad(format!(
            "Bad \"{key}\" query filter format. Use ISO 8601 DateTime notation."
        ))
    };
    // A time has colons of its own.
    if let Some(time) = moment::parse(value) {
        return Ok(Test::Time("eq".to_owned(), time));
    }
    let (operator, rest) = value.split_once(':').unwrap_or(("eq", value));
    let time = moment::parse(rest).ok_or_else(bad)?;
    if !["gt", "gte", "lt", "lte", "neq", "eq"].contains(&operator) {
        return Err(Refused::bad("Unable to filter on a unknown operator."));
    }
    Ok(Test::Time(operator.to_owned(), time))
}

fn words(value: &str) -> Result<Test, Refused> {
    match value.split_once(':') {
        None => Ok(Test::Is(value.to_owned())),
        Some(("eq", rest)) => Ok(Test::Is(rest.to_owned())),
        Some(("in", rest)) => Ok(Test::In(parts(rest)?)),
        // A time is a value and no operator, here as there.
        Some(_) if moment::parse(value).is_some() => Ok(Test::Is(value.to_owned())),
        Some((operator, _)) => Err(Refused::bad(format!(
            "Unable to filter by unknown operator '{operator}'."
        ))),
    }
}

/// The parts of `a,"b,c"`.
fn parts(text: &str) -> Result<Vec<String>, Refused> {
    let bad = || {
        Refused::bad(format!(
            "Invalid filter value {text}. The quote is not closed."
        ))
    };
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = quoted.char_indices().find_map(|(at, letter)| {
                let end = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                end.then_some(at)
            });
            let (part, after) = quoted.split_at(end.ok_or_else(bad)?);
            parts.push(part.to_owned());
            let after = after.strip_prefix('"').unwrap_or(after);
            if !after.is_empty() && !after.starts_with(',') {
                return Err(Refused::bad(format!(
                    "Invalid filter value {text}. There is no comma after closing quotation mark."
                )));
            }
            rest = after.strip_prefix(',').unwrap_or(after);
        } else {
            let (part, after) = rest.split_once(',').unwrap_or((rest, ""));
            if part.contains('"') {
                return Err(Refused::bad(format!(
                    "Invalid filter value {text}. There is no comma before opening quotation mark."
                )));
            }
            parts.push(part.to_owned());
            rest = after;
        }
    }
    Ok(parts)
}

fn range(key: &str, value: &str) -> Result<Test, Refused> {
    let known = |suffix: &str| {
        let name = key.strip_suffix(suffix);
        name.is_some_and(|name| ["size", "virtual_size", "min_disk", "min_ram"].contains(&name))
    };
    let number = || {
        value
            .trim()
            .parse()
            .map_err(|_| Refused::bad("Unable to filter on a range with a non-numeric value."))
    };
    Ok(match () {
        () if known("_min") => Test::Least(number()?),
        () if known("_max") => Test::Most(number()?),
        () => Test::Is(value.to_owned()),
    })
}

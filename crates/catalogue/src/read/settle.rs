//! From a draft to a definition: everything that is needed is there, and every value can be published.

use super::draft::{Draft, OriginalPatch};
use crate::definition::{Definition, Original};
use crate::digests;
use crate::error::Fault;
use crate::limits::{MAX_NAME, MAX_TEXT};
use crate::words::{self, Evidence, Purpose, Until, Which};

/// Makes the definition.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn settle(id: &str, draft: &Draft) -> Result<Definition, Vec<Fault>> {
    let mut settling = Settling {
        id,
        draft,
        faults: Vec::new(),
    };
    match settling.definition() {
        Some(definition) if settling.faults.is_empty() => {
            settling.check(&definition);
            if settling.faults.is_empty() {
                return Ok(definition);
            }
            Err(settling.faults)
        }
        _ => Err(settling.faults),
    }
}

struct Settling<'a> {
    id: &'a str,
    draft: &'a Draft,
    faults: Vec<Fault>,
}

impl Settling<'_> {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault {
            definition: self.id.to_owned(),
            place: self.draft.places.get(field).cloned(),
            message: message.into(),
        });
    }

    fn needed<T: Clone>(&mut self, field: &str, value: Option<&T>) -> Option<T> {
        if value.is_none() {
            self.fault(field, format!("`{field}` is missing"));
        }
        value.cloned()
    }

    // long: every field once.
    fn definition(&mut self) -> Option<Definition> {
        let draft = self.draft;
        let release = self.needed("release", draft.release.as_ref());
        let original = match &draft.original {
            Some(patch) => self.original(patch),
            None => None,
        };
        // Each is asked for before any is missed, so that all that is missing is said at once.
        let name = self.needed("name", draft.name.as_ref());
        let enabled = self.needed("enabled", draft.enabled.as_ref());
        let family = self.needed("family", draft.family.as_ref());
        let arch = self.needed("arch", draft.arch.as_ref());
        let build = self.needed("build", draft.build.as_ref());
        let format = self.needed("format", draft.format.as_ref());
        let evidence = self.needed("evidence", draft.evidence.as_ref());
        let min_disk = self.needed("min_disk", draft.min_disk.as_ref());
        let min_ram = self.needed("min_ram", draft.min_ram.as_ref());
        let login = self.needed("login", draft.login.as_ref());
        let os_distro = self.needed("os_distro", draft.os_distro.as_ref());
        let os_purpose = self.needed("os_purpose", draft.os_purpose.as_ref());
        let frequency = self.needed("replace_frequency", draft.replace_frequency.as_ref());
        let validity = self.needed("uuid_validity", draft.uuid_validity.as_ref());
        let until = self.needed("provided_until", draft.provided_until.as_ref());
        let description = self.needed("image_description", draft.image_description.as_ref());
        let visibility = self.needed("visibility", draft.visibility.as_ref());
        let rotation = self.needed("rotation", draft.rotation.as_ref());
        let warn_days = self.needed("warn_days", draft.warn_days.as_ref());
        let tags = self.needed("tags", draft.tags.as_ref());
        let release = release?;
        Some(Definition {
            id: self.id.to_owned(),
            enabled: enabled?,
            name: name?,
            family: family?,
            os_version: draft.os_version.clone().unwrap_or_else(|| release.clone()),
            release,
            arch: arch?,
            build: build?,
            original,
            format: format?,
            evidence: evidence?,
            min_disk: min_disk?,
            min_ram: min_ram?,
            login: login?,
            os_distro: os_distro?,
            os_purpose: os_purpose?,
            replace_frequency: frequency?,
            uuid_validity: validity?,
            provided_until: until?,
            hotfix_hours: draft.hotfix_hours.and_then(|hours| hours.0),
            image_description: description?,
            properties: draft
                .properties
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
                .collect(),
            tags: tags?,
            visibility: visibility?,
            rotation: rotation?,
            warn_days: warn_days?,
        })
    }

    fn original(&mut self, patch: &OriginalPatch) -> Option<Original> {
        let date = words::day(&patch.date);
        if date.is_none() {
            self.fault("original", format!("`{}` is no date", patch.date));
        }
        let digest = match patch.digest.as_deref().map(digests::parse).transpose() {
            Ok(digest) => digest,
            Err(message) => {
                self.fault("original", message);
                None
            }
        };
        Some(Original {
            url: patch.url.clone(),
            mirror: patch.mirror.clone(),
            digest,
            build: patch.build.clone(),
            date: date?,
        })
    }

    /// What SCS-0102 v2, Glance and we want of the values.
    fn check(&mut self, definition: &Definition) {
        let texts = [
            ("name", &definition.name, MAX_NAME),
            ("release", &definition.release, MAX_TEXT),
            ("login", &definition.login, MAX_TEXT),
            ("os_distro", &definition.os_distro, MAX_TEXT),
            ("os_version", &definition.os_version, MAX_TEXT),
            ("image_description", &definition.image_description, MAX_TEXT),
        ];
        for (field, text, longest) in texts {
            self.text(field, field, text, longest);
        }
        for (name, value) in &definition.properties {
            let field = format!("properties.{name}");
            self.text(&field, name, value, MAX_TEXT);
            if let Some(own) = OWN.iter().find(|own| name == *own) {
                self.fault(
                    &field,
                    format!("`{own}` has a key of its own, or is written by ectype"),
                );
            } else if name.starts_with("ectype_") || name.starts_with("os_glance") {
                self.fault(&field, format!("`{name}` is not for definitions"));
            }
        }
        for tag in &definition.tags {
            self.text("tags", "tags", tag, MAX_TEXT);
        }
        if definition.min_disk == 0 {
            self.fault("min_disk", "`min_disk` has to be 1 GiB at least");
        }
        if definition.min_ram == 0 {
            self.fault("min_ram", "`min_ram` has to be 1 MiB at least");
        }
        if definition.os_purpose == Purpose::Oldgeneric {
            self.fault(
                "os_purpose",
                "`oldgeneric` is what replaced images become, not what is wanted",
            );
        }
        if definition.os_distro.chars().any(char::is_uppercase) {
            self.fault("os_distro", "`os_distro` has small letters only (SCS-0102)");
        }
        if let Until::Day(day) = definition.provided_until
            && let words::Validity::Until(valid) = definition.uuid_validity
            && valid < day
        {
            let message = format!("`uuid_validity` ends before `provided_until`, {day}");
            self.fault("uuid_validity", message);
        }
        self.source(definition);
    }

    fn source(&mut self, definition: &Definition) {
        let Some(original) = &definition.original else {
            return;
        };
        if definition.build != Which::Newest {
            self.fault(
                "build",
                "`build` is for what a feed lists; `original` says its own",
            );
        }
        let secure = |url: &url::Url| url.scheme() == "https" || url.scheme() == "http";
        if ![Some(&original.url), original.mirror.as_ref()]
            .into_iter()
            .flatten()
            .all(secure)
        {
            self.fault("original", "the original has to be at an https or http URL");
        }
        if original.digest.is_none() && definition.evidence == Evidence::Pinned {
            self.fault(
                "original",
                "evidence `pinned` needs the `digest` of the original",
            );
        }
    }

    fn text(&mut self, field: &str, name: &str, text: &str, longest: usize) {
        if text.trim().is_empty() {
            self.fault(field, format!("`{name}` is empty"));
        } else if text.chars().count() > longest {
            self.fault(
                field,
                format!("`{name}` is longer than {longest} characters"),
            );
        } else if text.chars().any(char::is_control) {
            self.fault(field, format!("`{name}` has a control character"));
        }
    }
}

/// Properties that come from fields, or from the original.
const OWN: [&str; 17] = [
    "architecture",
    "os_distro",
    "os_version",
    "os_purpose",
    "os_hidden",
    "os_hash_algo",
    "os_hash_value",
    "replace_frequency",
    "uuid_validity",
    "provided_until",
    "hotfix_hours",
    "image_description",
    "image_original_user",
    "image_source",
    "image_build_date",
    "min_disk",
    "min_ram",
];

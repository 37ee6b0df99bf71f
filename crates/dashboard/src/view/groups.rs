//! An image's properties in groups, so that a person finds what they look for.

use serde_json::Value;
use wire::image::Image;

use super::words::{size, time};

/// Properties of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<(String, String)>,
}

/// The groups in their order, with what belongs to each: names, and beginnings of names (with a `*`).
const GROUPS: [(&str, &[&str]); 7] = [
    (
        "Provenance",
        &[
            "image_source",
            "image_build_date",
            "image_description",
            "ectype_*",
            "owner_specified.*",
            "image_type",
            "base_image_ref",
            "instance_uuid",
            "img_signature*",
        ],
    ),
    (
        "Life cycle",
        &[
            "replace_frequency",
            "provided_until",
            "uuid_validity",
            "hotfix_hours",
            "patchlevel",
            "maintained_until",
        ],
    ),
    (
        "Operating system",
        &["os_glance_*", "os_*", "architecture", "image_original_user"],
    ),
    (
        "Hardware",
        &[
            "hw_*",
            "hypervisor_type",
            "vm_mode",
            "img_config_drive",
            "trait:*",
            "cinder_*",
        ],
    ),
    (
        "Licence and support",
        &[
            "license_*",
            "subscription_*",
            "l1_support_contact",
            "img_license",
        ],
    ),
    ("Other", &["*"]),
    ("Tags", &[]),
];

/// What every image has.
#[must_use]
pub(crate) fn record(image: &Image) -> Vec<(&'static str, String)> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut rows = vec![
        ("ID", image.id.clone()),
        ("Status", image.status.clone()),
        ("Visibility", image.visibility.clone()),
        ("Hidden", yes(image.os_hidden)),
        ("Protected", yes(image.protected)),
        ("Owner (project)", text(&image.owner)),
        ("Created", time(&text(&image.created_at))),
        ("Updated", time(&text(&image.updated_at))),
        ("Disk format", text(&image.disk_format)),
        ("Container format", text(&image.container_format)),
        ("Stored size", image.size.map_or_else(String::new, bytes)),
        (
            "Virtual size",
            image
                .virtual_size
                .filter(|size| *size > 0)
                .map_or_else(String::new, bytes),
        ),
        ("Smallest disk", format!("{} GiB", image.min_disk)),
        ("Least memory", format!("{} MiB", image.min_ram)),
    ];
    if let Some(stores) = &image.stores {
        rows.push(("Stores", stores.clone()));
    }
    rows.retain(|(_, value)| !value.is_empty());
    rows
}

fn yes(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn bytes(bytes: u64) -> String {
    if bytes < 1024 {
        return size(bytes);
    }
    format!("{} ({bytes} bytes)", size(bytes))
}

/// Properties and tags by group; groups without any are left out.
#[must_use]
pub(crate) fn of(image: &Image) -> Vec<Group> {
    let mut groups: Vec<Group> = GROUPS
        .iter()
        .map(|(title, _)| Group {
            title,
            rows: Vec::new(),
        })
        .collect();
    for (name, value) in &image.properties {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let place = GROUPS
            .iter()
            .position(|(_, names)| names.iter().any(|own| fits(own, name)));
        if let Some(group) = place.and_then(|place| groups.get_mut(place)) {
            group.rows.push((name.clone(), text));
        }
    }
    for group in &mut groups {
        group.rows.sort();
    }
    if let Some(last) = groups.last_mut().filter(|_| !image.tags.is_empty()) {
        last.rows.push(("tags".to_owned(), image.tags.join(", ")));
    }
    groups.retain(|group| !group.rows.is_empty());
    groups
}

fn fits(own: &str, name: &str) -> bool {
    match own.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => own == name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_property_is_in_one_group_and_none_is_lost() {
        let image: Image = serde_json::from_value(json!({
            "id": "i", "image_source": "s", "ectype_build": "b", "hw_disk_bus": "scsi", "os_distro": "debian",
            "architecture": "x86_64", "replace_frequency": "monthly", "license_included": "true", "colour": "red",
            "number": 3, "tags": ["a", "b"],
        }))
        .unwrap();
        let groups = of(&image);
        let titles: Vec<&str> = groups.iter().map(|group| group.title).collect();
        assert_eq!(
            titles,
            [
                "Provenance",
                "Life cycle",
                "Operating system",
                "Hardware",
                "Licence and support",
                "Other",
                "Tags"
            ]
        );
        let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
        assert_eq!(rows, image.properties.len() + 1);
        assert_eq!(
            groups[5].rows,
            [
                ("colour".to_owned(), "red".to_owned()),
                ("number".to_owned(), "3".to_owned())
            ]
        );
        assert_eq!(groups[6].rows[0].1, "a, b");
    }
}

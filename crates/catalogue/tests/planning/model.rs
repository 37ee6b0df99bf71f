//! A cloud in memory with Glance's semantics: PATCH all or nothing, names not unique, ids never used twice.
//!
//! It works on JSON and knows nothing of how plans take their own steps in advance.

use catalogue::plan::{Action, CloudImages, Plan, Step, Target};
use serde_json::{Map, Value, json};

pub(crate) const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// Fields that are there without being custom properties, and that a PATCH may replace.
const BASE: [&str; 7] = [
    "name",
    "visibility",
    "os_hidden",
    "min_disk",
    "min_ram",
    "tags",
    "protected",
];
/// Fields that no PATCH changes.
const FIXED: [&str; 8] = [
    "id",
    "owner",
    "status",
    "size",
    "checksum",
    "os_hash_value",
    "created_at",
    "virtual_size",
];

#[derive(Clone, Debug, Default)]
pub(crate) struct Cloud {
    pub(crate) images: Vec<Map<String, Value>>,
    /// What was uploaded, by image: the URL and build of the original.
    pub(crate) bytes: Vec<(String, String, String)>,
    made: usize,
}

impl Cloud {
    pub(crate) fn create(&mut self, record: &Map<String, Value>) -> String {
        self.made += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.made);
        let mut image = json!({
            "id": id, "owner": PROJECT, "status": "queued", "visibility": "shared", "os_hidden": false,
            "protected": false, "min_disk": 0, "min_ram": 0, "tags": [], "created_at": "2026-11-25T00:00:00Z",
        })
        .as_object()
        .unwrap()
        .clone();
        for (name, value) in record {
            assert!(!FIXED.contains(&name.as_str()), "POST does not take {name}");
            image.insert(name.clone(), value.clone());
        }
        self.images.push(image);
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Map<String, Value>> {
        self.images.iter().find(|image| image["id"] == id)
    }

    pub(crate) fn patch(&mut self, id: &str, changes: &[(String, Value)]) {
        let image = self.images.iter_mut().find(|image| image["id"] == id);
        let image = image.expect("a PATCH of an image that is not there");
        for (name, value) in changes {
            assert!(
                !FIXED.contains(&name.as_str()),
                "PATCH does not take {name}"
            );
            if value.is_null() {
                assert!(!BASE.contains(&name.as_str()), "{name} cannot be removed");
                image.remove(name).expect("only what is there is removed");
            } else {
                assert!(
                    BASE.contains(&name.as_str()) || value.is_string(),
                    "{name}: {value}"
                );
                image.insert(name.clone(), value.clone());
            }
        }
    }

    pub(crate) fn delete(&mut self, id: &str) {
        let image = self
            .get(id)
            .expect("a DELETE of an image that is not there");
        assert_eq!(image["protected"], false);
        self.images.retain(|image| image["id"] != id);
    }

    pub(crate) fn listed(&self) -> CloudImages {
        let images = self
            .images
            .iter()
            .map(|image| serde_json::from_value(Value::Object(image.clone())).unwrap());
        CloudImages::new(PROJECT, images).unwrap()
    }

    /// Does the first `calls` calls of a plan; `seen` looks at the cloud after each. How many calls there were.
    pub(crate) fn carry_out(
        &mut self,
        plan: &Plan,
        calls: usize,
        mut seen: impl FnMut(&Self),
    ) -> usize {
        let mut left = calls;
        let mut imported = std::collections::BTreeMap::new();
        for step in &plan.steps {
            let mut part = 0;
            while self.call(step, part, &mut imported, &mut left) {
                seen(self);
                part += 1;
            }
            if left == 0 {
                break;
            }
        }
        calls - left
    }

    /// One call of a step; false when the step has no more, or no call is left.
    fn call(
        &mut self,
        step: &Step,
        part: usize,
        imported: &mut std::collections::BTreeMap<String, String>,
        left: &mut usize,
    ) -> bool {
        let last = if step.action == Action::Import { 3 } else { 1 };
        if part == last || *left == 0 {
            return false;
        }
        *left -= 1;
        if step.action == Action::Import {
            self.import(step, part, imported);
            return true;
        }
        let id = match &step.image {
            Target::Id(id) => id.clone(),
            Target::Imported(definition) => imported[definition].clone(),
        };
        match step.action {
            Action::Delete | Action::Discard => self.delete(&id),
            _ => {
                for change in &step.changes {
                    let image = self.get(&id).unwrap();
                    let before = image.get(&change.field).cloned().unwrap_or_default();
                    // An import may have raised it, or found it out.
                    if !matches!(change.field.as_str(), "min_disk" | "image_build_date") {
                        assert_eq!(before, change.from, "{}", change.field);
                    }
                }
                let changes: Vec<_> = step
                    .changes
                    .iter()
                    .map(|c| (c.field.clone(), c.to.clone()))
                    .collect();
                self.patch(&id, &changes);
            }
        }
        true
    }

    /// The three calls of an import: create, upload, and after the comparison the mark that it is ready.
    fn import(
        &mut self,
        step: &Step,
        part: usize,
        imported: &mut std::collections::BTreeMap<String, String>,
    ) {
        let import = step.import.as_ref().unwrap();
        let Target::Imported(definition) = &step.image else {
            panic!("an import of {:?}", step.image)
        };
        if part == 0 {
            let id = self.create(&import.record);
            imported.insert(definition.clone(), id);
            return;
        }
        let id = imported[definition].clone();
        if part == 1 {
            let image = self
                .images
                .iter_mut()
                .find(|image| image["id"] == id.as_str())
                .unwrap();
            image.insert("status".into(), "active".into());
            image.insert("size".into(), json!(3_u64 << 30));
            image.insert("virtual_size".into(), json!(3_u64 << 30));
            let (url, build) = (import.build.url.to_string(), import.build.id.clone());
            self.bytes.push((id, url, build));
            return;
        }
        let mut changes = vec![("ectype_state".to_owned(), json!("ready"))];
        let image = self.get(&id).unwrap();
        if !image.contains_key("ectype_file_digest") {
            changes.push((
                "ectype_file_digest".into(),
                json!(format!("sha512:{}", "7".repeat(128))),
            ));
        }
        if !image.contains_key("image_build_date") {
            changes.push(("image_build_date".into(), json!("2026-11-01")));
        }
        if image["min_disk"].as_u64().unwrap() < 3 {
            changes.push(("min_disk".into(), json!(3)));
        }
        self.patch(&id, &changes);
    }

    /// How many images customers see as the generic one of a system, at most.
    pub(crate) fn generics(&self) -> usize {
        let mut systems = std::collections::BTreeMap::new();
        for image in &self.images {
            let seen = image["visibility"] == "public" && image["os_hidden"] == false;
            if seen && image.get("os_purpose") == Some(&json!("generic")) {
                let of = |name: &str| image.get(name).cloned().unwrap_or_default().to_string();
                let system = (of("architecture"), of("os_distro"), of("os_version"));
                *systems.entry(system).or_insert(0) += 1;
            }
        }
        systems.into_values().max().unwrap_or(0)
    }

    /// Everything but ids, in one order: what two runs are compared by.
    pub(crate) fn state(&self) -> Vec<String> {
        let mut all: Vec<_> = self
            .images
            .iter()
            .map(|image| {
                let mut image = image.clone();
                image.remove("id");
                let sorted: std::collections::BTreeMap<_, _> = image.into_iter().collect();
                serde_json::to_string(&sorted).unwrap()
            })
            .collect();
        all.sort();
        all
    }
}

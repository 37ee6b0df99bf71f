//! The record of an image, and its JSON.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};

use crate::moment;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $(#[doc = $word] $variant,)+ }

        impl $name {
            /// The word, as the API and the database have it.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What the word means.
            pub(crate) fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// How far an image has come.
    Status {
        Queued "queued",
        Saving "saving",
        Uploading "uploading",
        Importing "importing",
        Active "active",
        Deactivated "deactivated",
    }
}

words! {
    /// Who may see an image.
    Visibility {
        Public "public",
        Private "private",
        Shared "shared",
        Community "community",
    }
}

/// Bytes that were staged, and what an import needs to know of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Stage {
    pub(crate) hash: String,
    pub(crate) checksum: String,
    pub(crate) size: u64,
    /// Bytes of the disk in it, where the headers tell.
    pub(crate) virtual_size: Option<u64>,
    /// Why it may not be imported.
    pub(crate) refusal: Option<String>,
}

/// The record of an image.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) status: Status,
    pub(crate) visibility: Visibility,
    pub(crate) owner: Option<String>,
    pub(crate) protected: bool,
    pub(crate) hidden: bool,
    pub(crate) min_disk: i64,
    pub(crate) min_ram: i64,
    pub(crate) disk_format: Option<String>,
    pub(crate) container_format: Option<String>,
    pub(crate) size: Option<u64>,
    pub(crate) virtual_size: Option<u64>,
    /// MD5 of the stored bytes.
    pub(crate) checksum: Option<String>,
    /// SHA-512 of the stored bytes, under which the store has them.
    pub(crate) hash: Option<String>,
    pub(crate) properties: Map<String, Value>,
    pub(crate) tags: Vec<String>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) staged: Option<Stage>,
    /// The upload or import that is at work on the image.
    pub(crate) work: Option<String>,
    /// Counts the changes, so that nobody writes over what somebody else has written.
    pub(crate) version: i64,
}

/// The property that names the import at work on the image; no client can set it.
pub(crate) const IMPORT_TASK: &str = "os_glance_import_task";
/// The property that names the stores that an import has yet to reach; there is none of them when it has ended.
const IMPORTING: &str = "os_glance_importing_to_stores";
/// The property that names the stores that an import did not reach: how clients see that it has failed.
const FAILED: &str = "os_glance_failed_import";

impl Image {
    /// A new one, of which only the id and the owner are known.
    pub(crate) fn new(id: String, owner: Option<String>) -> Self {
        let now = moment::now();
        Self {
            id,
            name: None,
            status: Status::Queued,
            visibility: Visibility::Shared,
            owner,
            protected: false,
            hidden: false,
            min_disk: 0,
            min_ram: 0,
            disk_format: None,
            container_format: None,
            size: None,
            virtual_size: None,
            checksum: None,
            hash: None,
            properties: Map::new(),
            tags: Vec::new(),
            created: now,
            updated: now,
            staged: None,
            work: None,
            version: 0,
        }
    }

    /// The record as the API shows it; `store` is the name of the store.
    pub(crate) fn shown<'a>(&'a self, store: &'a str) -> Shown<'a> {
        Shown { image: self, store }
    }

    /// The image has its data, and no upload or import is at work any more.
    pub(crate) fn activate(&mut self, data: Stage) {
        self.end_import("");
        self.status = Status::Active;
        self.size = Some(data.size);
        self.virtual_size = data.virtual_size;
        self.checksum = Some(data.checksum);
        self.hash = Some(data.hash);
        self.staged = None;
        self.work = None;
    }

    /// Ends an import, if there is one, that did not reach the store `failed`; an empty one if it did.
    fn end_import(&mut self, failed: &str) {
        if self.properties.shift_remove(IMPORT_TASK).is_some() {
            self.properties.insert(IMPORTING.to_owned(), json!(""));
            self.properties.insert(FAILED.to_owned(), json!(failed));
        }
    }

    /// Forgets the data, as after a failed upload or import into the store of this name.
    pub(crate) fn requeue(&mut self, store: &str) {
        self.end_import(store);
        self.status = Status::Queued;
        self.size = None;
        self.virtual_size = None;
        self.checksum = None;
        self.hash = None;
        self.staged = None;
        self.work = None;
    }
}

/// An image as the API shows it; written straight into the answer, a list has up to a thousand.
pub(crate) struct Shown<'a> {
    image: &'a Image,
    store: &'a str,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let image = self.image;
        let path = format!("/v2/images/{}", image.id);
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &image.properties {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry("name", &image.name)?;
        map.serialize_entry("disk_format", &image.disk_format)?;
        map.serialize_entry("container_format", &image.container_format)?;
        map.serialize_entry("visibility", image.visibility.word())?;
        map.serialize_entry("size", &image.size)?;
        map.serialize_entry("virtual_size", &image.virtual_size)?;
        map.serialize_entry("status", image.status.word())?;
        map.serialize_entry("checksum", &image.checksum)?;
        map.serialize_entry("protected", &image.protected)?;
        map.serialize_entry("min_ram", &image.min_ram)?;
        map.serialize_entry("min_disk", &image.min_disk)?;
        map.serialize_entry("owner", &image.owner)?;
        map.serialize_entry("os_hidden", &image.hidden)?;
        map.serialize_entry("os_hash_algo", &image.hash.as_ref().map(|_| "sha512"))?;
        map.serialize_entry("os_hash_value", &image.hash)?;
        map.serialize_entry("id", &image.id)?;
        map.serialize_entry("created_at", &moment::text(image.created))?;
        map.serialize_entry("updated_at", &moment::text(image.updated))?;
        map.serialize_entry("tags", &image.tags)?;
        map.serialize_entry("self", &path)?;
        map.serialize_entry("file", &format!("{path}/file"))?;
        map.serialize_entry("schema", "/v2/schemas/image")?;
        if image.hash.is_some() {
            map.serialize_entry("stores", self.store)?;
        }
        map.end()
    }
}

//! Glance v2 images, as `GET /v2/images` and `GET /v2/images/{id}` answer with them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lenient::null_as_default;

/// An image record. Times are kept as the server wrote them (`2026-11-22T20:06:00Z`, always UTC).
///
/// Written back as JSON it has the API's own member names and types: base members are always present,
/// `null` if unset, with the custom properties beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The image's UUID.
    pub id: String,
    /// The name, which need not be unique.
    #[serde(default)]
    pub name: Option<String>,
    /// `queued`, `saving`, `uploading`, `importing`, `active`, `deactivated`, `killed`, `deleted`, `pending_delete`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: String,
    /// `public`, `private`, `shared` or `community`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub visibility: String,
    /// Whether deleting is refused.
    #[serde(default, deserialize_with = "null_as_default")]
    pub protected: bool,
    /// Whether ordinary lists leave the image out.
    #[serde(default, deserialize_with = "null_as_default")]
    pub os_hidden: bool,
    /// The project that owns the image.
    #[serde(default)]
    pub owner: Option<String>,
    /// How the stored bytes are laid out: `raw`, `qcow2`, `vmdk` …
    #[serde(default)]
    pub disk_format: Option<String>,
    /// What is around the stored bytes: `bare`, `ovf` …
    #[serde(default)]
    pub container_format: Option<String>,
    /// Stored bytes. `None` before there is data.
    #[serde(default)]
    pub size: Option<u64>,
    /// Bytes of the disk that a virtual machine sees, when the server knows.
    #[serde(default)]
    pub virtual_size: Option<u64>,
    /// Smallest disk to boot from, in GiB.
    #[serde(default, deserialize_with = "null_as_default")]
    pub min_disk: u64,
    /// Least memory to boot with, in MiB.
    #[serde(default, deserialize_with = "null_as_default")]
    pub min_ram: u64,
    /// MD5 of the stored bytes, in hex. `None` for images that the server has not hashed.
    #[serde(default)]
    pub checksum: Option<String>,
    /// Which digest [`Image::os_hash_value`] is (`sha512` unless the operator chose another).
    #[serde(default)]
    pub os_hash_algo: Option<String>,
    /// That digest of the stored bytes, in hex.
    #[serde(default)]
    pub os_hash_value: Option<String>,
    /// When the record was made.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When the record was last changed.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// Labels without values.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: Vec<String>,
    /// Where the bytes are, if the operator shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_url: Option<String>,
    /// Every place where the bytes are, if the operator shows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locations: Option<Value>,
    /// The stores that hold the bytes, joined by commas, on a cloud with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stores: Option<String>,
    /// The record's own path (a path, not a URL).
    #[serde(default, rename = "self")]
    pub self_path: Option<String>,
    /// The path of the data.
    #[serde(default)]
    pub file: Option<String>,
    /// The path of the JSON schema.
    #[serde(default)]
    pub schema: Option<String>,
    /// Everything else: the custom properties, in the server's order. Glance only has string values.
    #[serde(flatten)]
    pub properties: Map<String, Value>,
}

impl Image {
    /// A custom property's text, if it is set.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str)
    }

    /// The name, or an empty text for an image without one.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// One page of `GET /v2/images`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Images {
    /// The images of this page.
    pub images: Vec<Image>,
    /// The path of the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The path of the next page (a path and query, not a URL). Absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The path of the JSON schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

/// One project that an image is shared with, as `GET /v2/images/{id}/members/{member}` answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The image.
    pub image_id: String,
    /// The project.
    pub member_id: String,
    /// Its answer: `pending`, `accepted` or `rejected`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: String,
    /// When it was offered.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When the answer was last changed.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// The path of the JSON schema.
    #[serde(default)]
    pub schema: Option<String>,
}

/// All projects that an image is shared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Members {
    /// One for each project.
    pub members: Vec<Member>,
}

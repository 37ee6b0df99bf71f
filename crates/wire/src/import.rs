//! How images come in otherwise than by an upload: import methods, and the tasks of an image.

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;

/// What `GET /v2/info/import` answers with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportInfo {
    /// The methods that the cloud offers.
    #[serde(
        default,
        rename = "import-methods",
        deserialize_with = "null_as_default"
    )]
    pub methods: Methods,
}

/// A list in the dress of a JSON schema, as Glance writes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Methods {
    /// Their names: `glance-direct`, `web-download`, `copy-image`, `glance-download`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub value: Vec<String>,
}

/// What Glance does, or did, to an image in the background. The reason of a failed import stands nowhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The task's UUID.
    pub id: String,
    /// `import`, `api_image_import` …
    #[serde(default, rename = "type", deserialize_with = "null_as_default")]
    pub kind: String,
    /// `pending`, `processing`, `success` or `failure`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: String,
    /// What there is to say about it; of a failure its reason.
    #[serde(default, deserialize_with = "null_as_default")]
    pub message: String,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<String>,
}

/// What `GET /v2/images/{id}/tasks` answers with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tasks {
    /// All tasks of the image.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tasks: Vec<Task>,
}

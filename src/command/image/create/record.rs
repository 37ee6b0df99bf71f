//! The record of an image: what the user says of it, what is known of its bytes, and what is only known at the end.

use cloud::Op;
use delivery::{Sent, gib};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use wire::image::Image;

use crate::command::image::list::key_value;
use crate::command::image::preset;
use crate::command::image::set::{Known, no_field};
use crate::failure::Failure;

/// What openstacksdk compares a file with, before it sends it a second time.
const SDK_MD5: &str = "owner_specified.openstack.md5";
const SDK_SHA256: &str = "owner_specified.openstack.sha256";
const SDK_OBJECT: &str = "owner_specified.openstack.object";

/// What is said of an image beside its bytes.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("protection").args(["protected", "unprotected"]),
    group = clap::ArgGroup::new("visibility").args(["public", "private", "community", "shared"]),
)]
pub(super) struct Fields {
    /// The id to give to it
    #[arg(long, value_name = "ID")]
    id: Option<Uuid>,
    /// What is around the bytes
    #[arg(long, value_name = "FORMAT", default_value = "bare")]
    container_format: String,
    /// How the bytes are laid out, if that cannot be seen from them: iso, ami …; otherwise it is checked
    #[arg(long, value_name = "FORMAT")]
    pub(super) disk_format: Option<String>,
    /// Smallest disk to boot from, in GiB; that of the image itself unless given
    #[arg(long, value_name = "GIB")]
    min_disk: Option<u64>,
    /// Least memory to boot with, in MiB
    #[arg(long, value_name = "MIB")]
    min_ram: Option<u64>,
    /// Keep the image from being deleted
    #[arg(long)]
    protected: bool,
    /// Let the image be deleted (the default)
    #[arg(long)]
    unprotected: bool,
    /// Everybody sees it (for administrators)
    #[arg(long)]
    public: bool,
    /// Its project alone sees it
    #[arg(long)]
    private: bool,
    /// Everybody can use it, but only those who ask for community images see it in lists
    #[arg(long)]
    community: bool,
    /// Its project and its members see it (the default)
    #[arg(long)]
    shared: bool,
    /// Leave the image out of ordinary lists
    #[arg(long)]
    hidden: bool,
    /// Set the properties that public clouds give to images of this system: debian:13, ubuntu:24.04 …; see `image presets`
    #[arg(long, value_name = "FAMILY:VERSION")]
    os: Option<String>,
    /// Set this property, repeatable
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = key_value)]
    properties: Vec<(String, String)>,
    /// Add this tag, repeatable
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    #[command(flatten)]
    known: Known,
    /// The project that shall own it (for administrators)
    #[arg(long, value_name = "PROJECT")]
    pub(super) project: Option<String>,
}

impl Fields {
    /// Refuses what would be no property, and presets that are not known.
    pub(super) fn check(&self) -> Result<(), Failure> {
        no_field(&self.properties, "image create")?;
        self.os.as_deref().map(preset::properties).transpose()?;
        Ok(())
    }

    /// Who shall see it, in the end.
    fn visibility(&self) -> &'static str {
        match self {
            Self { public: true, .. } => "public",
            Self { private: true, .. } => "private",
            Self {
                community: true, ..
            } => "community",
            _ => "shared",
        }
    }

    /// What the user says is around the bytes.
    pub(super) fn container(&self) -> &str {
        &self.container_format
    }

    /// Whether the user chose the id, so that an image that has it may be another.
    pub(super) fn has_id(&self) -> bool {
        self.id.is_some()
    }
}

/// The record as it is made, without what is known of the bytes. Its id is chosen here, so that an image whose making got no
/// answer can be found and deleted.
pub(super) fn first(
    fields: &Fields,
    name: &str,
    project: Option<String>,
) -> Result<Map<String, Value>, Failure> {
    let mut record = Map::new();
    let mut set = |name: &str, value: Value| drop(record.insert(name.to_owned(), value));
    set(
        "id",
        json!(fields.id.unwrap_or_else(Uuid::new_v4).to_string()),
    );
    set("name", json!(name));
    set("visibility", json!(fields.visibility()));
    set("container_format", json!(fields.container_format));
    if let Some(min_ram) = fields.min_ram {
        set("min_ram", json!(min_ram));
    }
    if fields.hidden {
        set("os_hidden", json!(true));
    }
    if let Some(project) = project {
        set("owner", json!(project));
    }
    if !fields.tags.is_empty() {
        set("tags", json!(fields.tags));
    }
    set(SDK_OBJECT, json!(format!("images/{name}")));
    let preset = fields.os.as_deref().map(preset::properties).transpose()?;
    for (name, value) in preset.unwrap_or_default() {
        set(&name, json!(value));
    }
    for (name, value) in fields.known.properties() {
        set(name, json!(value));
    }
    for (name, value) in &fields.properties {
        set(name, json!(value));
    }
    Ok(record)
}

/// Adds what is known of the bytes before they are sent: their format, the disk's size in bytes, and the address that they
/// come from, unless the user says another.
pub(super) fn bytes(
    record: &mut Map<String, Value>,
    fields: &Fields,
    format: &str,
    disk: Option<u64>,
    source: Option<&str>,
) {
    record.insert("disk_format".to_owned(), json!(format));
    if let Some(least) = fields.min_disk.or(disk.map(gib)) {
        record.insert("min_disk".to_owned(), json!(least));
    }
    if let Some(source) = source {
        let entry = record.entry("image_source");
        entry.or_insert_with(|| json!(source));
    }
}

/// What a preset says, for the user to see before it is sent.
pub(super) fn shown(fields: &Fields, record: &Map<String, Value>) -> Option<String> {
    fields.os.as_ref()?;
    Some(format!("sending {}", Value::Object(record.clone())))
}

/// What can only be said at the end: what the bytes were made from, the size of a disk that only its bytes told, and the
/// protection, which would keep a half image from being deleted.
pub(super) fn last(fields: &Fields, image: &Image, sent: Option<&Sent>) -> Vec<Op> {
    let mut ops = Vec::new();
    if let Some(sent) = sent {
        let file = sent.file();
        for (name, algorithm) in [
            (SDK_MD5, disk::Algorithm::Md5),
            (SDK_SHA256, disk::Algorithm::Sha256),
        ] {
            let said = image.properties.contains_key(name);
            if let Some(digest) = file.digests.get(algorithm).filter(|_| !said) {
                ops.push(Op::Add(name.to_owned(), json!(digest.to_string())));
            }
        }
    }
    let disk = sent
        .and_then(Sent::disk)
        .or(image.virtual_size.filter(|size| *size > 0));
    if let (None, 0, Some(disk)) = (fields.min_disk, image.min_disk, disk) {
        ops.push(Op::Replace("min_disk".to_owned(), json!(gib(disk))));
    }
    if fields.protected {
        ops.push(Op::Replace("protected".to_owned(), json!(true)));
    }
    ops
}

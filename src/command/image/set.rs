//! `ectype image set`: changes of an image's record, all of them or none.

use std::collections::BTreeMap;

use clap::{ArgGroup, Args as ClapArgs};
use cloud::{Answer, Glance, Op};
use serde_json::{Value, json};
use wire::image::Image;

use super::list::{key_value, project_id};
use super::member::answering;
use super::preset;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Change an image.
#[derive(Debug, ClapArgs)]
#[command(
    group = ArgGroup::new("protection").args(["protected", "unprotected"]),
    group = ArgGroup::new("activation").args(["activate", "deactivate"]),
    group = ArgGroup::new("answer").args(["accept", "reject", "pending"]),
    group = ArgGroup::new("hiding").args(["hidden", "unhidden"]),
    group = ArgGroup::new("visibility").args(["public", "private", "community", "shared"]),
    after_help = "\
Fields, properties and tags are changed together in one request: all of them or none.
What an image has already is not sent; if nothing is left, nothing is."
)]
pub(crate) struct Args {
    /// Name or id
    image: String,
    /// New name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Smallest disk to boot from, in GiB
    #[arg(long, value_name = "GIB")]
    min_disk: Option<u64>,
    /// Least memory to boot with, in MiB
    #[arg(long, value_name = "MIB")]
    min_ram: Option<u64>,
    /// What is around the stored bytes: bare, ovf, ova …; only of an image without data
    #[arg(long, value_name = "FORMAT")]
    container_format: Option<String>,
    /// How the stored bytes are laid out: raw, qcow2, vmdk …; only of an image without data
    #[arg(long, value_name = "FORMAT")]
    disk_format: Option<String>,
    /// Keep the image from being deleted
    #[arg(long)]
    protected: bool,
    /// Let the image be deleted
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
    /// Its project and its members see it
    #[arg(long)]
    shared: bool,
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
    /// Keep the bytes from being used, without deleting anything
    #[arg(long)]
    deactivate: bool,
    /// Let the bytes be used again
    #[arg(long)]
    activate: bool,
    /// Give the image to this project (for administrators); with --accept, --reject, --pending: answer for it
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Take an image that is shared with you into your lists
    #[arg(long)]
    accept: bool,
    /// Keep an image that is shared with you out of your lists
    #[arg(long)]
    reject: bool,
    /// Take back what you said about an image that is shared with you
    #[arg(long)]
    pending: bool,
    /// Leave the image out of ordinary lists
    #[arg(long)]
    hidden: bool,
    /// Have the image in ordinary lists
    #[arg(long)]
    unhidden: bool,
    /// Print the request (JSON Patch) instead of sending it
    #[arg(long, conflicts_with_all = ["activation", "answer"])]
    dry_run: bool,
}

/// Properties that openstackclient has options for.
#[derive(Debug, ClapArgs)]
pub(super) struct Known {
    /// The property architecture: x86_64, aarch64 …
    #[arg(long)]
    architecture: Option<String>,
    /// The property instance_id: the machine that the image was made from
    #[arg(long, value_name = "ID", hide_short_help = true)]
    instance_id: Option<String>,
    /// The property kernel_id: the image of the kernel to boot with
    #[arg(long, value_name = "ID", hide_short_help = true)]
    kernel_id: Option<String>,
    /// The property ramdisk_id: the image of the initial RAM disk
    #[arg(long, value_name = "ID", hide_short_help = true)]
    ramdisk_id: Option<String>,
    /// The property os_distro: debian, ubuntu …
    #[arg(long, value_name = "NAME")]
    os_distro: Option<String>,
    /// The property os_version: 13, 24.04 …
    #[arg(long, value_name = "VERSION")]
    os_version: Option<String>,
}

impl Known {
    pub(super) fn properties(&self) -> impl Iterator<Item = (&'static str, &String)> {
        [
            ("architecture", &self.architecture),
            ("instance_id", &self.instance_id),
            ("kernel_id", &self.kernel_id),
            ("ramdisk_id", &self.ramdisk_id),
            ("os_distro", &self.os_distro),
            ("os_version", &self.os_version),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

/// Names that the record itself has: they are fields with options of their own, or the server's.
const FIELDS: [&str; 22] = [
    "id",
    "name",
    "status",
    "visibility",
    "protected",
    "os_hidden",
    "owner",
    "disk_format",
    "container_format",
    "size",
    "virtual_size",
    "min_disk",
    "min_ram",
    "checksum",
    "os_hash_algo",
    "os_hash_value",
    "created_at",
    "updated_at",
    "tags",
    "self",
    "file",
    "schema",
];

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    args.check()?;
    let preset = args.os.as_deref().map(preset::properties).transpose()?;
    let cloud = context.cloud().await?;
    let glance = cloud.glance();
    let image = match args.answer() {
        Some(_) => glance.find_offered(&args.image).await?,
        None => glance.find(&args.image).await?,
    };
    let project = args.project.clone();
    let project = project
        .map(|project| project_id(&cloud, project))
        .transpose()?;
    let wishes = args.wishes(project.as_deref(), preset.unwrap_or_default(), &image);
    let ops = changes(&image, wishes, &args.tags);
    let document = Value::Array(ops.iter().map(Op::json).collect());
    if args.dry_run {
        return context.out.document(&document);
    }
    let answer = args.answer();
    let answer = answer
        .map(|answer| Ok::<_, Failure>((answer, answering(&cloud, project)?)))
        .transpose()?;
    if args.os.is_some() && !ops.is_empty() {
        context.note(&format!("sending {document}"));
    }
    let mut done = !ops.is_empty();
    if done {
        glance.patch(&image.id, &ops).await?;
    }
    let after = |error: cloud::Error| {
        let failure = Failure::from(error);
        match ops.is_empty() {
            true => failure,
            false => failure.cause("the fields, properties and tags were changed before that"),
        }
    };
    if let Some((answer, project)) = answer {
        let answered = glance.answer(&image.id, &project, answer).await;
        answered.map_err(after)?;
        done = true;
    }
    if args.activate || args.deactivate {
        done |= activate(glance, &image, args.activate)
            .await
            .map_err(after)?;
    }
    if !done {
        context.note("nothing was sent: the image is so already");
    }
    Ok(())
}

/// Refuses what is called a property and is a field.
pub(super) fn no_field(properties: &[(String, String)], command: &str) -> Result<(), Failure> {
    let field = |(name, _): &&(String, String)| FIELDS.contains(&name.as_str());
    let Some((name, _)) = properties.iter().find(field) else {
        return Ok(());
    };
    let message = format!("`{name}` is a field of every image, not a property");
    let hint = format!("`ectype {command} --help` has the options for fields that can be changed");
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

/// Activates or deactivates an image; whether there was anything to do.
pub(super) async fn activate(
    glance: &Glance,
    image: &Image,
    active: bool,
) -> Result<bool, cloud::Error> {
    let wanted = if active { "active" } else { "deactivated" };
    if image.status == wanted {
        return Ok(false);
    }
    match active {
        true => glance.reactivate(&image.id).await?,
        false => glance.deactivate(&image.id).await?,
    }
    Ok(true)
}

impl Args {
    /// Refuses what would be no property.
    fn check(&self) -> Result<(), Failure> {
        no_field(&self.properties, "image set")
    }

    fn answer(&self) -> Option<Answer> {
        [
            (self.accept, Answer::Accepted),
            (self.reject, Answer::Rejected),
            (self.pending, Answer::Pending),
        ]
        .into_iter()
        .find_map(|(asked, answer)| asked.then_some(answer))
    }

    /// What was asked for, as operations. A project means its ownership unless it answers an offer.
    fn wishes(
        &self,
        project: Option<&str>,
        preset: BTreeMap<String, String>,
        image: &Image,
    ) -> Vec<Op> {
        let mut ops = Vec::new();
        let mut field = |name: &str, value: Option<Value>| {
            ops.extend(value.map(|value| Op::Replace(name.to_owned(), value)));
        };
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let switch = |on: bool, off: bool| (on || off).then(|| json!(on));
        field("name", text(&self.name));
        field("min_disk", self.min_disk.map(|number| json!(number)));
        field("min_ram", self.min_ram.map(|number| json!(number)));
        field("container_format", text(&self.container_format));
        field("disk_format", text(&self.disk_format));
        field("protected", switch(self.protected, self.unprotected));
        let visibility = [
            (self.public, "public"),
            (self.private, "private"),
            (self.community, "community"),
            (self.shared, "shared"),
        ];
        let visibility = visibility
            .into_iter()
            .find_map(|(asked, word)| asked.then(|| json!(word)));
        field("visibility", visibility);
        field("os_hidden", switch(self.hidden, self.unhidden));
        let owner = project.filter(|_| self.answer().is_none());
        field("owner", owner.map(|owner| json!(owner)));
        ops.extend(self.properties(preset, image));
        ops
    }

    /// The properties that were asked for, the more special wish before the more general.
    fn properties(&self, preset: BTreeMap<String, String>, image: &Image) -> Vec<Op> {
        let mut properties = serde_json::Map::new();
        for (name, value) in preset {
            // A preset knows the usual processor, not this image's.
            if name != "architecture" || image.property(&name).is_none() {
                properties.insert(name, json!(value));
            }
        }
        for (name, value) in self.known.properties() {
            properties.insert(name.to_owned(), json!(value));
        }
        for (name, value) in &self.properties {
            properties.insert(name.clone(), json!(value));
        }
        let add = |(name, value)| Op::Add(name, value);
        properties.into_iter().map(add).collect()
    }
}

/// The operations that change anything about this image, and its tags with those that it does not have yet.
fn changes(image: &Image, mut wishes: Vec<Op>, tags: &[String]) -> Vec<Op> {
    let now = serde_json::to_value(image).unwrap_or_default();
    wishes.retain(|op| match op {
        Op::Add(name, value) | Op::Replace(name, value) => now.get(name) != Some(value),
        Op::Remove(_) => true,
    });
    let mut all = image.tags.clone();
    for tag in tags {
        if !all.contains(tag) {
            all.push(tag.clone());
        }
    }
    if all.len() != image.tags.len() {
        wishes.push(Op::Replace("tags".to_owned(), json!(all)));
    }
    wishes
}

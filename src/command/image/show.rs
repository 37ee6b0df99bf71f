//! `ectype image show`: one image, with openstackclient's fields; further ones by `-c`.

use serde_json::{Value, json};
use wire::image::Image;

use super::columns;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Record, human};

/// Show one image.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
-c takes any field of the image API and any property of the image as well: -c os_hash_value, -c image_source.")]
pub(crate) struct Args {
    /// Name or id
    image: String,
    /// Show sizes in KiB, MiB, GiB
    #[arg(long)]
    human_readable: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.expect_record()?;
    let cloud = context.cloud().await?;
    let image = cloud.glance().find(&args.image).await?;
    let mut fields = fields(&image);
    if args.human_readable {
        for (name, value) in &mut fields {
            if let ("size" | "virtual_size", Some(bytes)) = (name.as_str(), value.as_u64()) {
                *value = json!(human::size(bytes));
            }
        }
    }
    context
        .out
        .record(&chosen(&image, fields, &context.out.shape().columns)?)
}

/// Shows an image as `image show` does.
pub(super) fn print(context: &Context, image: &Image) -> Result<(), Failure> {
    let columns = &context.out.shape().columns;
    context.out.record(&chosen(image, fields(image), columns)?)
}

/// The fields that openstackclient shows, in its order.
fn fields(image: &Image) -> Vec<(String, Value)> {
    let fields = [
        ("checksum", json!(image.checksum)),
        ("container_format", json!(image.container_format)),
        ("created_at", json!(image.created_at)),
        ("disk_format", json!(image.disk_format)),
        ("file", json!(image.file)),
        ("id", json!(image.id)),
        ("min_disk", json!(image.min_disk)),
        ("min_ram", json!(image.min_ram)),
        ("name", json!(image.name)),
        ("owner", json!(image.owner)),
        ("properties", columns::properties(image)),
        ("protected", json!(image.protected)),
        ("schema", json!(image.schema)),
        ("size", json!(image.size)),
        ("status", json!(image.status)),
        ("tags", json!(image.tags)),
        ("updated_at", json!(image.updated_at)),
        ("virtual_size", json!(image.virtual_size)),
        ("visibility", json!(image.visibility)),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
}

/// The fields to show: without `-c` those that are set, with it those that were asked for, also unset ones.
fn chosen(
    image: &Image,
    fields: Vec<(String, Value)>,
    columns: &[String],
) -> Result<Record, Failure> {
    if columns.is_empty() {
        return Ok(Record(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
        ));
    }
    let mut known = fields;
    for name in ["os_hash_algo", "os_hash_value"] {
        known.push((name.to_owned(), Value::Null));
    }
    if let Value::Object(map) = columns::properties(image) {
        known.retain(|(name, _)| !map.contains_key(name));
        known.extend(map);
    }
    Record::of(known, columns)
}

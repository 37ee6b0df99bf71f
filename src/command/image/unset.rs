//! `ectype image unset`: properties and tags taken away.

use cloud::Op;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Take properties and tags away.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name or id
    image: String,
    /// Take this tag away, repeatable
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Take this property away, repeatable
    #[arg(long = "property", value_name = "KEY")]
    properties: Vec<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let cloud = context.cloud().await?;
    let image = cloud.glance().find(&args.image).await?;
    let (mut ops, mut missing, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for name in &args.properties {
        if gone.contains(&name) {
            continue;
        }
        gone.push(name);
        match image.properties.contains_key(name) {
            true => ops.push(Op::Remove(name.clone())),
            false => missing.push(format!("property `{name}`")),
        }
    }
    let left: Vec<&String> = image
        .tags
        .iter()
        .filter(|tag| !args.tags.contains(tag))
        .collect();
    if left.len() != image.tags.len() {
        ops.push(Op::Replace("tags".to_owned(), json!(left)));
    }
    let absent = args.tags.iter().filter(|tag| !image.tags.contains(tag));
    missing.extend(absent.map(|tag| format!("tag `{tag}`")));
    if ops.is_empty() && missing.is_empty() {
        context.note("nothing was sent: no property and no tag was named");
        return Ok(());
    }
    if !ops.is_empty() {
        cloud.glance().patch(&image.id, &ops).await?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("image {} has no {}", image.id, missing.join(", no "));
    Err(match ops.is_empty() {
        true => Failure::new(Exit::NotFound, message),
        false => Failure::new(Exit::Partly, message).cause("what else was named is gone"),
    })
}

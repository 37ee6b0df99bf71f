//! `ectype image member`: with which projects an image is shared, and their answers.

use clap::Subcommand;
use cloud::{Answer, Cloud};
use serde_json::{Value, json};
use wire::image::{Image, Member};

use super::list::project_id;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List, Record};

/// What to do with members.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the projects that an image is shared with
    List(ImageOnly),
    /// Show one project's share of an image
    #[command(alias = "get")]
    Show(Share),
    /// Share an image with a project
    Add(Share),
    /// Share an image with a project no longer
    Remove(Share),
    /// Take an image that is shared with you into your lists
    Accept(Offer),
    /// Keep an image that is shared with you out of your lists
    Reject(Offer),
    /// Take back what you said about an image that is shared with you
    Pending(Offer),
}

/// An image.
#[derive(Debug, clap::Args)]
pub(crate) struct ImageOnly {
    /// Name or id
    image: String,
}

/// An image and a project.
#[derive(Debug, clap::Args)]
pub(crate) struct Share {
    /// Name or id of the image
    image: String,
    /// The project's id, or the name of your own
    project: String,
}

/// An image that somebody shares.
#[derive(Debug, clap::Args)]
pub(crate) struct Offer {
    /// Name or id of the image
    image: String,
    /// The project to answer for, if not your own: its id
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
}

/// `image add project`, as openstackclient spells it.
#[derive(Debug, Subcommand)]
pub(crate) enum Project {
    /// The project
    Project(Share),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => context.run(list(context, args)),
            Self::Show(share) => context.run(show(context, share)),
            Self::Add(share) => context.run(add(context, share)),
            Self::Remove(share) => context.run(remove(context, share)),
            Self::Accept(offer) => context.run(answer(context, offer, Answer::Accepted)),
            Self::Reject(offer) => context.run(answer(context, offer, Answer::Rejected)),
            Self::Pending(offer) => context.run(answer(context, offer, Answer::Pending)),
        }
    }
}

const COLUMNS: [Column; 3] = [
    Column::shown("Image ID", "image_id"),
    Column::shown("Member ID", "member_id"),
    Column::shown("Status", "status"),
];

async fn list(context: &Context, args: ImageOnly) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let cloud = context.cloud().await?;
    let image = cloud.glance().find(&args.image).await?;
    let members = cloud.glance().members(&image.id).await?;
    let row = |member: &Member| {
        vec![
            json!(member.image_id),
            json!(member.member_id),
            json!(member.status),
        ]
    };
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: members.iter().map(row).collect(),
    })
}

async fn show(context: &Context, share: Share) -> Result<(), Failure> {
    context.out.expect_record()?;
    let cloud = context.cloud().await?;
    let (image, project) = both(&cloud, share).await?;
    print(context, &cloud.glance().member(&image.id, &project).await?)
}

async fn add(context: &Context, share: Share) -> Result<(), Failure> {
    context.out.expect_record()?;
    let cloud = context.cloud().await?;
    let (image, project) = both(&cloud, share).await?;
    if image.visibility != "shared" {
        let message = format!(
            "image {} is {}: only a shared one has members",
            image.id, image.visibility
        );
        return Err(Failure::new(Exit::Refused, message)
            .hint(format!("`ectype image set --shared {}` first", image.id)));
    }
    print(
        context,
        &cloud.glance().add_member(&image.id, &project).await?,
    )
}

async fn remove(context: &Context, share: Share) -> Result<(), Failure> {
    let cloud = context.cloud().await?;
    let (image, project) = both(&cloud, share).await?;
    Ok(cloud.glance().remove_member(&image.id, &project).await?)
}

async fn answer(context: &Context, offer: Offer, answer: Answer) -> Result<(), Failure> {
    context.out.expect_record()?;
    let cloud = context.cloud().await?;
    let image = cloud.glance().find_offered(&offer.image).await?;
    let project = offer.project;
    let project = project
        .map(|project| project_id(&cloud, project))
        .transpose()?;
    let project = answering(&cloud, project)?;
    let answered = cloud.glance().answer(&image.id, &project, answer).await?;
    print(context, &answered)
}

/// The id of the project that answers an offer: the one that was `named`, or the user's own.
pub(super) fn answering(cloud: &Cloud, named: Option<String>) -> Result<String, Failure> {
    let own = || cloud.token().project.as_ref().map(|own| own.id.clone());
    named.or_else(own).ok_or_else(|| {
        Failure::new(Exit::Usage, "no project to answer for").hint("name it: --project ID")
    })
}

async fn both(cloud: &Cloud, share: Share) -> Result<(Image, String), Failure> {
    let project = project_id(cloud, share.project)?;
    Ok((cloud.glance().find(&share.image).await?, project))
}

/// A share, with openstackclient's fields and order.
fn print(context: &Context, member: &Member) -> Result<(), Failure> {
    let fields: [(&str, Value); 6] = [
        ("created_at", json!(member.created_at)),
        ("image_id", json!(member.image_id)),
        ("member_id", json!(member.member_id)),
        ("schema", json!(member.schema)),
        ("status", json!(member.status)),
        ("updated_at", json!(member.updated_at)),
    ];
    let fields = fields
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
    let columns = &context.out.shape().columns;
    context.out.record(&match columns.is_empty() {
        true => Record(fields),
        false => Record::of(fields, columns)?,
    })
}

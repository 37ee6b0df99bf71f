//! `ectype image list`: openstackclient's filters, columns and order.

use clap::{Args as ClapArgs, ValueEnum};
use cloud::{Cloud, Direction, Hidden, Query, Visibility};

use super::columns;
use super::sort::{self, Order};
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::List;

/// List images.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
-c takes the headings of --long and of the image API: -c Size, -c os_hash_value, -c created_at.
Columns stand in the list's order, whatever the order of -c.")]
pub(crate) struct Args {
    #[command(flatten)]
    whose: Whose,
    /// Only hidden images, instead of only visible ones
    #[arg(long)]
    hidden: bool,
    /// Only images with this tag, repeatable
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only images with this property, repeatable
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = key_value)]
    properties: Vec<(String, String)>,
    /// Only images of exactly this name
    #[arg(long)]
    name: Option<String>,
    /// Only images in this status: active, queued, deactivated …
    #[arg(long)]
    status: Option<String>,
    /// Of images shared with you, only those with this answer of yours
    #[arg(long, value_name = "STATUS", value_enum, ignore_case = true)]
    member_status: Option<Member>,
    /// Only images of this project: its id, or the name of your own
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// More columns
    #[arg(long)]
    long: bool,
    /// Sort by these fields, separated by commas [default: name:asc]
    #[arg(long, value_name = "KEY[:asc|desc],…", value_delimiter = ',', value_parser = sort::parse)]
    sort: Vec<Order>,
    /// At most this many images, in one request
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// At most this many images, in as many requests as it takes
    #[arg(long, value_name = "NUMBER")]
    max_items: Option<usize>,
    /// Only images after this one (name or id), in the order of --sort or else newest first
    #[arg(long, value_name = "IMAGE")]
    marker: Option<String>,
}

/// Who may see the images.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
struct Whose {
    /// Only images that everybody sees
    #[arg(long)]
    public: bool,
    /// Only images that their project alone sees
    #[arg(long)]
    private: bool,
    /// Only images that are shared between projects
    #[arg(long)]
    shared: bool,
    /// Only community images: usable by everybody, listed only when asked for
    #[arg(long)]
    community: bool,
    /// Images of every visibility, those of the community included
    #[arg(long)]
    all: bool,
}

/// What a project said to an image that another one shares with it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Member {
    Accepted,
    Pending,
    Rejected,
    All,
}

pub(crate) async fn run(context: &Context, mut args: Args) -> Result<(), Failure> {
    let columns = columns::columns(args.long);
    context.out.expect_list(&columns)?;
    let cloud = context.cloud().await?;
    let marker = match &args.marker {
        Some(marker) => Some(cloud.glance().find(marker).await?.id),
        None => None,
    };
    if let Some(project) = args.project.take() {
        args.project = Some(project_id(&cloud, project)?);
    }
    let order = if args.sort.is_empty() {
        sort::by_name()
    } else {
        args.sort.clone()
    };
    let mut images = cloud.glance().list(&args.query(marker)).await?;
    sort::sort(&mut images, &order);
    if images.is_empty() && context.out.shape().format == Form::Table {
        context.note("no image matches");
    }
    context.out.list(&List {
        columns,
        rows: images.iter().map(columns::row).collect(),
    })
}

/// The id of a project. Names are known of the user's own project alone: only administrators may ask for others.
pub(super) fn project_id(cloud: &Cloud, project: String) -> Result<String, Failure> {
    let own = cloud
        .token()
        .project
        .as_ref()
        .filter(|own| own.name == project);
    if let Some(own) = own {
        return Ok(own.id.clone());
    }
    if project.len() == 32 && project.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(project);
    }
    Err(Failure::new(
        Exit::NotFound,
        format!("`{project}` is neither your project nor a project's id"),
    )
    .hint("give the id: `openstack project show NAME -f value -c id`"))
}

impl Args {
    fn query(self, marker: Option<String>) -> Query {
        let server = |order: &Order| {
            let way = if order.descending {
                Direction::Descending
            } else {
                Direction::Ascending
            };
            (order.field.to_owned(), way)
        };
        Query {
            visibility: self.whose.visibility(),
            hidden: if self.hidden {
                Hidden::Only
            } else {
                Hidden::No
            },
            tags: self.tags,
            properties: self.properties,
            name: self.name,
            status: self.status,
            member_status: self.member_status.map(|status| status.word().to_owned()),
            owner: self.project,
            // What is cut off by a limit must be cut off in the order that was asked for.
            sort: if self.sort.iter().all(|order| order.on_server) {
                self.sort.iter().map(server).collect()
            } else {
                Vec::new()
            },
            limit: self.limit.into_iter().chain(self.max_items).min(),
            page_size: self.limit,
            marker,
        }
    }
}

impl Whose {
    fn visibility(&self) -> Option<Visibility> {
        [
            (self.public, Visibility::Public),
            (self.private, Visibility::Private),
            (self.shared, Visibility::Shared),
            (self.community, Visibility::Community),
            (self.all, Visibility::All),
        ]
        .into_iter()
        .find_map(|(asked, visibility)| asked.then_some(visibility))
    }
}

impl Member {
    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::All => "all",
        }
    }
}

/// A `KEY=VALUE` argument.
pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("this is not KEY=VALUE".to_owned()),
    }
}

//! The resources of the API and what can be done with each: the table of routes.

mod actions;
mod create;
mod data;
pub(crate) mod discovery;
mod images;
mod import;
mod info;
mod list;
mod members;
mod metadefs;
mod patch;
mod places;
mod schemas;
mod stage;
mod tags;
mod tasks;
mod validate;

pub(crate) use data::mismatch;
pub(crate) use import::{is_listed, may_fetch};
pub(crate) use metadefs::Definitions;
pub(crate) use metadefs::described;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

use crate::policy;
use crate::records::{Image, images as records, members as shared};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Images,
    Image(String),
    File(String),
    Locations(String),
    InStore(String, String),
    Stage(String),
    Import(String),
    ImageTasks(String),
    Action(String, bool),
    Tag(String, String),
    Members(String),
    Member(String, String),
    Tasks,
    Task(String),
    ImportInfo,
    StoresInfo { detail: bool },
    Usage,
    Schema(String),
    Definitions(Definitions),
    Cache { one: bool },
}

impl Resource {
    /// What the decoded parts of a path behind `/v2/` name.
    pub(crate) fn of(path: &[&str]) -> Option<Self> {
        let own = |text: &&str| (*text).to_owned();
        if path.iter().any(|part| part.is_empty()) {
            return None;
        }
        Some(match path {
            ["images"] => Self::Images,
            ["images", id] => Self::Image(own(id)),
            ["images", id, "file"] => Self::File(own(id)),
            ["images", id, "locations"] => Self::Locations(own(id)),
            ["stores", store, id] => Self::InStore(own(store), own(id)),
            ["images", id, "stage"] => Self::Stage(own(id)),
            ["images", id, "import"] => Self::Import(own(id)),
            ["images", id, "tasks"] => Self::ImageTasks(own(id)),
            ["images", id, "actions", "deactivate"] => Self::Action(own(id), false),
            ["images", id, "actions", "reactivate"] => Self::Action(own(id), true),
            ["images", id, "tags", tag] => Self::Tag(own(id), own(tag)),
            ["images", id, "members"] => Self::Members(own(id)),
            ["images", id, "members", member] => Self::Member(own(id), own(member)),
            ["tasks"] => Self::Tasks,
            ["tasks", id] => Self::Task(own(id)),
            ["info", "import"] => Self::ImportInfo,
            ["info", "stores"] => Self::StoresInfo { detail: false },
            ["info", "stores", "detail"] => Self::StoresInfo { detail: true },
            ["info", "usage"] => Self::Usage,
            ["schemas", name] => Self::Schema(own(name)),
            ["schemas", "metadefs", name] => Self::Schema(format!("metadefs/{name}")),
            ["metadefs", rest @ ..] => Self::Definitions(Definitions::of(rest)?),
            ["cache"] => Self::Cache { one: false },
            ["cache", _] => Self::Cache { one: true },
            _ => return None,
        })
    }

    /// The methods, in the order in which Glance names them.
    pub(crate) fn allowed(&self) -> &'static [&'static str] {
        match self {
            Self::Images | Self::Members(_) | Self::Tasks | Self::Locations(_) => &["GET", "POST"],
            Self::Image(_) => &["PATCH", "GET", "DELETE"],
            Self::File(_) => &["GET", "PUT"],
            Self::Stage(_) => &["PUT"],
            Self::Action(..) | Self::Import(_) => &["POST"],
            Self::Tag(..) => &["PUT", "DELETE"],
            Self::Member(..) => &["GET", "PUT", "DELETE"],
            Self::Task(_) => &["GET", "DELETE"],
            Self::InStore(..) => &["DELETE"],
            Self::Definitions(definitions) => definitions.allowed(),
            Self::Cache { one: false } => &["GET", "DELETE"],
            Self::Cache { one: true } => &["PUT", "DELETE"],
            Self::ImageTasks(_)
            | Self::ImportInfo
            | Self::StoresInfo { .. }
            | Self::Usage
            | Self::Schema(_) => &["GET"],
        }
    }

    /// Whether the method is one of them.
    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.allowed().contains(&method.as_str())
    }
}

/// Does what is asked for; the method is one that the resource allows.
pub(crate) async fn answer(
    service: &Service,
    resource: Resource,
    request: Request,
) -> Result<Response, Refused> {
    let method = request.parts.method.clone();
    let get = method == Method::GET;
    match resource {
        Resource::Images if get => list::images(service, &request).await,
        Resource::Images => create::image(service, request).await,
        Resource::Image(id) if get => images::show(service, &request, &id).await,
        Resource::Image(id) if method == Method::DELETE => {
            images::delete(service, &request, &id).await
        }
        Resource::Image(id) => patch::image(service, request, &id).await,
        Resource::File(id) if get => data::download(service, &request, &id).await,
        Resource::File(id) => data::upload(service, request, &id).await,
        Resource::Stage(id) => stage::upload(service, request, &id).await,
        Resource::Import(id) => import::begin(service, request, &id).await,
        Resource::ImageTasks(id) => tasks::of_image(service, &request, &id).await,
        Resource::Action(id, on) => actions::switch(service, &request, &id, on).await,
        Resource::Tag(id, tag) => {
            tags::set(service, &request, &id, &tag, method == Method::PUT).await
        }
        Resource::Members(id) if get => members::list(service, &request, &id).await,
        Resource::Members(id) => members::add(service, request, &id).await,
        Resource::Member(id, member) if get => members::show(service, &request, &id, &member).await,
        Resource::Member(id, member) if method == Method::PUT => {
            members::answer(service, request, &id, &member).await
        }
        Resource::Member(id, member) => members::remove(service, &request, &id, &member).await,
        Resource::Tasks if get => tasks::list(service, &request).await,
        Resource::Tasks => tasks::create(service, request).await,
        Resource::Task(id) => tasks::show(service, &request, &id).await,
        Resource::ImportInfo => Ok(info::import()),
        Resource::StoresInfo { detail } => info::stores(service, &request, detail),
        Resource::Usage => info::usage(service, &request).await,
        Resource::Schema(name) => schemas::schema(&name),
        Resource::Definitions(definitions) => {
            metadefs::answer(service, &definitions, request).await
        }
        Resource::Cache { .. } => info::cache(&request),
        Resource::Locations(id) => places::locations(service, request, &id).await,
        Resource::InStore(store, id) => places::leave_store(service, &request, &store, &id).await,
    }
}

/// An answer with a JSON document.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Nothing of ours fails to be JSON: no map of it has keys that are not text.
    let text = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// An answer without a word.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=UTF-8"),
    );
    response
}

/// The image, as far as the caller sees it.
///
/// # Errors
/// 404 otherwise: nobody learns of what is not his.
pub(crate) async fn seen(service: &Service, request: &Request, id: &str) -> Result<Image, Refused> {
    let missing = || Refused::missing(format!("No image found with ID {id}"));
    let image = records::get(&service.pool, id).await?.ok_or_else(missing)?;
    let caller = &request.caller;
    let member = match &caller.project {
        Some(project) if !policy::sees(caller, &image, false) => {
            shared::one(&service.pool, &image.id, project).await?
        }
        _ => None,
    };
    match policy::sees(caller, &image, member.is_some()) {
        true => Ok(image),
        false => Err(missing()),
    }
}

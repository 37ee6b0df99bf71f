//! Metadata definitions: which properties there are to give to images and other things, for whoever offers them to people.

pub(super) mod check;
mod list;
mod namespaces;
mod objects;
mod properties;
pub(crate) mod schemas;
mod shape;
mod tags;
mod types;

pub(crate) use namespaces::described;

use axum::response::Response;
use http::{Method, StatusCode};

use super::empty;
use crate::policy;
use crate::records::metadefs::{self as records, Kind, Namespace};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// What a path behind `/v2/metadefs/` names; the first text is always the name of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Definitions {
    Namespaces,
    Namespace(String),
    Objects(String),
    Object(String, String),
    Properties(String),
    Property(String, String),
    Tags(String),
    Tag(String, String),
    /// Resource types that any namespace is for.
    Types,
    Associations(String),
    Association(String, String),
}

impl Definitions {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        let own = |text: &&str| (*text).to_owned();
        Some(match path {
            ["resource_types"] => Self::Types,
            ["namespaces"] => Self::Namespaces,
            ["namespaces", space] => Self::Namespace(own(space)),
            ["namespaces", space, "objects"] => Self::Objects(own(space)),
            ["namespaces", space, "objects", name] => Self::Object(own(space), own(name)),
            ["namespaces", space, "properties"] => Self::Properties(own(space)),
            ["namespaces", space, "properties", name] => Self::Property(own(space), own(name)),
            ["namespaces", space, "tags"] => Self::Tags(own(space)),
            ["namespaces", space, "tags", name] => Self::Tag(own(space), own(name)),
            ["namespaces", space, "resource_types"] => Self::Associations(own(space)),
            ["namespaces", space, "resource_types", name] => {
                Self::Association(own(space), own(name))
            }
            _ => return None,
        })
    }

    /// The methods, in the order in which Glance names them.
    pub(super) fn allowed(&self) -> &'static [&'static str] {
        match self {
            Self::Types => &["GET"],
            Self::Namespaces | Self::Associations(_) => &["GET", "POST"],
            Self::Namespace(_) | Self::Object(..) | Self::Property(..) => &["GET", "PUT", "DELETE"],
            Self::Objects(_) | Self::Properties(_) | Self::Tags(_) => &["GET", "POST", "DELETE"],
            Self::Tag(..) => &["GET", "POST", "PUT", "DELETE"],
            Self::Association(..) => &["DELETE"],
        }
    }
}

/// Does what is asked for; the method is one that the resource allows.
pub(super) async fn answer(
    service: &Service,
    definitions: &Definitions,
    request: Request,
) -> Result<Response, Refused> {
    use Definitions as D;
    let method = request.parts.method.clone();
    let (get, put) = (method == Method::GET, method == Method::PUT);
    let delete = method == Method::DELETE;
    match definitions {
        D::Types => types::known(service, &request).await,
        D::Namespaces if get => list::namespaces(service, &request).await,
        D::Namespaces => namespaces::create(service, request).await,
        D::Namespace(space) if get => namespaces::show(service, &request, space).await,
        D::Namespace(space) if put => namespaces::update(service, request, space).await,
        D::Namespace(space) => namespaces::delete(service, &request, space).await,
        D::Objects(space) if delete => clear(service, &request, space, Kind::Object).await,
        D::Objects(space) if get => objects::list(service, &request, space).await,
        D::Objects(space) => objects::create(service, request, space).await,
        D::Object(space, name) if get => objects::show(service, &request, space, name).await,
        D::Object(space, name) if put => objects::update(service, request, space, name).await,
        D::Object(space, name) => objects::delete(service, &request, space, name).await,
        D::Properties(space) if delete => clear(service, &request, space, Kind::Property).await,
        D::Properties(space) if get => properties::list(service, &request, space).await,
        D::Properties(space) => properties::create(service, request, space).await,
        D::Property(space, name) if get => properties::show(service, &request, space, name).await,
        D::Property(space, name) if put => properties::update(service, request, space, name).await,
        D::Property(space, name) => properties::delete(service, &request, space, name).await,
        D::Tags(space) if delete => clear(service, &request, space, Kind::Tag).await,
        D::Tags(space) if get => tags::list(service, &request, space).await,
        D::Tags(space) => tags::create_several(service, request, space).await,
        D::Tag(space, name) if get => tags::show(service, &request, space, name).await,
        D::Tag(space, name) if put => tags::update(service, request, space, name).await,
        D::Tag(space, name) if delete => tags::delete(service, &request, space, name).await,
        D::Tag(space, name) => tags::create(service, &request, space, name).await,
        D::Associations(space) if get => types::list(service, &request, space).await,
        D::Associations(space) => types::associate(service, request, space).await,
        D::Association(space, name) => types::remove(service, &request, space, name).await,
    }
}

/// Takes all parts of a kind away; who may not delete the namespace may not do this.
async fn clear(
    service: &Service,
    request: &Request,
    space: &str,
    kind: Kind,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, space, &gone(space)).await?;
    write(request, &space, "delete_metadef_namespace")?;
    unprotected(&space, "namespace", &space.namespace)?;
    records::clear(&service.pool, &space.id, kind).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The 404 of most requests for what is in a namespace that is not there.
fn gone(space: &str) -> Refused {
    Refused::missing(format!("Namespace {space} not found"))
}

/// The 404 of the others.
fn absent(space: &str) -> Refused {
    Refused::missing(format!(
        "Metadata definition namespace={space} was not found."
    ))
}

/// The namespace, as far as the caller sees it.
///
/// # Errors
/// `hidden` when it is another project's own; `absent` when there is none.
async fn found(
    service: &Service,
    request: &Request,
    space: &str,
    absent: &Refused,
    hidden: &Refused,
) -> Result<Namespace, Refused> {
    let found = records::get(&service.pool, space).await?;
    let found = found.ok_or_else(|| absent.clone())?;
    let caller = &request.caller;
    let owned = caller.project.is_some() && caller.project == found.owner;
    match caller.is_admin() || found.public || found.owner.is_none() || owned {
        true => Ok(found),
        false => Err(hidden.clone()),
    }
}

/// The namespace, where both is answered in the same words.
async fn seen(
    service: &Service,
    request: &Request,
    space: &str,
    missing: &Refused,
) -> Result<Namespace, Refused> {
    found(service, request, space, missing, missing).await
}

/// Whether the caller may read what is in a namespace.
fn reads(request: &Request, space: &Namespace) -> bool {
    let caller = &request.caller;
    let owned = caller.project.is_some() && caller.project == space.owner;
    caller.is_admin() || (caller.has("reader") && (owned || space.public))
}

/// # Errors
/// 404 for whoever may not read what is in the namespace.
fn read(request: &Request, space: &Namespace) -> Result<(), Refused> {
    match reads(request, space) {
        true => Ok(()),
        false => Err(Refused::nothing()),
    }
}

/// Only admins write; `action` is the name of Glance's rule.
///
/// # Errors
/// 403 for whoever may read, 404 for the others.
fn write(request: &Request, space: &Namespace, action: &str) -> Result<(), Refused> {
    if request.caller.is_admin() {
        return Ok(());
    }
    read(request, space)?;
    Err(policy::refusal(action))
}

/// Whether the caller may see lists that are of no one namespace.
///
/// # Errors
/// 404.
fn lists(request: &Request) -> Result<(), Refused> {
    let caller = &request.caller;
    match caller.is_admin() || (caller.has("reader") && caller.project.is_some()) {
        true => Ok(()),
        false => Err(Refused::nothing()),
    }
}

/// # Errors
/// 403 when nothing of the namespace may be deleted.
fn unprotected(space: &Namespace, what: &str, name: &str) -> Result<(), Refused> {
    match space.protected {
        false => Ok(()),
        true => Err(Refused::forbidden(format!(
            "Metadata definition {what} {name} is protected and cannot be deleted."
        ))),
    }
}

//! One namespace, with all that is in it.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::super::discovery::base;
use super::super::{empty, json as answer};
use super::{
    absent, check, found, gone, lists, objects, properties, read, schemas, seen, shape, tags,
    types, unprotected, write,
};
use crate::moment;
use crate::policy;
use crate::records::metadefs::{self as records, Kind, Namespace, Part, Unmade};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// What only the service writes.
pub(super) const READ_ONLY: [&str; 4] = ["self", "schema", "created_at", "updated_at"];

/// What a name has in it that a header has not.
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'%');

/// A namespace as the API shows it, without what is in it.
pub(super) fn shown(space: &Namespace) -> Map<String, Value> {
    let mut shown = space.shown.clone();
    for (key, value) in [
        ("namespace", json!(space.namespace)),
        ("visibility", json!(space.visibility())),
        ("protected", json!(space.protected)),
        ("created_at", json!(moment::text(space.created))),
        ("updated_at", json!(moment::text(space.updated))),
        ("self", json!(path(&space.namespace))),
        ("schema", json!("/v2/schemas/metadefs/namespace")),
    ] {
        shown.insert(key.to_owned(), value);
    }
    if let Some(owner) = &space.owner {
        shown.insert("owner".to_owned(), json!(owner));
    }
    shown
}

fn path(name: &str) -> String {
    format!("/v2/metadefs/namespaces/{name}")
}

/// Writes what the body says of a namespace itself.
fn set(space: &mut Namespace, body: &Map<String, Value>) -> Result<(), Refused> {
    space.namespace = shape::name(body, "namespace")?;
    space.public = body.get("visibility").and_then(Value::as_str) == Some("public");
    space.protected = body.get("protected") == Some(&Value::Bool(true));
    space.shown = Map::new();
    for key in ["display_name", "description"] {
        if let Some(value) = body.get(key) {
            space.shown.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(owner) = body.get("owner").and_then(Value::as_str) {
        if owner.contains('\0') {
            return Err(Refused::bad("The owner has a NUL in it."));
        }
        space.owner = Some(owner.to_owned());
    }
    Ok(())
}

/// Makes what is kept of what a client said of one thing.
type Shape = fn(&Map<String, Value>) -> Result<Map<String, Value>, Refused>;

/// The entries of a list in the body, of one kind.
fn entries(
    body: &Map<String, Value>,
    key: &str,
    kind: Kind,
    now: i64,
    shape: Shape,
) -> Result<Vec<Part>, Refused> {
    let list = body.get(key).and_then(Value::as_array);
    let members = list.into_iter().flatten().filter_map(Value::as_object);
    members
        .map(|members| {
            let shown = shape(members)?;
            Ok(Part {
                kind,
                name: shape::name(&shown, "name")?,
                shown,
                created: now,
                updated: now,
            })
        })
        .collect()
}

/// All that is in the namespace of the body, in the order in which Glance writes it.
fn parts(body: &Map<String, Value>, now: i64) -> Result<Vec<Part>, Refused> {
    let mut parts = entries(
        body,
        "resource_type_associations",
        Kind::Type,
        now,
        types::shape,
    )?;
    parts.extend(entries(body, "objects", Kind::Object, now, shape::object)?);
    parts.extend(entries(body, "tags", Kind::Tag, now, tags::shape)?);
    let Some(all) = body.get("properties") else {
        return Ok(parts);
    };
    for (name, shown) in shape::properties(all)? {
        let Value::Object(shown) = shown else {
            continue;
        };
        // The key is the name that counts.
        let named = Map::from_iter([("name".to_owned(), json!(name))]);
        parts.push(Part {
            kind: Kind::Property,
            name: shape::name(&named, "name")?,
            shown,
            created: now,
            updated: now,
        });
    }
    Ok(parts)
}

/// What was in the body, as the answer repeats it.
fn repeated(body: &Map<String, Value>, parts: &[Part], shown: &mut Map<String, Value>) {
    let list = |kind| -> Vec<Value> {
        let of_kind = parts.iter().filter(|part| part.kind == kind);
        of_kind
            .map(|part| Value::Object(part.shown.clone()))
            .collect()
    };
    for (key, kind) in [
        ("resource_type_associations", Kind::Type),
        ("objects", Kind::Object),
        ("tags", Kind::Tag),
    ] {
        if body.contains_key(key) {
            shown.insert(key.to_owned(), Value::Array(list(kind)));
        }
    }
    if body.contains_key("properties") {
        let properties = parts.iter().filter(|part| part.kind == Kind::Property);
        let properties =
            properties.map(|part| (part.name.clone(), Value::Object(part.shown.clone())));
        shown.insert("properties".to_owned(), Value::Object(properties.collect()));
    }
}

/// What a document says of a namespace.
pub(crate) struct Described {
    /// The document's members.
    body: Map<String, Value>,
    pub(crate) space: Namespace,
    /// All that is in it.
    pub(crate) parts: Vec<Part>,
}

/// The namespace that a document describes; `owner` has it where the document names none.
///
/// # Errors
/// 400, or 403 for members that only the service writes.
pub(crate) fn described(document: &Value, owner: Option<String>) -> Result<Described, Refused> {
    let body = check::check(&schemas::namespace(), &READ_ONLY, document)?;
    let now = moment::now();
    let mut space = Namespace {
        id: uuid::Uuid::new_v4().to_string(),
        namespace: String::new(),
        public: false,
        owner,
        protected: false,
        shown: Map::new(),
        created: now,
        updated: now,
    };
    set(&mut space, &body)?;
    let parts = parts(&body, now)?;
    Ok(Described { body, space, parts })
}

pub(super) async fn create(service: &Service, mut request: Request) -> Result<Response, Refused> {
    let body = request.json().await?;
    let owner = request.caller.project.clone();
    let Described { body, space, parts } = described(&body, owner)?;
    if !request.caller.is_admin() {
        lists(&request)?;
        return Err(policy::refusal("add_metadef_namespace"));
    }
    match records::create(&service.pool, &space, &parts).await {
        Ok(()) => {}
        Err(Unmade::Taken) => {
            return Err(Refused::conflict(format!(
                "The metadata definition namespace={} already exists.",
                space.namespace
            )));
        }
        Err(Unmade::Twice(part)) => return Err(taken(part.kind, &part.name, &space.namespace)),
        Err(Unmade::Database(error)) => return Err(error.into()),
    }
    let mut shown = shown(&space);
    repeated(&body, &parts, &mut shown);
    let mut response = answer(StatusCode::CREATED, &Value::Object(shown));
    let path = path(&space.namespace);
    let path = utf8_percent_encode(&path, NOT_IN_A_PATH);
    let location = format!("{}{path}", base(service, &request.parts));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// 409 for a part of this name.
pub(super) fn taken(kind: Kind, name: &str, space: &str) -> Refused {
    Refused::conflict(match kind {
        Kind::Object => format!(
            "A metadata definition object with name={name} already exists in namespace={space}."
        ),
        Kind::Property => format!(
            "A metadata definition property with name={name} already exists in namespace={space}."
        ),
        Kind::Tag => format!(
            "A metadata tag with name={name} already exists in namespace={space}. (Please note that metadata tag \
             names are case insensitive)."
        ),
        Kind::Type => format!(
            "The metadata definition resource-type association of resource-type={name} to namespace={space} already \
             exists."
        ),
    })
}

pub(super) async fn show(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = found(service, request, name, &absent(name), &Refused::nothing()).await?;
    read(request, &space)?;
    let query = request.query();
    let wanted = query.iter().find(|(key, _)| key == "resource_type");
    let associations = records::of(&service.pool, &space.id, Kind::Type).await?;
    let prefix = wanted.and_then(|(_, wanted)| types::prefix(&associations, wanted));
    let prefix = prefix.unwrap_or_default();
    let objects = records::of(&service.pool, &space.id, Kind::Object).await?;
    let of_kind = |kind| records::of(&service.pool, &space.id, kind);
    let properties = properties::by_name(&of_kind(Kind::Property).await?, prefix);
    let mut tags = of_kind(Kind::Tag).await?;
    tags.reverse();
    let mut shown = shown(&space);
    let mut put = |key: &str, list: Vec<Value>| {
        if !list.is_empty() {
            shown.insert(key.to_owned(), Value::Array(list));
        }
    };
    let objects = objects.iter();
    let objects = objects.map(|part| objects::shown(&space.namespace, part, prefix));
    put("objects", objects.collect());
    put(
        "resource_type_associations",
        associations.iter().map(types::shown).collect(),
    );
    put("tags", tags.iter().map(tags::named).collect());
    if !properties.is_empty() {
        shown.insert("properties".to_owned(), Value::Object(properties));
    }
    Ok(answer(StatusCode::OK, &Value::Object(shown)))
}

pub(super) async fn update(
    service: &Service,
    mut request: Request,
    name: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let body = check::check(&schemas::namespace(), &READ_ONLY, &body)?;
    let mut space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "modify_metadef_namespace")?;
    space.owner = request.caller.project.clone();
    set(&mut space, &body)?;
    space.updated = moment::now();
    if !records::update(&service.pool, &space).await? {
        return Err(Refused::conflict(format!(
            "Invalid update. It would result in a duplicate metadata definition namespace with the same name of {}",
            space.namespace
        )));
    }
    Ok(answer(StatusCode::OK, &Value::Object(shown(&space))))
}

pub(super) async fn delete(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    write(request, &space, "delete_metadef_namespace")?;
    unprotected(&space, "namespace", name)?;
    match records::delete(&service.pool, &space.id).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(gone(name)),
    }
}

//! `/v3/users/{user}/application_credentials`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Fault, created, nothing, ok};
use super::body::{Members, Sent, inside, invalid};
use super::directory::role_row;
use super::query::Query;
use super::{Api, Shared};
use crate::own::{Credential, NewCredential, Role, Session, roles};

fn row(api: &Api, own: &Credential, secret: Option<&str>) -> Value {
    let roles: Vec<Value> = own.roles.iter().map(|role| role_row(role)).collect();
    let expires = own
        .expires
        .map(|end| end.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string());
    let mut row = json!({
        "id": own.id,
        "name": own.name,
        "description": own.description,
        "user_id": own.user,
        "project_id": own.project,
        "system": null,
        "expires_at": expires,
        "unrestricted": own.unrestricted,
        "roles": roles,
    });
    if let Some(row) = row.as_object_mut() {
        if let Some(secret) = secret {
            row.insert("secret".to_owned(), json!(secret));
        }
        let link = api.link(&format!("/application_credentials/{}", own.id));
        row.insert("links".to_owned(), json!({"self": link}));
    }
    row
}

/// The rule that a program with an application credential does not make itself further ones.
fn unless_delegated(caller: &Session) -> Result<(), Fault> {
    match &caller.credential {
        Some(own) if own.unrestricted != Some(true) => Err(Fault::forbidden(
            "Using method 'application_credential' is not allowed for managing additional application credentials.",
        )),
        _ => Ok(()),
    }
}

/// `GET /v3/users/{user}/application_credentials`.
pub(super) async fn list(
    State(api): Shared,
    Path(user): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    api.admin_or(&headers, &user, "identity:list_application_credentials")
        .await?;
    let query = Query::of(&uri);
    let mut found = api.own.credentials_of(&user).await?;
    found.retain(|own| query.get("name").is_none_or(|name| name == own.name));
    let rows = found.iter().map(|own| row(&api, own, None)).collect();
    let path = format!("/users/{user}/application_credentials");
    api.list("application_credentials", rows, &path, &uri)
}

impl Api {
    /// An application credential of this user.
    async fn credential(&self, user: &str, id: &str) -> Result<Credential, Fault> {
        let own = self.own.credential(id).await?;
        if own.user == user {
            Ok(own)
        } else {
            Err(Fault::missing("Application Credential", id))
        }
    }
}

/// `GET /v3/users/{user}/application_credentials/{credential}`.
pub(super) async fn show(
    State(api): Shared,
    Path((user, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    api.admin_or(&headers, &user, "identity:get_application_credential")
        .await?;
    let own = api.credential(&user, &id).await?;
    ok(json!({"application_credential": row(&api, &own, None)}))
}

/// `POST /v3/users/{user}/application_credentials`: only for oneself, and for the project one is logged in to.
pub(super) async fn create(
    State(api): Shared,
    Path(user): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Answer {
    let caller = api.caller(&headers).await?;
    unless_delegated(&caller)?;
    if caller.user.id != user {
        return Err(Fault::forbidden("identity:create_application_credential"));
    }
    let new = read(inside(sent, "application_credential")?, &caller)?;
    let Some(project) = &caller.project else {
        return Err(Fault::expecting("a project", "the scope of the token"));
    };
    let made = api
        .own
        .create_credential(&user, &project.id, new, Timestamp::now());
    let (own, secret) = made.await?;
    let shown = row(&api, &own, Some(secret.expose_secret()));
    created(json!({"application_credential": shown}))
}

fn read(mut sent: Members, caller: &Session) -> Result<NewCredential, Fault> {
    let name = sent.required("name")?;
    let roles = match sent.take("roles") {
        None | Some(Value::Null) => caller.roles.clone(),
        Some(Value::Array(wanted)) if !wanted.is_empty() => {
            let asked = wanted.iter().map(|role| asked_role(role, caller));
            let asked = asked.collect::<Result<Vec<_>, Fault>>()?;
            roles::expanded(asked.iter().map(|role| role.name))
        }
        Some(Value::Array(_)) => caller.roles.clone(),
        Some(_) => return Err(invalid("roles", "is not of type 'array'")),
    };
    match sent.take("access_rules") {
        None | Some(Value::Null) => {}
        Some(Value::Array(rules)) if rules.is_empty() => {}
        // Who sets rules relies on them; there is nothing here that would hold them.
        Some(_) => return Err(invalid("access_rules", "cannot be kept here")),
    }
    Ok(NewCredential {
        name,
        secret: sent.secret("secret")?,
        description: sent.text("description")?,
        expires: sent
            .text("expires_at")?
            .map(|text| end(&text))
            .transpose()?,
        unrestricted: sent.flag("unrestricted")?,
        roles,
    })
}

fn asked_role(role: &Value, caller: &Session) -> Result<&'static Role, Fault> {
    let Value::Object(role) = role else {
        return Err(invalid("roles", "has something that is no object"));
    };
    let text = |of: &Map<String, Value>, name: &str| {
        of.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let role = match (text(role, "id"), text(role, "name")) {
        (Some(id), _) => roles::with_id(&id)?,
        (None, Some(name)) => roles::named(&name).map_err(|_| {
            Fault::new(StatusCode::NOT_FOUND, format!("Role {name} is not defined"))
        })?,
        (None, None) => return Err(invalid("roles", "has one without id and name")),
    };
    if !caller.roles.contains(&role) {
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "Invalid application credential: Cannot create an application credential with unassigned role",
        ));
    }
    Ok(role)
}

/// When a credential shall end: UTC, with or without saying so.
fn end(text: &str) -> Result<Timestamp, Fault> {
    let sentence = |what: &str| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            format!(
                "{what}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error."
            ),
        )
    };
    let read = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    let end = read.ok_or_else(|| sentence("Timestamp not in expected format"))?;
    if end <= Timestamp::now() {
        return Err(sentence("The 'expires_at' must not be before now"));
    }
    Ok(end)
}

/// `DELETE /v3/users/{user}/application_credentials/{credential}`.
pub(super) async fn delete(
    State(api): Shared,
    Path((user, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let caller = api
        .admin_or(&headers, &user, "identity:delete_application_credential")
        .await?;
    unless_delegated(&caller)?;
    let own = api.credential(&user, &id).await?;
    api.own.delete_credential(&own.id).await?;
    nothing()
}

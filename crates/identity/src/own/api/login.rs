//! `POST /v3/auth/tokens`: reading who asks and for what.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::Shared;
use super::answer::{Answer, Fault, created};
use super::body::{Sent, object};
use super::query::Query;
use super::token::{described, with_token};
use crate::own::{DomainRef, Proof, Scope, Who};

type Members = Map<String, Value>;

/// Logs in.
pub(super) async fn log_in(State(api): Shared, uri: Uri, sent: Sent) -> Answer {
    let body = object(sent)?;
    let auth = inside(&body, "auth", "request body")?;
    let scope = scope(auth)?;
    let proof = proof(inside(auth, "identity", "auth")?)?;
    let grant = api.own.log_in(&proof, &scope, Timestamp::now()).await?;
    let catalogue = Query::of(&uri).get("nocatalog").is_none();
    let response = created(described(&api, &grant.session, catalogue))?;
    Ok(with_token(response, grant.token.expose_secret()))
}

fn inside<'a>(of: &'a Members, name: &str, place: &str) -> Result<&'a Members, Fault> {
    match of.get(name) {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(Fault::expecting(name, place)),
    }
}

fn text<'a>(of: &'a Members, name: &str) -> Option<&'a str> {
    // PostgreSQL knows no NUL, and so nobody has a name with one.
    let text = of.get(name)?.as_str()?;
    (!text.contains('\0')).then_some(text)
}

fn secret(of: &Members, name: &str, place: &str) -> Result<SecretString, Fault> {
    let text = text(of, name).ok_or_else(|| Fault::expecting(name, place))?;
    Ok(SecretString::from(text))
}

/// Who shows what. One way at a time: together with a second one, a log-in would prove more than our tokens can say.
fn proof(identity: &Members) -> Result<Proof, Fault> {
    let Some(Value::Array(methods)) = identity.get("methods") else {
        return Err(Fault::expecting("methods", "identity"));
    };
    let [Value::String(method)] = methods.as_slice() else {
        return Err(Fault::unsupported());
    };
    match method.as_str() {
        "password" => {
            let user = inside(
                inside(identity, "password", "identity")?,
                "user",
                "password",
            )?;
            let password = secret(user, "password", "user")?;
            Ok(Proof::Password(who(user, "user")?, password))
        }
        "token" => {
            let token = inside(identity, "token", "identity")?;
            Ok(Proof::Token(secret(token, "id", "token")?))
        }
        "application_credential" => {
            let own = inside(identity, "application_credential", "identity")?;
            credential(own)
        }
        _ => Err(Fault::unsupported()),
    }
}

fn credential(own: &Members) -> Result<Proof, Fault> {
    let place = "application credential";
    let secret = secret(own, "secret", place)?;
    if let Some(id) = text(own, "id") {
        return Ok(Proof::Credential(id.to_owned(), secret));
    }
    let name = text(own, "name").ok_or_else(|| Fault::expecting("id or name", place))?;
    let user = who(inside(own, "user", place)?, "user")?;
    Ok(Proof::NamedCredential(name.to_owned(), user, secret))
}

/// A user or a project, by id, or by name and domain.
fn who(of: &Members, what: &str) -> Result<Who, Fault> {
    if let Some(id) = text(of, "id") {
        return Ok(Who::Id(id.to_owned()));
    }
    let name = text(of, "name").ok_or_else(|| Fault::expecting("id or name", what))?;
    let domain = inside(of, "domain", what)?;
    let domain = match (text(domain, "id"), text(domain, "name")) {
        (Some(id), _) => DomainRef::Id(id.to_owned()),
        (None, Some(name)) => DomainRef::Name(name.to_owned()),
        (None, None) => return Err(Fault::expecting("id or name", "domain")),
    };
    Ok(Who::Name(name.to_owned(), domain))
}

fn scope(auth: &Members) -> Result<Scope, Fault> {
    let scope = match auth.get("scope") {
        None | Some(Value::Null) => return Ok(Scope::Unsaid),
        Some(Value::String(word)) if word == "unscoped" => return Ok(Scope::Unscoped),
        Some(Value::Object(scope)) => scope,
        Some(_) => return Err(nowhere()),
    };
    let mut members = scope.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(nowhere());
    };
    match (name.as_str(), value) {
        ("project", Value::Object(project))
            if text(project, "id").or(text(project, "name")).is_none() =>
        {
            Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "Invalid input for field scope/project: id or name must be present.",
            ))
        }
        ("project", Value::Object(project)) => Ok(Scope::Project(who(project, "project")?)),
        ("unscoped", _) => Ok(Scope::Unscoped),
        ("domain" | "system" | "OS-TRUST:trust", _) => Ok(Scope::Elsewhere),
        _ => Err(nowhere()),
    }
}

fn nowhere() -> Fault {
    Fault::expecting(
        "system, project, domain, OS-TRUST:trust or unscoped",
        "scope",
    )
}

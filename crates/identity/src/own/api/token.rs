//! What a token is good for, shown to whom it concerns, and its end.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::access::{SUBJECT, token};
use super::answer::{Answer, Fault, nothing, ok};
use super::query::Query;
use super::{Api, Shared};
use crate::own::{DOMAIN, DOMAIN_NAME, Session};

/// The domain as it stands in users and projects.
pub(super) fn domain() -> Value {
    json!({"id": DOMAIN, "name": DOMAIN_NAME})
}

/// A token's description.
pub(super) fn described(api: &Api, session: &Session, catalogue: bool) -> Value {
    let mut token = Map::new();
    let mut put = |name: &str, value: Value| token.insert(name.to_owned(), value);
    put("methods", json!(session.methods));
    put(
        "user",
        json!({
            "domain": domain(),
            "id": session.user.id,
            "name": session.user.name,
            "password_expires_at": null,
        }),
    );
    put("audit_ids", json!(session.audit));
    put("expires_at", json!(time(session.expires)));
    put("issued_at", json!(time(session.issued)));
    if let Some(project) = &session.project {
        put(
            "project",
            json!({"domain": domain(), "id": project.id, "name": project.name}),
        );
        put("is_domain", json!(false));
        let roles = session.roles.iter();
        let roles = roles.map(|role| json!({"id": role.id, "name": role.name}));
        put("roles", roles.collect());
        if catalogue {
            put("catalog", api.catalogue.in_token());
        }
    }
    if let Some(credential) = &session.credential {
        let restricted = credential.unrestricted != Some(true);
        put(
            "application_credential",
            json!({"id": credential.id, "name": credential.name, "restricted": restricted}),
        );
    }
    json!({ "token": token })
}

/// A time as it stands in a token.
pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// The token in the header in which clients look for it.
pub(super) fn with_token(mut response: Response, token: &str) -> Response {
    if let Ok(mut value) = HeaderValue::from_str(token) {
        value.set_sensitive(true);
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static(SUBJECT), value);
    }
    response
}

impl Api {
    /// The token that is asked about, if the caller may.
    async fn subject(&self, headers: &HeaderMap, action: &str) -> Result<(Session, String), Fault> {
        let caller = self.caller(headers).await?;
        let trusted =
            caller.has("admin") || (caller.has("service") && action == "identity:validate_token");
        let Some(asked) = token(headers, SUBJECT) else {
            let missing = Fault::new(StatusCode::NOT_FOUND, "No token in the request");
            return Err(if trusted {
                missing
            } else {
                Fault::forbidden(action)
            });
        };
        let subject = self.own.session(asked, Timestamp::now()).await?;
        let subject = subject.ok_or_else(|| Fault::missing("token", ""))?;
        if trusted || caller.user.id == subject.user.id {
            Ok((subject, asked.to_owned()))
        } else {
            Err(Fault::forbidden(action))
        }
    }
}

/// `GET /v3/auth/tokens`.
pub(super) async fn show(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    let (subject, asked) = api.subject(&headers, "identity:validate_token").await?;
    let catalogue = Query::of(&uri).get("nocatalog").is_none();
    let response = ok(described(&api, &subject, catalogue))?;
    Ok(with_token(response, &asked))
}

/// `HEAD /v3/auth/tokens`.
pub(super) async fn check(State(api): Shared, headers: HeaderMap) -> Answer {
    let (_, asked) = api.subject(&headers, "identity:check_token").await?;
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok(with_token(headers.into_response(), &asked))
}

/// `DELETE /v3/auth/tokens`.
pub(super) async fn revoke(State(api): Shared, headers: HeaderMap) -> Answer {
    let (subject, _) = api.subject(&headers, "identity:revoke_token").await?;
    api.own.revoke(&subject).await?;
    nothing()
}

//! Asking Keystone for a token.

use jiff::Timestamp;
use net::{Client, HeaderMap, HeaderValue, Redirects, Reply, Request, StatusCode, header, shown};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;
use wire::identity as words;
use wire::identity::{
    Application, AuthRequest, Domain, Identity, Project, Scope, Token, TokenReply, User,
};

use super::Grant;
use crate::config::{Connection, DomainRef, Login, NameOrId, ScopeRef};
use crate::error::refusal;
use crate::{Error, discovery};

/// The most that a token's description may be long, in bytes: catalogues of large clouds reach 100 KiB.
const LONGEST: usize = 8 << 20;

/// Logs in.
pub(crate) async fn log_in(client: &Client, connection: &Connection) -> Result<Grant, Error> {
    let base = discovery::identity(client, &connection.auth_url).await?;
    let url = base
        .join("auth/tokens")
        .map_err(|_| not_identity(&base, "is no address to log in at", None))?;
    let grant = match &connection.login {
        // A token with nothing else said is used as it is: to exchange it would lose its scope.
        Login::Token(token) if connection.as_is() => describe(client, &url, token).await,
        login => exchange(client, &url, login, &connection.scope).await,
    };
    grant.map_err(|error| error.without(connection.login.secret().expose_secret()))
}

/// Exchanges the user's secret for a token.
async fn exchange(
    client: &Client,
    url: &Url,
    login: &Login,
    scope: &ScopeRef,
) -> Result<Grant, Error> {
    let body = AuthRequest::new(words::Login {
        identity: identity(login),
        scope: scoped(scope),
    });
    let reply = client.exchange(posted(url, &body)?).await?;
    if reply.status != StatusCode::CREATED && reply.status != StatusCode::OK {
        return Err(refused(&reply, login, scope));
    }
    let secret = subject(&reply.headers)
        .ok_or_else(|| not_identity(url, "answered without a token", reply.request_id()))?;
    Ok(Grant::fresh(secret, described(&reply)?, Timestamp::now()))
}

/// Asks what a token is good for.
async fn describe(client: &Client, url: &Url, token: &SecretString) -> Result<Grant, Error> {
    let value = sensitive(token)?;
    let mut request = Request::get(url.clone());
    request.limit = LONGEST;
    request.redirects = Redirects::None;
    request.headers.insert("x-auth-token", value.clone());
    request.headers.insert("x-subject-token", value);
    let reply = client.exchange(request).await?;
    if reply.status != StatusCode::OK {
        return Err(refused(
            &reply,
            &Login::Token(token.clone()),
            &ScopeRef::Unsaid,
        ));
    }
    let secret = SecretString::from(token.expose_secret().trim());
    Ok(Grant::given(secret, described(&reply)?, Timestamp::now()))
}

/// What Keystone says of the token.
fn described(reply: &Reply) -> Result<Token, Error> {
    let read = serde_json::from_slice::<TokenReply>(&reply.body);
    let read =
        read.map_err(|error| format!("describes the token in a way not understood ({error})"));
    read.map(|described| described.token)
        .map_err(|what| not_identity(&reply.url, &what, reply.request_id()))
}

fn posted(url: &Url, body: &impl Serialize) -> Result<Request, Error> {
    let body = serde_json::to_vec(body)
        .map_err(|_| Error::config("the log-in cannot be written as JSON"))?;
    let mut request = Request::post(url.clone(), body);
    request.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    request
        .headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.limit = LONGEST;
    // A second log-in does no harm; a secret is sent nowhere but where the user said.
    request.retry = true;
    request.redirects = Redirects::None;
    Ok(request)
}

fn sensitive(secret: &SecretString) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(secret.expose_secret().trim())
        .map_err(|_| Error::config("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn subject(headers: &HeaderMap) -> Option<SecretString> {
    let text = headers.get("x-subject-token")?.to_str().ok()?;
    Some(SecretString::from(text)).filter(|_| !text.is_empty())
}

fn identity(login: &Login) -> Identity<'_> {
    match login {
        Login::Password { user, password } => {
            Identity::password(user_of(user), password.expose_secret())
        }
        Login::Token(token) => Identity::token(token.expose_secret().trim()),
        Login::Application {
            credential,
            user,
            secret,
        } => {
            let (id, name) = match credential {
                NameOrId::Id(id) => (Some(id.as_str()), None),
                NameOrId::Name(name, _) => (None, Some(name.as_str())),
            };
            let user = user.as_ref().map(user_of);
            Identity::application_credential(Application {
                id,
                name,
                user,
                secret: secret.expose_secret(),
            })
        }
    }
}

fn user_of(user: &NameOrId) -> User<'_> {
    match user {
        NameOrId::Id(id) => User::new(Some(id), None, None),
        NameOrId::Name(name, domain) => User::new(None, Some(name), domain.as_ref().map(domain_of)),
    }
}

fn domain_of(domain: &DomainRef) -> Domain<'_> {
    match domain {
        DomainRef::Id(id) => Domain::Id(id),
        DomainRef::Name(name) => Domain::Name(name),
    }
}

fn scoped(scope: &ScopeRef) -> Option<Scope<'_>> {
    Some(match scope {
        ScopeRef::Unsaid => return None,
        ScopeRef::ProjectId(id) => Scope::Project(Project {
            id: Some(id),
            name: None,
            domain: None,
        }),
        ScopeRef::ProjectName(name, domain) => Scope::Project(Project {
            id: None,
            name: Some(name),
            domain: Some(domain_of(domain)),
        }),
        ScopeRef::Domain(domain) => Scope::Domain(domain_of(domain)),
        ScopeRef::System => Scope::System { all: true },
        ScopeRef::Trust(id) => Scope::Trust { id },
    })
}

/// What a refused log-in means. Keystone does not say which part was wrong, and neither do we guess.
fn refused(reply: &Reply, login: &Login, scope: &ScopeRef) -> Error {
    let at = shown(&reply.url);
    let (who, parts) = match login {
        Login::Password { user, .. } => (
            format!("user {}", spoken(user)),
            "user name, password or domain",
        ),
        Login::Token(_) => ("the token".to_owned(), ""),
        Login::Application { credential, .. } => (
            format!("application credential {}", spoken(credential)),
            "application credential or its secret",
        ),
    };
    let for_what = match scope {
        ScopeRef::Unsaid => String::new(),
        ScopeRef::ProjectId(id) => format!(" for project {id}"),
        ScopeRef::ProjectName(name, _) => format!(" for project `{name}`"),
        ScopeRef::Domain(DomainRef::Id(name) | DomainRef::Name(name)) => {
            format!(" for domain `{name}`")
        }
        ScopeRef::System => " for the system".to_owned(),
        ScopeRef::Trust(id) => format!(" under trust {id}"),
    };
    let what = format!("the log-in of {who}{for_what} at {at}");
    match reply.status {
        _ if matches!(login, Login::Token(_)) && is_about_a_token(reply) => refusal(reply, what)
            .with_hint("the token has expired or is none of this cloud's: get a new one"),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => not_identity(
            &reply.url,
            "is no identity v3 service (check auth_url)",
            reply.request_id(),
        ),
        status if status.is_redirection() => {
            let to = reply
                .headers
                .get(header::LOCATION)
                .and_then(|to| to.to_str().ok())
                .and_then(|to| reply.url.join(to).ok());
            let to = to
                .map(|to| format!(" to {}", shown(&to)))
                .unwrap_or_default();
            not_identity(
                &reply.url,
                &format!("redirects{to}; a secret is not sent on (check auth_url)"),
                reply.request_id(),
            )
        }
        StatusCode::UNAUTHORIZED => {
            let or = if for_what.is_empty() {
                String::new()
            } else {
                " (or no right to that scope)".to_owned()
            };
            refusal(reply, what)
                .with_hint(format!("wrong {parts}{or}; the cloud does not say which"))
        }
        _ => refusal(reply, what),
    }
}

/// Keystone answers 404 to a token that it cannot read, and says so; another server's 404 has no such words.
fn is_about_a_token(reply: &Reply) -> bool {
    reply.status == StatusCode::UNAUTHORIZED
        || reply.status == StatusCode::NOT_FOUND && reply.reason().to_lowercase().contains("token")
}

fn spoken(who: &NameOrId) -> String {
    match who {
        NameOrId::Id(id) => id.clone(),
        NameOrId::Name(name, Some(DomainRef::Id(domain) | DomainRef::Name(domain))) => {
            format!("`{name}` of domain `{domain}`")
        }
        NameOrId::Name(name, None) => format!("`{name}`"),
    }
}

fn not_identity(url: &Url, what: &str, request_id: Option<String>) -> Error {
    Error::Protocol {
        url: shown(url),
        what: what.to_owned(),
        request_id,
    }
}

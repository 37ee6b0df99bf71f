//! The service's own log-in.

use net::{Client, HeaderValue, Redirects, Request, StatusCode, header, shown};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use wire::identity::{Application, AuthRequest, Domain, Identity, Login, Project, Scope, User};

use super::Error;
use crate::limits;

/// How the service's own user logs in. It needs the role `service` or `admin` in a project.
#[derive(Debug)]
pub enum ServiceLogin {
    /// With a password.
    Password {
        /// The user's name.
        user: String,
        /// The name of the user's domain.
        user_domain: String,
        /// The password.
        password: SecretString,
        /// The project's name.
        project: String,
        /// The name of the project's domain.
        project_domain: String,
    },
    /// With an application credential.
    Credential {
        /// Its id.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
}

fn body(login: &ServiceLogin) -> Option<Vec<u8>> {
    let login = match login {
        ServiceLogin::Password {
            user,
            user_domain,
            password,
            project,
            project_domain,
        } => Login {
            identity: Identity::password(
                User::new(None, Some(user), Some(Domain::Name(user_domain))),
                password.expose_secret(),
            ),
            scope: Some(Scope::Project(Project {
                id: None,
                name: Some(project),
                domain: Some(Domain::Name(project_domain)),
            })),
        },
        ServiceLogin::Credential { id, secret } => Login {
            identity: Identity::application_credential(Application {
                id: Some(id),
                name: None,
                user: None,
                secret: secret.expose_secret(),
            }),
            scope: None,
        },
    };
    serde_json::to_vec(&AuthRequest::new(login)).ok()
}

/// Logs in.
pub(super) async fn log_in(
    client: &Client,
    tokens: &Url,
    login: &ServiceLogin,
) -> Result<SecretString, Error> {
    let nonsense = |what| Error::Answer {
        at: shown(tokens),
        what,
    };
    let body = body(login).ok_or_else(|| nonsense("cannot be sent this log-in"))?;
    let mut url = tokens.clone();
    url.set_query(Some("nocatalog"));
    let mut request = Request::post(url, body);
    request.limit = limits::MAX_DESCRIBED;
    // A second log-in does no harm; a secret is sent nowhere but where the operator said.
    request.retry = true;
    request.redirects = Redirects::None;
    request.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let reply = client.exchange(request).await?;
    match reply.status {
        StatusCode::CREATED => {
            let token = reply.headers.get("x-subject-token");
            let token = token.and_then(|token| token.to_str().ok());
            let token = token.ok_or_else(|| nonsense("answered without a token"))?;
            Ok(SecretString::from(token))
        }
        status if status.is_client_error() => Err(Error::Login {
            at: shown(tokens),
            source: reply.to_error(),
        }),
        _ => Err(reply.to_error().into()),
    }
}

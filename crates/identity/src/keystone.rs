//! A real Keystone tells whom a token stands for.
//!
//! As keystonemiddleware does it: a user of the service's own logs in and asks about each token that comes. What was said
//! is believed for a short time, so a token that is revoked meanwhile is good for that long at most
//! ([`limits::REMEMBERED`]).

mod login;
mod memory;

use jiff::Timestamp;
use net::{Client, HeaderName, HeaderValue, Redirects, Reply, Request, StatusCode, shown};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use wire::identity::{Token, TokenReply};

use crate::own::random::digest;
use crate::{Caller, CallerFuture, Identity, Refusal, limits};

pub use login::ServiceLogin;

/// Why a Keystone could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none that can be asked.
    #[error("`{0}` is no address of an identity service")]
    Address(String),
    /// It does not answer.
    #[error(transparent)]
    Transport(#[from] net::Error),
    /// It does not let the service's own user in.
    #[error("the service's own user is refused by {at}")]
    Login {
        /// Where.
        at: String,
        /// What it said.
        source: net::Error,
    },
    /// It does not let the service's own user ask about tokens of others.
    #[error(
        "the service's own user may not validate tokens at {at}: it needs the role `service` or `admin`"
    )]
    Forbidden {
        /// Where.
        at: String,
    },
    /// It answered something that makes no sense.
    #[error("{at} {what}")]
    Answer {
        /// Where.
        at: String,
        /// What it did.
        what: &'static str,
    },
}

/// A Keystone. Make it once, share it by reference or in an `Arc`.
pub struct Keystone {
    client: Client,
    tokens: Url,
    login: ServiceLogin,
    /// The service's own token; whoever renews it makes the others wait.
    own: tokio::sync::Mutex<Option<SecretString>>,
    memory: memory::Memory,
}

impl std::fmt::Debug for Keystone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keystone at {}", shown(&self.tokens))
    }
}

impl Keystone {
    /// A Keystone at an address with or without `/v3`, which is asked as this user. Nothing is contacted yet.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(client: Client, address: &Url, login: ServiceLogin) -> Result<Self, Error> {
        let root = address.as_str().trim_end_matches('/');
        let root = root.strip_suffix("/v3").unwrap_or(root);
        let tokens = format!("{root}/v3/auth/tokens");
        let tokens = Url::parse(&tokens).map_err(|_| Error::Address(shown(address)))?;
        Ok(Self {
            client,
            tokens,
            login,
            own: tokio::sync::Mutex::default(),
            memory: memory::Memory::default(),
        })
    }

    /// Logs the service's own user in, so that a wrong password is found at the start.
    ///
    /// # Errors
    /// It is refused, or Keystone does not answer.
    pub async fn check(&self) -> Result<(), Error> {
        self.own_token(None).await.map(drop)
    }

    /// The service's own token; a new one when there is none, or when the last is `spent`.
    async fn own_token(&self, spent: Option<&SecretString>) -> Result<SecretString, Error> {
        let mut own = self.own.lock().await;
        if let Some(token) = own.as_ref() {
            let same = |spent: &SecretString| spent.expose_secret() == token.expose_secret();
            if !spent.is_some_and(same) {
                return Ok(token.clone());
            }
        }
        let token = login::log_in(&self.client, &self.tokens, &self.login).await?;
        *own = Some(token.clone());
        Ok(token)
    }

    async fn ask(&self, own: &SecretString, subject: &HeaderValue) -> Result<Reply, Error> {
        let mut url = self.tokens.clone();
        url.set_query(Some("nocatalog"));
        let mut request = Request::get(url);
        request.limit = limits::MAX_DESCRIBED;
        request.redirects = Redirects::None;
        let own = secret(own.expose_secret()).ok_or_else(|| self.nonsense("gave an odd token"))?;
        request
            .headers
            .insert(HeaderName::from_static("x-auth-token"), own);
        request
            .headers
            .insert(HeaderName::from_static("x-subject-token"), subject.clone());
        Ok(self.client.exchange(request).await?)
    }

    /// What Keystone says of the token; nothing when it does not know it.
    async fn describe(&self, subject: &HeaderValue) -> Result<Option<Token>, Error> {
        let mut own = self.own_token(None).await?;
        let mut reply = self.ask(&own, subject).await?;
        if reply.status == StatusCode::UNAUTHORIZED {
            own = self.own_token(Some(&own)).await?;
            reply = self.ask(&own, subject).await?;
        }
        match reply.status {
            StatusCode::OK => {
                let read = serde_json::from_slice::<TokenReply>(&reply.body);
                let read =
                    read.map_err(|_| self.nonsense("describes a token in an unknown way"))?;
                Ok(Some(read.token))
            }
            StatusCode::NOT_FOUND if about_a_token(&reply) => Ok(None),
            StatusCode::FORBIDDEN => Err(Error::Forbidden {
                at: shown(&self.tokens),
            }),
            StatusCode::UNAUTHORIZED => Err(Error::Login {
                at: shown(&self.tokens),
                source: reply.to_error(),
            }),
            _ => Err(reply.to_error().into()),
        }
    }

    fn nonsense(&self, what: &'static str) -> Error {
        let at = shown(&self.tokens);
        Error::Answer { at, what }
    }

    async fn look_up(&self, token: &str) -> Result<Caller, Refusal> {
        let subject = secret(token).filter(|_| !token.is_empty());
        let subject = subject.ok_or(Refusal::Unknown)?;
        let key = digest(token);
        let now = Timestamp::now();
        if let Some(known) = self.memory.recall(&key, now) {
            return Ok(known);
        }
        let unavailable = |error: Error| Refusal::Unavailable(Box::new(error));
        let described = self.describe(&subject).await.map_err(unavailable)?;
        let described = described.ok_or(Refusal::Unknown)?;
        let caller = caller(described);
        let caller = caller.ok_or_else(|| unavailable(self.nonsense("describes half a token")))?;
        if caller.expires <= now {
            return Err(Refusal::Unknown);
        }
        self.memory.keep(key, caller.clone(), now);
        Ok(caller)
    }
}

impl Identity for Keystone {
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a> {
        Box::pin(self.look_up(token))
    }
}

/// A secret as a header's value; nothing for what no header can hold.
fn secret(text: &str) -> Option<HeaderValue> {
    if text.len() > limits::MAX_TOKEN {
        return None;
    }
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Keystone's 404 says something of a token or of what it was made with; a wrong address' 404 is a page.
fn about_a_token(reply: &Reply) -> bool {
    serde_json::from_slice::<serde_json::Value>(&reply.body)
        .is_ok_and(|body| body.pointer("/error/code").is_some())
}

fn caller(token: Token) -> Option<Caller> {
    let user = token.user?;
    let of_user = user.domain.map(|domain| domain.id);
    let (project, place) = match token.project {
        Some(project) => {
            let domain = project.domain.map(|domain| domain.id);
            (Some((project.id, project.name)), domain)
        }
        None => (None, token.domain.map(|domain| domain.id)),
    };
    let (project, project_name) = project.unzip();
    Some(Caller {
        user: user.id,
        user_name: user.name,
        project,
        project_name,
        domain: place.or(of_user)?,
        roles: token
            .roles
            .into_iter()
            .map(|role| role.name.to_lowercase())
            .collect(),
        expires: token.expires_at.parse().ok()?,
    })
}

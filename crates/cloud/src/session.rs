//! One log-in and its token: taken from the cache, renewed before it ends and once when a service refuses it.

mod cache;
mod login;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use net::{AuthFuture, BoxError, Client, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use url::Url;
use wire::identity::Token;

pub(crate) use cache::Cache;

use crate::Error;
use crate::config::{Connection, Login, ScopeRef};

/// A token is renewed when it holds for less than this, so that a long transfer begins with a fresh one.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Two requests that are refused at the same time renew the token once.
const JUST_NOW: Duration = Duration::from_secs(10);

/// What is known of the log-in.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) secret: SecretString,
    pub(crate) token: Token,
    /// When it was made and when it ends, by our own clock: the server's may be hours away.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Bases of the image service by the endpoint they were discovered from.
    pub(crate) bases: BTreeMap<String, String>,
}

impl Grant {
    /// A token that was made just `now`.
    pub(crate) fn fresh(secret: SecretString, token: Token, now: Timestamp) -> Self {
        let end = token.expires_at.parse::<Timestamp>().unwrap_or(now);
        let issued = token
            .issued_at
            .as_ref()
            .and_then(|start| start.parse::<Timestamp>().ok());
        let until = issued
            .and_then(|issued| now.checked_add(end.duration_since(issued)).ok())
            .unwrap_or(end);
        Self {
            secret,
            token,
            from: now,
            until,
            bases: BTreeMap::new(),
        }
    }

    /// A token that somebody made at some time.
    pub(crate) fn given(secret: SecretString, token: Token, now: Timestamp) -> Self {
        let until = token.expires_at.parse().unwrap_or(now);
        Self {
            secret,
            token,
            from: now,
            until,
            bases: BTreeMap::new(),
        }
    }

    /// Whether it still holds, with a margin that suits short-lived tokens too.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        let margin = MARGIN.min(self.until.duration_since(self.from) / 4);
        now.checked_add(margin).is_ok_and(|soon| soon < self.until)
    }
}

struct State {
    grant: Option<Grant>,
    renewed: Option<Instant>,
}

/// One log-in, shared by everything that asks the cloud for something.
pub(crate) struct Session {
    client: Client,
    connection: Connection,
    cache: Option<Cache>,
    state: Mutex<State>,
}

impl Session {
    pub(crate) fn new(client: Client, connection: Connection, cache: Option<Cache>) -> Self {
        Self {
            client,
            connection,
            cache,
            state: Mutex::new(State {
                grant: None,
                renewed: None,
            }),
        }
    }

    /// Asks with a token of which nothing more is known. It is used for as long as it is taken.
    pub(crate) fn with_token(client: Client, connection: Connection, token: SecretString) -> Self {
        let grant = Grant::given(token, Token::default(), Timestamp::now());
        let state = State {
            grant: Some(grant),
            renewed: None,
        };
        Self {
            state: Mutex::new(state),
            ..Self::new(client, connection, None)
        }
    }

    /// Takes an earlier log-in up from the cache, if there is one that holds.
    pub(crate) async fn take_up(&self) -> bool {
        let Some(grant) = self.cache.as_ref().and_then(Cache::read) else {
            return false;
        };
        let holds = grant.holds(Timestamp::now());
        if holds {
            self.state.lock().await.grant = Some(grant);
        }
        holds
    }

    /// Logs in anew.
    pub(crate) async fn log_in(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        self.renew(&mut state).await.map(|_| ())
    }

    async fn renew(&self, state: &mut State) -> Result<SecretString, Error> {
        let mut grant = match login::log_in(&self.client, &self.connection).await {
            Ok(grant) => grant,
            Err(error) => {
                if matches!(error, Error::Unauthorized(_) | Error::Forbidden(_)) {
                    self.drop_cached();
                }
                return Err(error);
            }
        };
        grant.bases = state.grant.take().map(|old| old.bases).unwrap_or_default();
        let secret = grant.secret.clone();
        if let Some(cache) = &self.cache {
            cache.write(&grant);
        }
        state.grant = Some(grant);
        Ok(secret)
    }

    fn drop_cached(&self) {
        if let Some(cache) = &self.cache {
            cache.remove();
        }
    }

    /// The same log-in by nothing but its token: what it was made with is forgotten, and it ends when the token does.
    pub(crate) async fn token_only(&self) -> Result<Self, Error> {
        let grant = self.state.lock().await.grant.clone();
        let grant = grant.ok_or_else(|| Error::config("there is no token"))?;
        let connection = Connection {
            login: Login::Token(grant.secret.clone()),
            scope: ScopeRef::Unsaid,
            ..self.connection.clone()
        };
        let session = Self::new(self.client.clone(), connection, None);
        session.state.lock().await.grant = Some(grant);
        Ok(session)
    }

    /// Forgets the token, here and in the cache.
    pub(crate) async fn forget(&self) {
        self.drop_cached();
        self.state.lock().await.grant = None;
    }

    /// What the token is good for.
    pub(crate) async fn token(&self) -> Result<Token, Error> {
        let mut state = self.state.lock().await;
        if state.grant.is_none() {
            self.renew(&mut state).await?;
        }
        let grant = state.grant.as_ref().map(|grant| grant.token.clone());
        grant.ok_or_else(|| Error::config("there is no token"))
    }

    /// The image service's base that an earlier discovery found at this endpoint.
    pub(crate) async fn remembered(&self, endpoint: &Url) -> Option<Url> {
        let state = self.state.lock().await;
        Url::parse(state.grant.as_ref()?.bases.get(endpoint.as_str())?).ok()
    }

    /// Keeps the outcome of a discovery with the token.
    pub(crate) async fn remember(&self, endpoint: &Url, base: &Url) {
        let mut state = self.state.lock().await;
        if let Some(grant) = &mut state.grant {
            grant.bases.insert(endpoint.to_string(), base.to_string());
            if let Some(cache) = &self.cache {
                cache.write(grant);
            }
        }
    }

    /// The error without the token, should the service have repeated it.
    pub(crate) async fn hidden(&self, error: Error) -> Error {
        match &self.state.lock().await.grant {
            Some(grant) => error.without(grant.secret.expose_secret()),
            None => error,
        }
    }

    async fn secret(&self, renew: bool) -> Result<SecretString, Error> {
        let mut state = self.state.lock().await;
        let fresh = state.renewed.is_some_and(|then| then.elapsed() < JUST_NOW);
        if let Some(grant) = &state.grant
            && (!renew || fresh)
            && (grant.holds(Timestamp::now()) || self.connection.as_is())
        {
            return Ok(grant.secret.clone());
        }
        let secret = self.renew(&mut state).await?;
        state.renewed = Some(Instant::now());
        Ok(secret)
    }
}

impl net::Auth for Session {
    fn header(&self, renew: bool) -> AuthFuture<'_> {
        Box::pin(async move {
            let secret = self.secret(renew).await?;
            let mut value =
                HeaderValue::from_str(secret.expose_secret()).map_err(BoxError::from)?;
            value.set_sensitive(true);
            Ok((HeaderName::from_static("x-auth-token"), value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(issued: &str, expires: &str, now: &str) -> Grant {
        let text = format!(r#"{{"issued_at": "{issued}", "expires_at": "{expires}"}}"#);
        let token = serde_json::from_str(&text).unwrap();
        Grant::fresh(SecretString::from("t"), token, now.parse().unwrap())
    }

    #[test]
    fn a_token_is_renewed_five_minutes_before_it_ends() {
        let grant = grant(
            "2026-01-01T10:00:00.000000Z",
            "2026-01-01T11:00:00.000000Z",
            "2026-01-01T10:00:00Z",
        );
        assert!(grant.holds("2026-01-01T10:54:59Z".parse().unwrap()));
        assert!(!grant.holds("2026-01-01T10:55:01Z".parse().unwrap()));
    }

    #[test]
    fn a_short_lived_token_is_used_for_most_of_its_life() {
        let grant = grant(
            "2026-01-01T10:00:00Z",
            "2026-01-01T10:04:00Z",
            "2026-01-01T10:00:00Z",
        );
        assert!(grant.holds("2026-01-01T10:02:59Z".parse().unwrap()));
        assert!(!grant.holds("2026-01-01T10:03:01Z".parse().unwrap()));
    }

    #[test]
    fn a_clock_that_differs_from_the_servers_does_not_end_a_token() {
        let grant = grant(
            "2026-01-01T10:00:00Z",
            "2026-01-01T11:00:00Z",
            "2026-01-03T00:00:00Z",
        );
        assert!(grant.holds("2026-01-03T00:54:00Z".parse().unwrap()));
        assert!(!grant.holds("2026-01-03T00:56:00Z".parse().unwrap()));
    }
}

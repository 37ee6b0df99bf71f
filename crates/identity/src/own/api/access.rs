//! Who calls, and whether they may.

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::Api;
use super::answer::Fault;
use crate::own::Session;

/// The header with the caller's own token.
const OWN: &str = "x-auth-token";
/// The header with the token that is asked about.
pub(super) const SUBJECT: &str = "x-subject-token";

/// A token in a header.
pub(super) fn token<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)?
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
}

impl Api {
    /// Who calls.
    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<Session, Fault> {
        let token = token(headers, OWN).ok_or_else(Fault::nobody)?;
        let session = self.own.session(token, Timestamp::now()).await?;
        session.ok_or_else(Fault::nobody)
    }

    /// Who calls, if it is an administrator.
    pub(super) async fn admin(&self, headers: &HeaderMap, action: &str) -> Result<Session, Fault> {
        let session = self.caller(headers).await?;
        if session.has("admin") {
            Ok(session)
        } else {
            Err(Fault::forbidden(action))
        }
    }

    /// Who calls, if it is an administrator or this user.
    pub(super) async fn admin_or(
        &self,
        headers: &HeaderMap,
        user: &str,
        action: &str,
    ) -> Result<Session, Fault> {
        let session = self.caller(headers).await?;
        if session.has("admin") || session.user.id == user {
            Ok(session)
        } else {
            Err(Fault::forbidden(action))
        }
    }
}

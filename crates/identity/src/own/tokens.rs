//! Making and revoking tokens. A token is random; the database keeps its digest only.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::{Credential, Error, Own, Project, Role, Session, User, random};
use crate::limits;

/// A token to be made.
pub(super) struct NewToken<'a> {
    pub(super) user: User,
    pub(super) place: Option<(Project, Vec<&'static Role>)>,
    pub(super) credential: Option<Credential>,
    pub(super) method: &'static str,
    /// The token that it is made from; the new one does not outlive it.
    pub(super) from: Option<&'a Session>,
}

impl Own {
    /// Makes a token.
    pub(super) async fn issue(
        &self,
        new: NewToken<'_>,
        now: Timestamp,
    ) -> Result<(SecretString, Session), Error> {
        let secret = random::secret()?;
        let issued = whole_second(now);
        let expires = self.end(&new, issued)?;
        let (project, roles) = match new.place {
            Some((project, roles)) => (Some(project), roles),
            None => (None, Vec::new()),
        };
        let mut methods = vec![new.method.to_owned()];
        let mut audit = vec![random::audit()?];
        if let Some(from) = new.from {
            let others = from.methods.iter().filter(|name| *name != new.method);
            methods.extend(others.cloned());
            // The last name is that of the first token of the chain.
            audit.extend(from.audit.last().cloned());
        }
        let session = Session {
            user: new.user,
            project,
            roles,
            credential: new.credential,
            methods,
            audit,
            issued,
            expires,
            digest: random::digest(secret.expose_secret()),
        };
        self.keep(&session, now).await?;
        Ok((secret, session))
    }

    /// When a token ends: neither after the one it is made from nor after its application credential.
    fn end(&self, new: &NewToken<'_>, issued: Timestamp) -> Result<Timestamp, Error> {
        let life = issued.checked_add(self.settings.token_life);
        let mut end = life.map_err(|_| Error::Broken("the life of a token is too long"))?;
        if let Some(from) = new.from {
            end = end.min(from.expires);
        }
        if let Some(expires) = new.credential.as_ref().and_then(|own| own.expires) {
            end = end.min(expires);
        }
        Ok(end)
    }

    async fn keep(&self, session: &Session, now: Timestamp) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO identity_tokens (digest, user_id, project_id, credential_id, user_stamp, project_stamp,
             methods, audit, issued, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&session.digest)
        .bind(&session.user.id)
        .bind(session.project.as_ref().map(|project| project.id.as_str()))
        .bind(session.credential.as_ref().map(|own| own.id.as_str()))
        .bind(session.user.stamp)
        .bind(session.project.as_ref().map_or(0, |project| project.stamp))
        .bind(session.methods.join(" "))
        .bind(session.audit.join(" "))
        .bind(session.issued.as_microsecond())
        .bind(session.expires.as_microsecond())
        .execute(&self.pool)
        .await?;
        self.tidy(&session.user.id, now).await;
        Ok(())
    }

    /// Takes away what has ended, once a minute, and what is too much. What fails here is done at a later log-in: two
    /// processes may be in each other's way.
    async fn tidy(&self, user: &str, now: Timestamp) {
        let minute = now.as_second().div_euclid(60);
        if self.tidied.swap(minute, Ordering::Relaxed) != minute {
            let ended = sqlx::query("DELETE FROM identity_tokens WHERE expires <= $1")
                .bind(now.as_microsecond())
                .execute(&self.pool);
            drop(ended.await);
        }
        let surplus = sqlx::query(
            "DELETE FROM identity_tokens WHERE digest IN
             (SELECT digest FROM identity_tokens WHERE user_id = $1
              ORDER BY issued DESC, digest LIMIT $2 OFFSET $3)",
        )
        .bind(user)
        .bind(limits::MAX_TOKENS)
        .bind(limits::MAX_TOKENS)
        .execute(&self.pool);
        drop(surplus.await);
    }

    /// Ends a token. One that has ended stays so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke(&self, session: &Session) -> Result<(), Error> {
        sqlx::query("DELETE FROM identity_tokens WHERE digest = $1")
            .bind(&session.digest)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends every token of a user.
    ///
    /// # Errors
    /// There is no such user; the database fails.
    pub async fn revoke_all(&self, user: &str) -> Result<(), Error> {
        let done = sqlx::query("UPDATE identity_users SET stamp = stamp + 1 WHERE id = $1")
            .bind(user)
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(Error::missing("user", user)),
            _ => Ok(()),
        }
    }
}

/// Times of tokens are in whole seconds, as Keystone's.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

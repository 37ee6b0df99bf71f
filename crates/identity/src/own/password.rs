//! Passwords: kept as Argon2id, checked on threads of their own, a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{Error, random};
use crate::limits;

/// The desk where passwords are checked, one after the other.
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(limits::PASSWORD_CHECKS)),
            places: Arc::new(Semaphore::new(
                limits::PASSWORD_CHECKS + limits::PASSWORDS_WAITING,
            )),
        }
    }

    /// The form in which a password is kept.
    pub(super) async fn hash(&self, password: &SecretString) -> Result<String, Error> {
        check_length(password)?;
        let password = password.clone();
        self.work(move || {
            let salt = random::bytes::<16>()?;
            hash(&password, &salt)
        })
        .await
    }

    /// Whether it is the password that is kept so. Without one (no such user, or one without a password) it is not, and
    /// that takes as long.
    pub(super) async fn fits(
        &self,
        password: &SecretString,
        kept: Option<&str>,
    ) -> Result<bool, Error> {
        if password.expose_secret().len() > limits::MAX_PASSWORD {
            return Ok(false);
        }
        let password = password.clone();
        let kept = kept.map(str::to_owned);
        self.work(move || match kept {
            Some(kept) => verify(&password, &kept),
            None => hash(&password, b"nobody's salt...").map(|_| false),
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::Busy {
            wait: limits::PATIENCE,
        };
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| busy())?;
        // The thread keeps its turn also when whoever asked has gone.
        let thread = tokio::task::spawn_blocking(move || {
            let done = job();
            drop((turn, place));
            done
        });
        thread
            .await
            .map_err(|_| Error::Broken("a password check ended early"))?
    }
}

const BROKEN: Error = Error::Broken("the password check cannot be set up");

/// # Errors
/// It is empty or too long.
fn check_length(password: &SecretString) -> Result<(), Error> {
    match password.expose_secret().len() {
        0 => Err(Error::Invalid("the password is empty".to_owned())),
        length if length > limits::MAX_PASSWORD => Err(Error::Invalid(format!(
            "the password is longer than {} bytes",
            limits::MAX_PASSWORD
        ))),
        _ => Ok(()),
    }
}

fn hash(password: &SecretString, salt: &[u8; 16]) -> Result<String, Error> {
    let params = Params::new(
        limits::PASSWORD_MEMORY,
        limits::PASSWORD_PASSES,
        limits::PASSWORD_LANES,
        None,
    );
    let params = params.map_err(|_| BROKEN)?;
    let made = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| BROKEN)?,
        salt: Some(Salt::new(salt).map_err(|_| BROKEN)?),
        hash: Some(output(
            &Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            password,
            salt,
        )?),
    };
    Ok(made.to_string())
}

fn verify(password: &SecretString, kept: &str) -> Result<bool, Error> {
    const UNKNOWN: Error = Error::Broken("a password is kept in an unknown form");
    let kept = PasswordHash::new(kept).map_err(|_| UNKNOWN)?;
    let (Some(salt), Some(hash), Some(version)) = (kept.salt, kept.hash, kept.version) else {
        return Err(UNKNOWN);
    };
    let algorithm = Algorithm::try_from(kept.algorithm.as_str()).map_err(|_| UNKNOWN)?;
    let version = Version::try_from(version).map_err(|_| UNKNOWN)?;
    // The cost is the one that it was kept with, not today's.
    let params = Params::try_from(&kept).map_err(|_| UNKNOWN)?;
    let found = output(&Argon2::new(algorithm, version, params), password, &salt)?;
    // In constant time, as outputs compare.
    Ok(found == hash)
}

/// What a password comes to. The memory for it is asked for in one piece so large that the C library gives it back to the
/// system at once: smaller ones it would keep for the next log-in. What is not used of the piece costs nothing.
fn output(argon2: &Argon2<'_>, password: &SecretString, salt: &[u8]) -> Result<Output, Error> {
    let blocks = argon2.params().block_count();
    let mut memory = Vec::with_capacity(blocks.max(limits::PASSWORD_PIECE / Block::SIZE));
    memory.resize(blocks, Block::new());
    let len = argon2.params().output_len();
    let mut out = vec![0; len.unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    let password = password.expose_secret().as_bytes();
    argon2
        .hash_password_into_with_memory(password, salt, &mut out, &mut memory)
        .map_err(|_| BROKEN)?;
    Output::new(&out).map_err(|_| BROKEN)
}

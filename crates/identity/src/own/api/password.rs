//! `POST /v3/users/{user}/password`: a user changes the own password, and proves it by the old one.

use axum::extract::{Path, State};

use super::Shared;
use super::answer::{Answer, nothing};
use super::body::{Sent, inside, invalid};

/// Changes it. It needs no token: the old password is the proof.
pub(super) async fn change(State(api): Shared, Path(id): Path<String>, sent: Sent) -> Answer {
    let mut sent = inside(sent, "user")?;
    let needed = |name| invalid("user", &format!("lacks '{name}', a required property"));
    let old = sent.secret("original_password")?;
    let old = old.ok_or_else(|| needed("original_password"))?;
    let new = sent.secret("password")?;
    let new = new.ok_or_else(|| needed("password"))?;
    api.own.change_password(&id, &old, &new).await?;
    nothing()
}

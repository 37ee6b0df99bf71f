//! `POST /v3/users/{user}/password`: a user changes the own password, and proves it by the old one.

use axum::extract::{Path, State};

use super::Shared;
use super::answer::{Answer, nothing};
use super::body::{Sent, inside, invalid};
use crate::own::{UserChange, Who};

/// Changes it. It needs no token: the old password is the proof.
pub(super) async fn change(State(api): Shared, Path(id): Path<String>, sent: Sent) -> Answer {
    let mut sent = inside(sent, "user")?;
    let needed = |name| invalid("user", &format!("lacks '{name}', a required property"));
    let old = sent.secret("original_password")?;
    let old = old.ok_or_else(|| needed("original_password"))?;
    let new = sent.secret("password")?;
    let new = new.ok_or_else(|| needed("password"))?;
    let user = api.own.check_password(&Who::Id(id), &old).await?;
    let change = UserChange {
        password: Some(new),
        ..UserChange::default()
    };
    api.own.change_user(&user.id, change).await?;
    nothing()
}

//! Data is withheld, and given out again.

use axum::response::Response;
use http::StatusCode;

use super::empty;
use super::images::change;
use crate::policy;
use crate::records::Status;
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

pub(crate) async fn switch(
    service: &Service,
    request: &Request,
    id: &str,
    on: bool,
) -> Result<Response, Refused> {
    request.without_body()?;
    let (action, to) = match on {
        true => ("reactivate", Status::Active),
        false => ("deactivate", Status::Deactivated),
    };
    change(service, request, id, |image| {
        policy::change(&request.caller, image, action)?;
        match image.status {
            Status::Active | Status::Deactivated => image.status = to,
            other => {
                return Err(Refused::forbidden(format!(
                    "Not allowed to {action} image in status '{}'",
                    other.word()
                )));
            }
        }
        Ok(())
    })
    .await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

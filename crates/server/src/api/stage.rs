//! Bytes that are brought to the service before it is told what to do with them.

use axum::response::Response;
use http::StatusCode;

use super::data::octets;
use super::{empty, seen};
use crate::policy;
use crate::records::Status;
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;
use crate::upload::Upload;

pub(crate) async fn upload(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    octets(&request)?;
    let image = seen(service, &request, id).await?;
    policy::change(&request.caller, &image, "modify_image")?;
    let length = request.length();
    let work = uuid::Uuid::new_v4().to_string();
    let upload = Upload::begin(service, image, Status::Uploading, work, length).await?;
    upload.run(request.body()).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

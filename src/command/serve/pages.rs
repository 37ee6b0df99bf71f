//! The dashboard of the service, at `/dashboard`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use dashboard::{Options, Place, Proving};
use url::Url;

use crate::command::vendor;
use crate::context::cache_folder;
use crate::failure::Failure;

/// How many originals are read at once.
const JOBS: usize = 2;

/// The pages. They speak to the service over HTTP like everybody else, at `inside`, an address of this machine; browsers
/// reach them at `public`.
///
/// # Errors
/// What ectype carries of vendors cannot be read.
pub(super) fn router(
    inside: SocketAddr,
    identity: Option<&str>,
    public: &Url,
) -> Result<Router, Failure> {
    let image = format!("http://{inside}");
    let own = format!("{image}/identity/v3");
    let place = Place::new(identity.unwrap_or(&own)).with_image_endpoint(&image);
    let name = public.host_str().unwrap_or_default().to_owned();
    let mut hosts = vec![name.clone()];
    if matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]") {
        hosts = ["127.0.0.1", "localhost", "[::1]"]
            .map(str::to_owned)
            .to_vec();
    }
    Ok(dashboard::router(Options {
        base: "/dashboard".to_owned(),
        cloud: name,
        // The service knows no log-in of its own to ask with.
        public: None,
        login: Some(place),
        proving: Some(Proving {
            // Visitors name the addresses, by the records of their images.
            client: origin::Client::new(&net::Options {
                private: false,
                ..net::Options::default()
            })?,
            cache: cache_folder().map(|folder| origin::Cache::new(folder.join("derived"))),
            jobs: JOBS,
        }),
        public_proving: false,
        families: vendor::families(&[])?,
        dates: vendor::dates()?,
        hosts,
        secure: public.scheme() == "https",
        max_upload: dashboard::limits::MAX_UPLOAD,
        now: Arc::new(jiff::Timestamp::now),
    }))
}

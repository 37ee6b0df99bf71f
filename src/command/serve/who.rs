//! Who tells whom a token stands for: users of the service's own, or a Keystone.

use std::path::Path;
use std::sync::Arc;

use identity::Identity;
use identity::keystone::{Keystone, ServiceLogin};
use identity::own::{Catalogue, Own};
use secrecy::SecretString;
use url::Url;

use super::chosen::{self, File};
use super::first;
use super::records::failure as identity_failure;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Who tells whom a token stands for, and the routes of an identity service of our own.
pub(super) async fn identity(
    context: &Context,
    password: Option<SecretString>,
    file: &File,
    folder: &Path,
    public: &Url,
    pool: database::Pool,
) -> Result<(Arc<dyn Identity>, axum::Router), Failure> {
    if let Some(keystone) = &file.keystone {
        return Ok((Arc::new(asked(keystone).await?), axum::Router::new()));
    }
    let own = Own::open(pool, identity::own::Settings::default()).await;
    let own = own.map_err(|error| identity_failure(&error))?;
    let given = password.is_some();
    let made = own.bootstrap(password, jiff::Timestamp::now()).await;
    let root = format!("{}/identity", public.as_str().trim_end_matches('/'));
    let root = Url::parse(&root).map_err(|error| Failure::of(Exit::Bug, &error))?;
    let region = file.region.clone();
    let region = region.unwrap_or_else(|| "RegionOne".to_owned());
    if let Some(made) = made.map_err(|error| identity_failure(&error))? {
        first::tell(context, folder, &root, &region, &made, given)?;
    }
    let catalogue = Catalogue::new(region, &root, public);
    let own = Arc::new(own);
    let routes = identity::own::router(Arc::clone(&own), catalogue);
    Ok((own, below_identity(routes)))
}

/// The identity service's routes under its path. Clients that are given no version ask for the path with a slash behind it,
/// which a nested router leaves to others.
fn below_identity(routes: axum::Router) -> axum::Router {
    let root = |mut request: axum::extract::Request| async {
        *request.uri_mut() = axum::http::Uri::from_static("/");
        request
    };
    let versions = axum::Router::new()
        .fallback_service(routes.clone())
        .layer(axum::middleware::map_request(root));
    axum::Router::new()
        .nest("/identity", routes)
        .route("/identity/", axum::routing::any_service(versions))
}

/// The Keystone that is to be asked, which is asked once already.
async fn asked(chosen: &chosen::Keystone) -> Result<Keystone, Failure> {
    let lacks = |what: &str| {
        Failure::new(
            Exit::Config,
            format!("`keystone` in the configuration file has no `{what}`"),
        )
    };
    let secret = |text: &Option<String>, what| {
        let text = text.clone().ok_or_else(|| lacks(what))?;
        Ok::<SecretString, Failure>(text.into())
    };
    let login = match &chosen.application_credential_id {
        Some(id) => ServiceLogin::Credential {
            id: id.clone(),
            secret: secret(
                &chosen.application_credential_secret,
                "application_credential_secret",
            )?,
        },
        None => ServiceLogin::Password {
            user: chosen.username.clone().ok_or_else(|| lacks("username"))?,
            user_domain: chosen.user_domain.clone(),
            password: secret(&chosen.password, "password")?,
            project: chosen.project.clone().ok_or_else(|| lacks("project"))?,
            project_domain: chosen.project_domain.clone(),
        },
    };
    let url = Url::parse(&chosen.url).map_err(|_| {
        Failure::new(
            Exit::Config,
            format!("`{}` is no address of a Keystone", chosen.url),
        )
    })?;
    let client = net::Client::new(&net::Options {
        ca_file: chosen.cacert.clone(),
        ..net::Options::default()
    })?;
    let keystone =
        Keystone::new(client, &url, login).map_err(|error| Failure::of(Exit::Config, &error))?;
    keystone
        .check()
        .await
        .map_err(|error| Failure::of(Exit::Unreachable, &error))?;
    Ok(keystone)
}

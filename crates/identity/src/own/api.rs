//! The identity service over HTTP: Keystone's paths, words and status codes.

mod access;
mod answer;
mod assignments;
mod auth;
mod body;
mod catalogue;
mod credentials;
mod directory;
mod login;
mod password;
mod projects;
mod query;
mod token;
mod users;
mod versions;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use super::Own;
use crate::limits;

pub use catalogue::Catalogue;

/// What every request needs.
struct Api {
    own: Arc<Own>,
    catalogue: Catalogue,
}

type Shared = axum::extract::State<Arc<Api>>;

/// The service as a router, to be mounted where the catalogue says it is.
///
/// The paths are `/`, `/v3` and those below `/v3/`. Bodies are limited; who calls is in `X-Auth-Token`.
pub fn router(own: Arc<Own>, catalogue: Catalogue) -> Router {
    let api = Arc::new(Api { own, catalogue });
    let routes = Router::new()
        .route("/", get(versions::all))
        .route("/v3", get(versions::one))
        .route("/v3/", get(versions::one))
        .merge(tokens())
        .merge(records())
        .fallback(answer::no_such_path)
        .method_not_allowed_fallback(answer::no_such_method);
    routes
        .layer(DefaultBodyLimit::max(limits::MAX_BODY))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&api),
            answer::dress,
        ))
        .with_state(api)
}

/// Logging in, and what a token is good for.
fn tokens() -> Router<Arc<Api>> {
    Router::new()
        .route(
            "/v3/auth/tokens",
            post(login::log_in)
                .get(token::show)
                .head(token::check)
                .delete(token::revoke),
        )
        .route("/v3/auth/catalog", get(auth::catalogue))
        .route("/v3/auth/projects", get(auth::projects))
        .route("/v3/auth/domains", get(auth::domains))
        .route("/v3/auth/system", get(auth::system))
}

/// Users, projects, and who may do what.
fn records() -> Router<Arc<Api>> {
    Router::new()
        .route("/v3/domains", get(directory::domains))
        .route("/v3/domains/{domain}", get(directory::domain))
        .route("/v3/roles", get(directory::roles))
        .route("/v3/roles/{role}", get(directory::role))
        .route("/v3/services", get(directory::services))
        .route("/v3/endpoints", get(directory::endpoints))
        .route("/v3/regions", get(directory::regions))
        .route("/v3/projects", get(projects::list).post(projects::create))
        .route(
            "/v3/projects/{project}",
            get(projects::show)
                .patch(projects::change)
                .delete(projects::delete),
        )
        .route("/v3/users", get(users::list).post(users::create))
        .route(
            "/v3/users/{user}",
            get(users::show).patch(users::change).delete(users::delete),
        )
        .route("/v3/users/{user}/password", post(password::change))
        .route("/v3/users/{user}/projects", get(users::projects))
        .route(
            "/v3/users/{user}/application_credentials",
            get(credentials::list).post(credentials::create),
        )
        .route(
            "/v3/users/{user}/application_credentials/{credential}",
            get(credentials::show).delete(credentials::delete),
        )
        .route("/v3/role_assignments", get(assignments::list))
        .route(
            "/v3/projects/{project}/users/{user}/roles",
            get(assignments::of),
        )
        .route(
            "/v3/projects/{project}/users/{user}/roles/{role}",
            get(assignments::check)
                .put(assignments::give)
                .delete(assignments::take),
        )
}

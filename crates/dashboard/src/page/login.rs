//! Logging in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use cloud::Cloud;
use http::{StatusCode, Uri};

use super::{Answer, Shell, go, local, show};
use crate::activity::Kind;
use crate::app::App;
use crate::fault::Fault;
use crate::form::Form;
use crate::options::Place;
use crate::session::Session;
use crate::visitor::{Visitor, forget_session, remember_session};

/// The domain of users and projects that name none.
const DOMAIN: &str = "Default";

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    shell: Shell,
    at: String,
    message: String,
    user: String,
    project: String,
    domain: String,
    next: String,
}

impl Page {
    fn new(app: &App, visitor: &Visitor, uri: &Uri, place: &Place) -> Self {
        Self {
            shell: Shell::new(app, visitor, "login", uri),
            at: place.shown().to_owned(),
            message: String::new(),
            user: String::new(),
            project: String::new(),
            domain: DOMAIN.to_owned(),
            next: String::new(),
        }
    }
}

fn place(app: &App) -> Result<&Place, Fault> {
    let place = app.options.login.as_ref();
    place.ok_or_else(|| Fault::not_found("nobody logs in here: it is read only"))
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let mut page = Page::new(&app, &visitor, &uri, place(&app)?);
    // The cookie may be gone already: who led here says so then.
    let mut ended = visitor.expired;
    let query = uri.query().unwrap_or_default().as_bytes();
    for (name, value) in url::form_urlencoded::parse(query) {
        match name.as_ref() {
            "next" => page.next = local(&app, &value),
            "ended" => ended = true,
            _ => {}
        }
    }
    if ended {
        "The log-in has come to its end. Log in again.".clone_into(&mut page.message);
    }
    show(StatusCode::OK, &page)
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    form: Form,
) -> Answer {
    let place = place(&app)?;
    visitor.check(&app, form.get("token"))?;
    let mut page = Page::new(&app, &visitor, &uri, place);
    form.get("user").clone_into(&mut page.user);
    form.get("project").clone_into(&mut page.project);
    form.get("domain").clone_into(&mut page.domain);
    form.get("next").clone_into(&mut page.next);
    if page.user.is_empty() || form.get("password").is_empty() {
        "User name and password are wanted.".clone_into(&mut page.message);
        return show(StatusCode::BAD_REQUEST, &page);
    }
    let Ok(_place) = app.logins.try_acquire() else {
        "Too many log-ins at once. Try again in a moment.".clone_into(&mut page.message);
        return show(StatusCode::TOO_MANY_REQUESTS, &page);
    };
    match log_in(place, &form).await {
        Ok(cloud) => welcome(&app, &visitor, &form, cloud),
        Err((status, message)) => {
            page.message = app.options.for_people(&message);
            show(status, &page)
        }
    }
}

/// Asks the identity service.
async fn log_in(place: &Place, form: &Form) -> Result<Cloud, (StatusCode, String)> {
    let domain = match form.get("domain") {
        "" => DOMAIN,
        named => named,
    };
    let mut who = vec![
        ("username", form.get("user")),
        ("password", form.get("password")),
        ("user_domain_name", domain),
        ("auth_type", "password"),
    ];
    if !form.get("project").is_empty() {
        who.extend([
            ("project_name", form.get("project")),
            ("project_domain_name", domain),
        ]);
    }
    let wrong = |error: cloud::Error| {
        match error {
        cloud::Error::Unauthorized(_) => (
            StatusCode::UNAUTHORIZED,
            "Wrong user name, password or domain, or no right to that project; the cloud does not say which.".to_owned(),
        ),
        cloud::Error::Unscoped { .. } => (
            StatusCode::BAD_REQUEST,
            "You have no default project: name one.".to_owned(),
        ),
        cloud::Error::Config { .. } | cloud::Error::Refused(_) | cloud::Error::Forbidden(_) => {
            (StatusCode::BAD_REQUEST, format!("The cloud does not take this: {error}."))
        }
        other => (
            StatusCode::BAD_GATEWAY,
            format!("The cloud does not answer as it should: {other}."),
        ),
    }
    };
    let config = place.config(&who).map_err(wrong)?;
    let cloud = Cloud::connect(&config, None).await.map_err(wrong)?;
    if cloud.token().project.is_none() {
        let message = "The log-in is for no project: name one.".to_owned();
        return Err((StatusCode::BAD_REQUEST, message));
    }
    // From here on the password is not needed any more.
    cloud.token_only().await.map_err(wrong)
}

/// Lets somebody in who has proven who they are: under a new id, whatever the browser had before.
fn welcome(app: &App, visitor: &Visitor, form: &Form, cloud: Cloud) -> Answer {
    visitor.log_out(app);
    let session = Session::new(cloud, app.now());
    let text = format!("{} for project {}", session.user(), session.project());
    app.happened(Kind::LogIn, &session.owner, text, None);
    let id = app.sessions.begin(session, app.now());
    let mut response: Response = go(&local(app, form.get("next")))?;
    remember_session(app, response.headers_mut(), &id);
    Ok(response)
}

/// Logs out.
pub(crate) async fn out(State(app): State<Arc<App>>, visitor: Visitor, form: Form) -> Answer {
    visitor.check(&app, form.get("token"))?;
    if let Some(session) = visitor.session() {
        app.happened(Kind::LogOut, &session.owner, session.user(), None);
    }
    visitor.log_out(&app);
    let next = match app.options.public.is_some() {
        true => "images",
        false => "login",
    };
    let mut response = go(&format!("{}/{next}", app.root))?;
    forget_session(&app, response.headers_mut());
    Ok(response)
}

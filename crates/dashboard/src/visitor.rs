//! Who asks: somebody who is logged in or anybody, with what their browser remembers for us.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::app::App;
use crate::fault::Fault;
use crate::session::Session;
use crate::token;

const SESSION: &str = "ectype_session";
const FORM: &str = "ectype_form";
const THEME: &str = "ectype_theme";

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// Who asks.
#[derive(Clone)]
pub(crate) enum Who {
    User(Arc<Session>),
    Anybody,
}

/// A visitor, as one request shows them.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) who: Who,
    pub(crate) theme: Theme,
    /// What the browser holds: the id of the session, or one that is only there for forms.
    id: String,
    /// Whether the browser still has to be given the id.
    new: bool,
    /// Whether it had a session that has come to its end.
    pub(crate) expired: bool,
}

impl Visitor {
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        let cookie = |name: &str| cookie(headers, name);
        let theme = cookie(THEME).and_then(|word| Theme::of(&word));
        let theme = theme.unwrap_or_default();
        let id = cookie(SESSION);
        if let Some(id) = &id
            && let Some(session) = app.sessions.get(id, app.now())
        {
            return Self {
                who: Who::User(session),
                theme,
                id: id.clone(),
                new: false,
                expired: false,
            };
        }
        let form = cookie(FORM).filter(|id| id.len() == token::random().len());
        Self {
            who: Who::Anybody,
            theme,
            new: form.is_none(),
            id: form.unwrap_or_else(token::random),
            expired: id.is_some(),
        }
    }

    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match &self.who {
            Who::User(session) => Some(session),
            Who::Anybody => None,
        }
    }

    /// Whose doings are this visitor's.
    pub(crate) fn owner(&self) -> &str {
        self.session().map_or("", |session| &session.owner)
    }

    /// What this visitor's forms carry.
    pub(crate) fn form_token(&self, app: &App) -> String {
        token::of_forms(&app.secret, &self.id)
    }

    /// Refuses a form that is not one of ours for this visitor.
    pub(crate) fn check(&self, app: &App, sent: &str) -> Result<(), Fault> {
        if !self.new && token::same(&self.form_token(app), sent) {
            return Ok(());
        }
        if self.expired {
            return Err(Fault::ended());
        }
        let fault = Fault::forbidden("the form does not belong to this visit");
        Err(fault.hint("go back, load the page anew and send it again"))
    }

    /// Ends the visitor's session.
    pub(crate) fn log_out(&self, app: &App) {
        if self.session().is_some() {
            app.sessions.end(&self.id);
        }
    }

    /// What the browser has to remember after this request.
    pub(crate) fn remember(&self, app: &App, headers: &mut HeaderMap) {
        if self.new {
            set(app, headers, FORM, &self.id);
        }
        if self.expired {
            unset(app, headers, SESSION);
        }
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = StatusCode;

    /// [`crate::guard`] has looked already.
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, StatusCode> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Has the browser remember a session.
pub(crate) fn remember_session(app: &App, headers: &mut HeaderMap, id: &str) {
    set(app, headers, SESSION, id);
}

/// Has the browser forget its session.
pub(crate) fn forget_session(app: &App, headers: &mut HeaderMap) {
    unset(app, headers, SESSION);
}

/// Has the browser remember how it wants to see us, for a year.
pub(crate) fn remember_theme(app: &App, headers: &mut HeaderMap, theme: Theme) {
    put(
        app,
        headers,
        &format!("{THEME}={}; Max-Age=31536000", theme.word()),
    );
}

fn set(app: &App, headers: &mut HeaderMap, name: &str, value: &str) {
    put(app, headers, &format!("{name}={value}; HttpOnly"));
}

fn unset(app: &App, headers: &mut HeaderMap, name: &str) {
    put(app, headers, &format!("{name}=; HttpOnly; Max-Age=0"));
}

fn put(app: &App, headers: &mut HeaderMap, cookie: &str) {
    let path = if app.root.is_empty() { "/" } else { &app.root };
    let secure = if app.options.secure { "; Secure" } else { "" };
    let whole = format!("{cookie}; Path={path}; SameSite=Strict{secure}");
    // Ids and words are ours; only a base with odd characters could spoil it.
    if let Ok(value) = HeaderValue::from_str(&whole) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// A cookie of ours; anything that is no id or word of ours is none.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'));
    let mut named = pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(own, _)| *own == name);
    let (_, value) = named.next()?;
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && !value.is_empty() && value.len() <= 128).then(|| value.to_owned())
}

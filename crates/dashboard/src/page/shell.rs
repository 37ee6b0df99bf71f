//! What is around every page: navigation, who is logged in, how it looks.

use http::Uri;

use crate::app::App;
use crate::visitor::{Theme, Visitor};

/// What is around a page.
pub(crate) struct Shell {
    pub(crate) base: String,
    pub(crate) cloud: String,
    pub(crate) version: &'static str,
    /// The page, as [`Shell::pages`] names it.
    pub(crate) nav: &'static str,
    pub(crate) theme: Theme,
    /// The address of this page, for links that come back to it; encoded for a query.
    pub(crate) back: String,
    /// User and project.
    pub(crate) user: Option<(String, String)>,
    /// What forms carry.
    pub(crate) token: String,
    /// Whether anything can be seen without a log-in.
    pub(crate) public: bool,
    pub(crate) can_log_in: bool,
    /// Whether a log-in has come to its end, and this page has to say so.
    pub(crate) ended: bool,
}

/// The pages with their titles.
const PAGES: [(&str, &str); 5] = [
    ("images", "Images"),
    ("life", "Life cycle"),
    ("upload", "Upload"),
    ("activity", "Activity"),
    ("about", "About"),
];

impl Shell {
    pub(crate) fn new(app: &App, visitor: &Visitor, nav: &'static str, uri: &Uri) -> Self {
        let options = &app.options;
        let back = super::home(app, uri);
        Self {
            base: app.root.clone(),
            cloud: options.cloud.clone(),
            version: env!("CARGO_PKG_VERSION"),
            nav,
            theme: visitor.theme,
            back: url::form_urlencoded::byte_serialize(back.as_bytes()).collect(),
            user: visitor
                .session()
                .map(|session| (session.user().to_owned(), session.project().to_owned())),
            token: visitor.form_token(app),
            public: options.public.is_some(),
            can_log_in: options.login.is_some(),
            ended: visitor.expired && nav != "login",
        }
    }

    /// The pages that there are for this visitor.
    pub(crate) fn pages(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let upload = self.can_log_in;
        PAGES
            .iter()
            .filter(move |(path, _)| *path != "upload" || upload)
    }

    pub(crate) fn themes(&self) -> &'static [Theme] {
        &Theme::ALL
    }
}

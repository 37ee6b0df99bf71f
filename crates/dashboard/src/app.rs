//! What all requests share.

use std::sync::Arc;

use cloud::{Cloud, Glance};
use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore};
use wire::image::Image;

use crate::activity::{Activity, Event, Kind};
use crate::fault::Fault;
use crate::limits::{MAX_LOGINS, MAX_UPLOADS};
use crate::listing::{Listing, is_everybodys};
use crate::options::{Options, Public};
use crate::proving::{Standing, Verifications};
use crate::session::{Session, Sessions};
use crate::token;
use crate::visitor::{Visitor, Who};

/// What all requests share.
pub(crate) struct App {
    pub(crate) options: Options,
    /// The path before those of the pages, as browsers ask for them: in links, redirects, and the cookies' `Path`.
    pub(crate) root: String,
    pub(crate) sessions: Sessions,
    pub(crate) activity: Activity,
    pub(crate) proving: Option<Arc<Verifications>>,
    pub(crate) logins: Semaphore,
    pub(crate) uploads: Arc<Semaphore>,
    /// What the tokens of forms are made with; another one after every start.
    pub(crate) secret: String,
    public: OnceCell<Cloud>,
    listing: Listing,
}

impl App {
    pub(crate) fn new(mut options: Options) -> Self {
        let proving = options.proving.take().map(Verifications::new).map(Arc::new);
        Self {
            proving,
            root: format!("{}{}", options.outside, options.base),
            options,
            sessions: Sessions::default(),
            activity: Activity::default(),
            logins: Semaphore::new(MAX_LOGINS),
            uploads: Arc::new(Semaphore::new(MAX_UPLOADS)),
            secret: token::random(),
            public: OnceCell::new(),
            listing: Listing::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.options.now)()
    }

    /// The cloud as it is seen by visitors who have not logged in. Logged in to when the first of them comes: the service
    /// may be the one that this is mounted in.
    async fn public(&self) -> Result<&Cloud, Fault> {
        let Some(public) = &self.options.public else {
            return Err(Fault::log_in_first());
        };
        let connect = || async {
            match public {
                Public::Login(config) => Cloud::connect(config, None).await,
                Public::Token(image, token) => Cloud::with_token(image, token.clone()).await,
            }
        };
        let cloud = self.public.get_or_try_init(connect);
        cloud.await.map_err(|error| Fault {
            // It is not the visitor who was refused.
            status: http::StatusCode::BAD_GATEWAY,
            logged_out: false,
            hint: None,
            ..Fault::from(error)
        })
    }

    /// The image service as this visitor may ask it.
    pub(crate) async fn glance(&self, visitor: &Visitor) -> Result<Glance, Fault> {
        Ok(match &visitor.who {
            Who::User(session) => session.cloud.glance().clone(),
            Who::Anybody => self.public().await?.glance().clone(),
        })
    }

    /// Every image that this visitor may see.
    pub(crate) async fn images(&self, visitor: &Visitor) -> Result<Arc<Vec<Image>>, Fault> {
        let glance = self.glance(visitor).await?;
        let (listing, public) = match &visitor.who {
            Who::User(session) => (&session.listing, false),
            Who::Anybody => (&self.listing, true),
        };
        Ok(listing.get(&glance, public, self.now()).await?)
    }

    /// One image, as far as this visitor may see it.
    pub(crate) async fn image(&self, visitor: &Visitor, id: &str) -> Result<Image, Fault> {
        let absent = || Fault::not_found("there is no such image, or you may not see it");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
            return Err(absent());
        }
        let image = self.glance(visitor).await?.show(id).await?;
        let seen = |image: &Image| visitor.session().is_some() || is_everybodys(image);
        image.filter(seen).ok_or_else(absent)
    }

    /// How far the verification of an image is.
    pub(crate) fn standing(&self, image: &Image) -> Standing {
        let proving = self.proving.as_ref();
        proving.map_or(Standing::Unknown, |proving| proving.of(image))
    }

    /// Whether this visitor may have images verified.
    pub(crate) fn may_prove(&self, visitor: &Visitor) -> bool {
        self.proving.is_some() && (visitor.session().is_some() || self.options.public_proving)
    }

    /// Keeps that something happened.
    pub(crate) fn happened(
        &self,
        kind: Kind,
        owner: &str,
        text: impl Into<String>,
        image: Option<&str>,
    ) {
        self.activity.add(Event {
            at: self.now(),
            kind,
            owner: owner.to_owned(),
            text: text.into(),
            image: image.map(str::to_owned),
        });
    }

    /// The session of this visitor.
    pub(crate) fn session<'a>(&self, visitor: &'a Visitor) -> Result<&'a Arc<Session>, Fault> {
        visitor.session().ok_or_else(Fault::log_in_first)
    }
}

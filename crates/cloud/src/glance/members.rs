//! With which projects an image is shared, and what they answered.

use net::Method;
use serde_json::json;
use wire::image::{Member, Members};

use super::change::{json, with};
use super::{Glance, parse};
use crate::Error;

/// A project's answer to an offered image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The image is in the project's lists.
    Accepted,
    /// It is not, and the project wants it so.
    Rejected,
    /// It is not, and the project has not said anything.
    Pending,
}

impl Answer {
    /// The word that Glance uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Pending => "pending",
        }
    }
}

impl Glance {
    /// The projects that an image is shared with, as far as this user may know.
    ///
    /// # Errors
    /// [`Error::Gone`], and as for [`Glance::show`].
    pub async fn members(&self, id: &str) -> Result<Vec<Member>, Error> {
        let request = self.request(self.url(&["images", id, "members"])?);
        let what = format!("listing the members of image {id}");
        let reply = self.answered(request, id, &what).await?;
        parse::<Members>(&reply).map(|members| members.members)
    }

    /// One project's share of an image.
    ///
    /// # Errors
    /// [`Error::Gone`] when it is not shared with this project, and as for [`Glance::show`].
    pub async fn member(&self, id: &str, project: &str) -> Result<Member, Error> {
        let request = self.request(self.url(&["images", id, "members", project])?);
        let what = format!("asking for member {project} of image {id}");
        parse(&self.answered(request, id, &what).await?)
    }

    /// Offers an image to a project (by id; Glance does not look whether there is such a project).
    ///
    /// # Errors
    /// [`Error::Refused`] when it is shared with the project already, [`Error::Forbidden`] for an image that is not
    /// `shared` or another's, and as for [`Glance::patch`].
    pub async fn add_member(&self, id: &str, project: &str) -> Result<Member, Error> {
        let url = self.url(&["images", id, "members"])?;
        let request = json(self.sending(Method::POST, url, false));
        let body = json!({ "member": project }).to_string();
        let what = format!("sharing image {id} with project {project}");
        parse(&self.answered(with(request, body), id, &what).await?)
    }

    /// Says a project's answer to an offered image; only the project itself (or an administrator) can.
    ///
    /// # Errors
    /// [`Error::Gone`] when it is not shared with this project, and as for [`Glance::patch`].
    pub async fn answer(&self, id: &str, project: &str, answer: Answer) -> Result<Member, Error> {
        let url = self.url(&["images", id, "members", project])?;
        let request = json(self.sending(Method::PUT, url, true));
        let body = json!({ "status": answer.word() }).to_string();
        let what = format!("marking image {id} as {} by {project}", answer.word());
        parse(&self.answered(with(request, body), id, &what).await?)
    }

    /// Shares an image no longer with a project.
    ///
    /// # Errors
    /// [`Error::Gone`] when it was not, and as for [`Glance::patch`].
    pub async fn remove_member(&self, id: &str, project: &str) -> Result<(), Error> {
        let url = self.url(&["images", id, "members", project])?;
        let what = format!("removing project {project} from image {id}");
        let request = self.sending(Method::DELETE, url, false);
        self.answered(request, id, &what).await.map(drop)
    }
}

//! Importing: Glance fetches the bytes itself, or takes them from its staging area, and works on them in the background.

use std::time::Duration;

use net::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;
use wire::image::Image;
use wire::import::{ImportInfo, Task, Tasks};

use super::change::{json as typed, with};
use super::{Glance, parse};
use crate::Error;

/// How long to wait between two looks at an image, at first and at most.
const FIRST: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(5);

/// For how long an image may lie `queued` without a task before that is taken for a failure: some clouds do not tell tasks.
const BEGINNING: Duration = Duration::from_secs(30);

/// What to import, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The address to fetch (`web-download`); without it what was staged is taken (`glance-direct`).
    pub uri: Option<String>,
    /// The stores to put it into; none is the cloud's choice.
    pub stores: Vec<String>,
    /// Into all stores.
    pub all_stores: bool,
    /// Whether one store that fails fails the whole; `None` is Glance's choice (yes).
    pub all_must_succeed: Option<bool>,
}

impl Import {
    /// The method's name, as Glance spells it.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self.uri {
            Some(_) => "web-download",
            None => "glance-direct",
        }
    }

    fn json(&self) -> Value {
        let mut method = json!({ "name": self.method() });
        if let (Some(uri), Some(method)) = (&self.uri, method.as_object_mut()) {
            method.insert("uri".to_owned(), json!(uri));
        }
        let mut body = json!({ "method": method });
        if let Some(body) = body.as_object_mut() {
            if !self.stores.is_empty() {
                body.insert("stores".to_owned(), json!(self.stores));
            }
            if self.all_stores {
                body.insert("all_stores".to_owned(), json!(true));
            }
            if let Some(all) = self.all_must_succeed {
                body.insert("all_stores_must_succeed".to_owned(), json!(all));
            }
        }
        body
    }
}

impl Glance {
    /// The import methods that the cloud offers; none where it knows no import.
    ///
    /// # Errors
    /// As for [`Glance::show`].
    pub async fn import_methods(&self) -> Result<Vec<String>, Error> {
        let reply = self.get(self.url(&["info", "import"])?).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        let reply = self.checked(reply, "asking for the ways to import").await?;
        parse::<ImportInfo>(&reply).map(|info| info.methods.value)
    }

    /// Has an image imported. The answer comes at once, the image later: see [`Glance::imported`].
    ///
    /// # Errors
    /// [`Error::Refused`] with Glance's reason (400 for an address that it does not fetch, or a store that is not there;
    /// 409 for an image that is not ready for it), and as for [`Glance::patch`].
    pub async fn import(&self, id: &str, import: &Import) -> Result<(), Error> {
        let url = self.url(&["images", id, "import"])?;
        let request = with(
            typed(self.sending(Method::POST, url, false)),
            import.json().to_string(),
        );
        let what = format!("importing image {id} by {}", import.method());
        self.answered(request, id, &what).await.map(drop)
    }

    /// What Glance does, or did, to this image in the background. Empty where it does not tell (before 2.12).
    ///
    /// # Errors
    /// As for [`Glance::show`].
    pub async fn tasks(&self, id: &str) -> Result<Vec<Task>, Error> {
        let reply = self.get(self.url(&["images", id, "tasks"])?).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        let reply = self
            .checked(reply, &format!("asking for the tasks of image {id}"))
            .await?;
        parse::<Tasks>(&reply).map(|tasks| tasks.tasks)
    }

    /// Waits until an import has ended, `each` time with the image as it is; the image when it is there.
    ///
    /// # Errors
    /// [`Error::ImportFailed`] with the reason from the image's tasks, [`Error::NotYet`] when it is not there after
    /// `deadline`, [`Error::Gone`] when the image was deleted, and as for [`Glance::show`].
    pub async fn imported(
        &self,
        id: &str,
        deadline: Duration,
        mut each: impl FnMut(&Image),
    ) -> Result<Image, Error> {
        let begun = Instant::now();
        let (mut pause, mut worked) = (FIRST, false);
        loop {
            let image = self.there(id).await?;
            each(&image);
            match image.status.as_str() {
                "active" | "deactivated" => return Ok(image),
                "queued" | "uploading" => {
                    let tasks = self.tasks(id).await?;
                    let silent = tasks.is_empty() && (worked || begun.elapsed() >= BEGINNING);
                    if silent || failed(&tasks) {
                        // It may have ended well between the two questions.
                        let image = self.there(id).await?;
                        if image.status == "active" {
                            return Ok(image);
                        }
                        return Err(self.failure(id, &image, &tasks).await);
                    }
                }
                "importing" | "saving" => worked = true,
                _ => return Err(self.failure(id, &image, &self.tasks(id).await?).await),
            }
            if begun.elapsed() >= deadline {
                return Err(Error::NotYet {
                    id: id.to_owned(),
                    status: image.status,
                    seconds: begun.elapsed().as_secs(),
                });
            }
            tokio::time::sleep(pause.min(deadline.saturating_sub(begun.elapsed()))).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    async fn there(&self, id: &str) -> Result<Image, Error> {
        self.show(id).await?.ok_or_else(|| Error::Gone {
            what: format!("waiting for image {id}"),
            reason: "it was deleted meanwhile".to_owned(),
        })
    }

    async fn failure(&self, id: &str, image: &Image, tasks: &[Task]) -> Error {
        let said = tasks.iter().filter(|task| task.status == "failure");
        let mut reasons: Vec<String> = said
            .map(|task| {
                task.message
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .filter(|message| !message.is_empty())
            .collect();
        let stores = image
            .property("os_glance_failed_import")
            .unwrap_or_default();
        if !stores.is_empty() {
            reasons.push(format!("it failed in {stores}"));
        }
        let error = Error::ImportFailed {
            id: id.to_owned(),
            status: image.status.clone(),
            reasons,
        };
        self.session.hidden(error).await
    }
}

/// Whether the newest task has failed, so that nothing more will come.
fn failed(tasks: &[Task]) -> bool {
    let newest = tasks
        .iter()
        .max_by(|one, other| one.created_at.cmp(&other.created_at));
    newest.is_some_and(|task| task.status == "failure")
}

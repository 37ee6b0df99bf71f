//! The image that is being made: how it begins, how it becomes visible, and how it goes away again when it was not to be.

use std::cell::Cell;
use std::time::{Duration, Instant};

use cloud::{Glance, Op};
use serde_json::{Map, Value, json};
use wire::image::Image;

use crate::Error;

/// How long taking an image away may take: the user waits for it, and a signal leaves it about as long.
const PATIENCE: Duration = Duration::from_secs(12);

/// How many times the patience with a silent server it may take to put bytes away, and how often it is looked.
const STORING: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// An image that is there, or on its way to be.
pub struct Made<'a> {
    glance: &'a Glance,
    id: String,
    /// What the user asked for, as the record has it: `private` while the bytes are not compared.
    visibility: String,
    /// The project that shall own it in the end, if that is another one; until then it is its maker's.
    owner: Option<String>,
    /// Whether there is an image that is ours to delete.
    ours: Cell<bool>,
}

/// What became of an image that was not to be.
#[derive(Debug)]
pub enum CleanedUp {
    /// There is none of ours.
    Nothing,
    /// It is deleted again.
    Deleted,
    /// It may be left, private, because of this.
    Left(Option<cloud::Error>),
}

impl<'a> Made<'a> {
    /// Something that is to be made from this record, whose id the user has `chosen` or not.
    #[must_use]
    pub fn new(glance: &'a Glance, record: &Map<String, Value>, chosen: bool) -> Self {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        Self {
            glance,
            id: text("id").to_owned(),
            visibility: text("visibility").to_owned(),
            owner: record
                .get("owner")
                .and_then(Value::as_str)
                .map(str::to_owned),
            // An id of our own making is nobody else's; one that the user chose may be.
            ours: Cell::new(!chosen),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The cloud that it is made in.
    #[must_use]
    pub fn glance(&self) -> &'a Glance {
        self.glance
    }

    /// Makes the record, without bytes, for the project `own`. Whether the cloud lets this user make it public, a community
    /// image or another project's is found out now, while it has no bytes that anybody could see.
    ///
    /// # Errors
    /// As [`Glance::create`] and [`Glance::patch`].
    pub async fn begin(
        &self,
        record: &Map<String, Value>,
        own: Option<&str>,
    ) -> Result<(), cloud::Error> {
        let mut record = record.clone();
        let exposed = ["public", "community"].contains(&self.visibility.as_str());
        if !exposed {
            record.insert("visibility".to_owned(), json!("private"));
        }
        self.glance.create(&record).await?;
        self.ours.set(true);
        let mut back = Vec::new();
        if exposed {
            back.push(Op::Replace("visibility".to_owned(), json!("private")));
        }
        if let (Some(owner), Some(own)) = (&self.owner, own)
            && owner != own
        {
            back.push(Op::Replace("owner".to_owned(), json!(own)));
        }
        if !back.is_empty() {
            self.glance.patch(&self.id, &back).await?;
        }
        Ok(())
    }

    /// The image as it is now.
    ///
    /// # Errors
    /// [`Error::Gone`], and as [`Glance::show`].
    pub async fn look(&self) -> Result<Image, Error> {
        let image = self.glance.show(&self.id).await?;
        image.ok_or_else(|| Error::Gone {
            id: self.id.clone(),
        })
    }

    /// The image when the cloud has put its bytes away. Without an answer to them (`doubt`) it may still be at it, for
    /// some multiple of `patience`.
    pub(crate) async fn taken(
        &self,
        mut doubt: Option<cloud::Error>,
        patience: Duration,
    ) -> Result<Image, Error> {
        let begun = Instant::now();
        loop {
            let image = self.look().await?;
            match (image.status.as_str(), &doubt) {
                ("active", _) => return Ok(image),
                ("saving", Some(_)) if begun.elapsed() < patience * STORING => {
                    tokio::time::sleep(PAUSE).await;
                }
                (status, _) => {
                    return Err(match doubt.take() {
                        Some(error) => error.into(),
                        None => Error::NotActive {
                            id: self.id.clone(),
                            status: status.to_owned(),
                        },
                    });
                }
            }
        }
    }

    /// What is still to be changed so that the image becomes what was asked for: `changes`, its visibility, its owner.
    #[must_use]
    pub fn missing(&self, image: &Image, mut changes: Vec<Op>) -> Vec<Op> {
        if image.visibility != self.visibility {
            let visibility = json!(self.visibility);
            changes.push(Op::Replace("visibility".to_owned(), visibility));
        }
        if let Some(owner) = self
            .owner
            .as_ref()
            .filter(|owner| image.owner.as_ref() != Some(owner))
        {
            changes.push(Op::Replace("owner".to_owned(), json!(owner)));
        }
        changes
    }

    /// Deletes what was made, if it is ours.
    pub async fn clean_up(&self) -> CleanedUp {
        if !self.ours.get() {
            return CleanedUp::Nothing;
        }
        match tokio::time::timeout(PATIENCE, self.glance.delete(&self.id)).await {
            Ok(Ok(())) => CleanedUp::Deleted,
            Ok(Err(cloud::Error::Gone { .. })) => CleanedUp::Nothing,
            Ok(Err(error)) => CleanedUp::Left(Some(error)),
            Err(_) => CleanedUp::Left(None),
        }
    }

    /// Leaves the image alone from here on.
    pub fn keep(&self) {
        self.ours.set(false);
    }
}

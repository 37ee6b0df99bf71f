//! The image that is being made: how it begins, how it becomes visible, and how it goes away again when it was not to be.

use std::cell::Cell;
use std::time::{Duration, Instant};

use cloud::{Glance, Op};
use serde_json::{Map, Value, json};
use wire::image::Image;

use crate::failure::{Exit, Failure};

/// How long taking an image away may take: the user waits for it, and a signal leaves it about as long.
const PATIENCE: Duration = Duration::from_secs(12);

/// How many times the patience with a silent server it may take to put bytes away, and how often it is looked.
const STORING: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// An image that is there, or on its way to be.
pub(super) struct Made<'a> {
    glance: &'a Glance,
    pub(super) id: String,
    /// What the user asked for, as the record has it: `private` while the bytes are not compared.
    visibility: String,
    /// The project that shall own it in the end, if that is another one; until then it is its maker's.
    owner: Option<String>,
    /// Whether there is an image that is ours to delete.
    ours: Cell<bool>,
}

impl<'a> Made<'a> {
    /// Something that is to be made from this record, whose id the user has `chosen` or not.
    pub(super) fn new(glance: &'a Glance, record: &Map<String, Value>, chosen: bool) -> Self {
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

    /// Makes the record, without bytes, for the project `own`. Whether the cloud lets this user make it public, a community
    /// image or another project's is found out now, while it has no bytes that anybody could see.
    pub(super) async fn begin(
        &self,
        record: &Map<String, Value>,
        own: Option<&str>,
    ) -> Result<(), Failure> {
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
    pub(super) async fn look(&self) -> Result<Image, Failure> {
        match self.glance.show(&self.id).await? {
            Some(image) => Ok(image),
            None => Err(Failure::new(
                Exit::NotFound,
                format!("image {} was deleted by somebody else", self.id),
            )),
        }
    }

    /// The image when the cloud has put its bytes away. Without an answer to them (`doubt`) it may still be at it, for
    /// some multiple of `patience`.
    pub(super) async fn taken(
        &self,
        doubt: Option<Failure>,
        patience: Duration,
    ) -> Result<Image, Failure> {
        let begun = Instant::now();
        loop {
            let image = self.look().await?;
            match (image.status.as_str(), &doubt) {
                ("active", _) => return Ok(image),
                ("saving", Some(_)) if begun.elapsed() < patience * STORING => {
                    tokio::time::sleep(PAUSE).await;
                }
                (_, Some(failure)) => return Err(failure.clone()),
                (status, None) => {
                    let message = format!(
                        "the cloud took the bytes of image {}, but it is {status}",
                        self.id
                    );
                    return Err(Failure::new(Exit::Unreachable, message));
                }
            }
        }
    }

    /// Gives the image what it could not have before its bytes were compared: `changes`, and its visibility.
    pub(super) async fn publish(
        &self,
        image: &Image,
        mut changes: Vec<Op>,
    ) -> Result<Image, Failure> {
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
        if changes.is_empty() {
            return Ok(image.clone());
        }
        let patched = self.glance.patch(&self.id, &changes).await;
        patched.map_err(|error| {
            let document = Value::Array(changes.iter().map(Op::json).collect());
            Failure::from(error)
                .cause(format!(
                    "image {} is there, is what was sent, and only your project sees it",
                    self.id
                ))
                .cause(format!("what is missing is {document}"))
        })
    }

    /// Deletes what was made, and says so; or names what is left and the command that takes it away.
    pub(super) async fn clean_up(&self, failure: Failure) -> Failure {
        if !self.ours.get() {
            return failure;
        }
        let id = &self.id;
        match tokio::time::timeout(PATIENCE, self.glance.delete(id)).await {
            Ok(Ok(())) => failure.cause("the image that was begun is deleted again"),
            Ok(Err(cloud::Error::Gone { .. })) => failure,
            Ok(Err(error)) => self.left(failure, &Failure::from(error).on_one_line("; ")),
            Err(_) => self.left(failure, "the cloud did not answer in time"),
        }
    }

    fn left(&self, failure: Failure, why: &str) -> Failure {
        let id = &self.id;
        let failure = failure.cause(format!(
            "image {id} may be left, seen by your project only: {why}"
        ));
        failure.hint(format!("`ectype image delete {id}` takes it away"))
    }

    /// Leaves the image alone from here on.
    pub(super) fn keep(&self) {
        self.ours.set(false);
    }

    pub(super) fn glance(&self) -> &'a Glance {
        self.glance
    }
}

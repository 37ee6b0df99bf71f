//! The work of an upload: look, make the record, have it delivered, and take the record away again when it was not to be.

use std::sync::Arc;

use cloud::{Door, Glance, Op};
use delivery::gate::{self, Unfit, before};
use delivery::{Broken, CleanedUp, Delivered, Delivery, Goal, Load, Made, Place, Way, gib};
use disk::inspect::{Declared, Inspector};
use disk::limits::{LOOK, MAX_VIRTUAL_SIZE};
use disk::{Algorithms, Cancel, Look, Meter, Source};
use jiff::Timestamp;
use proof::{Of, Reason, Recorded};
use serde_json::json;
use uuid::Uuid;
use wire::image::Image;

use super::arrival::{Arrival, Head};
use super::report::{Finding, Outcome, Report};
use crate::limits::PATIENCE;
use crate::token;
use crate::view::words::{quoted, size};

/// What is around the bytes: nothing.
const CONTAINER: &str = "bare";

/// What the visitor asked for.
pub(crate) struct Wish {
    /// The image's name.
    pub(crate) name: String,
    /// Store the disk as it is, whatever the file is in.
    pub(crate) raw: bool,
    /// What the file is called in the browser.
    pub(crate) file: String,
}

/// One upload.
pub(crate) struct Work {
    pub(crate) glance: Glance,
    pub(crate) wish: Wish,
    pub(crate) at: Timestamp,
}

/// Why there is no image.
enum Unmade {
    Refused(Vec<disk::inspect::Finding>),
    Failed(String, Vec<String>),
}

impl From<Unfit> for Unmade {
    fn from(unfit: Unfit) -> Self {
        Self::Refused(unfit.findings)
    }
}

impl From<cloud::Error> for Unmade {
    fn from(error: cloud::Error) -> Self {
        let hint = error.hint();
        Self::Failed(
            error.to_string(),
            error.details().into_iter().chain(hint).collect(),
        )
    }
}

impl From<Reason> for Unmade {
    fn from(reason: Reason) -> Self {
        Self::Failed(quoted(&reason.message), reason.causes)
    }
}

impl From<delivery::Error> for Unmade {
    fn from(error: delivery::Error) -> Self {
        match error {
            delivery::Error::Cloud(error) => error.into(),
            delivery::Error::Broken(Broken::Unfit(unfit)) => unfit.into(),
            delivery::Error::Broken(Broken::Reason(reason)) => reason.into(),
            other => Self::Failed(other.to_string(), Vec::new()),
        }
    }
}

impl Work {
    /// Does it. The report is there whatever happens.
    ///
    /// The future stays on its thread: the work borrows what it works with.
    pub(crate) async fn run(self, arrival: Arrival) -> Report {
        let mut report = Report {
            id: token::random(),
            at: self.at,
            name: self.wish.name.clone(),
            file: self.wish.file.clone(),
            outcome: Outcome::Refused,
            found: Vec::new(),
            findings: Vec::new(),
            compared: Vec::new(),
        };
        match self.through(arrival, &mut report).await {
            Ok(outcome) => report.outcome = outcome,
            Err(Unmade::Refused(findings)) => {
                report.findings = findings.iter().map(Finding::from).collect();
            }
            Err(Unmade::Failed(why, causes)) => report.outcome = Outcome::Failed { why, causes },
        }
        report
    }

    async fn through(&self, arrival: Arrival, report: &mut Report) -> Result<Outcome, Unmade> {
        let head = arrival.head();
        let (source, look) = match look(arrival).await {
            Ok(looked) => looked,
            Err(Unlooked::Unreadable(error)) => return Err(unreadable(&error, &head, report)),
            Err(Unlooked::Broken) => {
                let why = "the look at the file broke".to_owned();
                return Err(Unmade::Failed(why, Vec::new()));
            }
        };
        let way = Way::of(&look, self.wish.raw.then_some(Goal::Raw), None);
        let way = way.map_err(|error| Unmade::Failed(error.to_string(), Vec::new()))?;
        report.found = found(&look, &way);
        before(&look, &way, CONTAINER)?;
        let record = json!({
            "id": Uuid::new_v4().to_string(),
            "name": self.wish.name,
            "visibility": "private",
            "disk_format": way.format,
            "container_format": CONTAINER,
            "min_disk": way.disk.map_or(0, gib),
        });
        let record = record.as_object().cloned().unwrap_or_default();
        let made = Made::new(&self.glance, &record, false);
        if let Err(error) = made.begin(&record, None).await {
            return Err(taken_away(&made, error.into()).await);
        }
        let delivered = match delivered(source, &way, &made).await {
            Ok(delivered) => delivered,
            Err(error @ delivery::Error::NotActive { .. }) => {
                let (image, why) = (made.id().to_owned(), error.to_string());
                return Ok(Outcome::Doubtful { image, why });
            }
            Err(error) => return Err(taken_away(&made, error.into()).await),
        };
        let Delivered {
            sent,
            image,
            outcome,
        } = delivered;
        report.findings = sent.odd.iter().map(Finding::from).collect();
        report.compared = Recorded::of(&image).compare(&sent.contents, Of::Stored);
        self.measure(&image).await;
        Ok(judged(image.id, &outcome))
    }

    /// The smallest disk, where it is only known now. Without it the image is as good.
    async fn measure(&self, image: &Image) {
        let least = image.virtual_size.map_or(0, gib);
        if least > image.min_disk {
            let change = Op::Replace("min_disk".to_owned(), json!(least));
            drop(self.glance.patch(&image.id, &[change]).await);
        }
    }
}

/// Sends the bytes, and compares what the cloud has recorded with what was sent.
async fn delivered(
    source: Source,
    way: &Way,
    made: &Made<'_>,
) -> Result<Delivered, delivery::Error> {
    let (meter, cancel) = (Arc::<Meter>::default(), Cancel::default());
    let delivery = Delivery {
        way,
        container: CONTAINER,
        max_virtual_size: None,
        patience: PATIENCE,
        door: Door::File,
        meter: &meter,
        cancel: &cancel,
    };
    let load = Load {
        source,
        file: Algorithms::NONE,
        judge: Box::new(|_| Ok(())),
    };
    let place = Place {
        made,
        store: None,
        imports: None,
    };
    // What comes from a browser comes once.
    let again = async |error: delivery::Error| Err(error);
    let mut ended = delivery.run(load, again, &[place]).await;
    let nothing = || Broken::Crashed("nothing was sent".to_owned());
    ended.pop().ok_or_else(nothing)?
}

/// Deletes the record that was begun, or says that it may be left.
async fn taken_away(made: &Made<'_>, unmade: Unmade) -> Unmade {
    let why_left = match made.clean_up().await {
        CleanedUp::Nothing | CleanedUp::Deleted => return unmade,
        CleanedUp::Left(Some(error)) => error.to_string(),
        CleanedUp::Left(None) => "the image service does not answer".to_owned(),
    };
    match unmade {
        Unmade::Failed(why, mut causes) => {
            let id = made.id();
            causes.push(format!(
                "image {id} may be left, seen by your project only: {why_left}"
            ));
            Unmade::Failed(why, causes)
        }
        refused => refused,
    }
}

/// Why nothing is known of a file.
enum Unlooked {
    Unreadable(disk::Error),
    Broken,
}

/// Looks at the first bytes.
async fn look(arrival: Arrival) -> Result<(Source, Look), Unlooked> {
    let looked = tokio::task::spawn_blocking(move || {
        let mut source = Source::stream(arrival, None);
        let look = disk::look(&mut source, MAX_VIRTUAL_SIZE)?;
        Ok::<_, disk::Error>((source, look))
    });
    let looked = looked.await.map_err(|_| Unlooked::Broken)?;
    looked.map_err(Unlooked::Unreadable)
}

/// What is told of a file that cannot be read: what is wrong with it, where that is known to be dangerous, or why not.
fn unreadable(error: &disk::Error, head: &Head, report: &mut Report) -> Unmade {
    let head = head.bytes();
    let mut inspector = Inspector::new();
    inspector.push(&head);
    let inspection = match head.len() < LOOK {
        true => inspector.finish(),
        false => inspector.so_far(),
    };
    let declared = Declared::bare(inspection.disk_format());
    match gate::pass(&inspection, &declared) {
        Err(unfit) => {
            report.found = vec![("Format", inspection.kind.title().to_owned())];
            unfit.into()
        }
        Ok(_) => Reason::of_pass(error).into(),
    }
}

/// What the file was found to be.
fn found(look: &Look, way: &Way) -> Vec<(&'static str, String)> {
    let packings: Vec<&str> = look.packings.iter().map(|packing| packing.name()).collect();
    let mut rows = vec![("Format", look.inspection.kind.title().to_owned())];
    if !packings.is_empty() {
        rows.push(("Unpacked from", packings.join(", ")));
    }
    if let Some(bytes) = look.disk {
        rows.push(("Disk", size(bytes)));
    }
    let how = match way.rebuilt() {
        true => format!("{}, converted on the way", way.format),
        false => format!("{}, as it is", way.format),
    };
    rows.push(("Sent as", how));
    rows
}

/// What the comparison comes to.
fn judged(image: String, outcome: &delivery::Outcome) -> Outcome {
    let why = match outcome {
        delivery::Outcome::Same(by) if !by.is_empty() => return Outcome::Stored { image },
        delivery::Outcome::Same(_) => {
            "the cloud has recorded no digest that could be compared".to_owned()
        }
        delivery::Outcome::Different(_) => {
            "the cloud has not recorded what was sent: do not use it".to_owned()
        }
        delivery::Outcome::Unknown(reason) => quoted(&reason.message),
    };
    Outcome::Doubtful { image, why }
}

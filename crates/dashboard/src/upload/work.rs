//! The work of an upload: look, make the record, send, compare; and take the record away again when it was not to be.

use std::sync::Arc;

use cloud::{Door, Glance, Op};
use disk::inspect::{Code, Declared, Inspector, Kind, Refused, gate};
use disk::limits::{LOOK, MAX_VIRTUAL_SIZE};
use disk::{Cancel, Contents, Ends, Format, Layer, Look, Meter, Output, Source, Wanted};
use jiff::Timestamp;
use proof::{Of, Reason, Recorded};
use serde_json::json;
use uuid::Uuid;
use wire::image::Image;

use super::arrival::Arrival;
use super::report::{Finding, Outcome, Report};
use super::sink::Onward;
use crate::token;
use crate::view::words::{quoted, size};

/// Formats that clouds take as they are everywhere.
const AS_IS: [&str; 3] = ["raw", "qcow2", "iso"];

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

impl From<&Refused> for Unmade {
    fn from(refused: &Refused) -> Self {
        Self::Refused(refused.findings().to_vec())
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

impl From<&disk::Error> for Unmade {
    fn from(error: &disk::Error) -> Self {
        let reason = Reason::of_pass(error);
        Self::Failed(quoted(&reason.message), reason.causes)
    }
}

/// How the bytes are sent.
#[derive(Clone, Copy)]
struct Plan {
    layer: Layer,
    format: &'static str,
    found: Format,
}

impl Plan {
    fn of(look: &Look, raw: bool) -> Self {
        let found = look.format.glance_name();
        // What follows the disk in a fixed VHD is not the disk's.
        let footed = look.inspection.kind == Kind::VhdFixed;
        let (layer, format) = match !raw && !footed && AS_IS.contains(&found) {
            true => (Layer::Unpacked, found),
            false => (Layer::Disk, "raw"),
        };
        Self {
            layer,
            format,
            found: look.format,
        }
    }

    fn declared(self) -> Declared {
        Declared::bare(self.format)
    }
}

impl Work {
    /// Does it. The report is there whatever happens.
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
        let (source, look) = look(arrival).await?;
        let plan = Plan::of(&look, self.wish.raw);
        report.found = found(&look, plan);
        before(&look, plan)?;
        let id = Uuid::new_v4().to_string();
        self.begin(&id, plan, look.disk).await?;
        let sent = match self.send(&id, source, plan, report).await {
            Ok(sent) => sent,
            Err(unmade) => return Err(self.taken_away(&id, unmade).await),
        };
        let image = self.glance.show(&id).await?;
        let Some(image) = image.filter(|image| image.status == "active") else {
            let why = "the image service took the bytes, but the image is not active".to_owned();
            return Ok(Outcome::Doubtful { image: id, why });
        };
        let recorded = Recorded::of(&image);
        report.compared = recorded.compare(&sent, Of::Stored);
        self.measure(&image).await;
        Ok(outcome(id, report))
    }

    /// The record, which nobody but the project sees.
    async fn begin(&self, id: &str, plan: Plan, disk: Option<u64>) -> Result<(), Unmade> {
        let record = json!({
            "id": id,
            "name": self.wish.name,
            "visibility": "private",
            "disk_format": plan.format,
            "container_format": "bare",
            "min_disk": disk.map_or(0, gib),
        });
        let record = record.as_object().cloned().unwrap_or_default();
        self.glance.create(&record).await?;
        Ok(())
    }

    /// Sends the bytes; what was sent, when the image service has all of them.
    async fn send(
        &self,
        id: &str,
        source: Source,
        plan: Plan,
        report: &mut Report,
    ) -> Result<Contents, Unmade> {
        let (sink, begun, findings) = Onward::new(plan.declared());
        let pass = tokio::task::spawn_blocking(move || pass(source, plan, sink));
        let upload = async {
            // Without a first byte there is no request; the pass says why.
            let (len, body) = begun.await.ok()?;
            Some(self.glance.send(Door::File, id, len, None, body).await)
        };
        let (passed, answered) = tokio::join!(pass, upload);
        let passed = passed
            .map_err(|_| Unmade::Failed("the pass over the file broke".to_owned(), Vec::new()))?;
        let sent = match (answered, passed) {
            (Some(Ok(())), Ok(sent)) => sent,
            // The body was given up because the pass failed.
            (
                None | Some(Ok(()) | Err(cloud::Error::Net(net::Error::GivenUp { .. }))),
                Err(unmade),
            ) => {
                return Err(unmade);
            }
            (Some(Err(error)), _) => return Err(error.into()),
            (None, Ok(_)) => {
                return Err(Unmade::Failed("no byte was sent".to_owned(), Vec::new()));
            }
        };
        let findings = findings
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        report.findings = findings.iter().map(Finding::from).collect();
        Ok(sent)
    }

    /// The smallest disk, where it is only known now. Without it the image is as good.
    async fn measure(&self, image: &Image) {
        let least = image.virtual_size.map_or(0, gib);
        if least > image.min_disk {
            let change = Op::Replace("min_disk".to_owned(), json!(least));
            drop(self.glance.patch(&image.id, &[change]).await);
        }
    }

    /// Deletes the record that was begun, or says that it may be left.
    async fn taken_away(&self, id: &str, unmade: Unmade) -> Unmade {
        match (self.glance.delete(id).await, unmade) {
            (Ok(()) | Err(cloud::Error::Gone { .. }), unmade) => unmade,
            (Err(error), Unmade::Failed(why, mut causes)) => {
                causes.push(format!(
                    "image {id} may be left, seen by your project only: {error}"
                ));
                Unmade::Failed(why, causes)
            }
            (Err(_), refused) => refused,
        }
    }
}

/// Looks at the first bytes.
async fn look(arrival: Arrival) -> Result<(Source, Look), Unmade> {
    let head = arrival.head();
    let looked = tokio::task::spawn_blocking(move || {
        let mut source = Source::stream(arrival, None);
        let look = disk::look(&mut source, MAX_VIRTUAL_SIZE)?;
        Ok::<_, disk::Error>((source, look))
    });
    match looked.await {
        Ok(looked) => looked.map_err(|error| unreadable(&error, &head.bytes())),
        Err(_) => Err(Unmade::Failed(
            "the look at the file broke".to_owned(),
            Vec::new(),
        )),
    }
}

/// What is told of a file that cannot be read: what is wrong with it, where that is known to be dangerous, or why not.
fn unreadable(error: &disk::Error, head: &[u8]) -> Unmade {
    let mut inspector = Inspector::new();
    inspector.push(head);
    let inspection = match head.len() < LOOK {
        true => inspector.finish(),
        false => inspector.so_far(),
    };
    let declared = Declared::bare(inspection.disk_format());
    match gate(&inspection, &declared) {
        Err(refused) => Unmade::from(&refused),
        Ok(_) => Unmade::from(error),
    }
}

/// Refuses a file by what is known of it before it is sent.
fn before(look: &Look, plan: Plan) -> Result<(), Unmade> {
    let rebuilt = plan.layer == Layer::Disk && !plan.found.is_plain();
    if !rebuilt {
        return gate(&look.inspection, &plan.declared())
            .map(drop)
            .map_err(|refused| Unmade::from(&refused));
    }
    // The cloud gets the disk and not this file; whether the file is one whole disk its reader decides.
    let own = Declared::bare(plan.found.glance_name());
    let mut findings = look.inspection.findings(&own);
    findings.retain(|finding| finding.code == Code::SeveralFormats);
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Unmade::Refused(findings)),
    }
}

/// The pass over the file, on a thread that may wait.
fn pass(source: Source, plan: Plan, sink: Onward) -> Result<Contents, Unmade> {
    let wanted = Wanted {
        // What is sent as it is must be a whole image, too.
        whole: plan.layer != Layer::Disk,
        ..Wanted::default()
    };
    let ends = Ends {
        output: Some(Output {
            sink: Box::new(sink),
            layer: plan.layer,
        }),
        ..Ends::default()
    };
    let (meter, cancel) = (Arc::<Meter>::default(), Cancel::default());
    let reading = disk::read(source, &wanted, ends, &meter, &cancel);
    let mut reading = reading.map_err(|error| Unmade::from(&error))?;
    let Some(sink) = reading.sink.take() else {
        return Err(Unmade::Failed(
            "the pass did not come to an end".to_owned(),
            Vec::new(),
        ));
    };
    sink.finish().map_err(|error| {
        let refused = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Refused>());
        refused.map_or_else(
            || Unmade::Failed(error.to_string(), Vec::new()),
            Unmade::from,
        )
    })
}

/// What the file was found to be.
fn found(look: &Look, plan: Plan) -> Vec<(&'static str, String)> {
    let packings: Vec<&str> = look.packings.iter().map(|packing| packing.name()).collect();
    let mut rows = vec![("Format", look.inspection.kind.title().to_owned())];
    if !packings.is_empty() {
        rows.push(("Unpacked from", packings.join(", ")));
    }
    if let Some(bytes) = look.disk {
        rows.push(("Disk", size(bytes)));
    }
    let how = match plan.layer {
        Layer::Disk if !plan.found.is_plain() => format!("{}, converted on the way", plan.format),
        _ => format!("{}, as it is", plan.format),
    };
    rows.push(("Sent as", how));
    rows
}

/// What the comparison comes to.
fn outcome(image: String, report: &Report) -> Outcome {
    let digests = report
        .compared
        .iter()
        .filter(|line| line.algorithm.is_some());
    if digests.count() == 0 {
        let why = "the cloud has recorded no digest that could be compared".to_owned();
        return Outcome::Doubtful { image, why };
    }
    match report.compared.iter().all(|line| line.matches) {
        true => Outcome::Stored { image },
        false => {
            let why = "the cloud has not recorded what was sent: do not use it".to_owned();
            Outcome::Doubtful { image, why }
        }
    }
}

/// GiB that hold so many bytes.
fn gib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 30)
}

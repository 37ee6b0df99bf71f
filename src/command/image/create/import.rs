//! Images that the cloud imports: out of its staging area, or from an address that it fetches itself.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cloud::Import;
use delivery::{Imports, Made, Outcome, declare};
use disk::inspect::Declared;
use disk::{Look, Meter};
use jiff::Timestamp;
use origin::Address;
use proof::{Code, Group, Kind, Options, Outcome as Judged, Prover, Reason, Verdict};
use tokio::runtime::Handle;
use url::Url;
use wire::image::Image;

use super::{Work, gate, made, origin as from, record};
use crate::command::keys;
use crate::command::verify::client;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::progress::Task;

impl Work<'_> {
    /// Goes on only where the cloud offers this way of importing.
    pub(super) async fn offered(&self, import: &Import) -> Result<(), Failure> {
        let asked = delivery::offered(self.cloud.glance(), import);
        self.context
            .unless_cancelled(async { Ok(asked.await?) })
            .await
    }

    /// An image that the cloud fetches itself; it is compared with the same address, read from here.
    pub(super) async fn fetched(
        &self,
        uri: &Url,
        look: Result<Look, Failure>,
    ) -> Result<Image, Failure> {
        let (format, disk) = self.expected(look)?;
        let import = self.import(Some(uri));
        self.offered(&import).await?;
        let source = from::public(uri);
        let made = self.begin(&format, disk, source.as_deref()).await?;
        let done = async {
            let imported = Imported::new(self.context);
            let imports = Imports {
                import: &import,
                deadline: self.args.timeout,
                watch: &|image: &Image| imported.look(image),
            };
            let image = made.settle(&imports).await;
            let image = image.map_err(|error| unfinished(&made, error))?;
            let verdict = self.verify(&image, uri).await;
            Ok((image, verdict))
        };
        let (image, verdict) = match self.context.unless_cancelled(done).await {
            Ok(done) => done,
            Err(failure) => return Err(made::clean_up(&made, failure).await),
        };
        self.judged(&made, &image, outcome(&image, verdict)).await?;
        let last = record::last(&self.args.fields, &image, None);
        made::publish(&made, &image, last).await
    }

    /// The format and the disk's size that the image is declared to have. Glance wants the format before it has a byte.
    fn expected(&self, look: Result<Look, Failure>) -> Result<(String, Option<u64>), Failure> {
        let declared = self.args.fields.disk_format.as_deref();
        let look = match (look, declared) {
            (Ok(look), _) => look,
            // What is known to be bad is not fetched on somebody's word.
            (Err(failure), Some(_)) if failure.exit == Exit::Untrusted => return Err(failure),
            (Err(failure), Some(declared)) => {
                let why = failure.on_one_line(": ");
                self.context
                    .warn(&format!("cannot look at it from here: {why}"));
                return Ok((declared.to_owned(), None));
            }
            (Err(failure), None) => {
                let hint = "say what it is: --disk-format FORMAT";
                return Err(failure.hint(hint));
            }
        };
        if let Some(packing) = look.packings.first() {
            let message = format!(
                "the file is packed ({}), and a cloud does not unpack it",
                packing.name()
            );
            return Err(Failure::new(Exit::Usage, message)
                .hint("`--file URL` instead of `--uri URL` unpacks it here while it is sent"));
        }
        let found = look.format.glance_name();
        let format = declared.map_or(Ok(found), |declared| declare(found, declared))?;
        gate::pass(self.context, &look.inspection, &Declared::bare(format))?;
        Ok((format.to_owned(), look.disk))
    }

    /// The verdict about the image beside what lies at the address.
    async fn verify(&self, image: &Image, uri: &Url) -> Option<Verdict> {
        let client = client(self.args.stall_timeout).ok()?;
        let options = Options {
            max_virtual_size: self.args.max_virtual_size,
            ..Options::default()
        };
        let handle = Handle::current();
        let trust = keys::trust(&[], false).ok()?;
        let prover = Prover {
            trust: &trust,
            client: &client,
            glance: None,
            handle: &handle,
            options: &options,
        };
        let group = Group {
            original: Address::Url(uri.clone()),
            by_user: true,
            images: vec![(0, image.clone())],
        };
        let meter = Arc::<Meter>::default();
        let task = self.context.progress.add(image.name(), Arc::clone(&meter));
        let cancel = &self.context.cancel;
        let verdicts = prover.group(&group, Timestamp::now(), &meter, cancel).await;
        drop(task);
        verdicts.into_iter().next().map(|(_, verdict)| verdict)
    }
}

/// An import as it is shown while it is waited for.
pub(super) struct Imported<'a> {
    context: &'a Context,
    meter: Arc<Meter>,
    task: RefCell<Option<Task>>,
    status: RefCell<String>,
}

impl<'a> Imported<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self {
            context,
            meter: Arc::default(),
            task: RefCell::default(),
            status: RefCell::default(),
        }
    }

    /// Shows the image as it is now.
    pub(super) fn look(&self, image: &Image) {
        let begin = || {
            let progress = &self.context.progress;
            progress.add("the cloud imports", Arc::clone(&self.meter))
        };
        self.task.borrow_mut().get_or_insert_with(begin);
        let size = image.size.unwrap_or_default();
        self.meter.file_read.store(size, Ordering::Relaxed);
        if *self.status.borrow() != image.status {
            self.status.replace(image.status.clone());
            let text = format!("image {} is {}", image.id, image.status);
            self.context.detail(1, &text);
        }
    }
}

/// An image that is not there. It may yet become what it should; taking it away in the middle is the user's decision.
pub(super) fn unfinished(made: &Made<'_>, error: delivery::Error) -> Failure {
    let late = matches!(error, delivery::Error::Cloud(cloud::Error::NotYet { .. }));
    let failure = Failure::from(error);
    if !late {
        return failure;
    }
    let id = made.id();
    failure
        .cause("the cloud may still be at it; only your project sees the image")
        .hint(format!(
            "look at it: `ectype image show {id}`; take it away: `ectype image delete {id}`"
        ))
}

/// What a verdict means for the image.
fn outcome(image: &Image, verdict: Option<Verdict>) -> Outcome {
    let id = &image.id;
    let Some(verdict) = verdict else {
        let message = format!("image {id} was not compared with its original");
        return Outcome::Unknown(Reason::new(Code::Cancelled, message).of_kind(Kind::Temporary));
    };
    match (verdict.verdict, verdict.reason) {
        (Judged::Identical, _) | (_, None) => {
            let lines = verdict.compared.iter().filter(|line| line.matches);
            Outcome::Same(lines.filter_map(|line| line.algorithm).collect())
        }
        (Judged::Different, Some(reason)) => Outcome::Different(vec![reason.message]),
        (Judged::Undecided, Some(mut reason)) => {
            let why = &reason.message;
            reason.message = format!("image {id} cannot be compared with its original: {why}");
            Outcome::Unknown(reason)
        }
    }
}

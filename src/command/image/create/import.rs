//! Images that the cloud imports: out of its staging area, or from an address that it fetches itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cloud::Import;
use disk::inspect::Declared;
use disk::{Look, Meter};
use jiff::Timestamp;
use origin::Address;
use proof::{Group, Options, Outcome as Judged, Prover, Verdict};
use tokio::runtime::Handle;
use url::Url;
use wire::image::Image;

use super::compare::Outcome;
use super::made::Made;
use super::{Work, gate, origin as from, plan, record};
use crate::command::keys;
use crate::command::verify::{because, client};
use crate::failure::{Exit, Failure};

impl Work<'_> {
    /// Goes on only where the cloud offers this way of importing.
    pub(super) async fn offered(&self, import: &Import) -> Result<(), Failure> {
        let method = import.method();
        let asked = self.cloud.glance().import_methods();
        let offered = self
            .context
            .unless_cancelled(async { Ok(asked.await?) })
            .await?;
        if offered.iter().any(|name| name == method) {
            return Ok(());
        }
        let failure = Failure::new(Exit::Refused, format!("the cloud does not offer {method}"));
        let failure = match offered.is_empty() {
            true => failure.cause("it offers no import at all"),
            false => failure.cause(format!("it offers {}", offered.join(", "))),
        };
        Err(failure.hint(match import.uri {
            Some(_) => "`--file URL` instead of `--uri URL` sends the same bytes from here",
            None => "without --import the bytes are sent directly",
        }))
    }

    /// Has the image imported and waits until it is there.
    pub(super) async fn settle(&self, made: &Made<'_>, import: &Import) -> Result<Image, Failure> {
        let glance = self.cloud.glance();
        glance.import(&made.id, import).await?;
        let meter = Arc::<Meter>::default();
        let task = self
            .context
            .progress
            .add("the cloud imports", Arc::clone(&meter));
        let mut status = String::new();
        let imported = glance
            .imported(&made.id, self.args.timeout, |image| {
                let size = image.size.unwrap_or_default();
                meter.file_read.store(size, Ordering::Relaxed);
                if image.status != status {
                    status.clone_from(&image.status);
                    self.context
                        .detail(1, &format!("image {} is {status}", image.id));
                }
            })
            .await;
        drop(task);
        imported.map_err(|error| {
            let late = matches!(error, cloud::Error::NotYet { .. });
            let failure = Failure::from(error);
            if late {
                // It may yet become what it should; taking it away in the middle is the user's decision.
                made.keep();
                return failure
                    .cause("the cloud may still be at it; only your project sees the image")
                    .hint(format!("look at it: `ectype image show {0}`; take it away: `ectype image delete {0}`", made.id));
            }
            failure
        })
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
            let image = self.settle(&made, &import).await?;
            let verdict = self.verify(&image, uri).await;
            Ok((image, verdict))
        };
        let (image, verdict) = match self.context.unless_cancelled(done).await {
            Ok(done) => done,
            Err(failure) => return Err(made.clean_up(failure).await),
        };
        self.judged(&made, &image, outcome(&image, verdict)).await?;
        made.publish(&image, record::last(&self.args.fields, &image, None))
            .await
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
        let format = declared.map_or(Ok(found), |declared| plan::declare(found, declared))?;
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

/// What a verdict means for the image.
fn outcome(image: &Image, verdict: Option<Verdict>) -> Outcome {
    let Some(verdict) = verdict else {
        let message = format!("image {} was not compared with its original", image.id);
        return Outcome::Unknown(Failure::new(Exit::Unreachable, message));
    };
    match (verdict.verdict, &verdict.reason) {
        (Judged::Identical, _) | (_, None) => {
            let lines = verdict.compared.iter().filter(|line| line.matches);
            Outcome::Same(lines.filter_map(|line| line.algorithm).collect())
        }
        (Judged::Different, Some(reason)) => Outcome::Different(vec![reason.message.clone()]),
        (Judged::Undecided, Some(reason)) => {
            let message = format!(
                "image {} cannot be compared with its original: {}",
                image.id, reason.message
            );
            Outcome::Unknown(because(reason, message))
        }
    }
}

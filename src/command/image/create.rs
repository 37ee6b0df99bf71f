//! `ectype image create`: a disk image into a cloud, converted while it streams, compared with what the cloud stored.

mod compare;
mod gate;
mod import;
mod made;
mod origin;
mod record;
mod repack;
mod way;

use std::sync::Arc;
use std::time::Duration;

use cloud::{Cloud, Door, Import};
use delivery::{Broken, Delivered, Delivery, Imports, Made, Place, Way};
use disk::Meter;
use net::Options;
use proof::Code;
use wire::image::Image;

use self::import::Imported;
use self::origin::{From, Opened};
use self::way::Convert;
use super::list::project_id;
use super::show;
use crate::command::convert::Compress;
use crate::command::verify::{bytes, seconds};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Create an image from a file, a URL or a pipe.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("bytes").args(["file", "uri"]).required(true),
    group = clap::ArgGroup::new("failing").args(["allow_failure", "disallow_failure"]),
    after_help = "\
The format is found by content. raw and qcow2 are sent as they are (without a packing such as xz), everything else as raw, \
converted while it streams. While the bytes are sent nobody but your project sees the image. Then they are compared with \
the digests that the cloud has recorded; only if those agree it becomes visible as you asked, and the exit code is 0.
An image that was interrupted or refused is deleted again.

  ectype image create mine --file disk.qcow2
  ectype image create mine --file https://vendor.example/disk.qcow2 --convert raw --os debian:13
  ectype image create mine --file disk.vmdk --convert qcow2 --compress zstd
  curl -s https://vendor.example/disk.raw.xz | ectype image create mine --file -"
)]
pub(crate) struct Args {
    /// The image's name
    name: String,
    /// What to send: a file, a URL that is read from here, or `-` for standard input
    #[arg(long, value_name = "FILE|URL", value_parser = From::typed)]
    file: Option<From>,
    /// What the cloud fetches itself (web-download); compared afterwards with the same URL, read from here
    #[arg(long, value_name = "URL", conflicts_with_all = ["convert", "size", "import"])]
    uri: Option<url::Url>,
    /// Stage the bytes and have the cloud import them from there (glance-direct), with whatever it does to imported images
    #[arg(long)]
    import: bool,
    /// Send the disk in this format, whatever the file is in
    #[arg(long, value_name = "FORMAT", value_enum)]
    convert: Option<Convert>,
    /// Compress the qcow2 of --convert qcow2: zlib unless given
    #[arg(long, value_name = "KIND", value_enum)]
    compress: Option<Compress>,
    #[command(flatten)]
    fields: record::Fields,
    /// Put the bytes into this store, on a cloud with several; repeatable with --import and --uri
    #[arg(long = "store", value_name = "STORE", conflicts_with = "all_stores")]
    stores: Vec<String>,
    /// Put the bytes into all stores
    #[arg(long)]
    all_stores: bool,
    /// With --import and --uri: one store that has the bytes is enough
    #[arg(long)]
    allow_failure: bool,
    /// With --import and --uri: all stores must have the bytes
    #[arg(long)]
    disallow_failure: bool,
    /// With --import and --uri: how long to wait for the cloud
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    timeout: Duration,
    /// What becomes of an image whose recorded digests are not those of the bytes that were sent
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    on_mismatch: compare::OnMismatch,
    /// How many bytes will come, where that cannot be found out: from a pipe
    #[arg(long, value_name = "BYTES")]
    size: Option<u64>,
    /// The largest disk to convert, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    /// How many seconds a server may do nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.expect_record()?;
    args.fields.check()?;
    args.check()?;
    let options = Options {
        stall_timeout: args.stall_timeout,
        ..Options::default()
    };
    let image = match (&args.file, &args.uri) {
        (Some(from), _) => {
            // What is wrong with the file is said before the cloud is asked.
            let opened = origin::open(context, &args, from).await?;
            let way = way::of(&opened.look, &args)?;
            gate::before(context, &opened.look, &way, args.fields.container())?;
            let cloud = context
                .unless_cancelled(context.cloud_with(options))
                .await?;
            let work = Work::new(context, &args, &cloud);
            let (opened, way) = work.measured(from, opened, way).await?;
            work.file(from, opened, &way).await?
        }
        (None, Some(uri)) => {
            let look = origin::look_at(context, &args, uri).await;
            context.going_on()?;
            let cloud = context
                .unless_cancelled(context.cloud_with(options))
                .await?;
            Work::new(context, &args, &cloud).fetched(uri, look).await?
        }
        (None, None) => return Ok(()),
    };
    show::print(context, &image)
}

/// One image in the making.
struct Work<'a> {
    context: &'a Context,
    args: &'a Args,
    cloud: &'a Cloud,
}

impl Args {
    /// Refuses options that mean nothing together.
    fn check(&self) -> Result<(), Failure> {
        let imports = self.import || self.uri.is_some();
        let several = self.stores.len() > 1 || self.all_stores;
        if !imports && (several || self.allow_failure || self.disallow_failure) {
            let message = "only an import puts an image into several stores";
            return Err(Failure::new(Exit::Usage, message).hint("add --import"));
        }
        let repacked = self.convert == Some(Convert::Qcow2);
        if self.compress.is_some() && !repacked {
            let message = "only a qcow2 that is made on the way is compressed";
            return Err(Failure::new(Exit::Usage, message).hint("add --convert qcow2"));
        }
        if repacked && self.file.as_ref().is_some_and(|from| !from.repeatable()) {
            let message =
                "--convert qcow2 reads the file twice, and a pipe gives its bytes only once";
            return Err(Failure::new(Exit::Usage, message).hint(
                "give a file or a URL; or make a file of it first: `ectype convert - disk.qcow2 --compress zlib`",
            ));
        }
        Ok(())
    }
}

impl<'a> Work<'a> {
    fn new(context: &'a Context, args: &'a Args, cloud: &'a Cloud) -> Self {
        Self {
            context,
            args,
            cloud,
        }
    }

    /// An image of bytes that pass through here.
    async fn file(&self, from: &From, opened: Opened, way: &Way) -> Result<Image, Failure> {
        let import = self.args.import.then(|| self.import(None));
        if let Some(import) = &import {
            self.offered(import).await?;
        }
        let source = from.public();
        let made = self.begin(way.format, way.disk, source.as_deref()).await?;
        let done = self.delivered(from, opened, way, &made, import.as_ref());
        let delivered = match self.context.unless_cancelled(done).await {
            Ok(delivered) => delivered,
            Err(failure) => return Err(made::clean_up(&made, failure).await),
        };
        let Delivered {
            sent,
            image,
            outcome,
        } = delivered;
        self.judged(&made, &image, outcome).await?;
        let last = record::last(&self.args.fields, &image, Some(&sent));
        made::publish(&made, &image, last).await
    }

    /// Sends the bytes and compares; once more when the token was refused and the bytes can be had again.
    async fn delivered(
        &self,
        from: &From,
        opened: Opened,
        way: &Way,
        made: &Made<'_>,
        import: Option<&Import>,
    ) -> Result<Delivered, Failure> {
        let (args, meter) = (self.args, Arc::<Meter>::default());
        let delivery = Delivery {
            way,
            container: args.fields.container(),
            max_virtual_size: args.max_virtual_size,
            patience: args.stall_timeout,
            door: if args.import { Door::Stage } else { Door::File },
            meter: &meter,
            cancel: &self.context.cancel,
        };
        let imported = Imported::new(self.context);
        let watch = |image: &Image| imported.look(image);
        let place = Place {
            made,
            store: args
                .stores
                .first()
                .filter(|_| !args.import)
                .map(String::as_str),
            imports: import.map(|import| Imports {
                import,
                deadline: args.timeout,
                watch: &watch,
            }),
        };
        let again = async |error: delivery::Error| {
            if !from.repeatable() {
                let hint = "what comes through a pipe comes once: run it again, or give a file";
                return Err(Failure::from(error).hint(hint).into());
            }
            let opened = origin::open(self.context, args, from).await?;
            Ok::<_, Unsent>(opened.load(way))
        };
        let task = self.context.progress.add(&args.name, Arc::clone(&meter));
        let delivered = delivery.run(opened.load(way), again, &[place]).await;
        drop(task);
        let delivered = delivered.into_iter().next();
        let delivered = delivered.ok_or_else(|| Failure::new(Exit::Bug, "nothing was sent"))?;
        delivered.map_err(|unsent| match unsent {
            Unsent::Failure(failure) => failure,
            Unsent::Delivery(delivery::Error::Broken(broken)) => spoilt(args, &broken),
            Unsent::Delivery(error) => import::unfinished(made, error),
        })
    }

    /// Makes the record: nobody but the project sees it before its bytes have been compared.
    async fn begin(
        &self,
        format: &str,
        disk: Option<u64>,
        source: Option<&str>,
    ) -> Result<Made<'a>, Failure> {
        let project = self.args.fields.project.clone();
        let project = project
            .map(|project| project_id(self.cloud, project))
            .transpose()?;
        let mut record = record::first(&self.args.fields, &self.args.name, project)?;
        record::bytes(&mut record, &self.args.fields, format, disk, source);
        if let Some(text) = record::shown(&self.args.fields, &record) {
            self.context.note(&text);
        }
        let chosen = self.args.fields.has_id();
        let made = Made::new(self.cloud.glance(), &record, chosen);
        // Not to be left in the middle: an image that comes to be after it was deleted would stay.
        let own = self
            .cloud
            .token()
            .project
            .as_ref()
            .map(|own| own.id.as_str());
        let begun = made.begin(&record, own).await.map_err(Failure::from);
        match begun.and_then(|()| self.context.going_on()) {
            Ok(()) => Ok(made),
            Err(failure) => Err(made::clean_up(&made, failure).await),
        }
    }

    fn import(&self, uri: Option<&url::Url>) -> Import {
        let args = self.args;
        Import {
            uri: uri.map(ToString::to_string),
            stores: args.stores.clone(),
            all_stores: args.all_stores,
            all_must_succeed: (args.allow_failure || args.disallow_failure)
                .then_some(args.disallow_failure),
        }
    }
}

/// Why it was not sent.
enum Unsent {
    Delivery(delivery::Error),
    Failure(Failure),
}

impl std::convert::From<delivery::Error> for Unsent {
    fn from(error: delivery::Error) -> Self {
        Self::Delivery(error)
    }
}

impl std::convert::From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Why the pass over the file failed.
fn spoilt(args: &Args, broken: &Broken) -> Failure {
    let other_length = |broken: &Broken| matches!(broken, Broken::Reason(reason) if matches!(reason.code, Code::OriginalTruncated | Code::OriginalChanged));
    if let (Some(size), true) = (args.size, other_length(broken)) {
        let message = format!("what came has not the {size} bytes that --size says");
        return Failure::new(Exit::Usage, message);
    }
    broken.into()
}

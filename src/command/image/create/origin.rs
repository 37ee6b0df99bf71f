//! What is to be sent: opened, and looked at before the cloud hears of it.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::time::Duration;

use delivery::{Load, Way};
use disk::limits::MAX_VIRTUAL_SIZE;
use disk::{Look, Source, look};
use origin::Address;
use proof::Reason;
use tokio::runtime::Handle;
use url::Url;

use super::Args;
use crate::command::verify::client;
use crate::context::Context;
use crate::failure::{Exit, Failure, because};

/// Where the bytes come from.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// A file or a URL.
    Address(Address),
    /// Standard input.
    Stdin,
}

impl From {
    pub(super) fn typed(text: &str) -> Result<Self, origin::NotAnAddress> {
        match text {
            "-" => Ok(Self::Stdin),
            text => Address::typed(text).map(Self::Address),
        }
    }

    /// Whether the bytes can be had a second time.
    pub(super) fn repeatable(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::Address(Address::Path(path)) => {
                let kind = fs::metadata(path).map(|data| data.file_type());
                !kind.is_ok_and(|kind| kind.is_fifo() || kind.is_char_device())
            }
            Self::Address(_) => true,
        }
    }

    /// The address that an image may say it comes from (`image_source`): one that anybody can ask for, without a secret.
    pub(super) fn public(&self) -> Option<String> {
        match self {
            Self::Address(Address::Url(url)) => public(url),
            _ => None,
        }
    }
}

/// A URL without user, password, query and fragment, in any of which a secret can be.
pub(super) fn public(url: &Url) -> Option<String> {
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then(|| url.to_string())
}

/// Bytes that are ready to be read.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) look: Look,
}

impl Opened {
    /// The bytes, to be sent this way. Nothing vouches for them but who sends them.
    pub(super) fn load(self, way: &Way) -> Load {
        Load {
            file: way.file_digests(&self.look),
            source: self.source,
            judge: Box::new(|_| Ok(())),
        }
    }
}

/// Opens what is to be sent and looks at its first bytes.
///
/// # Errors
/// It is not there, empty, or of a kind that must not or cannot be sent.
pub(super) async fn open(context: &Context, args: &Args, from: &From) -> Result<Opened, Failure> {
    let source = match from {
        From::Stdin => Source::stream(io::stdin(), args.size),
        From::Address(address) => {
            let reached = reach(address, args.stall_timeout);
            let source = context.unless_cancelled(reached).await?;
            if args.size.is_some() && source.len() != args.size {
                let len = source
                    .len()
                    .map_or("unknown".to_owned(), |len| len.to_string());
                let message = format!("--size is for pipes; the length of `{address}` is {len}");
                return Err(Failure::new(Exit::Usage, message).hint("leave --size out"));
            }
            source
        }
    };
    let largest = args.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE);
    context.unless_cancelled(examine(source, largest)).await
}

async fn reach(address: &Address, stall_timeout: Duration) -> Result<Source, Failure> {
    let client = client(stall_timeout)?;
    let opened = origin::open(address, &client, &Handle::current()).await;
    let opened = opened.map_err(|error| {
        let mut reason = Reason::of_opening(address, &error);
        reason.hint = error.hint().map(str::to_owned);
        because(&reason, reason.message.clone())
    })?;
    Ok(opened.source)
}

/// Looks at the first bytes, on a thread that may wait for them. What must not reach a cloud is refused here, before
/// anything is made.
async fn examine(mut source: Source, largest: u64) -> Result<Opened, Failure> {
    if source.is_empty() {
        return Err(empty());
    }
    let looked = tokio::task::spawn_blocking(move || {
        let look = look(&mut source, largest);
        look.map(|look| Opened { source, look })
    });
    let looked = looked
        .await
        .map_err(|error| Failure::of(Exit::Bug, &error))?;
    looked.map_err(|error| {
        let reason = Reason::of_pass(&error);
        because(&reason, reason.message.clone())
    })
}

fn empty() -> Failure {
    Failure::new(Exit::Usage, "there is nothing to send: the file is empty")
}

/// What the first bytes at a URL tell that the cloud is to fetch, if they can be had from here.
pub(super) async fn look_at(context: &Context, args: &Args, url: &Url) -> Result<Look, Failure> {
    let from = From::Address(Address::Url(url.clone()));
    open(context, args, &from).await.map(|opened| opened.look)
}

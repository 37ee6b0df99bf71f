//! Bytes on their way in: written to the disk, digested and inspected in one pass, on threads of their own.

mod feed;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use disk::inspect::{Code, Declared, GlanceVerdict, Inspection, Inspector, Severity};
use disk::write::raw::Sparse;
use disk::{Algorithm, Algorithms, Fan};
use tempfile::TempPath;
use tokio::sync::mpsc;

use crate::limits::PARTS_DIGESTED;
use crate::store::StoreError;

pub(crate) use feed::{Fed, way};

/// What came in; the file goes away when this is dropped.
pub(crate) struct Taken {
    pub(crate) file: TempPath,
    pub(crate) size: u64,
    /// MD5.
    pub(crate) checksum: String,
    /// SHA-512.
    pub(crate) hash: String,
    pub(crate) inspection: Inspection,
    /// The digest that was wanted besides.
    pub(crate) wanted: Option<disk::Digest>,
}

/// Why nothing came in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    /// The sender stopped.
    #[error("the data ended too early: {0}")]
    Sender(String),
    /// There are more bytes than allowed.
    #[error("the data is larger than {0} bytes")]
    TooLarge(u64),
    /// It cannot be written here.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the bytes that are fed to a file in `spool`, and computes the digest that is `wanted` besides the usual two. When it
/// returns, the bytes are on the disk.
pub(crate) async fn take(
    mut fed: mpsc::Receiver<Fed>,
    spool: &Path,
    wanted: Option<Algorithm>,
) -> Result<Taken, Cut> {
    // The file is written from here, not from the way itself: whoever gives up waiting for this ends the writing, too.
    let (sender, receiver) = mpsc::channel(1);
    let folder = spool.to_owned();
    let writing = tokio::task::spawn_blocking(move || write(folder, receiver, wanted));
    let mut ended = Err(Cut::Sender("it did not say where it ends".to_owned()));
    while let Some(fed) = fed.recv().await {
        let sent = match fed {
            Fed::Pieces(pieces) => sender.send(Some(pieces)).await,
            Fed::End => {
                ended = Ok(());
                sender.send(None).await
            }
            Fed::Broken(cut) => {
                ended = Err(cut);
                break;
            }
        };
        // When the writer has gone, it says why itself.
        if sent.is_err() {
            break;
        }
    }
    drop(sender);
    match (ended, writing.await) {
        (_, Err(error)) => Err(StoreError::Failed(Box::new(error)).into()),
        // The writer's reason is the better one: the sender only saw that it had stopped.
        (_, Ok(Err(error))) => Err(error.into()),
        (Ok(()), Ok(Ok(Some(taken)))) => Ok(taken),
        (Err(cut), Ok(Ok(_))) => Err(cut),
        (Ok(()), Ok(Ok(None))) => Err(StoreError::Failed("the writing has stopped".into()).into()),
    }
}

fn write(
    folder: PathBuf,
    mut incoming: mpsc::Receiver<Option<Vec<Bytes>>>,
    wanted: Option<Algorithm>,
) -> Result<Option<Taken>, StoreError> {
    let file = tempfile::Builder::new()
        .prefix("upload-")
        .tempfile_in(folder)?;
    let (file, path) = file.into_parts();
    let mut disk = Sparse::new(file);
    let usual = Algorithms::NONE
        .with(Algorithm::Md5)
        .with(Algorithm::Sha512);
    let mut fan = Fan::with_room(
        wanted.map_or(usual, |wanted| usual.with(wanted)),
        PARTS_DIGESTED,
    );
    let mut inspector = Inspector::new();
    loop {
        match incoming.blocking_recv() {
            // It was given up.
            None => return Ok(None),
            Some(None) => break,
            Some(Some(pieces)) => {
                fan.all(&pieces);
                for piece in &pieces {
                    disk.add(piece)?;
                    inspector.push(piece);
                }
            }
        }
    }
    disk.set_end()?;
    disk.settle()?;
    let contents = fan.finish();
    let digest = |algorithm| {
        let digest = contents.digests.get(algorithm);
        digest.map(ToString::to_string).unwrap_or_default()
    };
    Ok(Some(Taken {
        file: path,
        size: contents.size,
        checksum: digest(Algorithm::Md5),
        hash: digest(Algorithm::Sha512),
        inspection: inspector.finish(),
        wanted: wanted.and_then(|wanted| contents.digests.get(wanted).cloned()),
    }))
}

/// What is useless but harmless: Glance takes it, and a client may have its reasons.
const HARMLESS: &[Code] = &[Code::Empty, Code::Packed, Code::Uninspected];

/// Holds what came in to what the image's record says of it. Gives the size of the disk where it is known.
///
/// # Errors
/// The reasons against it, in one line.
pub(crate) fn admit(inspection: &Inspection, declared: &Declared) -> Result<Option<u64>, String> {
    let against: Vec<String> = inspection
        .findings(declared)
        .into_iter()
        .filter(|finding| {
            finding.severity == Severity::Glance
                || (finding.severity == Severity::Ectype && !HARMLESS.contains(&finding.code))
        })
        .map(|finding| match finding.detail {
            Some(detail) => format!("{} ({detail})", finding.code.meaning()),
            None => finding.code.meaning().to_owned(),
        })
        .collect();
    if !against.is_empty() {
        return Err(against.join("; "));
    }
    Ok(match inspection.glance_verdict(declared) {
        GlanceVerdict::Accepted { virtual_size, .. } => virtual_size,
        _ => None,
    })
}

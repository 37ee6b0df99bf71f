//! Bytes on their way in: written to the disk, digested and inspected in one pass, on threads of their own.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use disk::inspect::{Code, Declared, GlanceVerdict, Inspection, Inspector, Severity};
use disk::write::raw::Sparse;
use disk::{Algorithm, Algorithms, Fan};
use futures_util::{Stream, StreamExt};
use tempfile::TempPath;
use tokio::sync::mpsc;

use crate::limits::{PIECES_WAITING, STALL};
use crate::store::StoreError;

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

/// Writes a stream of at most `cap` bytes to a file in `spool`, and computes the digest that is `wanted` besides the usual
/// two. When it returns, the bytes are on the disk.
pub(crate) async fn take<S, E>(
    bytes: S,
    spool: &Path,
    cap: u64,
    wanted: Option<Algorithm>,
) -> Result<Taken, Cut>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: std::fmt::Display,
{
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    let folder = spool.to_owned();
    let writing = tokio::task::spawn_blocking(move || write(folder, receiver, wanted));
    let sent = send(bytes, sender, cap).await;
    let written = match writing.await {
        Ok(written) => written,
        Err(error) => return Err(StoreError::Failed(Box::new(error)).into()),
    };
    match (sent, written) {
        // The writer's reason is the better one: the sender only saw that it had stopped.
        (_, Err(error)) => Err(error.into()),
        (Err(cut), Ok(_)) => Err(cut),
        (Ok(()), Ok(Some(taken))) => Ok(taken),
        (Ok(()), Ok(None)) => Err(Cut::Sender("it did not say where it ends".to_owned())),
    }
}

/// A piece, or none for the end: a channel that closes without it was abandoned.
type Piece = Option<Bytes>;

async fn send<S, E>(bytes: S, sender: mpsc::Sender<Piece>, cap: u64) -> Result<(), Cut>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: std::fmt::Display,
{
    let mut bytes = std::pin::pin!(bytes);
    let mut size: u64 = 0;
    loop {
        let piece = match tokio::time::timeout(STALL, bytes.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => return Err(Cut::Sender(error.to_string())),
            Ok(None) => break,
            Err(_) => return Err(Cut::Sender("nothing came for a minute".to_owned())),
        };
        size = size.saturating_add(piece.len() as u64);
        if size > cap {
            return Err(Cut::TooLarge(cap));
        }
        if sender.send(Some(piece)).await.is_err() {
            return Ok(());
        }
    }
    // When the writer has gone, it says why itself.
    let _ = sender.send(None).await;
    Ok(())
}

fn write(
    folder: PathBuf,
    mut pieces: mpsc::Receiver<Piece>,
    wanted: Option<Algorithm>,
) -> Result<Option<Taken>, StoreError> {
    let file = tempfile::Builder::new()
        .prefix("upload-")
        .tempfile_in(folder)?;
    let (file, path) = file.into_parts();
    let mut disk = Sparse::new(file.try_clone()?);
    let usual = Algorithms::NONE
        .with(Algorithm::Md5)
        .with(Algorithm::Sha512);
    let mut fan = Fan::new(wanted.map_or(usual, |wanted| usual.with(wanted)));
    let mut inspector = Inspector::new();
    let mut ended = false;
    while let Some(piece) = pieces.blocking_recv() {
        let Some(piece) = piece else {
            ended = true;
            break;
        };
        fan.data(piece.clone());
        disk.add(&piece)?;
        inspector.push(&piece);
    }
    if !ended {
        return Ok(None);
    }
    disk.set_end()?;
    file.sync_all()?;
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

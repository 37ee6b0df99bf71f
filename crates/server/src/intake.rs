//! Bytes on their way in: written to the disk, digested and inspected in one pass, on threads of their own.

mod feed;

use std::fs::File;
use std::path::{Path, PathBuf};

use disk::inspect::{Code, Declared, GlanceVerdict, Inspection, Inspector, Severity};
use disk::write::raw::Sparse;
use disk::{Algorithm, Algorithms, Fan};
use tempfile::TempPath;
use tokio::sync::mpsc;

use crate::limits::PIECES_WAITING;
use crate::store::StoreError;

pub(crate) use feed::{Fed, way};

/// What came in; the file goes away when this is dropped.
pub(crate) struct Taken {
    pub(crate) file: TempPath,
    /// The same file, locked: as long as somebody has it, no collection takes it for left behind.
    _held: File,
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
/// returns, the bytes are on the disk. The writing ends with the way, also when nobody waits for it any more.
pub(crate) async fn take(
    fed: mpsc::Receiver<Fed>,
    spool: &Path,
    wanted: Option<Algorithm>,
) -> Result<Taken, Cut> {
    let folder = spool.to_owned();
    let writing = tokio::task::spawn_blocking(move || write(folder, fed, wanted));
    let written = writing.await;
    written.map_err(|error| StoreError::Failed(Box::new(error)))?
}

fn write(
    folder: PathBuf,
    mut fed: mpsc::Receiver<Fed>,
    wanted: Option<Algorithm>,
) -> Result<Taken, Cut> {
    let store = |error: std::io::Error| Cut::Store(error.into());
    let file = tempfile::Builder::new()
        .prefix("upload-")
        .tempfile_in(folder)
        .map_err(store)?;
    let (file, path) = file.into_parts();
    // Where files cannot be locked, only the age of one tells a collection whether it was left behind.
    let _ = file.lock();
    let held = file.try_clone().map_err(store)?;
    let mut disk = Sparse::new(file);
    let usual = Algorithms::NONE
        .with(Algorithm::Md5)
        .with(Algorithm::Sha512);
    let mut fan = Fan::with_room(
        wanted.map_or(usual, |wanted| usual.with(wanted)),
        PIECES_WAITING,
    );
    let mut inspector = Inspector::new();
    loop {
        match fed.blocking_recv() {
            Some(Fed::Piece(piece)) => {
                fan.data(piece.clone());
                disk.add(&piece).map_err(store)?;
                inspector.push(&piece);
            }
            Some(Fed::End) => break,
            Some(Fed::Broken(cut)) => return Err(cut),
            None => return Err(Cut::Sender("it did not say where it ends".to_owned())),
        }
    }
    disk.set_end().map_err(store)?;
    disk.settle().map_err(store)?;
    let contents = fan.finish();
    let digest = |algorithm| {
        let digest = contents.digests.get(algorithm);
        digest.map(ToString::to_string).unwrap_or_default()
    };
    Ok(Taken {
        file: path,
        _held: held,
        size: contents.size,
        checksum: digest(Algorithm::Md5),
        hash: digest(Algorithm::Sha512),
        inspection: inspector.finish(),
        wanted: wanted.and_then(|wanted| contents.digests.get(wanted).cloned()),
    })
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

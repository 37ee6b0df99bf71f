//! Where the bytes of an original come from: a file, a server with ranges, or a forward-only stream.

use bytes::BytesMut;
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::limits::MAX_HOLE;
use crate::run::Run;

/// Bytes that can be read again at any offset. Used only for what the forward pass could not keep.
///
/// The pass proves by a digest that what it reads again is what passed before, so an implementation need not.
pub trait ReadAt: Send + Sync {
    /// Fills `buf` from `offset`; fewer bytes only at the end.
    ///
    /// # Errors
    /// Any failure to get the bytes.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(done as u64);
            match std::os::unix::fs::FileExt::read_at(self, rest, at) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }
}

/// An original as it comes in.
pub struct Source {
    pub(crate) stream: Box<dyn Read + Send>,
    pub(crate) len: Option<u64>,
    pub(crate) again: Option<Arc<dyn ReadAt>>,
    pub(crate) file: Option<Arc<File>>,
}

impl Source {
    /// A local file or block device.
    ///
    /// # Errors
    /// When it cannot be opened or its size found.
    pub fn file(path: &Path) -> io::Result<Self> {
        let mut stream = File::open(path)?;
        let meta = stream.metadata()?;
        if meta.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let seekable = io::Seek::seek(&mut stream, io::SeekFrom::End(0)).ok();
        if seekable.is_some() {
            io::Seek::rewind(&mut stream)?;
        }
        // A pipe cannot seek; a character device such as /dev/zero seeks to 0 and has no length.
        let Some(len) = seekable.filter(|len| *len > 0 || meta.is_file()) else {
            return Ok(Self::stream(stream, None));
        };
        let file = Arc::new(stream.try_clone()?);
        Ok(Self {
            stream: Box::new(stream),
            len: Some(len),
            again: Some(file.clone()),
            file: Some(file),
        })
    }

    /// A forward-only stream (a pipe, a server without ranges), with its length where it is known.
    pub fn stream(stream: impl Read + Send + 'static, len: Option<u64>) -> Self {
        Self {
            stream: Box::new(stream),
            len,
            again: None,
            file: None,
        }
    }

    /// A forward stream of `len` bytes whose bytes can also be had again at any offset (a server with ranges).
    pub fn ranged(stream: impl Read + Send + 'static, len: u64, again: Arc<dyn ReadAt>) -> Self {
        Self {
            stream: Box::new(stream),
            len: Some(len),
            again: Some(again),
            file: None,
        }
    }

    /// The number of bytes that will come, where it is known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether it is known that no byte will come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == Some(0)
    }
}

/// Where a file or device ends now.
pub(crate) fn end(file: &File) -> Option<u64> {
    seek(file, SeekFrom::End(0)).ok()
}

/// The next run of a file with holes: up to `most` bytes of data, or up to [`MAX_HOLE`] of a hole. A file system
/// that knows no holes shows one run of data.
pub(crate) fn sparse(file: &File, at: u64, len: u64, most: usize) -> io::Result<Option<Run>> {
    if at >= len {
        return Ok(None);
    }
    let data = match seek(file, SeekFrom::Data(at)) {
        Ok(data) => data.min(len),
        Err(Errno::NXIO) => len,
        Err(_) => at,
    };
    if data > at {
        return Ok(Some(Run::Zero((data - at).min(MAX_HOLE))));
    }
    let hole = seek(file, SeekFrom::Hole(at))
        .unwrap_or(len)
        .clamp(at + 1, len);
    let want = usize::try_from(hole - at).unwrap_or(most).min(most);
    let mut space = BytesMut::zeroed(want);
    let got = ReadAt::read_at(file, &mut space, at)?;
    space.truncate(got);
    Ok((got > 0).then(|| Run::Data(space.freeze())))
}

//! Compression and packages around an image, taken off as the bytes pass.

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use liblzma::stream::Stream;

use crate::Packing;
use crate::limits::{MAX_XZ_MEMORY, MAX_ZSTD_WINDOW_LOG};
use crate::ova::{Package, Place};

/// What is inside a packing.
pub(crate) struct Inside {
    pub(crate) reader: Box<dyn Read + Send>,
    /// Where it lies in the file around it, when it lies there as it is.
    pub(crate) place: Option<Place>,
}

/// A reader of what is inside `packed`. Several members or frames in a row are one content, as for the packing's
/// own program; an error of kind `UnexpectedEof` means that it was cut.
pub(crate) fn unpack(packing: Packing, packed: impl Read + Send + 'static) -> io::Result<Inside> {
    let reader: Box<dyn Read + Send> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Packing::Xz => {
            let stream = Stream::new_stream_decoder(MAX_XZ_MEMORY, liblzma::stream::CONCATENATED)?;
            Box::new(XzDecoder::new_stream(packed, stream))
        }
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(packed)?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(packed))),
        Packing::Ova => {
            let (package, place) = Package::new(packed);
            return Ok(Inside {
                reader: Box::new(package),
                place: Some(place),
            });
        }
    };
    Ok(Inside {
        reader,
        place: None,
    })
}

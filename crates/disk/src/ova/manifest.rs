//! The manifest of a package: digests of its files (DMTF DSP0243, 11).

use crate::{Algorithm, Algorithms, Digest, Digests, Error};

/// A digest of a file of the package.
pub(super) struct Line {
    name: String,
    digest: Digest,
}

/// Reads `SHA256(name)= digest` lines. `offset` is where the manifest lies.
pub(super) fn parse(text: &[u8], offset: u64) -> Result<Vec<Line>, Error> {
    let corrupt = |number: usize| Error::Corrupt {
        what: format!("line {number} of the package's manifest is not a digest of a file"),
        offset,
    };
    let text = String::from_utf8_lossy(text);
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty());
    lines
        .map(|(number, text)| line(text).ok_or_else(|| corrupt(number)))
        .collect()
}

fn line(text: &str) -> Option<Line> {
    let (left, hex) = text.rsplit_once('=')?;
    let (algorithm, name) = left.trim_end().strip_suffix(')')?.split_once('(')?;
    let algorithm: Algorithm = algorithm.trim().parse().ok()?;
    Some(Line {
        name: name.trim_start_matches("./").to_owned(),
        digest: Digest::parse(algorithm, hex.trim()).ok()?,
    })
}

/// The algorithms by which `lines` state digests of the file `name`.
pub(super) fn algorithms(lines: &[Line], name: &str) -> Algorithms {
    let named = lines.iter().filter(|line| line.name == name);
    named.map(|line| line.digest.algorithm()).collect()
}

/// Every line must be true of the files that were there.
pub(super) fn check(lines: &[Line], files: &[(String, Digests)], offset: u64) -> Result<(), Error> {
    for line in lines {
        let found = files.iter().find(|(name, _)| *name == line.name);
        let Some((name, digests)) = found else {
            return Err(Error::Corrupt {
                what: format!(
                    "the package's manifest lists `{}`, which is not there",
                    line.name.escape_debug()
                ),
                offset,
            });
        };
        let algorithm = line.digest.algorithm();
        if digests.get(algorithm) != Some(&line.digest) {
            return Err(Error::PackageDigest {
                name: name.escape_debug().to_string(),
                algorithm,
            });
        }
    }
    Ok(())
}

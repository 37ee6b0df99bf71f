//! Any file: inspected whole, in pieces and by reading at offsets it gives the same answer, and no panic. The input is a
//! file that may be sparse, so that a few bytes reach what lies megabytes away.
#![no_main]

use std::io::{self, Read};

use disk::ReadAt;
use disk::inspect::{self, Declared, Eye, GlanceVerdict, Inspection, Inspector, Severity};
use libfuzzer_sys::fuzz_target;

/// Sectors that a sparse input may name: 4 MiB.
const SECTORS: usize = 8192;

struct File(Vec<u8>);

impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        (&self.0[start..]).read(buf)
    }
}

/// The first byte says whether the rest is the file, or a list: sector and length, 16 bits each, and so many bytes.
fn file(input: &[u8]) -> Vec<u8> {
    let Some((mode, mut rest)) = input.split_first() else {
        return Vec::new();
    };
    if mode % 2 == 0 {
        return rest.to_vec();
    }
    let mut file = Vec::new();
    while let [a, b, c, d, more @ ..] = rest {
        let start = usize::from(u16::from_le_bytes([*a, *b])) % SECTORS * 512;
        let len = usize::from(u16::from_le_bytes([*c, *d]) % 513).min(more.len());
        if file.len() < start + 512 {
            file.resize(start + 512, 0);
        }
        file[start..start + len].copy_from_slice(&more[..len]);
        rest = &more[len..];
    }
    file
}

fn in_pieces(file: &[u8], mut seed: u64) -> Inspection {
    let mut inspector = Inspector::new();
    let mut rest = file;
    while !rest.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let size = 1 + (seed >> 40) as usize % (1 << (4 + (seed >> 33) % 17));
        let (piece, more) = rest.split_at(size.min(rest.len()));
        inspector.push(piece);
        rest = more;
    }
    inspector.finish()
}

fuzz_target!(|input: &[u8]| {
    let file = file(input);
    let mut whole = Inspector::new();
    whole.push(&file);
    drop(whole.so_far());
    let whole = whole.finish();
    let seed = input.iter().fold(1, |seed: u64, b| seed.wrapping_mul(31).wrapping_add(u64::from(*b)));
    assert_eq!(in_pieces(&file, seed), whole);
    let mut eye = Eye::default();
    eye.push(&file);
    eye.zeros(seed % (1 << 40));
    drop(eye.finish());
    let len = file.len() as u64;
    let at = inspect::at(&File(file), len).expect("memory can be read");
    assert_eq!(at, whole);
    for declared in ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "ami"].map(Declared::bare) {
        let refused = matches!(whole.glance_verdict(&declared), GlanceVerdict::Refused { .. });
        let findings = whole.findings(&declared);
        assert_eq!(findings.iter().any(|f| f.severity == Severity::Glance), refused);
        let passes = findings.iter().all(|f| f.severity == Severity::Warning);
        assert_eq!(inspect::gate(&whole, &declared).is_ok(), passes);
    }
});

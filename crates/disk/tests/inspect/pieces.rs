//! The answer does not depend on how the bytes come: whole, in pieces of any size, or with gaps that do not matter.

use disk::inspect::{self, Declared, Inspection, Inspector};
use disk::{ReadAt, limits};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bytes::*;

fn whole(bytes: &[u8]) -> Inspection {
    let mut inspector = Inspector::new();
    inspector.push(bytes);
    inspector.finish()
}

/// Counts what is read.
struct Counted<'a>(&'a [u8], AtomicU64);

impl ReadAt for Counted<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap().min(self.0.len());
        let n = buf.len().min(self.0.len() - start);
        buf[..n].copy_from_slice(&self.0[start..start + n]);
        self.1.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

fn files() -> Vec<Vec<u8>> {
    let far = |draft: Draft| {
        let mut bytes = draft.0;
        bytes.resize(8 << 20, 0);
        bytes
    };
    let logical = Draft::zeros(8 << 20)
        .entry(0, 0x05, 4096, 8192)
        .put(4096 * 512 + 446 + 4, &[0x83])
        .le32(4096 * 512 + 446 + 8, 8)
        .le32(4096 * 512 + 446 + 12, 100)
        .put(4096 * 512 + 446 + 16 + 4, &[0x05])
        .le32(4096 * 512 + 446 + 16 + 8, 6000)
        .put(4096 * 512 + 510, &[0x55, 0xaa])
        .put(10_096 * 512 + 446 + 4, &[0x82])
        .le32(10_096 * 512 + 446 + 8, 8)
        .le32(10_096 * 512 + 446 + 12, 64)
        .put(10_096 * 512 + 510, &[0x55, 0xaa]);
    let stream = vmdk(&descriptor("streamOptimized", "RW 1 SPARSE \"a\"")).le64(56, u64::MAX);
    vec![
        far(qcow2(3)),
        far(vhdx(2)),
        far(stream),
        far(vhd(3)),
        Draft(far(iso()))
            .le32(0x8800 + 71, 2000)
            .put(2000 * 2048, &iso().0[20 * 2048..21 * 2048])
            .0,
        gpt(16 << 10, &[(EFI_SYSTEM, 34, 100, "esp")]).0,
        logical.0,
        vdi(1).0,
        b"hello".to_vec(),
        Vec::new(),
    ]
}

#[test]
fn pieces_of_any_size_give_the_same_answer() {
    for (index, bytes) in files().iter().enumerate() {
        let expected = whole(bytes);
        for size in [7919, 65_536, 65_537, 1 << 20, (1 << 20) + 1] {
            let mut inspector = Inspector::new();
            bytes.chunks(size).for_each(|piece| inspector.push(piece));
            assert_eq!(
                inspector.finish(),
                expected,
                "file {index} in pieces of {size}"
            );
        }
    }
}

#[test]
fn what_can_be_read_anywhere_is_read_in_part_and_gives_the_same_answer() {
    for (index, bytes) in files().iter().enumerate() {
        let source = Counted(bytes, AtomicU64::new(0));
        let found = inspect::at(&source, bytes.len() as u64).unwrap();
        assert_eq!(found, whole(bytes), "file {index}");
        let read = source.1.load(Ordering::Relaxed);
        assert!(read <= 4 << 20, "file {index}: {read} bytes were read");
    }
}

/// Before the end a file can only be under suspicion of what no later byte takes back.
#[test]
fn what_is_certain_early_stays_so() {
    for (index, bytes) in files().iter().enumerate() {
        let last = whole(bytes);
        for declared in ["raw", "qcow2", "vmdk", "vhdx", "iso"].map(Declared::bare) {
            let end: Vec<&str> = last
                .findings(&declared)
                .iter()
                .map(|f| f.code.code())
                .collect();
            for seen in [0, 40, 600, 40_000, 70_000, limits::INSPECTED_HEAD, 3 << 20] {
                let bytes = bytes.get(..seen).unwrap_or(bytes);
                let mut inspector = Inspector::new();
                inspector.push(bytes);
                for finding in inspector.so_far().findings(&declared) {
                    let code = finding.code.code();
                    assert!(
                        end.contains(&code),
                        "file {index} as {declared:?}: {code} after {seen} bytes, then {end:?}"
                    );
                }
            }
        }
    }
}

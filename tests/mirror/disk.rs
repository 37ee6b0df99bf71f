//! Originals for the vendors to publish: small disks with a partition, each with content of its own, made by qemu-img.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{sum, tool};

/// What a vendor publishes, and the disk in it.
#[derive(Clone)]
pub(crate) struct Original {
    pub(crate) qcow2: PathBuf,
    pub(crate) raw: PathBuf,
}

impl Original {
    /// The same for the same name, and unlike that of any other.
    pub(crate) fn make(folder: &Path, name: &str) -> Self {
        let made = Self {
            qcow2: folder.join(format!("{name}.qcow2")),
            raw: folder.join(format!("{name}.raw")),
        };
        if made.qcow2.exists() {
            return made;
        }
        std::fs::write(&made.raw, disk(name)).expect("written");
        tool(
            Command::new("qemu-img")
                .args(["convert", "-f", "raw", "-O", "qcow2", "-c"])
                .args([&made.raw, &made.qcow2]),
        );
        made
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.qcow2).expect("read")
    }

    /// The digest that this program prints for the published file.
    pub(crate) fn sum(&self, program: &str) -> String {
        sum(program, &self.qcow2)
    }
}

/// 8 MiB: a table with one partition from 1 MiB on, the name, some noise that begins with it, and holes.
fn disk(name: &str) -> Vec<u8> {
    let mut disk = vec![0; 8 << 20];
    // Bootable, Linux, from sector 2048, 14336 sectors; the addresses by cylinder say "too large".
    let entry = [
        0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff, 0, 8, 0, 0, 0, 0x38, 0, 0,
    ];
    disk[446..462].copy_from_slice(&entry);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk[1 << 20..(1 << 20) + name.len()].copy_from_slice(name.as_bytes());
    let mut state = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    for at in ((2 << 20)..(2 << 20) + (700 << 10)).step_by(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        disk[at..at + 8].copy_from_slice(&state.to_le_bytes());
    }
    disk[5 << 20..(5 << 20) + 4096].fill(0x5a);
    disk
}

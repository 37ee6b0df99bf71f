//! Partition tables and boot modes: what `sfdisk` wrote, and what was made by hand.

use disk::inspect::{Eye, Inspector, Kind, Scheme, Table};

use crate::bytes::*;

fn inspect(bytes: &[u8]) -> disk::inspect::Inspection {
    let mut inspector = Inspector::new();
    inspector.push(bytes);
    inspector.finish()
}

fn rows(table: &Table) -> Vec<(u32, u64, u64, Option<&str>)> {
    let row = |p: &disk::inspect::Partition| (p.number, p.start / 512, p.size / 512, p.kind_name);
    table.partitions.iter().map(row).collect()
}

#[test]
fn a_gpt_is_read_with_names_and_boots_as_its_partitions_say() {
    let disk = gpt(
        8192,
        &[
            (BIOS_BOOT, 34, 99, "grub"),
            (EFI_SYSTEM, 100, 1000, "esp"),
            (LINUX, 1001, 8000, "würzel"),
        ],
    );
    let found = inspect(&disk.put(0, &[0xeb, 0x63]).0);
    let table = found.table.unwrap();
    assert_eq!((found.kind, table.scheme), (Kind::Gpt, Scheme::Gpt));
    assert_eq!(
        rows(&table),
        [
            (1, 34, 66, Some("BIOS boot")),
            (2, 100, 901, Some("EFI system")),
            (3, 1001, 7000, Some("Linux filesystem"))
        ]
    );
    assert_eq!(table.partitions[2].name.as_deref(), Some("würzel"));
    assert!(found.boot.bios && found.boot.uefi, "{:?}", found.boot);
}

#[test]
fn a_decoded_disk_is_looked_at_as_a_file_is_and_holes_cost_nothing() {
    let disk = gpt(8192, &[(EFI_SYSTEM, 100, 1000, "esp")]);
    let mut eye = Eye::default();
    eye.push(&disk.0[..64 << 10]);
    eye.zeros((8191 * 512) - (64 << 10));
    eye.push(&disk.0[8191 * 512..]);
    let layout = eye.finish();
    assert_eq!(layout.table, inspect(&disk.0).table);
    assert_eq!(layout.findings, []);
    assert!(layout.boot.uefi && !layout.boot.bios);
    let mut endless = Eye::default();
    endless.zeros(1 << 60);
    assert_eq!(endless.finish().table, None);
}

#[test]
fn an_iso_boots_as_its_catalogue_says() {
    let found = inspect(&iso().0);
    assert_eq!(found.kind, Kind::Iso);
    assert!(found.boot.bios && found.boot.uefi, "{:?}", found.boot);
    let only_bios = inspect(&iso().put(20 * 2048 + 64, &[0]).0);
    assert!(only_bios.boot.bios && !only_bios.boot.uefi);
}

#[test]
fn a_chain_of_logical_partitions_that_turns_in_a_circle_ends() {
    let disk = Draft::zeros(1 << 20)
        .entry(0, 0x05, 100, 1000)
        .put(100 * 512 + 446 + 4, &[0x83])
        .le32(100 * 512 + 446 + 8, 1)
        .put(100 * 512 + 446 + 20, &[0x05])
        .put(100 * 512 + 510, &[0x55, 0xaa]);
    let table = inspect(&disk.0).table.unwrap();
    assert_eq!(
        rows(&table).iter().map(|row| row.0).collect::<Vec<_>>(),
        [1, 5]
    );
}

/// util-linux writes the tables, we read them.
// long: what is written and what must be read stand beside each other.
#[test]
fn tables_that_sfdisk_writes_are_read_as_it_wrote_them() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("disk");
    let script = |label: &str| match label {
        "gpt" => {
            "label: gpt\nstart=2048, size=4096, type=U, name=\"esp\"\nstart=8192, size=8192, type=L, name=\"root\"\n"
        }
        _ => {
            "label: dos\nstart=2048, size=4096, type=83, bootable\nstart=8192, size=20000, type=5\nstart=10240, size=2048, type=82\nstart=14336, size=2048, type=8e\n"
        }
    };
    for (label, expected) in [
        (
            "gpt",
            vec![
                (1, 2048, 4096, Some("EFI system")),
                (2, 8192, 8192, Some("Linux filesystem")),
            ],
        ),
        (
            "dos",
            vec![
                (1, 2048, 4096, Some("Linux filesystem")),
                (2, 8192, 20_000, Some("extended")),
                (5, 10_240, 2048, Some("Linux swap")),
                (6, 14_336, 2048, Some("Linux LVM")),
            ],
        ),
    ] {
        std::fs::File::create(&path)
            .unwrap()
            .set_len(32 << 20)
            .unwrap();
        let child = Command::new("sfdisk")
            .arg("-q")
            .arg(&path)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "no sfdisk");
            return eprintln!(
                "skipped: tables_that_sfdisk_writes_are_read_as_it_wrote_them: no sfdisk"
            );
        };
        child
            .stdin
            .take()
            .unwrap()
            .write_all(script(label).as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success());
        let found = inspect(&std::fs::read(&path).unwrap());
        assert_eq!(rows(&found.table.clone().unwrap()), expected, "{label}");
        assert_eq!(
            found.findings(&disk::inspect::Declared::bare("raw")),
            [],
            "{label}"
        );
    }
}

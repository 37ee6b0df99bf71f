//! A look tells what a file is, and takes nothing away from it.

use disk::{Error, Format, Packing, Refusal, look};

use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, digests_of, disk_digests, pass};

const LARGEST: u64 = 1 << 40;

#[test]
fn a_look_tells_format_packings_and_size_and_the_pass_sees_the_whole_file() {
    let test = "a_look_tells_format_packings_and_size_and_the_pass_sees_the_whole_file";
    let Some(bench) = Bench::with(test, &["qemu-img", "xz", "bzip2"]) else {
        return;
    };
    // Larger than what is looked at.
    let bytes = disk(Pattern::Full, (5 << 20) + 512, 11);
    bench.file("raw", &bytes);
    bench.convert(&[], "raw", "qcow2");
    bench.file("qcow2.xz", &bench.run(&["xz", "-c", "qcow2"]));
    bench.file("qcow2.xz.bz2", &bench.run(&["bzip2", "-c", "qcow2.xz"]));
    bench.file("raw.xz", &bench.run(&["xz", "-c", "raw"]));
    let size = bytes.len() as u64;
    for (name, packings, format, tells) in [
        ("raw", &[][..], Format::Raw, true),
        ("qcow2", &[], Format::Qcow2, true),
        ("qcow2.xz", &[Packing::Xz], Format::Qcow2, true),
        (
            "qcow2.xz.bz2",
            &[Packing::Bzip2, Packing::Xz],
            Format::Qcow2,
            true,
        ),
        ("raw.xz", &[Packing::Xz], Format::Raw, false),
    ] {
        for way in WAYS {
            let what = format!("{name}, {way:?}");
            let mut source = way.open(&bench.path(name));
            let known = source.len().is_some();
            let seen = look(&mut source, LARGEST).unwrap();
            assert_eq!(seen.packings, packings, "{what}");
            assert_eq!(seen.format, format, "{what}");
            let tells = tells && (known || format != Format::Raw);
            assert_eq!(seen.disk, tells.then_some(size), "{what}");
            let reading = pass(source).unwrap();
            assert_eq!(disk_digests(&reading), digests_of(&bytes), "{what}");
        }
    }
}

#[test]
fn a_look_refuses_what_is_no_whole_disk() {
    let test = "a_look_refuses_what_is_no_whole_disk";
    let Some(bench) = Bench::with(test, &["qemu-img"]) else {
        return;
    };
    bench.file("raw", &disk(Pattern::Islands, 1 << 20, 3));
    bench.convert(&[], "raw", "base");
    bench.run(&[
        "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "base", "backed",
    ]);
    for way in WAYS {
        let refused = look(&mut way.open(&bench.path("backed")), LARGEST).unwrap_err();
        assert!(
            matches!(
                &refused,
                Error::Refused {
                    refusal: Refusal::BackingFile { .. }
                }
            ),
            "{refused}"
        );
        let large = look(&mut way.open(&bench.path("base")), 1000).unwrap_err();
        assert!(matches!(large, Error::Limit { .. }), "{large}");
    }
}

//! A file made by hand for every finding: it is found, and OpenStack's inspector says the same as we foretell; long because
//! it is a table with a row for each.

use disk::inspect::{Code, Declared, Inspection, Severity};

use crate::bytes::*;
use crate::oslo::Oracle;

/// A file, what it is declared as, and the findings that refuse it there, by whom.
struct Case {
    what: &'static str,
    bytes: Vec<u8>,
    declared: &'static str,
    glance: &'static [Code],
    ectype: &'static [Code],
}

fn case(
    what: &'static str,
    draft: Draft,
    declared: &'static str,
    glance: &'static [Code],
    ectype: &'static [Code],
) -> Case {
    Case {
        what,
        bytes: draft.0,
        declared,
        glance,
        ectype,
    }
}

fn refusals(inspection: &Inspection, declared: &str, severity: Severity) -> Vec<Code> {
    let findings = inspection.findings(&Declared::bare(declared));
    let found = findings
        .iter()
        .filter(|finding| finding.severity == severity);
    found.map(|finding| finding.code).collect()
}

fn check(test: &str, cases: &[Case]) {
    let Some(mut oracle) = Oracle::start(test, &[]) else {
        return;
    };
    for case in cases {
        let inspection = oracle.same_bytes(&case.bytes, case.what);
        let glance = refusals(&inspection, case.declared, Severity::Glance);
        let ectype = refusals(&inspection, case.declared, Severity::Ectype);
        assert_eq!(glance, case.glance, "{}: by Glance", case.what);
        assert_eq!(ectype, case.ectype, "{}: by ectype", case.what);
        let gate = disk::inspect::gate(&inspection, &Declared::bare(case.declared));
        assert_eq!(
            gate.is_ok(),
            glance.is_empty() && ectype.is_empty(),
            "{}",
            case.what
        );
    }
    oracle.finish(test);
}

// long: a row for each file.
#[test]
fn what_a_qcow2_must_not_be_is_found() {
    let backing = |version| {
        qcow2(version)
            .be64(8, 0x200)
            .be32(16, 11)
            .put(0x200, b"/etc/passwd")
    };
    check(
        "what_a_qcow2_must_not_be_is_found",
        &[
            case("good v3", qcow2(3), "qcow2", &[], &[]),
            case("good v2", qcow2(2), "qcow2", &[], &[]),
            case(
                "good, under another name",
                qcow2(3),
                "vmdk",
                &[Code::FormatMismatch],
                &[],
            ),
            case("good, as raw", qcow2(3), "raw", &[], &[Code::DeclaredRaw]),
            case(
                "backing file",
                backing(3),
                "qcow2",
                &[Code::BackingFile],
                &[],
            ),
            case(
                "backing file, v2, as raw",
                backing(2),
                "raw",
                &[Code::BackingFile],
                &[Code::DeclaredRaw],
            ),
            case(
                "data file",
                qcow2(3).be64(72, 4),
                "qcow2",
                &[Code::ExternalDataFile],
                &[],
            ),
            case(
                "unknown bit",
                qcow2(3).be64(72, 1 << 40),
                "qcow2",
                &[Code::UnknownFeatures],
                &[],
            ),
            case(
                "extended L2",
                qcow2(3).be64(72, 16),
                "qcow2",
                &[Code::ExtendedL2],
                &[],
            ),
            case("version 4", qcow2(4), "qcow2", &[Code::Qcow2Version], &[]),
            case(
                "version 1",
                qcow2(1),
                "qcow2",
                &[Code::Qcow2Version],
                &[Code::FormatMismatch],
            ),
            case(
                "AES",
                qcow2(3).be32(32, 1),
                "qcow2",
                &[],
                &[Code::Encrypted],
            ),
            case(
                "LUKS inside",
                qcow2(2).be32(32, 2),
                "qcow2",
                &[],
                &[Code::Encrypted],
            ),
            case(
                "corrupt bit",
                qcow2(3).be64(72, 2),
                "qcow2",
                &[],
                &[Code::MarkedCorrupt],
            ),
            case(
                "cluster of 2 bytes",
                qcow2(3).be32(20, 1),
                "qcow2",
                &[],
                &[Code::Corrupt],
            ),
            case(
                "L1 behind the end",
                qcow2(3).be64(40, 1 << 40),
                "qcow2",
                &[],
                &[Code::Truncated],
            ),
            case(
                "petabytes",
                qcow2(3).be64(24, 1 << 50).be32(36, 1 << 21),
                "qcow2",
                &[],
                &[Code::Truncated, Code::AbsurdSize],
            ),
            case(
                "boot record in the header",
                qcow2(3).signed(),
                "qcow2",
                &[Code::SeveralFormats],
                &[],
            ),
        ],
    );
}

// long: a row for each file.
#[test]
fn what_a_vmdk_must_not_be_is_found() {
    const GOOD: &str = "RW 2048 SPARSE \"disk.vmdk\"";
    let of = |kind, extents| vmdk(&descriptor(kind, extents));
    let text = |kind, extents: &str| {
        let text =
            descriptor(kind, extents).replace("\"ide\"", &format!("\"ide\"\n#{}", "-".repeat(600)));
        Draft(text.into_bytes())
    };
    let padded =
        |kind, extents| Draft::zeros(10 << 10).put(0, descriptor(kind, extents).as_bytes());
    let parent = "parentFileNameHint=\"/srv/secret.vmdk\"\nRW 2048 SPARSE \"disk.vmdk\"";
    let mut umlauts = text("monolithicFlat", "RW 2048 FLAT \"/etc/passwd\" 0").0;
    umlauts.extend("# ä\n".as_bytes());
    check(
        "what_a_vmdk_must_not_be_is_found",
        &[
            case("good", of("monolithicSparse", GOOD), "vmdk", &[], &[]),
            case("good stream", of("streamOptimized", GOOD), "vmdk", &[], &[]),
            case(
                "flat",
                of("monolithicFlat", "RW 2048 FLAT \"/etc/passwd\" 0"),
                "vmdk",
                &[Code::VmdkSubformat],
                &[Code::VmdkExtentPath, Code::VmdkExtents],
            ),
            case(
                "path",
                of("monolithicSparse", "RW 2048 SPARSE \"/etc/passwd\""),
                "vmdk",
                &[Code::VmdkExtentPath],
                &[],
            ),
            case(
                "no extent",
                of("monolithicSparse", "# none"),
                "vmdk",
                &[Code::VmdkExtents],
                &[],
            ),
            case(
                "odd line",
                of("monolithicSparse", "RW 2048 SPARSE \"a\"\nwhat is this"),
                "vmdk",
                &[Code::VmdkDescriptor],
                &[],
            ),
            case(
                "no descriptor",
                vmdk("").le64(36, 0),
                "vmdk",
                &[Code::VmdkDescriptor],
                &[],
            ),
            case(
                "descriptor elsewhere",
                of("monolithicSparse", GOOD).le64(28, 2),
                "vmdk",
                &[Code::VmdkDescriptor],
                &[Code::VmdkSubformat, Code::VmdkExtents],
            ),
            case(
                "version 9",
                of("monolithicSparse", GOOD).le32(4, 9),
                "vmdk",
                &[Code::VmdkDescriptor],
                &[Code::Corrupt],
            ),
            case(
                "footer missing",
                of("streamOptimized", GOOD).le64(56, u64::MAX),
                "vmdk",
                &[Code::VmdkFooter],
                &[],
            ),
            case(
                "parent",
                of("monolithicSparse", parent),
                "vmdk",
                &[],
                &[Code::VmdkParent],
            ),
            case(
                "two extents",
                of(
                    "monolithicSparse",
                    "RW 1024 SPARSE \"a\"\nRW 1024 SPARSE \"b\"",
                ),
                "vmdk",
                &[],
                &[Code::VmdkExtents],
            ),
            case(
                "flat extent under a good name",
                of("monolithicSparse", "RW 2048 FLAT \"a\" 0"),
                "vmdk",
                &[],
                &[Code::VmdkExtents],
            ),
            case(
                "text",
                text("monolithicFlat", "RW 2048 FLAT \"/etc/passwd\" 0"),
                "vmdk",
                &[Code::VmdkSubformat],
                &[Code::VmdkText, Code::VmdkExtentPath, Code::VmdkExtents],
            ),
            case(
                "text that says sparse",
                text("monolithicSparse", GOOD),
                "vmdk",
                &[Code::SizeUnreadable],
                &[Code::VmdkText],
            ),
            case(
                "text that says sparse, as raw",
                text("monolithicSparse", GOOD),
                "raw",
                &[],
                &[Code::VmdkText, Code::DeclaredRaw],
            ),
            case(
                "text padded by NUL",
                padded("monolithicFlat", "RW 2048 FLAT \"/etc/passwd\" 0"),
                "raw",
                &[],
                &[
                    Code::VmdkText,
                    Code::VmdkExtentPath,
                    Code::VmdkExtents,
                    Code::DeclaredRaw,
                ],
            ),
            case(
                "text with umlauts",
                Draft(umlauts),
                "raw",
                &[],
                &[
                    Code::VmdkText,
                    Code::VmdkExtentPath,
                    Code::VmdkExtents,
                    Code::Uninspected,
                    Code::DeclaredRaw,
                ],
            ),
            case(
                "ESXi's",
                Draft::zeros(4096).put(0, b"COWD"),
                "raw",
                &[],
                &[Code::VmdkSubformat, Code::DeclaredRaw],
            ),
            case(
                "as raw",
                of("monolithicFlat", GOOD),
                "raw",
                &[Code::VmdkSubformat],
                &[Code::DeclaredRaw],
            ),
        ],
    );
}

// long: a row for each file.
#[test]
fn what_other_formats_must_not_be_is_found() {
    let luks = |version: u8| {
        Draft::zeros(4096)
            .put(0, b"LUKS\xba\xbe")
            .put(7, &[version])
            .be32(104, 4)
    };
    let fixed = Draft::zeros(8192 + 512).put(8192, &vhd_footer(2, 8192));
    check(
        "what_other_formats_must_not_be_is_found",
        &[
            case("good VHD", vhd(3), "vhd", &[], &[]),
            case(
                "differencing VHD",
                vhd(4),
                "vhd",
                &[],
                &[Code::Differencing],
            ),
            case(
                "VHD without its end",
                Draft(vhd(3).0[..4096].to_vec()),
                "vhd",
                &[],
                &[Code::Truncated],
            ),
            case(
                "VHD of 100 bytes",
                Draft(vhd(3).0[..100].to_vec()),
                "vhd",
                &[Code::Incomplete],
                &[Code::Truncated],
            ),
            case("fixed VHD", fixed, "raw", &[], &[]),
            case("good VHDX", vhdx(0), "vhdx", &[], &[]),
            case(
                "differencing VHDX",
                vhdx(2),
                "vhdx",
                &[],
                &[Code::Differencing],
            ),
            case(
                "VHDX with a log",
                vhdx(0).put((64 << 10) + 48, &[1; 16]),
                "vhdx",
                &[],
                &[Code::DirtyLog],
            ),
            case(
                "VHDX cut short",
                Draft(vhdx(0).0[..1 << 20].to_vec()),
                "vhdx",
                &[Code::Incomplete],
                &[Code::Truncated],
            ),
            case(
                "VHDX without regions",
                vhdx(0).put(192 << 10, b"none"),
                "vhdx",
                &[],
                &[Code::Corrupt],
            ),
            case(
                "VHDX whose size has 9 bytes",
                vhdx(0).le32((2 << 20) + 84, 9),
                "vhdx",
                &[Code::SizeUnreadable],
                &[],
            ),
            case("good VDI", vdi(1), "vdi", &[], &[]),
            case(
                "differencing VDI",
                vdi(4),
                "vdi",
                &[],
                &[Code::Differencing],
            ),
            case(
                "VDI with a parent",
                vdi(1).put(0x1a8, &[1]),
                "vdi",
                &[],
                &[Code::Differencing],
            ),
            case(
                "VDI cut short",
                Draft(vdi(1).0[..4096].to_vec()),
                "vdi",
                &[],
                &[Code::Truncated],
            ),
            case(
                "QED",
                Draft::zeros(4096).put(0, b"QED\0"),
                "raw",
                &[Code::Qed],
                &[],
            ),
            case("LUKS 1", luks(1), "raw", &[], &[Code::Luks]),
            case("LUKS 2", luks(2), "raw", &[Code::Luks], &[]),
            case(
                "Parallels",
                Draft::zeros(4096).put(0, b"WithoutFreeSpace"),
                "raw",
                &[],
                &[Code::NotSupported],
            ),
            case(
                "DMG",
                Draft::zeros(4096).put(4096 - 512, b"koly"),
                "raw",
                &[],
                &[Code::NotSupported],
            ),
            case("empty", Draft::zeros(0), "raw", &[], &[Code::Empty]),
            case("zeros", Draft::zeros(4096), "raw", &[], &[]),
            case(
                "zeros as qcow2",
                Draft::zeros(4096),
                "qcow2",
                &[Code::FormatMismatch],
                &[],
            ),
            case("zeros as a kernel", Draft::zeros(4096), "ami", &[], &[]),
            case(
                "qcow2 as a kernel",
                qcow2(3),
                "ami",
                &[Code::FormatMismatch],
                &[],
            ),
        ],
    );
}

// long: a row for each file.
#[test]
fn odd_boot_records_and_polyglots_are_found() {
    let disk = || Draft::zeros(1 << 20);
    let mbr = || disk().entry(0, 0x83, 1, 100);
    check(
        "odd_boot_records_and_polyglots_are_found",
        &[
            case("MBR", mbr(), "raw", &[], &[]),
            case(
                "GPT",
                gpt(2048, &[(LINUX, 34, 100, "root")]),
                "raw",
                &[],
                &[],
            ),
            case(
                "boot flag",
                mbr().put(446, &[0x42]),
                "raw",
                &[Code::MbrBootFlag],
                &[],
            ),
            case("empty", disk().signed(), "raw", &[Code::MbrEmpty], &[]),
            case(
                "GPT elsewhere",
                gpt(2048, &[]).entry(0, 0xee, 2, 100),
                "raw",
                &[Code::GptProtective],
                &[],
            ),
            case(
                "GPT with CHS",
                gpt(2048, &[]).put(447, &[9]),
                "raw",
                &[Code::GptProtective],
                &[],
            ),
            case(
                "hybrid",
                gpt(2048, &[]).entry(1, 0x83, 34, 10),
                "raw",
                &[Code::GptHybrid],
                &[],
            ),
            case(
                "GPT not first",
                disk().entry(1, 0xee, 1, 100),
                "raw",
                &[Code::GptHybrid],
                &[],
            ),
            case(
                "FAT",
                disk().signed().put(0x10, &[2]).put(0x15, &[0xf8]),
                "raw",
                &[],
                &[],
            ),
            case(
                "partition outside",
                mbr().le32(446 + 12, 1 << 20),
                "raw",
                &[],
                &[Code::PartitionOutside],
            ),
            case("ISO", iso(), "iso", &[], &[]),
            case("ISO as raw", iso(), "raw", &[], &[]),
            case(
                "ISO for a stick",
                iso().entry(0, 0x17, 0, 64),
                "iso",
                &[],
                &[],
            ),
            case(
                "ISO for a stick, as raw",
                iso().entry(0, 0x17, 0, 64),
                "raw",
                &[Code::FormatMismatch],
                &[],
            ),
            case(
                "ISO with an odd boot record",
                iso().signed(),
                "iso",
                &[],
                &[],
            ),
            case(
                "ISO and VDI",
                iso().le32(0x40, 0xbeda_107f),
                "iso",
                &[Code::SeveralFormats],
                &[Code::Corrupt, Code::FormatMismatch],
            ),
            case(
                "ISO, VMDK",
                Draft(iso().0).put(
                    0,
                    &vmdk(&descriptor("monolithicSparse", "RW 1 SPARSE \"a\"")).0[..20 * 512],
                ),
                "vmdk",
                &[Code::SeveralFormats],
                &[],
            ),
            case(
                "VHD and VDI",
                Draft::zeros(4096)
                    .put(0, b"conectix")
                    .put(64, &0xbeda_107fu32.to_le_bytes()),
                "vhd",
                &[Code::SeveralFormats],
                &[Code::Corrupt, Code::Truncated],
            ),
            case(
                "raw and DMG",
                mbr().put((1 << 20) - 512, b"koly"),
                "raw",
                &[],
                &[Code::NotSupported, Code::SeveralFormats],
            ),
        ],
    );
}

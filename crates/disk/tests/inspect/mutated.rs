//! Files with random damage, the same in every run: OpenStack's inspector and ours still say the same of each.

use crate::bytes::*;
use crate::oslo::Oracle;

/// Marsaglia's xorshift: no randomness that changes from run to run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// What inspectors look for, to be dropped where it does not belong.
const SIGNATURES: [&[u8]; 14] = [
    b"QFI\xfb\0\0\0\x03",
    b"KDMV\x01\0\0\0",
    b"conectix",
    b"vhdxfile",
    b"QED\0",
    b"LUKS\xba\xbe\0\x01",
    b"EFI PART",
    b"\x01CD001\x01",
    b"\x7f\x10\xda\xbe",
    b"\x55\xaa",
    b"createType=\"monolithicSparse\"\n",
    b"regi",
    b"metadata",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
];

/// Offsets at which something is looked at.
const PLACES: [usize; 20] = [
    0,
    4,
    8,
    16,
    21,
    28,
    32,
    36,
    56,
    64,
    72,
    79,
    446,
    450,
    510,
    512,
    0x8000,
    0x8001,
    192 << 10,
    2 << 20,
];

fn bases() -> Vec<(&'static str, Vec<u8>)> {
    const GOOD: &str = "RW 2048 SPARSE \"disk.vmdk\"";
    let text = descriptor("monolithicSparse", GOOD) + &format!("# {}\n", "-".repeat(70_000));
    let stream = vmdk(&descriptor("streamOptimized", GOOD)).le64(56, u64::MAX);
    let end = (64 << 10) - 1536;
    let header = stream.0[..512].to_vec();
    let stream = stream
        .le32(end + 12, 3)
        .put(end + 512, &header)
        .le64(end + 512 + 56, 30);
    vec![
        ("qcow2 v2", qcow2(2).0),
        ("qcow2 v3", qcow2(3).0),
        ("vmdk", vmdk(&descriptor("monolithicSparse", GOOD)).0),
        ("vmdk stream", stream.0),
        ("vmdk text", text.into_bytes()),
        ("vhd", vhd(3).0),
        ("vhdx", vhdx(0).0),
        ("vdi", vdi(1).0),
        ("iso", iso().entry(0, 0x17, 0, 64).0),
        ("gpt", gpt(2048, &[(LINUX, 34, 100, "root")]).0),
        ("mbr", Draft::zeros(1 << 16).entry(0, 0x83, 1, 100).0),
        (
            "luks",
            Draft::zeros(4096)
                .put(0, b"LUKS\xba\xbe\0\x01")
                .be32(104, 4)
                .0,
        ),
    ]
}

/// One to three changes: bytes, a signature, a cut.
fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(3) {
        if bytes.len() < 16 {
            return;
        }
        let near = PLACES[chance.below(PLACES.len())] + chance.below(24);
        let at = if chance.below(4) == 0 {
            chance.below(bytes.len())
        } else {
            near.min(bytes.len() - 9)
        };
        match chance.below(8) {
            0 => bytes.truncate(at),
            1 | 2 => {
                let signature = SIGNATURES[chance.below(SIGNATURES.len())];
                let place = PLACES[chance.below(PLACES.len())].min(bytes.len() - 1);
                for (byte, new) in bytes[place..].iter_mut().zip(signature) {
                    *byte = *new;
                }
            }
            3 => bytes[at] ^= 1 << chance.below(8),
            4 => bytes[at..at + 8].fill(0xff),
            5 => bytes[at..at + 8].fill(0),
            _ => bytes[at] = chance.next() as u8,
        }
    }
}

#[test]
fn damaged_files_get_the_same_verdict() {
    let test = "damaged_files_get_the_same_verdict";
    let Some(mut oracle) = Oracle::start(test, &[]) else {
        return;
    };
    let mut chance = Chance(0x0ec7_79e0_2026);
    for (name, base) in bases() {
        let rounds = if base.len() > 1 << 20 { 60 } else { 100 };
        for round in 0..rounds {
            let mut bytes = base.clone();
            mutate(&mut bytes, &mut chance);
            oracle.same_bytes(&bytes, &format!("{name}, round {round}"));
        }
    }
    assert!(oracle.finish(test) > 10_000);
}

/// The structures of a VHDX in places where they ought not to be.
// long: lists of odd places.
#[test]
fn a_vhdx_that_points_to_odd_places_gets_the_same_verdict() {
    let test = "a_vhdx_that_points_to_odd_places_gets_the_same_verdict";
    let Some(mut oracle) = Oracle::start(test, &[]) else {
        return;
    };
    let kib = |n: u64| n << 10;
    let places = [
        0,
        1,
        kib(64),
        kib(127),
        kib(128),
        kib(130),
        kib(191),
        kib(192),
        kib(193),
        kib(255),
        kib(256),
        kib(300),
        kib(1024),
        kib(1088) + 5,
        kib(2048),
        kib(3071),
        u64::MAX,
    ];
    for at in places {
        oracle.same_bytes(
            &vhdx(0).le64((192 << 10) + 32, at).0,
            &format!("metadata at {at}"),
        );
        let Ok(start) = usize::try_from(at) else {
            continue;
        };
        if (256 << 10..=2 << 20).contains(&start) {
            let table = vhdx(0).0[2 << 20..(2 << 20) + (80 << 10)].to_vec();
            for item in [0u32, 8, 70, 64 << 10, 0x1_1000, u32::MAX] {
                let moved = vhdx(0)
                    .le64((192 << 10) + 32, at)
                    .put(start, &table)
                    .le32(start + 80, item);
                oracle.same_bytes(&moved.0, &format!("metadata at {at}, size at {item}"));
            }
        }
    }
    for len in [0u32, 1, 7, 9, 4096, 1 << 20] {
        oracle.same_bytes(
            &vhdx(0).le32((2 << 20) + 84, len).0,
            &format!("a size of {len} bytes"),
        );
    }
    for count in [0u32, 2, 2047, 2048, u32::MAX] {
        oracle.same_bytes(
            &vhdx(0).le32((192 << 10) + 8, count).0,
            &format!("{count} regions"),
        );
        oracle.same_bytes(
            &vhdx(0).put((2 << 20) + 10, &count.to_le_bytes()[..2]).0,
            &format!("{count} items"),
        );
    }
    oracle.finish(test);
}

/// Text of all lengths and kinds around the edges at which it is looked at.
#[test]
fn text_gets_the_same_verdict() {
    let test = "text_gets_the_same_verdict";
    let Some(mut oracle) = Oracle::start(test, &[]) else {
        return;
    };
    let good = descriptor("monolithicSparse", "RW 1 SPARSE \"a\"");
    for len in [
        0, 3, 4, 63, 64, 200, 511, 512, 513, 4096, 65_535, 65_536, 65_537, 70_000,
    ] {
        for end in [
            "",
            "\u{e4}",
            "\0",
            "\x1c\t\u{b}",
            "\x07",
            "createType=\"vmfs\"",
            "createtype=\"monolithicSparseX",
            "createType=\"",
            "createType=\"formatNotFound\"",
        ] {
            let mut text = good.repeat(len / good.len() + 1);
            text.truncate(len);
            text.push_str(end);
            oracle.same_bytes(text.as_bytes(), &format!("{len} bytes of text and {end:?}"));
            let odd = format!("{}{end}", "x".repeat(len));
            oracle.same_bytes(odd.as_bytes(), &format!("{len} bytes of x and {end:?}"));
        }
    }
    oracle.finish(test);
}

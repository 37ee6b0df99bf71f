//! MD5 (RFC 1321), written so that the dependency chain of a step is as short as the processor allows.
//!
//! MD5 cannot be spread over cores or lanes: each of its 64 steps waits for the one before. What counts is how
//! many operations stand between two steps. Rounds 2 and 3 are written with four of them, rounds 1 and 4 with
//! five; everything else (message word plus constant, the part of the round function that does not need the
//! newest word) is ready beforehand.

use std::hint::black_box;

const BLOCK: usize = 64;

/// The state before the first block (RFC 1321, 3.3).
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The sine table (RFC 1321, 3.4): `floor(2^32 * abs(sin(i + 1)))`.
static SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// A running MD5.
#[derive(Clone)]
pub(crate) struct Md5 {
    state: [u32; 4],
    /// Bytes added so far.
    len: u64,
    /// The start of a block that is not full yet: `len % 64` bytes of it.
    partial: [u8; BLOCK],
}

impl Default for Md5 {
    fn default() -> Self {
        Self {
            state: START,
            len: 0,
            partial: [0; BLOCK],
        }
    }
}

impl Md5 {
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        let held = self.held();
        self.len = self.len.wrapping_add(bytes.len() as u64);
        if held > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(BLOCK - held));
            if let Some(space) = self.partial.get_mut(held..held + head.len()) {
                space.copy_from_slice(head);
            }
            if held + head.len() < BLOCK {
                return;
            }
            compress(&mut self.state, &[self.partial]);
            bytes = rest;
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        compress(&mut self.state, blocks);
        if let Some(space) = self.partial.get_mut(..rest.len()) {
            space.copy_from_slice(rest);
        }
    }

    pub(crate) fn finish(mut self) -> [u8; 16] {
        let bits = self.len.wrapping_mul(8);
        let zeros = (BLOCK + 55 - self.held()) % BLOCK;
        let mut padding = Vec::with_capacity(zeros + 9);
        padding.push(0x80);
        padding.resize(zeros + 1, 0);
        padding.extend_from_slice(&bits.to_le_bytes());
        self.update(&padding);
        let [a, b, c, d] = self.state.map(u32::to_le_bytes);
        let mut out = [0; 16];
        for (space, word) in out.chunks_exact_mut(4).zip([a, b, c, d]) {
            space.copy_from_slice(&word);
        }
        out
    }

    fn held(&self) -> usize {
        usize::try_from(self.len % BLOCK as u64).unwrap_or(0)
    }
}

/// One step: `$sum` is everything that can be added before the newest word is known, `$late` the part that needs it.
macro_rules! step {
    ($a:ident, $b:ident, $sum:expr, $late:expr, $turn:literal) => {
        $a = $sum.wrapping_add($late).rotate_left($turn).wrapping_add($b);
    };
}

/// The four steps of a round that share one pattern of words, for word numbers `$i..$i + 4` of the sine table.
macro_rules! four {
    ($step:ident, $k:ident, $m:ident, $a:ident $b:ident $c:ident $d:ident,
     $i:literal: $w0:literal $w1:literal $w2:literal $w3:literal, $t0:literal $t1:literal $t2:literal $t3:literal) => {
        $step!($a, $b, $c, $d, $m[$w0].wrapping_add($k[$i]), $t0);
        $step!($d, $a, $b, $c, $m[$w1].wrapping_add($k[$i + 1]), $t1);
        $step!($c, $d, $a, $b, $m[$w2].wrapping_add($k[$i + 2]), $t2);
        $step!($b, $c, $d, $a, $m[$w3].wrapping_add($k[$i + 3]), $t3);
    };
}

macro_rules! f {
    ($a:ident, $b:ident, $c:ident, $d:ident, $mk:expr, $t:literal) => {
        step!($a, $b, $a.wrapping_add($mk), ($d ^ ($b & ($c ^ $d))), $t)
    };
}
// The two halves of G have no bit in common, so they may be added one after the other: only one of them is late.
macro_rules! g {
    ($a:ident, $b:ident, $c:ident, $d:ident, $mk:expr, $t:literal) => {
        step!(
            $a,
            $b,
            $a.wrapping_add($mk).wrapping_add(!$d & $c),
            ($d & $b),
            $t
        )
    };
}
macro_rules! h {
    ($a:ident, $b:ident, $c:ident, $d:ident, $mk:expr, $t:literal) => {
        step!($a, $b, $a.wrapping_add($mk), ($b ^ ($c ^ $d)), $t)
    };
}
macro_rules! i {
    ($a:ident, $b:ident, $c:ident, $d:ident, $mk:expr, $t:literal) => {
        step!($a, $b, $a.wrapping_add($mk), ($c ^ ($b | !$d)), $t)
    };
}

// The indices are constants into arrays of known length.
#[allow(clippy::indexing_slicing)]
#[rustfmt::skip]
fn compress(state: &mut [u32; 4], blocks: &[[u8; BLOCK]]) {
    // Kept from the compiler as constants: it would move them to the end of each sum, which is its longest chain.
    let k: &[u32; 64] = black_box(&SINES);
    let [mut a, mut b, mut c, mut d] = *state;
    for block in blocks {
        let mut m = [0_u32; 16];
        for (word, bytes) in m.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let before = [a, b, c, d];
        four!(f, k, m, a b c d, 0: 0 1 2 3, 7 12 17 22);
        four!(f, k, m, a b c d, 4: 4 5 6 7, 7 12 17 22);
        four!(f, k, m, a b c d, 8: 8 9 10 11, 7 12 17 22);
        four!(f, k, m, a b c d, 12: 12 13 14 15, 7 12 17 22);
        four!(g, k, m, a b c d, 16: 1 6 11 0, 5 9 14 20);
        four!(g, k, m, a b c d, 20: 5 10 15 4, 5 9 14 20);
        four!(g, k, m, a b c d, 24: 9 14 3 8, 5 9 14 20);
        four!(g, k, m, a b c d, 28: 13 2 7 12, 5 9 14 20);
        four!(h, k, m, a b c d, 32: 5 8 11 14, 4 11 16 23);
        four!(h, k, m, a b c d, 36: 1 4 7 10, 4 11 16 23);
        four!(h, k, m, a b c d, 40: 13 0 3 6, 4 11 16 23);
        four!(h, k, m, a b c d, 44: 9 12 15 2, 4 11 16 23);
        four!(i, k, m, a b c d, 48: 0 7 14 5, 6 10 15 21);
        four!(i, k, m, a b c d, 52: 12 3 10 1, 6 10 15 21);
        four!(i, k, m, a b c d, 56: 8 15 6 13, 6 10 15 21);
        four!(i, k, m, a b c d, 60: 4 11 2 9, 6 10 15 21);
        a = a.wrapping_add(before[0]);
        b = b.wrapping_add(before[1]);
        c = c.wrapping_add(before[2]);
        d = d.wrapping_add(before[3]);
    }
    *state = [a, b, c, d];
}

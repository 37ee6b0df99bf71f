//! Disks to make images of: always the same bytes.

/// A small generator (xorshift64*), so that disks are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub(crate) fn noise(&mut self, space: &mut [u8]) {
        for word in space.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            word.copy_from_slice(&bytes[..word.len()]);
        }
    }

    /// Bytes that compress to about half.
    pub(crate) fn text(&mut self, space: &mut [u8]) {
        for byte in space {
            *byte = b"etaoin shrdlu\n01"[(self.next() >> 40) as usize % 16];
        }
    }
}

/// How data and holes are spread.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern {
    /// Data everywhere: text, noise and runs of one byte by turns.
    Full,
    /// Islands of data of all sizes between holes of all sizes.
    Islands,
    /// One sector at each end.
    Ends,
    /// Nothing at all.
    Empty,
}

pub(crate) fn disk(pattern: Pattern, size: u64, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut bytes = vec![0; size as usize];
    match pattern {
        Pattern::Full => paint(&mut dice, &mut bytes),
        Pattern::Islands => {
            let mut at = 0;
            while at < bytes.len() {
                let len = 1 << dice.below(18);
                let end = bytes.len().min(at + len);
                if dice.below(3) > 0 {
                    paint(&mut dice, &mut bytes[at..end]);
                }
                at = end + (dice.below(2) * dice.below(70_000)) as usize;
            }
        }
        Pattern::Ends => {
            let len = bytes.len();
            let edge = len.min(512);
            dice.noise(&mut bytes[..edge]);
            dice.text(&mut bytes[len - edge..]);
        }
        Pattern::Empty => {}
    }
    bytes
}

fn paint(dice: &mut Dice, space: &mut [u8]) {
    for piece in space.chunks_mut(40_000) {
        match dice.below(3) {
            0 => dice.noise(piece),
            1 => dice.text(piece),
            _ => piece.fill(dice.next() as u8),
        }
    }
}

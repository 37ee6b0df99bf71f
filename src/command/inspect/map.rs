//! Where data is in a disk, drawn with a few characters.

use disk::inspect::Map;

/// Characters of the drawing at most: one line of a narrow terminal.
const WIDTH: usize = 64;

/// From no data to nothing but data.
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];

/// One line; each character is an equal slice of the disk. None when where the data is was not seen.
pub(super) fn draw(map: &Map) -> Option<String> {
    let size = map.data.checked_add(map.zero).filter(|size| *size > 0)?;
    if map.cells.is_empty() {
        return None;
    }
    let per = map.cells.len().div_ceil(WIDTH);
    let slices = (0..).zip(map.cells.chunks(per));
    let line = slices.map(|(index, cells)| {
        let room = map.cell.saturating_mul(per as u64);
        let start = room.saturating_mul(index);
        let room = room.min(size.saturating_sub(start)).max(1);
        shade(cells.iter().sum(), room)
    });
    Some(line.collect())
}

/// The smallest bit of data shows, and only full slices are solid.
fn shade(data: u64, room: u64) -> char {
    let steps = (SHADES.len() - 1) as u128;
    let index = match (data, data >= room) {
        (0, _) => 0,
        (_, true) => steps,
        (data, false) => (u128::from(data) * steps / u128::from(room)).clamp(1, steps - 1),
    };
    let index = usize::try_from(index).unwrap_or(0);
    SHADES.get(index).copied().unwrap_or('·')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_shows_however_little_it_is_and_only_full_slices_are_solid() {
        let shades = [0, 1, 24, 25, 50, 75, 99, 100].map(|data| shade(data, 100));
        assert_eq!(shades, ['·', '░', '░', '░', '▒', '▓', '▓', '█']);
    }

    #[test]
    fn the_last_slice_is_measured_by_its_own_size() {
        let map = Map {
            data: 15,
            zero: 10,
            cells: vec![10, 0, 5],
            cell: 10,
        };
        assert_eq!(draw(&map).unwrap(), "█·█");
    }
}

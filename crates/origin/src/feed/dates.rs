//! Days as web servers and file names write them.

use jiff::civil::Date;

/// `20260712`.
pub(super) fn packed(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    day(text.get(..4)?, text.get(4..6)?, text.get(6..8)?)
}

/// The first day in a text of some words: `2026-07-17 08:42`, `11-Sep-2026 07:03`.
pub(super) fn in_text(text: &str) -> Option<Date> {
    text.split(|c: char| c.is_whitespace() || c == 'T')
        .filter(|word| word.len() <= 11)
        .find_map(word)
}

fn word(word: &str) -> Option<Date> {
    let mut parts = word.split('-');
    let (one, two, three) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    match (one.len(), three.len()) {
        (4, 2) => day(one, two, three),
        (1 | 2, 4) => day(three, month(two)?, one),
        _ => None,
    }
}

fn month(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 12] = [
        ("jan", "01"),
        ("feb", "02"),
        ("mar", "03"),
        ("apr", "04"),
        ("may", "05"),
        ("jun", "06"),
        ("jul", "07"),
        ("aug", "08"),
        ("sep", "09"),
        ("oct", "10"),
        ("nov", "11"),
        ("dec", "12"),
    ];
    let name = name.to_ascii_lowercase();
    let found = NAMES.iter().find(|(short, _)| *short == name)?;
    Some(found.1)
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if ![year, month, day].into_iter().all(digits) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_servers_write_them() {
        let day = Date::new(2026, 9, 11).ok();
        for text in [
            "  11-Sep-2026 07:03   1030670336",
            "2026-09-11 07:03  -",
            "  2026-09-11T07:03:00Z",
        ] {
            assert_eq!(in_text(text), day, "{text}");
        }
        assert_eq!(packed("20260911"), day);
        for text in ["20261399", "2026091", "x0260911", "+2260911"] {
            assert_eq!(packed(text), None, "{text}");
        }
        assert_eq!(in_text("99-Foo-2026"), None);
        assert_eq!(in_text("AlmaLinux-10.3-beta"), None);
    }
}

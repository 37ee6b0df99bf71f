//! Dates as the official test reads them: with Python's `strptime`, which takes more than the standard allows.

use jiff::civil::date;

/// One day with a time, `2026-11-25T10:00:00Z`.
pub(super) const STRICT: &[&str] = &["%Y-%m-%dT%H:%M:%SZ"];
/// All forms of a build date.
pub(super) const FORMS: &[&str] = &[
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
];
/// The forms of a date at the end of a name.
pub(super) const MARKS: &[&str] = &["%Y-%m-%d", "%Y%m%d"];

/// Seconds since 1970 in UTC; `None` for what is no date, and for 1970-01-01 itself, which the test takes for none.
pub(super) fn parse(text: &str, forms: &[&str]) -> Option<i64> {
    let fields = forms.iter().find_map(|form| {
        let mut found = [0, 1, 1, 0, 0, 0];
        matches(form.as_bytes(), text.as_bytes(), &mut found).then_some(found)
    });
    fields.and_then(seconds).filter(|seconds| *seconds != 0)
}

fn seconds([year, month, day, hour, minute, second]: [i64; 6]) -> Option<i64> {
    let small = |number: i64| i8::try_from(number).ok();
    let day = jiff::civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let days = i64::from((day - date(1970, 1, 1)).get_days());
    // A leap second counts as the next one, as `calendar.timegm` has it.
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Whether `text` has the form, trying longer numbers first, as the regular expressions behind `strptime` do. Its days
/// are checked here, so that a form that does not give a day is left for the next.
fn matches(form: &[u8], text: &[u8], found: &mut [i64; 6]) -> bool {
    let (field, least, most, longest) = match form {
        [] => return text.is_empty() && seconds(*found).is_some(),
        [b'%', b'Y', ..] => (0, 0, 9999, 4),
        [b'%', b'm', ..] => (1, 1, 12, 2),
        [b'%', b'd', ..] => (2, 1, 31, 2),
        [b'%', b'H', ..] => (3, 0, 23, 2),
        [b'%', b'M', ..] => (4, 0, 59, 2),
        [b'%', b'S', ..] => (5, 0, 61, 2),
        [b' ', rest @ ..] => {
            let blanks = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
            return (1..=blanks)
                .rev()
                .any(|n| matches(rest, text.get(n..).unwrap_or_default(), found));
        }
        [letter, rest @ ..] => {
            // `strptime` does not mind the case of letters.
            return text.split_first().is_some_and(|(first, more)| {
                first.eq_ignore_ascii_case(letter) && matches(rest, more, found)
            });
        }
    };
    let rest = form.get(2..).unwrap_or_default();
    let shortest = if field == 0 { 4 } else { 1 };
    (shortest..=longest).rev().any(|length| {
        let (Some(digits), Some(more)) = (text.get(..length), text.get(length..)) else {
            return false;
        };
        // A day below ten may have a blank before it.
        let digits = match digits {
            [b' ', one @ b'1'..=b'9'] if field == 2 => std::slice::from_ref(one),
            digits => digits,
        };
        let number = digits.iter().try_fold(0_i64, |sum, b| {
            b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'))
        });
        let Some(number) = number.filter(|number| (least..=most).contains(number)) else {
            return false;
        };
        if let Some(slot) = found.get_mut(field) {
            *slot = number;
        }
        matches(rest, more, found)
    })
}

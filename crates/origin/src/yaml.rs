//! What a YAML parser complains of, in one line and without its own words for the place.

/// How messages say where something is; callers write that themselves.
const PLACES: [&str; 3] = [" at line ", " (at line ", " at byte "];

/// The line (counted from 1; 0 when there is none) and what is wrong there.
#[must_use]
pub fn complaint(error: &serde_saphyr::Error) -> (u64, String) {
    let line = error.location().map_or(0, |place| place.line());
    let said = error
        .without_snippet()
        .render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let rest = said
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(said.as_str(), |(_, rest)| rest);
    let end = PLACES.iter().filter_map(|mark| rest.find(mark)).min();
    let what = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
    (line, what.to_owned())
}

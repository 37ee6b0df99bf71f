//! Texts with named gaps: `debian-{release}-genericcloud-{arch}-{build}.qcow2`, to fill in and to read back.

use std::collections::BTreeMap;
use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};

use crate::limits::{MAX_NAME, MAX_PATTERN};

/// Values by the names of their gaps.
pub type Fields = BTreeMap<String, String>;

/// A text with named gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Gap(String),
}

impl Template {
    /// Reads `text`. Gaps are names of small letters, digits and `_` in braces.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| format!("`{text}` has a `{{` without its `}}`"))?;
            let good = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !good {
                return Err(format!("`{{{name}}}` is no name of a gap"));
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Gap(name.to_owned()));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The names of the gaps, in order; a name may come more than once.
    pub fn gaps(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Gap(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Fills every gap; `None` when one has no value.
    #[must_use]
    pub fn fill(&self, fields: &Fields) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Gap(name) => fields.get(name)?,
            });
        }
        Some(out)
    }

    /// A reader for texts of this form: gaps that `fields` has a value for stand for that value, the others for what
    /// `patterns` says.
    ///
    /// # Errors
    /// A gap without value and pattern, or a pattern that is none.
    pub fn reader(
        &self,
        fields: &Fields,
        patterns: &BTreeMap<String, String>,
    ) -> Result<Reader<'_>, String> {
        let mut pattern = "^".to_owned();
        let mut open: Vec<String> = Vec::new();
        for part in &self.parts {
            let name = match part {
                Part::Text(text) => {
                    pattern.push_str(&regex_lite::escape(text));
                    continue;
                }
                Part::Gap(name) => name,
            };
            if let Some(value) = fields.get(name) {
                pattern.push_str(&regex_lite::escape(value));
                continue;
            }
            let own = patterns.get(name).ok_or_else(|| {
                format!("`{}` has a gap `{{{name}}}` without a pattern", self.text)
            })?;
            if open.contains(name) {
                // The second occurrence has to be the same text: seen when the reading is checked.
                pattern.push_str(&format!("(?:{own})"));
            } else {
                pattern.push_str(&format!("(?P<{name}>{own})"));
                open.push(name.clone());
            }
        }
        pattern.push('$');
        let regex = compile(&pattern)?;
        Ok(Reader {
            template: self,
            fields: fields.clone(),
            open,
            regex,
        })
    }
}

/// Compiles a pattern within the limits.
///
/// # Errors
/// It is no pattern.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_PATTERN)
        .build()
        .map_err(|error| error.to_string())
}

/// Reads values out of texts.
pub struct Reader<'a> {
    template: &'a Template,
    fields: Fields,
    open: Vec<String>,
    regex: Regex,
}

impl Reader<'_> {
    /// The gaps that get their values from a text, in order.
    #[must_use]
    pub fn open(&self) -> &[String] {
        &self.open
    }

    /// All values, those that were known before too; `None` when the text is of another form.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Fields> {
        if text.len() > MAX_NAME {
            return None;
        }
        let found = self.regex.captures(text)?;
        let mut fields = self.fields.clone();
        for name in &self.open {
            fields.insert(name.clone(), found.name(name)?.as_str().to_owned());
        }
        (self.template.fill(&fields)? == text).then_some(fields)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn what_was_filled_in_is_read_back() {
        let template = Template::parse("debian-{release}-{arch}-{date}-{number}.qcow2").unwrap();
        let known = fields(&[("release", "13"), ("arch", "amd64")]);
        let patterns = fields(&[("date", "20[0-9]{6}"), ("number", "[0-9]+")]);
        let reader = template.reader(&known, &patterns).unwrap();
        let read = reader.read("debian-13-amd64-20260712-2537.qcow2").unwrap();
        assert_eq!(
            (&read["date"][..], &read["number"][..]),
            ("20260712", "2537")
        );
        for other in [
            "debian-12-amd64-20260712-2537.qcow2",
            "debian-13-amd64-daily-20260712-2537.qcow2",
            "debian-13-amd64-20260712-2537.qcow2.asc",
            "x/debian-13-amd64-20260712-2537.qcow2",
        ] {
            assert!(reader.read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_gap_that_comes_twice_is_one_value() {
        let template = Template::parse("{release}/F-{release}.img").unwrap();
        let patterns = fields(&[("release", "[0-9]+")]);
        let reader = template.reader(&Fields::new(), &patterns).unwrap();
        assert!(reader.read("44/F-44.img").is_some());
        assert!(reader.read("44/F-45.img").is_none());
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["{", "{a", "{}", "{A}", "{a b}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        assert!(
            Template::parse("{a}")
                .unwrap()
                .reader(&Fields::new(), &Fields::new())
                .is_err()
        );
    }
}

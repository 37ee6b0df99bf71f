//! The text of a clouds.yaml, secure.yaml or clouds-public.yaml, read into clouds and their settings.
//!
//! Scalars stay as they are written (`project_id: 0123` is the text `0123`), keys that are not ours are passed
//! over, and size, depth and aliases are bounded before anything is built.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_saphyr::Spanned;

use super::key::Key;
use super::setting::Text;
use super::syntax::{LONGEST, SyntaxError};

/// A file of clouds.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// What is under `clouds:`; `None` without that key.
    pub(crate) clouds: Option<BTreeMap<String, Section>>,
    /// What is under `public-clouds:`.
    pub(crate) profiles: BTreeMap<String, Section>,
}

impl Document {
    /// The names of the clouds, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.clouds
            .iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// What one cloud, profile or region says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// Settings outside and inside `auth:`, by the spelling found.
    pub(crate) outer: Vec<Entry>,
    pub(crate) auth: Vec<Entry>,
    /// The vendor profile named by `profile:` or, formerly, `cloud:`.
    pub(crate) profile: Option<Entry>,
    /// The regions of `regions:`, or of a `region_name:` that is a list.
    pub(crate) regions: Vec<Region>,
}

/// One setting as found.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: Text,
    pub(crate) line: u64,
}

/// A region and what it says differently.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) name: String,
    pub(crate) line: u64,
    pub(crate) values: Section,
}

/// Reads the text of a clouds.yaml (or its JSON form). Pure, and bounded in time and memory.
///
/// # Errors
/// When the text is longer than 1 MiB, is no YAML, repeats a key, or has something other than a value where a
/// setting of ours is. The error names the line and shows it without any value that might be secret.
pub fn parse_clouds(text: &str) -> Result<Document, SyntaxError> {
    if text.len() > LONGEST {
        return Err(SyntaxError::too_long());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 100_000,
            max_nodes: 50_000,
            max_depth: 32,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 1,
            max_merge_keys: 1_000,
            max_total_scalar_bytes: 4 * LONGEST,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
            max_replay_stack_depth: 16,
        },
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Option<Document>>(text, options) {
        Ok(document) => Ok(document.unwrap_or_default()),
        Err(error) => Err(SyntaxError::new(text, &error)),
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = Document;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping with the key `clouds`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
                let mut document = Document::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.replace('-', "_").as_str() {
                        "clouds" => {
                            let names = map.next_value::<Option<_>>()?;
                            document.clouds = Some(names.unwrap_or_default());
                        }

                        "public_clouds" => {
                            let names = map.next_value::<Option<_>>()?;
                            document.profiles = names.unwrap_or_default();
                        }

                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(document)
            }
        }
        deserializer.deserialize_map(Top)
    }
}

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(Settings { outer: true })
    }
}

/// Reads the mapping of a cloud, or (not `outer`) the one under its `auth:`.
struct Settings {
    outer: bool,
}

impl<'de> DeserializeSeed<'de> for Settings {
    type Value = Section;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Section, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Settings {
    type Value = Section;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of settings")
    }

    fn visit_none<E: de::Error>(self) -> Result<Section, E> {
        Ok(Section::default())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Section, E> {
        Ok(Section::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Section, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Section, A::Error> {
        let mut section = Section::default();
        while let Some(key) = map.next_key::<String>()? {
            let key = key.replace('-', "_");
            match key.as_str() {
                "auth" if self.outer => {
                    section.auth = map.next_value_seed(Settings { outer: false })?.outer;
                }
                "profile" | "cloud" if self.outer => {
                    let entry = entry(&mut map, key.clone())?;
                    if key == "profile" || section.profile.is_none() {
                        section.profile = entry.or(section.profile);
                    }
                }
                "regions" if self.outer => {
                    section.regions = map.next_value::<Option<Vec<Region>>>()?.unwrap_or_default();
                }
                "region_name" | "interface" | "endpoint_type" | "image_interface" if self.outer => {
                    let words = map.next_value::<Spanned<Words>>()?;
                    section.add_words(key, &words);
                }
                _ if Key::find(&key).is_some() => section.outer.extend(entry(&mut map, key)?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(section)
    }
}

/// Reads one scalar; `null` and the empty text count as not said.
fn entry<'de, A: MapAccess<'de>>(map: &mut A, key: String) -> Result<Option<Entry>, A::Error> {
    let found = map.next_value::<Spanned<Option<String>>>()?;
    let line = found.referenced.line();
    Ok(found
        .value
        .filter(|text| !text.is_empty())
        .map(|text| Entry {
            key,
            value: Text::new(text),
            line,
        }))
}

impl Section {
    /// Takes a value that may be a list: several region names are regions to choose from.
    fn add_words(&mut self, key: String, words: &Spanned<Words>) {
        let line = words.referenced.line();
        let list = &words.value.0;
        if key == "region_name" && list.len() > 1 {
            if self.regions.is_empty() {
                let region = |name: &String| Region {
                    name: name.clone(),
                    line,
                    values: Self::default(),
                };
                self.regions = list.iter().map(region).collect();
            }
        } else if !list.is_empty() {
            self.outer.push(Entry {
                key,
                value: Text::new(list.join(",")),
                line,
            });
        }
    }
}

/// A word, words joined by commas, or a list of words.
struct Words(Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Words, E> {
                let words = text
                    .split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty());
                Ok(Words(words.map(ToOwned::to_owned).collect()))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Words, E> {
                Ok(Words(Vec::new()))
            }
            fn visit_none<E: de::Error>(self) -> Result<Words, E> {
                Ok(Words(Vec::new()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Words, E> {
                Ok(Words(vec![number.to_string()]))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Words, E> {
                Ok(Words(vec![number.to_string()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element::<String>()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Region;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a region's name, or a mapping with `name` and `values`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Region, E> {
                Ok(Region {
                    name: text.to_owned(),
                    line: 0,
                    values: Section::default(),
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Region, A::Error> {
                let (mut name, mut values) = (None, Section::default());
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "name" => name = Some(map.next_value::<Spanned<String>>()?),
                        "values" => values = map.next_value()?,
                        _ => return Err(A::Error::custom("a region has only `name` and `values`")),
                    }
                }
                let name = name.ok_or_else(|| A::Error::missing_field("name"))?;
                Ok(Region {
                    line: name.referenced.line(),
                    name: name.value,
                    values,
                })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

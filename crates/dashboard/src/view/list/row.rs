//! One image, as the list and the head of its page show it.

use jiff::Timestamp;
use wire::image::Image;

use crate::proving::Standing;
use crate::view::facts::{Facts, Maker, World};
use crate::view::words::{self, day_of};

/// One image of the list.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) visibility: String,
    pub(crate) hidden: bool,
    pub(crate) protected: bool,
    pub(crate) format: String,
    /// Stored bytes.
    pub(crate) size: Option<u64>,
    /// The verdict's word; empty without one.
    pub(crate) verdict: &'static str,
    /// Why the verdict is worth little, if it is.
    pub(crate) caution: &'static str,
    /// Whether a verdict is being worked out.
    pub(crate) busy: bool,
    /// When the verdict was asked for.
    pub(crate) asked: Option<Timestamp>,
    pub(crate) facts: Facts,
    /// The day of the build or, without one, of the upload.
    pub(crate) day: Option<jiff::civil::Date>,
}

impl Row {
    #[must_use]
    pub(crate) fn of(image: &Image, standing: &Standing, world: World<'_>) -> Self {
        let facts = Facts::of(image, world);
        let made = image.created_at.as_deref().and_then(words::day);
        Self {
            id: image.id.clone(),
            name: image.name().to_owned(),
            status: image.status.clone(),
            visibility: image.visibility.clone(),
            hidden: image.os_hidden,
            protected: image.protected,
            format: image.disk_format.clone().unwrap_or_default(),
            size: image.size,
            verdict: standing.word(),
            caution: standing.caution(),
            busy: standing.busy(),
            asked: match standing {
                Standing::Done(_, at) => Some(*at),
                _ => None,
            },
            day: facts.promise.built.or(made),
            facts,
        }
    }

    /// What to call it.
    #[must_use]
    pub(crate) fn title(&self) -> &str {
        if self.name.trim().is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    /// What it is, as far as the title does not say so: `Debian 13 · raw`.
    #[must_use]
    pub(crate) fn kind(&self) -> String {
        let system = self.facts.system();
        match system == self.name || self.format.is_empty() {
            true if self.format.is_empty() => system,
            true => self.format.clone(),
            false => format!("{system} · {}", self.format),
        }
    }

    #[must_use]
    pub(crate) fn size_text(&self) -> String {
        self.size.map_or_else(|| "–".to_owned(), words::size)
    }

    #[must_use]
    pub(crate) fn day_text(&self) -> String {
        self.day
            .map_or_else(|| "–".to_owned(), |day| day.to_string())
    }

    /// The colour of the verdict.
    #[must_use]
    pub(crate) fn verdict_class(&self) -> &'static str {
        match (self.verdict, self.caution) {
            ("identical", "") => "good",
            ("different", _) => "bad",
            _ => "warn",
        }
    }

    /// When the verdict was asked for.
    #[must_use]
    pub(crate) fn asked_day(&self) -> String {
        self.asked
            .map(day_of)
            .map(|day| day.to_string())
            .unwrap_or_default()
    }

    /// What the record says it rests on, in a word.
    #[must_use]
    pub(crate) fn evidence(&self) -> &str {
        match (self.facts.evidence.as_str(), &self.facts.maker) {
            ("", Maker::Copied) => "source named",
            ("", _) => "–",
            (word, _) => word,
        }
    }
}

//! The list of images: what is asked for in the address, and which rows that gives.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::facts::Maker;
use crate::limits::{MAX_VALUE, PAGE};

mod row;

pub(crate) use row::Row;

/// What is asked for. Everything else than these words is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Part of the name, id, family or definition.
    pub(crate) q: String,
    pub(crate) family: String,
    pub(crate) visibility: String,
    pub(crate) verdict: String,
    pub(crate) hidden: String,
    pub(crate) sort: String,
    /// Counted from 1.
    pub(crate) page: usize,
}

pub(crate) const VISIBILITIES: [&str; 4] = ["public", "community", "shared", "private"];
pub(crate) const VERDICTS: [&str; 4] = ["identical", "different", "undecided", "unverified"];
pub(crate) const HIDDEN: [&str; 3] = ["no", "only", "both"];
pub(crate) const SORTS: [&str; 12] = [
    "name", "-name", "age", "-age", "size", "-size", "verdict", "-verdict", "due", "-due", "until",
    "-until",
];

impl Asked {
    /// Reads the query of an address.
    ///
    /// # Errors
    /// What is not understood.
    pub(crate) fn parse(query: &str) -> Result<Self, String> {
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if value.len() > MAX_VALUE {
                return Err(format!("the value of `{name}` is too long"));
            }
            let value = value.trim();
            let one_of = |words: &[&str]| match words.contains(&value) || value.is_empty() {
                true => Ok(value.to_owned()),
                false => Err(format!("`{value}` is none of {}", words.join(", "))),
            };
            match name.as_ref() {
                "q" => value.clone_into(&mut asked.q),
                "family" => value.clone_into(&mut asked.family),
                "visibility" => asked.visibility = one_of(&VISIBILITIES)?,
                "verdict" => asked.verdict = one_of(&VERDICTS)?,
                "hidden" => asked.hidden = one_of(&HIDDEN)?,
                "sort" => asked.sort = one_of(&SORTS)?,
                "page" => {
                    let page = value
                        .parse()
                        .ok()
                        .filter(|page| (1..=1_000_000).contains(page));
                    asked.page = page.ok_or_else(|| format!("`{value}` is no page"))?;
                }
                other => return Err(format!("there is no filter `{other}`")),
            }
        }
        Ok(asked)
    }

    /// The query with one thing changed; a page is of the list that it was made for.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let page = self.page.to_string();
        let mut pairs = vec![
            ("q", self.q.as_str()),
            ("family", &self.family),
            ("visibility", &self.visibility),
            ("verdict", &self.verdict),
            ("hidden", &self.hidden),
            ("sort", &self.sort),
            ("page", &page),
        ];
        for (own, old) in &mut pairs {
            if *own == name {
                *old = value;
            } else if *own == "page" {
                *old = "";
            }
        }
        let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(set).finish()
    }

    /// The query that a click on a column's heading gives: the column, or the other way round.
    #[must_use]
    pub(crate) fn sorted(&self, column: &str) -> String {
        let other = format!("-{column}");
        self.with(
            "sort",
            if self.sorts() == column {
                &other
            } else {
                column
            },
        )
    }

    /// The order in effect.
    #[must_use]
    pub(crate) fn sorts(&self) -> &str {
        if self.sort.is_empty() {
            "name"
        } else {
            &self.sort
        }
    }

    /// For `aria-sort`.
    #[must_use]
    pub(crate) fn direction(&self, column: &str) -> &'static str {
        match self.sorts().strip_prefix('-') {
            Some(own) if own == column => "descending",
            None if self.sorts() == column => "ascending",
            _ => "none",
        }
    }

    /// Whether anything is filtered.
    #[must_use]
    pub(crate) fn filters(&self) -> bool {
        let all = [
            &self.q,
            &self.family,
            &self.visibility,
            &self.verdict,
            &self.hidden,
        ];
        all.into_iter().any(|value| !value.is_empty())
    }

    fn takes(&self, row: &Row) -> bool {
        let verdict = match row.verdict {
            "" => "unverified",
            word => word,
        };
        let same = |asked: &str, own: &str| asked.is_empty() || asked == own;
        same(&self.family, &row.facts.family)
            && same(&self.visibility, &row.visibility)
            && same(&self.verdict, verdict)
            && self.finds(row)
    }

    /// Every word of the search stands somewhere in the row.
    fn finds(&self, row: &Row) -> bool {
        let definition = match &row.facts.maker {
            Maker::Ectype { definition, .. } => definition.as_str(),
            _ => "",
        };
        let haystack = format!(
            "{} {} {} {definition}",
            row.name,
            row.id,
            row.facts.system()
        )
        .to_lowercase();
        let words = self.q.to_lowercase();
        words.split_whitespace().all(|word| haystack.contains(word))
    }
}

/// Whether an image belongs to what is asked for by one of the words [`HIDDEN`]: as in the API, what is hidden is left out,
/// and counted nowhere, unless it is asked for.
pub(crate) fn is_asked_for(word: &str, hidden: bool) -> bool {
    match word {
        "only" => hidden,
        "both" => true,
        _ => !hidden,
    }
}

/// A page of the list, and what is around it.
pub(crate) struct List {
    pub(crate) rows: Vec<Row>,
    /// How many images match.
    pub(crate) matching: usize,
    /// How many there are: hidden ones count where they are asked for, and nowhere else.
    pub(crate) all: usize,
    pub(crate) pages: usize,
    /// The page that is shown.
    pub(crate) page: usize,
    /// The families that there are, by short name, with their name for people and how many images they have.
    pub(crate) families: BTreeMap<String, (String, usize)>,
    /// How many of all images are late, different, and verified as identical.
    pub(crate) late: usize,
    pub(crate) different: usize,
    pub(crate) identical: usize,
}

impl List {
    #[must_use]
    pub(crate) fn of(mut all: Vec<Row>, asked: &Asked) -> Self {
        all.retain(|row| is_asked_for(&asked.hidden, row.hidden));
        let mut families: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for row in &all {
            let name = row.facts.family_name.clone();
            families
                .entry(row.facts.family.clone())
                .or_insert((name, 0))
                .1 += 1;
        }
        let count = |test: &dyn Fn(&Row) -> bool| all.iter().filter(|row| test(row)).count();
        let (late, different, identical) = (
            count(&|row| matches!(row.facts.promise.fresh, super::fresh::Fresh::Late(_))),
            count(&|row| row.verdict == "different"),
            count(&|row| row.verdict == "identical" && row.caution.is_empty()),
        );
        let total = all.len();
        let mut rows: Vec<Row> = all.into_iter().filter(|row| asked.takes(row)).collect();
        rows.sort_by(|a, b| order(a, b, asked.sorts()));
        let matching = rows.len();
        let pages = matching.div_ceil(PAGE).max(1);
        let page = asked.page.min(pages);
        let rows = rows
            .into_iter()
            .skip((page - 1) * PAGE)
            .take(PAGE)
            .collect();
        Self {
            rows,
            matching,
            all: total,
            pages,
            page,
            families,
            late,
            different,
            identical,
        }
    }
}

fn order(a: &Row, b: &Row, by: &str) -> Ordering {
    let (by, back) = match by.strip_prefix('-') {
        Some(by) => (by, true),
        None => (by, false),
    };
    let ordering = match by {
        "age" => b.day.cmp(&a.day),
        "size" => a.size.cmp(&b.size),
        "verdict" => worst(a.verdict).cmp(&worst(b.verdict)),
        "until" => end(a).cmp(&end(b)),
        "due" => a.facts.promise.rank().cmp(&b.facts.promise.rank()),
        _ => natural(&a.name).cmp(&natural(&b.name)),
    };
    let ordering = if back { ordering.reverse() } else { ordering };
    ordering
        .then_with(|| natural(&a.name).cmp(&natural(&b.name)))
        .then_with(|| a.id.cmp(&b.id))
}

/// The end of the vendor's support, the first one first; one that is not known last.
fn end(row: &Row) -> (bool, Option<jiff::civil::Date>) {
    let end = row.facts.support.end().map(|end| end.date);
    (end.is_none(), end)
}

/// The worst verdict first, the missing one last.
fn worst(word: &str) -> u8 {
    match word {
        "different" => 0,
        "undecided" => 1,
        "identical" => 2,
        _ => 3,
    }
}

/// A name for sorting: without regard to case, numbers by their value (`Debian 9` before `Debian 12`).
fn natural(name: &str) -> Vec<(u128, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, digits) = rest.split_at(text);
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        // Longer numbers than fit are sorted last, which is where they belong.
        let value = if number.is_empty() {
            0
        } else {
            number.parse().unwrap_or(u128::MAX)
        };
        parts.push((0, word.to_lowercase()));
        parts.push((value, String::new()));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests;

//! What images to list, in which order, and how that is said to Glance.

use url::Url;

/// Which images to list. [`Query::default`] is what the user's project sees: public ones, its own, and accepted shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only these; `None` is Glance's own choice: public, own and accepted shared images.
    pub visibility: Option<Visibility>,
    /// Whether hidden images are listed.
    pub hidden: Hidden,
    /// Only images with all of these tags.
    pub tags: Vec<String>,
    /// Only images whose custom properties have these values.
    pub properties: Vec<(String, String)>,
    /// Only images of exactly this name.
    pub name: Option<String>,
    /// Only images in this status.
    pub status: Option<String>,
    /// Of shared images, those whose share is `accepted`, `pending`, `rejected` or (`all`) any.
    pub member_status: Option<String>,
    /// Only images of this project, by id.
    pub owner: Option<String>,
    /// Order: keys as Glance names them (`name`, `created_at` …), most important first. Empty is newest first.
    pub sort: Vec<(String, Direction)>,
    /// At most so many images.
    pub limit: Option<usize>,
    /// Only images after the one with this id, in the order asked for.
    pub marker: Option<String>,
    /// Images a request; Glance has a limit of its own (1000 unless the operator chose another).
    pub page_size: Option<usize>,
}

/// Who may see an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The owning project.
    Private,
    /// The owning project and those it shares with.
    Shared,
    /// Everybody who asks for it.
    Community,
    /// Whatever the user may see, strangers' community images too.
    All,
}

/// Whether hidden images are listed. Glance lists either the ones or the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hidden {
    /// Only images that are not hidden.
    #[default]
    No,
    /// Only hidden images.
    Only,
    /// Both, by asking twice.
    Both,
}

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Glance's own default order.
pub(crate) const NEWEST_FIRST: &[(&str, Direction)] = &[("created_at", Direction::Descending)];

/// What a page holds when nobody says otherwise: Glance's largest.
const PAGE: usize = 1000;

impl Visibility {
    fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::Community => "community",
            Self::All => "all",
        }
    }
}

impl Query {
    /// How many images to ask for at once.
    pub(crate) fn page(&self) -> usize {
        let page = self.page_size.unwrap_or(PAGE).clamp(1, PAGE);
        self.limit.map_or(page, |limit| limit.clamp(1, page))
    }

    /// Writes the query into `url`, for hidden images or the others, after `marker`.
    pub(crate) fn write(&self, url: &mut Url, hidden: bool, marker: Option<&str>) {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("limit", &self.page().to_string());
        if let Some(visibility) = self.visibility {
            pairs.append_pair("visibility", visibility.word());
        }
        if hidden {
            pairs.append_pair("os_hidden", "true");
        }
        let single = [
            ("name", &self.name),
            ("status", &self.status),
            ("member_status", &self.member_status),
            ("owner", &self.owner),
        ];
        for (key, value) in single {
            if let Some(value) = value {
                pairs.append_pair(key, &literal(value));
            }
        }
        for tag in &self.tags {
            pairs.append_pair("tag", tag);
        }
        for (key, value) in &self.properties {
            pairs.append_pair(key, value);
        }
        for (key, direction) in &self.sort {
            pairs.append_pair("sort_key", key);
            pairs.append_pair(
                "sort_dir",
                if *direction == Direction::Ascending {
                    "asc"
                } else {
                    "desc"
                },
            );
        }
        if let Some(marker) = marker {
            pairs.append_pair("marker", marker);
        }
    }
}

/// A value that Glance would take for a list (`in:a,b`) is quoted as a list of one.
fn literal(value: &str) -> String {
    if value.starts_with("in:") {
        format!(
            "in:\"{}\"",
            value.replace('\\', "\\\\").replace('"', "\\\"")
        )
    } else {
        value.to_owned()
    }
}

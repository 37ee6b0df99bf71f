//! Listing images: pages followed without trusting where they point, hidden images fetched beside the others.

use std::cmp::Ordering;
use std::collections::HashSet;

use net::shown;
use wire::image::{Image, Images};

use super::query::{Direction, Hidden, NEWEST_FIRST, Query};
use super::{Glance, parse};
use crate::Error;

/// More images than any cloud has; a server that sends more is not believed.
const MOST: usize = 200_000;

impl Glance {
    /// The images that a query asks for, all pages of them.
    ///
    /// # Errors
    /// [`Error::Refused`] for a filter or an order that Glance does not know, [`Error::Protocol`] for pages that do not
    /// end, and as for [`Glance::show`].
    pub async fn list(&self, query: &Query) -> Result<Vec<Image>, Error> {
        match query.hidden {
            Hidden::No => self.pages(query, false).await,
            Hidden::Only => self.pages(query, true).await,
            Hidden::Both => {
                let (shown, hidden) =
                    tokio::try_join!(self.pages(query, false), self.pages(query, true))?;
                let mut images = merge(shown, hidden, query);
                images.truncate(query.limit.unwrap_or(usize::MAX));
                Ok(images)
            }
        }
    }

    async fn pages(&self, query: &Query, hidden: bool) -> Result<Vec<Image>, Error> {
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut images: Vec<Image> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut marker = query.marker.clone();
        while images.len() < limit {
            let mut url = self.url(&["images"])?;
            query.write(&mut url, hidden, marker.as_deref());
            let reply = self.checked(self.get(url).await?, "listing images").await?;
            let page: Images = parse(&reply)?;
            let before = seen.len();
            for image in page.images {
                if seen.insert(image.id.clone()) {
                    images.push(image);
                }
            }
            if page.next.is_none() {
                break;
            }
            // `next` is a path of the server's own making: wrong behind a proxy that adds a prefix, and no place to send
            // a token to. All it says is that there is more, after the last image.
            let endless = |what: &str| Error::Protocol {
                url: shown(&reply.url),
                what: what.to_owned(),
                request_id: reply.request_id(),
            };
            if seen.len() == before {
                return Err(endless(
                    "announces further pages, but sends the same images again",
                ));
            }
            if seen.len() > MOST {
                return Err(endless("sends images without end"));
            }
            marker = images.last().map(|image| image.id.clone());
        }
        images.truncate(limit);
        Ok(images)
    }
}

/// Two lists in the same order made one.
fn merge(one: Vec<Image>, other: Vec<Image>, query: &Query) -> Vec<Image> {
    let order: Vec<(&str, Direction)> = match query.sort.is_empty() {
        true => NEWEST_FIRST.to_vec(),
        false => query
            .sort
            .iter()
            .map(|(key, direction)| (key.as_str(), *direction))
            .collect(),
    };
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    let mut merged = Vec::with_capacity(one.len() + other.len());
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) if compare(a, b, &order) == Ordering::Greater => other.next(),
            (Some(_), _) => one.next(),
            (None, _) => other.next(),
        };
        match next {
            Some(image) => merged.push(image),
            None => return merged,
        }
    }
}

/// The order of two images by Glance's sort keys.
fn compare(a: &Image, b: &Image, order: &[(&str, Direction)]) -> Ordering {
    for (key, direction) in order {
        let ordering = match *key {
            "name" => a.name.cmp(&b.name),
            "status" => a.status.cmp(&b.status),
            "container_format" => a.container_format.cmp(&b.container_format),
            "disk_format" => a.disk_format.cmp(&b.disk_format),
            "size" => a.size.cmp(&b.size),
            "id" => a.id.cmp(&b.id),
            "created_at" => a.created_at.cmp(&b.created_at),
            "updated_at" => a.updated_at.cmp(&b.updated_at),
            _ => Ordering::Equal,
        };
        let ordering = if *direction == Direction::Descending {
            ordering.reverse()
        } else {
            ordering
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

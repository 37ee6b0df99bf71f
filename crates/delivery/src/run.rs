//! A delivery: the bytes of one file into one or several clouds, each compared with what it stored.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Door, Import};
use disk::{Cancel, Meter};
use futures_util::future::join_all;
use wire::image::Image;

use crate::send::{Gone, Load, Sent};
use crate::{Error, Made, Outcome, Way, stored};

/// How the bytes go, and where it is looked how far they are.
pub struct Delivery<'a> {
    /// What is done to them.
    pub way: &'a Way,
    /// What is around them (`container_format`).
    pub container: &'a str,
    /// The largest disk to take, in bytes.
    pub max_virtual_size: Option<u64>,
    /// How long a cloud may say nothing.
    pub patience: Duration,
    /// Where they go.
    pub door: Door,
    /// How far the pass is.
    pub meter: &'a Arc<Meter>,
    /// Ends the pass.
    pub cancel: &'a Cancel,
}

/// One cloud that they go to.
pub struct Place<'a> {
    /// The image that they are for; its record is there.
    pub made: &'a Made<'a>,
    /// The store to put them into, of several.
    pub store: Option<&'a str>,
    /// What comes after they were staged.
    pub imports: Option<Imports<'a>>,
}

/// An import to wait for.
#[derive(Clone, Copy)]
pub struct Imports<'a> {
    /// What to ask for.
    pub import: &'a Import,
    /// How long it may take.
    pub deadline: Duration,
    /// Is shown the image each time it is looked at.
    pub watch: &'a dyn Fn(&Image),
}

/// What came of it in one cloud.
pub struct Delivered {
    /// What was sent.
    pub sent: Rc<Sent>,
    /// The record after it.
    pub image: Image,
    /// Whether the cloud has what was sent.
    pub outcome: Outcome,
}

impl Delivery<'_> {
    /// Sends the bytes everywhere in one pass, and compares what each cloud has recorded with what was sent. Where a token
    /// does not hold any more it is renewed, once, and the bytes are sent again, which `again` gives; it is told why.
    ///
    /// Nothing is made visible, and nothing is taken away again: that is the caller's.
    pub async fn run<F: From<Error>>(
        &self,
        load: Load,
        again: impl AsyncFn(Error) -> Result<Load, F>,
        places: &[Place<'_>],
    ) -> Vec<Result<Delivered, F>> {
        let all: Vec<&Place<'_>> = places.iter().collect();
        let mut ended: Vec<Option<Result<Gone, F>>> = Vec::new();
        let mut refused = Vec::new();
        for (index, sent) in self.send(load, &all).await.into_iter().enumerate() {
            ended.push(match sent {
                Err(error @ Error::Cloud(cloud::Error::Unauthorized(_))) => {
                    refused.push((index, error));
                    None
                }
                other => Some(other.map_err(F::from)),
            });
        }
        for (index, sent) in self.once_more(&all, refused, again).await {
            if let Some(slot) = ended.get_mut(index) {
                *slot = Some(sent);
            }
        }
        let ends = ended.into_iter().flatten().zip(places);
        let ends = ends.map(|(gone, place)| async {
            let (sent, doubt) = gone?;
            let image = self.arrived(place, doubt).await?;
            let outcome = stored(&image, self.way, &sent);
            Ok(Delivered {
                sent,
                image,
                outcome,
            })
        });
        join_all(ends).await
    }

    /// Sends them again to who did not take the token; an end for each.
    async fn once_more<F: From<Error>>(
        &self,
        places: &[&Place<'_>],
        refused: Vec<(usize, Error)>,
        again: impl AsyncFn(Error) -> Result<Load, F>,
    ) -> Vec<(usize, Result<Gone, F>)> {
        let (mut ended, mut renewed) = (Vec::new(), Vec::new());
        for (index, error) in refused {
            let Some(place) = places.get(index) else {
                continue;
            };
            match place.made.glance().renew().await {
                Ok(()) => renewed.push((index, *place, error)),
                Err(error) => ended.push((index, Err(F::from(error.into())))),
            }
        }
        let places: Vec<&Place<'_>> = renewed.iter().map(|(_, place, _)| *place).collect();
        let mut renewed = renewed.into_iter().map(|(index, _, error)| (index, error));
        let Some((first, why)) = renewed.next() else {
            return ended;
        };
        match again(why).await {
            Ok(load) => {
                let sent = self.send(load, &places).await.into_iter();
                let which = std::iter::once(first).chain(renewed.map(|(index, _)| index));
                ended.extend(which.zip(sent.map(|sent| sent.map_err(F::from))));
            }
            Err(error) => {
                ended.push((first, Err(error)));
                ended.extend(renewed.map(|(index, error)| (index, Err(error.into()))));
            }
        }
        ended
    }

    /// The record when the bytes are put away.
    async fn arrived(
        &self,
        place: &Place<'_>,
        doubt: Option<cloud::Error>,
    ) -> Result<Image, Error> {
        match (&place.imports, doubt) {
            (None, doubt) => place.made.taken(doubt, self.patience).await,
            (Some(_), Some(error)) => Err(error.into()),
            (Some(imports), None) => place.made.settle(imports).await,
        }
    }
}

//! The lock in the cloud: a record without bytes, hidden and private, that says who is at work. Whoever stops saying so has
//! lost it after [`LEASE`].

use std::time::Duration;

use cloud::{Glance, Hidden, Op, Query};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wire::image::Image;

use super::{Error, Machine};
use crate::limits::{LEASE, LEASE_RENEWED, LOCK_PATIENCE};

const HOLDER: &str = "ectype_lock_holder";
const BY: &str = "ectype_lock_by";
const BEAT: &str = "ectype_lock_beat";

/// How often it is looked whether a later one has stepped back.
const PAUSE: Duration = Duration::from_millis(500);

/// The lock in the cloud. It stays when this is dropped: [`Lease::release`].
pub struct Lease {
    glance: Glance,
    id: String,
}

/// The lease is over: somebody else may be at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl Lease {
    /// Locks what has `tag` in the `project` (an id) of this cloud, for the run on `machine`, which is called `by`.
    ///
    /// # Errors
    /// [`Error::Elsewhere`], [`Error::Cloud`].
    pub async fn take(
        glance: &Glance,
        project: &str,
        tag: &str,
        machine: Option<&Machine>,
        by: &str,
    ) -> Result<Self, Error> {
        let tag = format!("{tag}_lock");
        let holder = machine.map_or_else(String::new, |machine| machine.holder().to_owned());
        let own = glance.create(&record(&tag, &holder, by)).await?;
        let lease = Self {
            glance: glance.clone(),
            id: own.id.clone(),
        };
        match lease.alone(&own, project, &tag, &holder).await {
            Ok(()) => Ok(lease),
            Err(error) => {
                lease.release().await;
                Err(error)
            }
        }
    }

    /// Waits until there is no other record: those that came later step back by themselves.
    async fn alone(
        &self,
        own: &Image,
        project: &str,
        tag: &str,
        holder: &str,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let query = Query {
                hidden: Hidden::Only,
                owner: Some(project.to_owned()),
                tags: vec![tag.to_owned()],
                ..Query::default()
            };
            let others = self.glance.list(&query).await?;
            let others = others.into_iter().filter(|image| image.id != own.id);
            let (mut live, mut dead) = (Vec::new(), Vec::new());
            for other in others {
                let mine = !holder.is_empty() && other.property(HOLDER) == Some(holder);
                match mine || is_over(&other, own) {
                    true => dead.push(other),
                    false => live.push(other),
                }
            }
            let order = |image: &Image| (image.created_at.clone(), image.id.clone());
            live.sort_by_key(order);
            let Some(first) = live.first() else {
                for one in dead {
                    remove(&self.glance, &one.id).await?;
                }
                return Ok(());
            };
            if order(first) < order(own) || begun.elapsed() > LOCK_PATIENCE {
                return Err(Error::Elsewhere {
                    by: first.property(BY).unwrap_or("somebody").to_owned(),
                    since: first.created_at.clone().unwrap_or_default(),
                    id: first.id.clone(),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Says again and again that the run is at work; comes back only when that is not so any more.
    pub async fn keep(&self) -> Lost {
        let mut said = Instant::now();
        let mut beat = 0_u64;
        loop {
            tokio::time::sleep(LEASE_RENEWED).await;
            beat += 1;
            let op = Op::Add(BEAT.to_owned(), json!(beat.to_string()));
            match self.glance.patch(&self.id, &[op]).await {
                Ok(_) => said = Instant::now(),
                Err(cloud::Error::Gone { .. }) => return Lost,
                // Half of the lease is left for what is under way.
                Err(_) if said.elapsed() > LEASE / 2 => return Lost,
                Err(_) => {}
            }
        }
    }

    /// Gives the lock back. If that fails it is over after [`LEASE`].
    pub async fn release(self) {
        drop(remove(&self.glance, &self.id).await);
    }
}

fn record(tag: &str, holder: &str, by: &str) -> Map<String, Value> {
    let fields = [
        ("id", json!(Uuid::new_v4().to_string())),
        ("name", json!("ectype lock")),
        ("visibility", json!("private")),
        ("os_hidden", json!(true)),
        ("tags", json!([tag])),
        (HOLDER, json!(holder)),
        (BY, json!(by)),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    fields.into_iter().collect()
}

/// Whether a record's lease was over when our own was made, by the cloud's clock. What cannot be read is not over.
fn is_over(other: &Image, own: &Image) -> bool {
    let time = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    match (time(&other.updated_at), time(&own.created_at)) {
        (Some(said), Some(now)) => {
            let age = now.duration_since(said);
            age.as_secs() > i64::try_from(LEASE.as_secs()).unwrap_or(i64::MAX)
        }
        _ => false,
    }
}

async fn remove(glance: &Glance, id: &str) -> Result<(), cloud::Error> {
    match glance.delete(id).await {
        Ok(()) | Err(cloud::Error::Gone { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(created: &str, updated: &str) -> Image {
        let value = json!({"id": "x", "created_at": created, "updated_at": updated});
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_lease_is_over_half_an_hour_after_it_was_last_said() {
        let own = image("2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z");
        for (said, over) in [
            ("2026-11-25T12:00:01Z", false),
            ("2026-11-25T11:30:00Z", false),
            ("2026-11-25T11:29:59Z", true),
            ("not a time", false),
        ] {
            let other = image("2026-11-25T09:00:00Z", said);
            // Made three hours ago; what counts is when it was last said.
            assert_eq!(is_over(&other, &own), over, "{said}");
        }
    }
}

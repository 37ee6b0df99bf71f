//! Visitors who are logged in. Their tokens are in the memory of this process and nowhere else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloud::Cloud;
use jiff::Timestamp;

use crate::limits::{IDLE, LONGEST_SESSION, MAX_REPORTS, MAX_SESSIONS};
use crate::listing::Listing;
use crate::token;
use crate::upload::Report;

/// Somebody who is logged in.
pub(crate) struct Session {
    pub(crate) cloud: Cloud,
    /// Whose it is: user and project, by id.
    pub(crate) owner: String,
    pub(crate) listing: Listing,
    until: Timestamp,
    reports: Mutex<Vec<Arc<Report>>>,
}

impl Session {
    /// A log-in made at `now`. It ends when its token does, and after [`LONGEST_SESSION`] at the latest.
    pub(crate) fn new(cloud: Cloud, now: Timestamp) -> Self {
        let token = cloud.token();
        let id = |named: &Option<wire::identity::Named>| {
            named.as_ref().map(|one| one.id.clone()).unwrap_or_default()
        };
        let owner = format!("{}/{}", id(&token.user), id(&token.project));
        let longest = now.checked_add(LONGEST_SESSION).unwrap_or(now);
        let until = token
            .expires_at
            .parse::<Timestamp>()
            .unwrap_or(longest)
            .min(longest);
        Self {
            cloud,
            owner,
            listing: Listing::default(),
            until,
            reports: Mutex::default(),
        }
    }

    /// Who it is, for people.
    pub(crate) fn user(&self) -> &str {
        let user = self.cloud.token().user.as_ref();
        user.map_or("", |user| {
            if user.name.is_empty() {
                &user.id
            } else {
                &user.name
            }
        })
    }

    /// The project, for people.
    pub(crate) fn project(&self) -> &str {
        let project = self.cloud.token().project.as_ref();
        project.map_or("", |one| {
            if one.name.is_empty() {
                &one.id
            } else {
                &one.name
            }
        })
    }

    /// Whether images can be made: a reader may not, and Glance would only say so after the upload.
    pub(crate) fn may_change(&self) -> bool {
        let roles = &self.cloud.token().roles;
        roles.is_empty()
            || roles
                .iter()
                .any(|role| matches!(role.name.as_str(), "member" | "admin" | "manager"))
    }

    /// Keeps what came of an upload.
    pub(crate) fn keep(&self, report: Arc<Report>) {
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        if reports.len() >= MAX_REPORTS {
            reports.remove(0);
        }
        reports.push(report);
    }

    /// What came of an upload.
    pub(crate) fn report(&self, id: &str) -> Option<Arc<Report>> {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.iter().find(|one| one.id == id).cloned()
    }

    /// Every report, the newest first.
    pub(crate) fn reports(&self) -> Vec<Arc<Report>> {
        let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.iter().rev().cloned().collect()
    }
}

struct Held {
    session: Arc<Session>,
    used: Timestamp,
}

/// All who are logged in.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Held>>);

impl Sessions {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; the id is the visitor's only proof of it.
    pub(crate) fn begin(&self, session: Session, now: Timestamp) -> String {
        let mut all = self.all();
        all.retain(|_, held| holds(held, now));
        if all.len() >= MAX_SESSIONS {
            let idle = all.iter().min_by_key(|(_, held)| held.used);
            if let Some(id) = idle.map(|(id, _)| id.clone()) {
                all.remove(&id);
            }
        }
        let id = token::random();
        let session = Arc::new(session);
        all.insert(id.clone(), Held { session, used: now });
        id
    }

    /// The session of this id, if it has not come to its end.
    pub(crate) fn get(&self, id: &str, now: Timestamp) -> Option<Arc<Session>> {
        let mut all = self.all();
        if !holds(all.get(id)?, now) {
            all.remove(id);
            return None;
        }
        let held = all.get_mut(id)?;
        held.used = now;
        Some(Arc::clone(&held.session))
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: &str) {
        self.all().remove(id);
    }

    /// How many there are.
    pub(crate) fn count(&self, now: Timestamp) -> usize {
        self.all().values().filter(|held| holds(held, now)).count()
    }
}

fn holds(held: &Held, now: Timestamp) -> bool {
    let idle = held.used.checked_add(IDLE).unwrap_or(now);
    now <= idle && now < held.session.until
}

//! What comes before the first step: the plans, the locks, and that the plans still fit once the locks are held.

use std::fs;
use std::path::Path;

use catalogue::lock::{Lease, Machine};
use catalogue::plan::{Misfit, Planned, Plans, plan};
use cloud::Cloud;

use super::Args;
use crate::command::catalogue::plan::looked;
use crate::command::catalogue::sites;
use crate::context::{Context, state_folder};
use crate::failure::{Exit, Failure};

/// A cloud in which a plan may be carried out now.
pub(super) struct Begun {
    pub(super) planned: Planned,
    pub(super) cloud: Cloud,
    /// None where there is nothing to do.
    lock: Option<Lock>,
}

/// The locks on one cloud.
struct Lock {
    lease: Lease,
    /// Unlocked when dropped, and not before the lease was given back.
    _machine: Option<Machine>,
}

/// What is to be done, and where it cannot be.
pub(super) struct Begin {
    pub(super) begun: Vec<Begun>,
    pub(super) unreached: Vec<(String, Failure)>,
}

impl Begin {
    /// The plans that will be carried out.
    pub(super) fn plans(&self) -> Plans {
        let planned = self.begun.iter().map(|one| one.planned.clone());
        Plans::new(planned.collect())
    }

    /// Gives all locks back.
    pub(super) async fn release(self) {
        for one in self.begun {
            if let Some(lock) = one.lock {
                lock.lease.release().await;
            }
        }
    }

    /// The locks in the clouds.
    pub(super) fn leases(&self) -> impl Iterator<Item = &Lease> {
        let locks = self.begun.iter().filter_map(|one| one.lock.as_ref());
        locks.map(|lock| &lock.lease)
    }
}

/// Plans, locks, and plans again with what is there once the lock is held.
pub(super) async fn computed(context: &Context, args: &Args) -> Result<Begin, Failure> {
    let looked = looked(context, &args.which, args.max_delete, &args.sources).await?;
    let mut begin = Begin {
        begun: Vec::new(),
        unreached: looked.failures,
    };
    for (mut planned, cloud) in looked.plans {
        if planned.plan.is_empty() {
            let lock = None;
            begin.begun.push(Begun {
                planned,
                cloud,
                lock,
            });
            continue;
        }
        let locked = async {
            let lock = lock(&planned, &cloud).await?;
            match sites::listed(&cloud).await {
                Ok(images) => Ok((lock, images)),
                Err(failure) => {
                    lock.lease.release().await;
                    Err(failure)
                }
            }
        };
        match locked.await {
            Ok((lock, images)) => {
                planned.plan = plan(&looked.definitions, &looked.builds, &images, looked.now);
                let lock = Some(lock);
                begin.begun.push(Begun {
                    planned,
                    cloud,
                    lock,
                });
            }
            Err(failure) => begin.unreached.push((planned.cloud.to_string(), failure)),
        }
    }
    Ok(begin)
}

/// Reads the plans that were approved, and locks their clouds. All of them have to fit, or none is carried out.
pub(super) async fn approved(context: &Context, path: &Path) -> Result<Begin, Failure> {
    let mut begin = Begin {
        begun: Vec::new(),
        unreached: Vec::new(),
    };
    for planned in read(path)?.plans {
        match approve(context, planned).await {
            Ok(begun) => begin.begun.push(begun),
            Err(failure) => {
                begin.release().await;
                return Err(failure);
            }
        }
    }
    Ok(begin)
}

fn read(path: &Path) -> Result<Plans, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        let exit = match error.kind() {
            std::io::ErrorKind::NotFound => Exit::NotFound,
            _ => Exit::Config,
        };
        Failure::new(exit, format!("cannot read `{shown}`")).cause(error.to_string())
    })?;
    Plans::read(&text).map_err(|error| {
        let failure = Failure::new(Exit::Config, format!("`{shown}` is no plan"));
        failure.cause(error.to_string())
    })
}

async fn approve(context: &Context, planned: Planned) -> Result<Begun, Failure> {
    let here = &planned.cloud;
    let config = match &here.name {
        Some(name) => context.config_of(name, here.region.as_deref())?,
        None => context.config()?,
    };
    let cloud = context.connect(&config, net::Options::default()).await?;
    let lock = match planned.plan.is_empty() {
        true => None,
        false => Some(lock(&planned, &cloud).await?),
    };
    let fits = async {
        let images = sites::listed(&cloud).await?;
        let fits = planned.fits(&sites::site(&config, &cloud), &images);
        fits.map_err(|misfit| refused(&planned, &misfit))
    };
    match (fits.await, lock) {
        (Ok(()), lock) => Ok(Begun {
            planned,
            cloud,
            lock,
        }),
        (Err(failure), lock) => {
            if let Some(lock) = lock {
                lock.lease.release().await;
            }
            Err(failure)
        }
    }
}

fn refused(planned: &Planned, misfit: &Misfit) -> Failure {
    let message = format!("the plan for {} is not carried out", planned.cloud);
    let failure = Failure::new(Exit::Refused, message);
    let failure = match misfit {
        Misfit::Moved { what } => {
            let failure = failure.cause("the cloud has changed since the plan was made");
            what.iter().fold(failure, Failure::cause)
        }
        other => failure.cause(other.to_string()),
    };
    failure.hint("make a new one: `ectype catalogue plan --out FILE`")
}

/// Keeps other runs out, on this machine first: that costs nothing.
async fn lock(planned: &Planned, cloud: &Cloud) -> Result<Lock, Failure> {
    let (site, plan) = (&planned.cloud, &planned.plan);
    let machine = state_folder().map(|folder| {
        let folder = folder.join("locks");
        Machine::take(&folder, &site.image_endpoint, &plan.project, &plan.tag)
    });
    let machine = machine.transpose()?;
    let glance = cloud.glance();
    let by = format!("process {} on {}", std::process::id(), host());
    let lease = Lease::take(glance, &plan.project, &plan.tag, machine.as_ref(), &by).await?;
    Ok(Lock {
        lease,
        _machine: machine,
    })
}

/// How this machine is called, for whoever meets the lock.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "a machine without a name".to_owned(),
        name => name.to_owned(),
    }
}

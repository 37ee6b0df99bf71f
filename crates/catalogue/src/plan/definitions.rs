//! The definitions of a catalogue, those with faults set apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Definition;
use crate::error::{Fault, Place};
use crate::words::Evidence;

/// The definitions of a catalogue. One with a fault is set apart: nothing of it is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definitions {
    tag: String,
    max_delete: u32,
    good: Vec<Definition>,
    faults: Vec<Fault>,
    /// What is looked at, when that is not everything.
    scope: Option<BTreeSet<String>>,
}

impl Definitions {
    /// Sets apart the definitions that have a fault or contradict each other. `tag` marks the images that are ours,
    /// `max_delete` is how many of them one plan may delete.
    #[must_use]
    pub fn new(
        tag: impl Into<String>,
        max_delete: u32,
        definitions: Vec<Definition>,
        mut faults: Vec<Fault>,
    ) -> Self {
        contradictions(&definitions, &mut faults);
        let faulty: BTreeSet<String> = faults.iter().map(|f| f.definition.clone()).collect();
        let mut good = definitions;
        good.retain(|definition| !faulty.contains(&definition.id));
        good.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            tag: tag.into(),
            max_delete,
            good,
            faults,
            scope: None,
        }
    }

    /// The same with another limit for deletions.
    #[must_use]
    pub fn with_max_delete(self, max_delete: u32) -> Self {
        Self { max_delete, ..self }
    }

    /// The same where a checksum file without a signature is put up with: who asks for `signed` is content with `tls`.
    #[must_use]
    pub fn with_unsigned(mut self) -> Self {
        let signed = |one: &&mut Definition| one.evidence == Evidence::Signed;
        for definition in self.good.iter_mut().filter(signed) {
            definition.evidence = Evidence::Tls;
        }
        self
    }

    /// These alone: of others nothing is planned, and nothing is said. Contradictions with them stay faults.
    pub(crate) fn only(mut self, ids: BTreeSet<String>) -> Self {
        self.good.retain(|definition| ids.contains(&definition.id));
        self.faults.retain(|fault| ids.contains(&fault.definition));
        self.scope = Some(ids);
        self
    }

    /// Whether a definition is looked at; nothing is known here of whether there is one that is called so.
    #[must_use]
    pub fn covers(&self, id: &str) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.contains(id))
    }

    /// Gives faults that name no place the one of their definition.
    pub(crate) fn locate(&mut self, place: impl Fn(&str) -> Option<Place>) {
        for fault in &mut self.faults {
            if fault.place.is_none() {
                fault.place = place(&fault.definition);
            }
        }
    }

    /// The tag of our images.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// How many images one plan may delete.
    #[must_use]
    pub fn max_delete(&self) -> u32 {
        self.max_delete
    }

    /// The definitions without faults, by id; those that are switched off too.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.good.iter()
    }

    /// The definition of this id, if it has no fault.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Definition> {
        self.good.iter().find(|definition| definition.id == id)
    }

    /// What is wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

/// Two definitions that cannot both be: of one id, of one name, of one system as its generic image. Both are at fault,
/// since nothing says which is meant.
fn contradictions(definitions: &[Definition], faults: &mut Vec<Fault>) {
    let mut claim: BTreeMap<String, Vec<&Definition>> = BTreeMap::new();
    for definition in definitions {
        let mut add = |what: String| claim.entry(what).or_default().push(definition);
        add(format!("is called `{}` in the catalogue", definition.id));
        if definition.enabled {
            add(format!("has the name `{}`", definition.name));
            if definition.is_public_generic() {
                let (arch, distro, version) = definition.system();
                add(format!(
                    "is the public generic image of {distro} {version} on {arch}"
                ));
            }
        }
    }
    for (what, claimants) in claim {
        let [_, _, ..] = claimants.as_slice() else {
            continue;
        };
        let ids: BTreeSet<&str> = claimants.iter().map(|d| d.id.as_str()).collect();
        for id in &ids {
            // One contradiction is enough to be told of a definition.
            if faults.iter().any(|fault| fault.definition == **id) {
                continue;
            }
            let others: Vec<&str> = ids.iter().filter(|other| *other != id).copied().collect();
            let message = match others.as_slice() {
                [] => format!("more than one definition {what}"),
                others => format!("it {what}, and so it is with {}", others.join(", ")),
            };
            faults.push(Fault {
                definition: (*id).to_owned(),
                place: None,
                message,
            });
        }
    }
}

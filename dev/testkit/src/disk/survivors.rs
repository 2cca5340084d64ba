//! What a power cut leaves of writes and names that were not synced.

use std::collections::BTreeMap;

/// What is left of the writes and names that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivors {
    /// Nothing: the worst power cut.
    Nothing,
    /// Everything: the process was killed, and the kernel's cache lives on.
    Everything,
    /// Some sectors and the first few names, chosen by a seed.
    Some(u64),
    /// Some sectors and some names, whichever came first.
    Reordered(u64),
}

impl Survivors {
    /// Those of the changes of names that survive.
    pub(super) fn of<'n>(self, changes: &'n [NameChange], chance: &mut Chance) -> Vec<&'n NameChange> {
        match self {
            Self::Reordered(_) => changes.iter().filter(|_| chance.survives()).collect(),
            _ => changes.iter().take_while(|_| chance.survives()).collect(),
        }
    }
}

/// A change of the names in a folder.
#[derive(Clone, Debug)]
pub(super) enum NameChange {
    Set(String, usize),
    Rename(String, String, usize),
    Remove(String),
}

impl NameChange {
    pub(super) fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(name, file) => names.insert(name.clone(), *file),
            Self::Rename(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file)
            }
            Self::Remove(name) => names.remove(name),
        };
    }
}

/// Whether something survives, again and again.
pub(super) enum Chance {
    Always(bool),
    Seeded(u64),
}

impl Chance {
    pub(super) const fn of(survivors: Survivors) -> Self {
        match survivors {
            Survivors::Nothing => Self::Always(false),
            Survivors::Everything => Self::Always(true),
            Survivors::Some(seed) | Survivors::Reordered(seed) => Self::Seeded(seed),
        }
    }

    pub(super) const fn survives(&mut self) -> bool {
        match self {
            Self::Always(survives) => *survives,
            Self::Seeded(state) => {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *state >> 63 == 1
            }
        }
    }
}

//! Who publishes, and what its credential lets it state.

use std::collections::BTreeSet;

use talon_domain::fact::Source;
use talon_domain::ids::{MerchantId, PrincipalId};

/// For whom a publisher may speak. Nobody speaks for merchant 0, the ledger itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merchants {
    /// Every merchant.
    Every,
    /// These.
    Only(BTreeSet<MerchantId>),
}

/// A publisher and its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// Its number, kept in every record.
    pub principal: PrincipalId,
    /// For whom it may speak.
    pub merchants: Merchants,
    /// Whose mouths it may be.
    pub sources: BTreeSet<Source>,
    /// What it publishes is an import: marked so in every record.
    pub imported: bool,
}

impl Publisher {
    /// The local command line: whoever can read the folder may state every merchant, and every source but the ledger.
    pub fn local() -> Self {
        Self {
            principal: PrincipalId(1),
            merchants: Merchants::Every,
            sources: Source::ALL.into_iter().filter(|source| *source != Source::Ledger).collect(),
            imported: false,
        }
    }

    /// Whether it may speak for a merchant.
    pub fn may_write_for(&self, merchant: MerchantId) -> bool {
        match &self.merchants {
            Merchants::Every => true,
            Merchants::Only(some) => some.contains(&merchant),
        }
    }
}

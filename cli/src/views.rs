//! Views, opened to be asked, and the foot of what they answer.

use anyhow::Context as _;
use serde_json::Value;
use talon_domain::ids::{MerchantId, ShopId};
use talon_domain::time::{Day, Instant};
use talon_journal::Positions;
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::registry::Registry;
use talon_projections::views;
use talon_replay::{Projected, Scope, project};

use crate::args::{AsOfArgs, Common, Then};
use crate::ledger;
use crate::show::{Bar, Screen, as_of_foot, as_of_json};

/// Views as of now, or of then.
pub(crate) struct Views {
    projection: Projection,
    registry: Registry,
    positions: Positions,
    then: Then,
}

/// Opens the views of a ledger; of one merchant alone where that is enough.
pub(crate) fn open(common: &Common, as_of: &AsOfArgs, merchant: Option<MerchantId>) -> anyhow::Result<Views> {
    let then = as_of.read()?;
    let journal = ledger::open_to_read(common.ledger()?)?;
    let bar = Bar::records(0, "reading");
    let scope = merchant.map_or(Scope::All, Scope::Merchant);
    let made = project(&journal, &then.as_of, scope, views::ALL.to_vec(), &mut |of| bar.at(of.done, of.total));
    bar.finish();
    let Projected { projection, positions } = made.context("the views cannot be made")?;
    let registry = Registry::of(projection.fold());
    Ok(Views { projection, registry, positions, then })
}

/// The same, made anew of the journal, with every stream at hand.
pub(crate) fn replayed(common: &Common, as_of: &AsOfArgs, merchant: Option<MerchantId>) -> anyhow::Result<Views> {
    open(common, as_of, merchant)
}

impl Views {
    /// Where rows are read.
    pub(crate) fn reading(&self) -> &dyn Reading {
        self.projection.tables()
    }

    /// The projection itself, where every stream is at hand.
    pub(crate) const fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Who and what there is.
    pub(crate) const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The moment at which what depends on one is asked.
    pub(crate) fn at(&self) -> Instant {
        self.then.now()
    }

    /// What a shop is called: as its registration labels it, else its number.
    pub(crate) fn shop_name(&self, merchant: MerchantId, shop: ShopId, day: Day) -> String {
        let stated = self.registry.shop_by_nic(merchant, shop, day);
        let label = stated.and_then(|stated| stated.what.label.as_deref());
        label.map_or_else(|| if shop.0 == 0 { "-".to_owned() } else { shop.to_string() }, str::to_owned)
    }

    /// An answer with what it is as of.
    pub(crate) fn with_foot(&self, mut answer: Value) -> Value {
        if let Value::Object(fields) = &mut answer {
            fields.insert("as_of".to_owned(), as_of_json(&self.then.as_of, &self.positions));
        }
        answer
    }

    /// What an answer is as of, if anybody asked.
    pub(crate) fn foot(&self, screen: &mut Screen) -> std::io::Result<()> {
        as_of_foot(&self.then, &self.positions, screen)
    }
}

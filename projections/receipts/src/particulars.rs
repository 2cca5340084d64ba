//! What a ticket is made of, beside its kind: one payment's state, and what the state does not hold.

use talon_domain::fact::Ordinal;
use talon_domain::state::State;
use talon_domain::time::Instant;

use crate::mark::marks;
use crate::printable::Printable;

/// What to lay out. The state of a copy is the state at the original's print: of the facts that happened before it.
#[derive(Clone, Copy, Debug)]
pub struct Particulars<'a> {
    /// The payment.
    pub state: &'a State,
    /// The shop's name, where it is known. Any text.
    pub shop_name: Option<&'a str>,
    /// The customer's number as a ticket may show it: `06 ** ** ** 12`. `None` where there is none to show.
    pub masked_phone: Option<&'a str>,
    /// Which refund a T5 is about, by its refund id or its request; one that has neither, by its amount in minor units
    /// as `6000 EUR`. Not needed where there is one refund.
    pub refund: Option<&'a str>,
    /// Who keeps a T5 or T7; other kinds have their holder.
    pub holder: Holder,
    /// Which copy of the paper: 1 is the original, from 2 on it is a duplicate (T6).
    pub copy: Ordinal,
    /// When a duplicate is printed.
    pub reprinted_at: Option<Instant>,
}

/// Who keeps a paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holder {
    /// The customer.
    #[default]
    Customer,
    /// The shop; its copy holds nothing personal.
    Till,
}

/// Three rows of the narrowest paper: 3 x 24.
const NAME_CELLS_MAX: usize = 72;
/// One row of the narrowest paper.
const PROVIDER_CELLS_MAX: usize = 24;
/// `+352 ** ** ** 12` shows five digits; a number of seven could be called.
const PHONE_DIGITS_MAX: usize = 6;
const PHONE_HIDDEN: &str = "** ** ** ** **";

impl<'a> Particulars<'a> {
    /// A payment's original for the customer, of a shop without a name; the rest is filled in where it is known.
    pub const fn of(state: &'a State) -> Self {
        Self {
            state,
            shop_name: None,
            masked_phone: None,
            refund: None,
            holder: Holder::Customer,
            copy: Ordinal::new(1),
            reprinted_at: None,
        }
    }

    /// The shop's name, if there is anything to print of it.
    pub(crate) fn name(&self) -> Option<String> {
        shop_name(self.shop_name)
    }

    /// Who finances the payment, as its papers call it.
    pub(crate) fn provider(&self) -> Option<String> {
        application(self.state.provider.as_ref()?)
    }

    /// The masked number. A text that hides too little is hidden whole, so that a slip elsewhere prints no number.
    pub(crate) fn phone(&self) -> Option<&str> {
        let masked = self.masked_phone?;
        let digits = masked.chars().filter(|c| c.is_numeric()).count();
        Some(if digits > PHONE_DIGITS_MAX { PHONE_HIDDEN } else { masked })
    }

    /// What stands at head and foot of a paper that is no original, or that is for practice.
    pub(crate) fn marks(&self) -> Vec<String> {
        marks(self.state.key.training, self.copy, self.reprinted_at)
    }
}

impl Holder {
    /// The last words of a paper that this one keeps.
    pub(crate) const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &["EXEMPLAIRE CLIENT", "A CONSERVER"],
            Self::Till => &["EXEMPLAIRE CAISSE", "A CONSERVER DANS LA CAISSE"],
        }
    }
}

/// A shop's name, if there is anything to print of it.
pub(crate) fn shop_name(name: Option<&str>) -> Option<String> {
    printed(name?, NAME_CELLS_MAX)
}

/// A provider or a terminal's application, by its code.
pub(crate) fn application(code: &str) -> Option<String> {
    printed(&code.to_uppercase(), PROVIDER_CELLS_MAX)
}

fn printed(text: &str, cells_max: usize) -> Option<String> {
    let printable = Printable::of(text).clipped(cells_max);
    (printable.cells() > 0).then(|| printable.to_string())
}

//! What a ticket is made of, beside its kind: one payment's state, and what the state does not hold.

use talon_domain::fact::Ordinal;
use talon_domain::state::State;

use crate::printable::Printable;

/// What to lay out. The state of a copy is the state at the original's print, folded to that position.
#[derive(Clone, Copy, Debug)]
pub struct Particulars<'a> {
    /// The payment.
    pub state: &'a State,
    /// The shop's name, where it is known. Any text.
    pub shop_name: Option<&'a str>,
    /// The customer's number as a ticket may show it: `06 ** ** ** 12`. `None` where there is none to show.
    pub masked_phone: Option<&'a str>,
    /// Which copy of the paper: 1 is the original, from 2 on it is a duplicate.
    pub copy: Ordinal,
}

/// Three rows of the narrowest paper: 3 x 24.
const NAME_CELLS_MAX: usize = 72;
/// One row of the narrowest paper.
const PROVIDER_CELLS_MAX: usize = 24;
/// `+352 ** ** ** 12` shows five digits; a number of seven could be called.
const PHONE_DIGITS_MAX: usize = 6;
const PHONE_HIDDEN: &str = "** ** ** ** **";

impl Particulars<'_> {
    /// The shop's name, if there is anything to print of it.
    pub(crate) fn name(&self) -> Option<String> {
        printed(self.shop_name?, NAME_CELLS_MAX)
    }

    /// Who finances the payment, as its papers call it.
    pub(crate) fn provider(&self) -> Option<String> {
        printed(&self.state.provider.as_ref()?.to_uppercase(), PROVIDER_CELLS_MAX)
    }

    /// The masked number. A text that hides too little is hidden whole, so that a slip elsewhere prints no number.
    pub(crate) fn phone(&self) -> Option<&str> {
        let masked = self.masked_phone?;
        let digits = masked.chars().filter(|c| c.is_numeric()).count();
        Some(if digits > PHONE_DIGITS_MAX { PHONE_HIDDEN } else { masked })
    }

    /// What stands at head and foot of a paper that is no original, or that is for practice.
    pub(crate) fn marks(&self) -> Vec<String> {
        let practice = self.state.key.training.then(|| "SIMULATION".to_owned());
        let copy = Some(self.copy.get()).filter(|copy| *copy > 1).map(|copy| format!("DUPLICATA {copy}"));
        practice.into_iter().chain(copy).collect()
    }
}

fn printed(text: &str, cells_max: usize) -> Option<String> {
    let printable = Printable::of(text).clipped(cells_max);
    (printable.cells() > 0).then(|| printable.to_string())
}

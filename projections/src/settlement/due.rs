//! By when a provider has promised to pay. Invariant: a day is named only where a rule and the stated working days name it;
//! everything else is unknown, and says why.

use talon_domain::anomaly::Language;
use talon_domain::fact::{FeePlan, PayoutRule};
use talon_domain::time::Day;

use crate::working_days::{WorkingDays, weekday};

/// Days from one day of a month to the next, and some.
const LONGEST_WAIT: u16 = 62;

/// When a payment is to be paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// On this day.
    On(Day),
    /// Nobody can say.
    Unknown(Undated),
}

/// Why no day is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undated {
    /// No one fee plan is in force for the sale.
    NoFeePlan,
    /// The fee plan states no rule, or states that there is none.
    NoRule,
    /// The rule reaches into a year whose closed days nobody stated.
    CalendarUnknown,
    /// What goes back is deducted whenever the provider does so.
    NotPromised,
}

impl Undated {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NoFeePlan, Self::NoRule, Self::CalendarUnknown, Self::NotPromised];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFeePlan => "no_fee_plan",
            Self::NoRule => "no_rule",
            Self::CalendarUnknown => "calendar_unknown",
            Self::NotPromised => "not_promised",
        }
    }

    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::NoFeePlan, Language::French) => "aucun barème en vigueur",
            (Self::NoFeePlan, Language::English) => "no fee plan in force",
            (Self::NoRule, Language::French) => "le barème ne dit pas quand il paie",
            (Self::NoRule, Language::English) => "the fee plan does not say when it pays",
            (Self::CalendarUnknown, Language::French) => "jours ouvrés inconnus",
            (Self::CalendarUnknown, Language::English) => "working days unknown",
            (Self::NotPromised, Language::French) => "déduit sans date promise",
            (Self::NotPromised, Language::English) => "deducted on no promised day",
        }
    }
}

/// When a sale of a day is to be paid out. Nobody states at which hour a week or a month is cut, so a sale on the day of the
/// week or month itself is paid on the next one: late is said later rather than wrongly.
pub(super) fn due(plan: &FeePlan, sold_on: Day, open: &WorkingDays) -> Due {
    let named = match plan.payout_rule {
        Some(PayoutRule::AfterDays) => Some(open.after(sold_on, plan.payout_day)),
        Some(PayoutRule::Weekly) => next_weekday(sold_on, plan.payout_day).map(|day| open.on_or_after(day)),
        Some(PayoutRule::Monthly) => next_day_of_month(sold_on, plan.payout_day).map(|day| open.on_or_after(day)),
        Some(PayoutRule::Unknown) | None => None,
    };
    match named {
        None => Due::Unknown(Undated::NoRule),
        Some(None) => Due::Unknown(Undated::CalendarUnknown),
        Some(Some(day)) => Due::On(day),
    }
}

/// The next such day of the week, 1 Monday to 7 Sunday, after a day.
fn next_weekday(day: Day, of_week: u32) -> Option<Day> {
    let asked = u16::try_from(of_week.checked_sub(1)?).ok().filter(|asked| *asked < 7)?;
    (1..=7).filter_map(|after| day.0.checked_add(after).map(Day)).find(|day| weekday(*day) == asked)
}

/// The next such day of a month after a day; a month that is too short pays on its last.
fn next_day_of_month(day: Day, of_month: u32) -> Option<Day> {
    if !(1..=31).contains(&of_month) {
        return None;
    }
    let mut following = (1..=LONGEST_WAIT).filter_map(|after| day.0.checked_add(after).map(Day));
    following.find(|day| {
        let is_last = || day.0.checked_add(1).is_some_and(|next| number_in_month(Day(next)) == 1);
        let number = number_in_month(*day);
        number == of_month || (number < of_month && is_last())
    })
}

/// 1 to 31. A day is written YYYY-MM-DD.
fn number_in_month(day: Day) -> u32 {
    day.to_string().get(8..).and_then(|number| number.parse().ok()).unwrap_or_default()
}

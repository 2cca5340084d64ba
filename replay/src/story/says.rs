//! What a fact says, in words: which slots it claims, and what it states of them.
//!
//! This module tells what was published, whether or not it counts.

use talon_domain::anomaly::Language;
use talon_domain::claim::slots_of;
use talon_domain::fact::{
    CancellationReason, Chargeback, ChargebackReason, DebitFailureReason, Debited, End, Ended, Fact, FactHeader, Kind,
    NoteAdded, Payload, PaymentAccepted, PaymentInitiated, PlanChange, RefundEnd, RefundFailureReason, RefundReason,
    RefundRequested, Refunded, RefusalReason, ReplacementReason, ScheduleChosen, UnknownReason,
};
use talon_domain::money::{Amount, Money};
use talon_domain::plan::Instalment;
use talon_domain::time::Instant;

use super::reason::reason_words;
use super::words::colon;

/// What a fact says: `debit D7: 69.78 EUR, instalment 1`.
pub(super) fn says(header: &FactHeader, payload: &Payload, language: Language) -> String {
    let fact = Fact { header: header.clone(), payload: payload.clone() };
    let slots: Vec<_> = slots_of(&fact).iter().map(|slot| slot.words(language)).collect();
    let name = match payload {
        Payload::NoteAdded(_) => "note".to_owned(),
        _ if slots.is_empty() => kind_words(header.kind, language),
        _ => slots.join(", "),
    };
    let details = Details { language }.of(payload);
    if details.is_empty() { name } else { format!("{name}{}{}", colon(language), details.join(", ")) }
}

/// A kind by its name; one that this release does not know by its number.
pub(super) fn kind_words(kind: Kind, language: Language) -> String {
    match (kind.name(), language) {
        ("unknown", Language::French) => format!("type {}", kind.0),
        ("unknown", Language::English) => format!("kind {}", kind.0),
        (name, _) => name.to_owned(),
    }
}

/// What a payload states beside its slot's name.
#[derive(Clone, Copy)]
struct Details {
    language: Language,
}

impl Details {
    fn pick(self, french: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::French => french,
            Language::English => english,
        }
    }

    fn of(self, payload: &Payload) -> Vec<String> {
        match payload {
            Payload::PaymentInitiated(p) => self.initiated(p),
            Payload::ScheduleChosen(p) => self.schedule(p),
            Payload::PaymentAccepted(p) => self.accepted(p),
            Payload::Debited(p) => self.debited(p),
            Payload::Ended(p) => self.ended(p),
            Payload::DebitFailed(p) => {
                self.money(p.amount).into_iter().chain(self.choice(p.reason.map(DebitFailureReason::name))).collect()
            }
            Payload::InstalmentDefault(p) => self.money(p.amount).into_iter().collect(),
            Payload::PaymentReplaces(p) => self.choice(p.reason.map(ReplacementReason::name)).into_iter().collect(),
            Payload::RefundRequested(p) => self.asked(p),
            Payload::Refunded(p) => self.refunded(p),
            Payload::Chargeback(p) => self.dispute(p),
            Payload::NoteAdded(p) => self.note(p),
            Payload::FactReversed(p) => p.reason.iter().map(ToString::to_string).collect(),
            Payload::Parked(_) => {
                vec![self.pick("illisible par cette version", "this release cannot read it").to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn money(self, money: Option<Money>) -> Option<String> {
        money.map(|money| money.words(self.language))
    }

    fn choice(self, name: Option<&str>) -> Option<String> {
        name.map(|name| reason_words(name, self.language))
    }

    fn initiated(self, p: &PaymentInitiated) -> Vec<String> {
        let ticket = |text| format!("{} {text}", self.pick("ticket de caisse", "till ticket"));
        let mut all = vec![p.amount.words(self.language)];
        all.extend(p.provider.as_ref().map(ToString::to_string));
        all.extend(p.till_ticket.as_ref().map(ticket));
        all
    }

    fn schedule(self, p: &ScheduleChosen) -> Vec<String> {
        let plan = &p.plan;
        let mut all = vec![match (plan.deferred_days, plan.deferred_months) {
            (0, 0) => format!("{}x", plan.installments_count),
            (0, months) => format!("+{months} {}", self.pick("mois", "months")),
            (days, _) => format!("+{days} {}", self.pick("j", "d")),
        }];
        all.extend(self.choice(p.change.map(PlanChange::name)));
        all.extend(plan.by_number().into_iter().map(|entry| self.instalment(entry)));
        all
    }

    fn instalment(self, entry: &Instalment) -> String {
        let amount = Money { currency: entry.currency, amount: entry.total_amount }.words(self.language);
        format!("{amount} {} {}", self.pick("le", "on"), date(entry.due_date))
    }

    fn accepted(self, p: &PaymentAccepted) -> Vec<String> {
        let deferred = self.pick("capture manuelle", "captured by hand");
        self.money(p.amount).into_iter().chain(p.deferred_capture.then(|| deferred.to_owned())).collect()
    }

    fn debited(self, p: &Debited) -> Vec<String> {
        // Without an id the slot's name says which instalment it is.
        let which = || format!("{} {}", self.pick("échéance", "instalment"), p.instalment);
        [p.amount.words(self.language)].into_iter().chain(p.debit_id.as_ref().map(|_| which())).collect()
    }

    /// Who noted what of which item. The words are sealed.
    fn note(self, p: &NoteAdded) -> Vec<String> {
        let item = p.slot.as_ref().map_or_else(|| p.code.to_string(), |slot| format!("{} {slot}", p.code));
        let state = p.state.words(self.language).to_owned();
        let by = format!("{} {}", self.pick("par", "by"), p.author);
        let to = p.to.as_ref().map(|to| format!("{} {to}", self.pick("confié à", "handed to")));
        let until = p.until.map(|day| format!("{} {}", self.pick("jusqu'au", "until"), day));
        [item, state, by].into_iter().chain(to).chain(until).collect()
    }

    fn ended(self, p: &Ended) -> Vec<String> {
        let name = match p.end {
            End::Refused(reason) => reason.map(RefusalReason::name),
            End::Cancelled(reason) => reason.map(CancellationReason::name),
            End::Unknown(reason) => reason.map(UnknownReason::name),
            End::Expired | End::TimedOut => None,
        };
        self.choice(name).into_iter().collect()
    }

    fn asked(self, p: &RefundRequested) -> Vec<String> {
        let whole = || self.pick("la totalité", "all of it").to_owned();
        let amount = self.money(p.amount).unwrap_or_else(whole);
        [amount].into_iter().chain(self.choice(p.reason.map(RefundReason::name))).collect()
    }

    fn refunded(self, p: &Refunded) -> Vec<String> {
        let amount = self.money(p.amount);
        let part = |name: &'static str, amount: Option<Amount>| {
            let currency = p.amount.map(|money| money.currency)?;
            amount.map(|amount| format!("{name} {}", Money { currency, amount }.words(self.language)))
        };
        match &p.end {
            RefundEnd::Completed { cash, rebate, .. } => {
                let cash = part(self.pick("versé", "cash"), *cash);
                let rebate = part(self.pick("remise", "rebate"), *rebate);
                amount.into_iter().chain(cash).chain(rebate).collect()
            }
            RefundEnd::Failed(reason) => {
                let failed = self.pick("échoué", "failed").to_owned();
                [failed].into_iter().chain(amount).chain(self.choice(reason.map(RefundFailureReason::name))).collect()
            }
        }
    }

    fn dispute(self, p: &Chargeback) -> Vec<String> {
        let stage = p.stage.words(self.language).to_owned();
        let reason = self.choice(p.reason.map(ChargebackReason::name));
        [stage].into_iter().chain(self.money(p.amount)).chain(reason).collect()
    }
}

/// A day in Paris.
fn date(at: Instant) -> String {
    at.paris_day().map_or_else(|| at.rfc3339(), |day| day.to_string())
}

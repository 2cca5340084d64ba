//! The join: each expectation meets the lines that bear its id, each line that no expectation takes stands for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use talon_domain::fact::LineKind;
use talon_domain::ids::StreamKey;
use talon_domain::money::Currency;
use talon_domain::time::Day;

use super::desk::{Claim, Desk, Found, Paid};
use super::due::{Due, Undated, due};
use super::fee::{DayPlans, DaySums, Fee, Sold, fee_of, plan_of, whole};
use super::line::{Amounts, FeeGap, OwedLine, Status, Surprise, What, plus};
use super::row::{Expected, LinePlace, Named, Taken};
use crate::registry::Registry;
use crate::store::StoreError;
use crate::working_days::WorkingDays;

/// The calendar by which transfers in euro move.
const TRANSFERS: &str = "TARGET";

/// What lines bear the id of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Borne {
    /// None.
    ByNone,
    /// Lines that it takes.
    ByItsOwn,
    /// Lines that several expectations could take.
    Shared,
}

/// Lines that are being made.
pub(super) struct Work<'a> {
    desk: Desk<'a>,
    registry: &'a Registry,
    open: WorkingDays,
    /// Working days behind the due day from which on nothing booked is missing.
    missing_from: u32,
    /// Of the day and the provider whose sales are looked at.
    sums: DaySums<'a>,
    plans: DayPlans<'a>,
    sums_of: (Day, String),
    lines: Vec<OwedLine>,
}

/// The day, provider and stream of an expectation.
type At<'p> = (Day, &'p str, StreamKey);

impl<'a> Work<'a> {
    pub(super) fn new(desk: Desk<'a>, registry: &'a Registry, missing_after: u32) -> Self {
        let open = registry.working_days(TRANSFERS);
        Self {
            desk,
            registry,
            open,
            missing_from: missing_after.saturating_add(1),
            sums: DaySums::new(),
            plans: DayPlans::new(),
            sums_of: (Day(0), String::new()),
            lines: Vec::new(),
        }
    }

    /// A payment: its sale, then what goes back. Payments are handed over by days and providers, in the order of streams.
    pub(super) fn payment(&mut self, at: At<'_>, expected: &Expected) -> Result<(), StoreError> {
        if let Some((gross, currency)) = expected.gross.zip(expected.currency()) {
            let line = self.sale(at, expected, gross, currency);
            self.meet(line, expected.payment_id.clone().map(Named::Payment))?;
        }
        for refund in &expected.refunds {
            self.meet_back(at, What::Refund, refund, Named::Refund)?;
        }
        for dispute in &expected.disputes {
            self.meet_back(at, What::Dispute, dispute, Named::Dispute)?;
        }
        Ok(())
    }

    fn sale(&mut self, at: At<'_>, expected: &Expected, gross: u128, currency: Currency) -> OwedLine {
        let (day, provider, stream) = at;
        if (self.sums_of.0, self.sums_of.1.as_str()) != (day, provider) {
            self.sums.clear();
            self.plans.clear();
            self.sums_of = (day, provider.to_owned());
        }
        let sold = Sold { merchant: stream.merchant, provider, day, gross, currency, plan: expected.plan };
        let plan = plan_of(self.registry, &sold, &mut self.plans);
        let fee = plan.and_then(|plan| fee_of(plan, &sold, &mut self.sums));
        let mut line = expecting(at, What::Payment, expected.payment_id.clone(), currency);
        line.expected = Some(of_sale(whole(gross), fee));
        line.fee_gap = fee.err();
        line.is_share = fee.is_ok_and(|fee| fee.is_share);
        line.due = plan.map_or(Due::Unknown(Undated::NoFeePlan), |plan| due(plan, day, &self.open));
        line
    }

    fn meet_back(
        &mut self,
        at: At<'_>,
        what: What,
        taken: &Taken,
        name: fn(String) -> Named,
    ) -> Result<(), StoreError> {
        let Some(currency) = taken.currency() else { return Ok(()) };
        let mut line = expecting(at, what, taken.id.clone(), currency);
        line.happened_on = taken.day();
        let gross = Some(whole(taken.amount).saturating_neg());
        line.expected = Some(Amounts { gross, ..Amounts::default() });
        self.meet(line, taken.id.clone().map(name))
    }

    /// Holds an expectation against the lines that bear its name.
    fn meet(&mut self, mut line: OwedLine, name: Option<Named>) -> Result<(), StoreError> {
        let (mut taken, mut is_ambiguous) = (Vec::new(), false);
        if let Some(name) = name {
            for found in self.desk.lines(&name)? {
                match self.desk.claim(&name, &found.line)? {
                    Claim::One(stream) if Some(stream) == line.stream => taken.push(found),
                    Claim::Several => is_ambiguous = true,
                    _ => {}
                }
            }
        }
        let expects_nothing = line.what == What::Dispute && line.expected.is_some_and(|of| !of.exceeds(0));
        if expects_nothing && taken.is_empty() {
            return Ok(());
        }
        take(&mut line, &taken);
        let borne = match (is_ambiguous, taken.is_empty()) {
            (true, _) => Borne::Shared,
            (false, true) => Borne::ByNone,
            (false, false) => Borne::ByItsOwn,
        };
        line.status = self.status(&line, borne)?;
        self.lines.push(line);
        Ok(())
    }

    fn status(&mut self, line: &OwedLine, borne: Borne) -> Result<Status, StoreError> {
        let is_booked = line.booked.is_some_and(|booked| booked.gross.is_some());
        if !is_booked {
            return match borne {
                Borne::Shared => Ok(Status::Ambiguous),
                Borne::ByNone if self.is_missing(line.due) => Ok(Status::Missing),
                Borne::ByNone | Borne::ByItsOwn => self.waiting(line, false),
            };
        }
        // A cent of a share may be another sale's; the day's sum is held against the day's fees when all are there.
        if line.difference().exceeds(line.is_share.into()) {
            return Ok(Status::Differs);
        }
        let paid = line.payouts.iter().map(|(account, payout)| match payout.as_str() {
            "" => Ok(Paid::NotYet),
            payout => self.desk.paid(account, payout),
        });
        let paid = paid.collect::<Result<Vec<_>, _>>()?;
        if paid.contains(&Paid::Returned) {
            return Ok(Status::Returned);
        }
        if paid.contains(&Paid::NotYet) { self.waiting(line, true) } else { Ok(Status::Paid) }
    }

    /// Whether what was due then, and is in no line, waits for longer than a provider is given. Where the calendar ends
    /// before, nobody can say.
    fn is_missing(&self, due: Due) -> bool {
        let Due::On(day) = due else { return false };
        self.open.after(day, self.missing_from).is_some_and(|from| from <= self.desk.today())
    }

    /// What was not paid yet.
    fn waiting(&mut self, line: &OwedLine, is_booked: bool) -> Result<Status, StoreError> {
        if matches!(line.due, Due::On(day) if self.desk.today() <= day) {
            return Ok(Status::Due);
        }
        let mut has_nothing_to_pay = is_booked;
        for (account, _) in &line.payouts {
            has_nothing_to_pay &= self.desk.open_balance(account, line.currency)? <= 0;
        }
        Ok(match line.due {
            _ if has_nothing_to_pay => Status::OnAccount,
            Due::On(_) => Status::Late,
            Due::Unknown(_) => Status::DueUnknown,
        })
    }

    /// A line that stands for itself, if no expectation takes it.
    pub(super) fn own_entry(&mut self, place: LinePlace) -> Result<(), StoreError> {
        let found = self.desk.line(place)?;
        let (kind, Some(currency)) = (found.line.kind(), found.line.currency()) else { return Ok(()) };
        if !found.line.moves_balance() {
            return Ok(());
        }
        let name = found.line.name();
        let claim = name.as_ref().map(|name| self.desk.claim(name, &found.line)).transpose()?;
        let what = match kind {
            LineKind::Payment => What::Payment,
            LineKind::Refund => What::Refund,
            LineKind::Chargeback | LineKind::ChargebackWon => What::Dispute,
            kind => What::Other(kind),
        };
        let surprise = match claim {
            Some(Claim::One(_)) => return Ok(()),
            Some(Claim::Nobody) => Surprise::NotInLedger,
            Some(Claim::Another) => Surprise::OfSomethingElse,
            Some(Claim::Several) => Surprise::OfSeveral,
            None => Surprise::NamesNothing,
        };
        let is_stated = matches!(what, What::Other(_));
        let provider = found.line.provider.clone().unwrap_or_default();
        let stream = StreamKey { merchant: self.desk.merchant, stream: found.place.2, training: false };
        let id = name.map(Named::into_id);
        let mut line = expecting((found.place.0, &provider, stream), what, id, currency);
        (line.stream, line.entry) = (None, Some(stream));
        line.surprise = Some(surprise).filter(|_| !is_stated);
        line.status = if is_stated { Status::Stated } else { Status::Unexpected };
        let of = &found.line;
        let part = |part: Option<i64>| part.map(i128::from);
        line.booked = Some(Amounts {
            gross: part(Some(of.gross)),
            fee: part(of.fee),
            tax: part(of.tax),
            net: part(Some(of.net)),
        });
        line.payouts = vec![payout_of(&found)];
        self.lines.push(line);
        Ok(())
    }

    /// The lines, once shares of days were held against their days.
    pub(super) fn finish(self) -> Vec<OwedLine> {
        let mut lines = self.lines;
        let group = |line: &OwedLine| (line.day, line.provider.clone(), line.currency);
        let mut days = BTreeMap::<_, (bool, Amounts)>::new();
        for line in lines.iter().filter(|line| line.is_share) {
            let (is_whole, sum) = days.entry(group(line)).or_insert((true, Amounts::default()));
            let difference = line.difference();
            *is_whole &= difference.fee.is_some();
            *sum = sum.with(difference);
        }
        for line in lines.iter_mut().filter(|line| line.is_share && line.difference().exceeds(0)) {
            let differs = days.get(&group(line)).is_some_and(|(is_whole, sum)| *is_whole && sum.exceeds(0));
            if differs {
                line.status = Status::Differs;
            }
        }
        lines
    }
}

/// A line of which nothing was booked yet.
fn expecting(at: At<'_>, what: What, id: Option<String>, currency: Currency) -> OwedLine {
    let (day, provider, stream) = at;
    OwedLine {
        day,
        provider: provider.to_owned(),
        what,
        stream: Some(stream),
        entry: None,
        id,
        happened_on: day,
        currency,
        expected: None,
        fee_gap: None,
        booked: None,
        waived: 0,
        payouts: Vec::new(),
        due: Due::Unknown(Undated::NotPromised),
        status: Status::DueUnknown,
        surprise: None,
        is_share: false,
    }
}

fn of_sale(gross: i128, fee: Result<Fee, FeeGap>) -> Amounts {
    let fee = fee.ok();
    Amounts {
        gross: Some(gross),
        fee: fee.map(|fee| fee.kept),
        tax: fee.map(|fee| fee.tax),
        net: fee.map(|fee| gross.saturating_sub(fee.kept)),
    }
}

/// What lines book of an expectation. A fee may be a line of its own; one that is given back is counted beside it.
fn take(line: &mut OwedLine, taken: &[Rc<Found>]) {
    let mut booked = Amounts::default();
    let mut payouts = BTreeSet::new();
    for found in taken {
        let of = &found.line;
        let net = i128::from(of.net);
        match of.kind() {
            LineKind::FeeWaiver => {
                line.waived = line.waived.saturating_add(net);
                continue;
            }
            LineKind::Fee => booked.fee = plus(booked.fee, Some(net.saturating_neg())),
            _ => {
                booked.gross = plus(booked.gross, Some(of.gross.into()));
                booked.fee = plus(booked.fee, of.fee.map(i128::from));
                payouts.insert(payout_of(found));
            }
        }
        booked.tax = plus(booked.tax, of.tax.map(i128::from));
        booked.net = plus(booked.net, Some(net));
    }
    line.booked = Some(booked).filter(|booked| booked.net.is_some());
    line.payouts = payouts.into_iter().collect();
}

/// The account of a line and the payout that pays it; an empty name where none is named.
fn payout_of(found: &Found) -> (String, String) {
    (found.place.1.clone(), found.line.included_in.clone().unwrap_or_default())
}

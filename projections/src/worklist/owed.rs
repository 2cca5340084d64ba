//! What settlement brings to the list: amounts and fees that differ, what nobody expected, what is late or missing, payouts
//! that came back or are not what their lines come to.

use talon_domain::claim::stream_of;
use talon_domain::ids::{MerchantId, StreamId, TerminalId};
use talon_domain::slot::Slot;

use super::gather::Gathering;
use super::item::{About, Item, Kind, Near, Saying};
use crate::notes::ItemId;
use crate::settlement::{Asked, Candidate, Due, Nearest, OwedLine, PayoutLine, Settled, Status, What, settlement};
use crate::store::StoreError;
use crate::transactions::{Transaction, row_of};

/// The code of an item that settlement brings.
const SETTLEMENT: &str = "settlement";
const PAYOUT: &str = "payout";

impl Gathering<'_> {
    /// The items of a merchant's settlement, over all days.
    pub(super) fn owed(&mut self, merchant: MerchantId, settled: &Settled) -> Result<(), StoreError> {
        let nearest = Nearest::of(&settled.lines);
        for line in &settled.lines {
            if let Some(kind) = kind_of(line) {
                let near = nearest.to(line).into_iter().map(near).collect();
                self.owed_line(merchant, kind, line, near)?;
            }
        }
        for payout in &settled.payouts {
            self.payout(merchant, payout, settled);
        }
        Ok(())
    }

    pub(super) fn settled(&self, merchant: MerchantId) -> Result<Settled, StoreError> {
        let asked = self.asked;
        settlement(self.reading, &Asked::at(asked.registry, merchant, super::gather::ALL_DAYS, asked.at))
    }

    fn owed_line(
        &mut self,
        merchant: MerchantId,
        kind: Kind,
        line: &OwedLine,
        near: Vec<Near>,
    ) -> Result<(), StoreError> {
        let place = line.stream.map(|key| row_of(self.reading, key)).transpose()?.flatten();
        let stream = line.stream.or(line.entry).map_or_else(StreamId::default, |key| key.stream);
        // A payment has one sale, whatever the provider calls it, now or later.
        let slot = match (line.stream, &line.id) {
            (Some(_), Some(id)) if line.what != What::Payment => format!("{} {id}", line.what.name()),
            (Some(_), _) => line.what.name().to_owned(),
            (None, _) => String::new(),
        };
        let began = match line.due {
            Due::On(day) if line.booked.is_none() => day,
            _ => line.happened_on,
        };
        let item = Item {
            id: ItemId { merchant, stream, code: SETTLEMENT.to_owned(), slot },
            kind,
            shop: place.as_ref().map(Transaction::shop).unwrap_or_default(),
            terminal: place.as_ref().map_or(TerminalId(0), Transaction::terminal),
            provider: line.provider.clone(),
            day: line.happened_on,
            amount: at_stake(kind, line).map(|amount| (line.currency, amount.unsigned_abs())),
            age: self.ages.of(began),
            content: content_of(line),
            about: About::Owed(Box::new(line.clone()), near),
            note: None,
            rests: false,
        };
        self.put(item);
        Ok(())
    }

    fn payout(&mut self, merchant: MerchantId, payout: &PayoutLine, settled: &Settled) {
        let difference = payout.difference().unwrap_or(0);
        let kind = match (payout.is_returned, difference) {
            (true, _) => Kind::Returned,
            (false, 0) => return,
            (false, _) => Kind::Payout,
        };
        let name = (payout.account.clone(), payout.payout_id.clone());
        let waiting = settled.lines.iter().filter(|line| line.payouts.contains(&name)).count();
        let amount = payout.amount.map(|(currency, amount)| {
            (currency, if kind == Kind::Returned { amount } else { difference }.unsigned_abs())
        });
        let mut said = Saying::begun();
        said.text(kind.name()).part(payout.amount.map(|(_, amount)| amount)).number(difference);
        let age = self.ages.of(payout.day);
        self.put(Item {
            id: ItemId {
                merchant,
                stream: stream_of(&Slot::Payout(&payout.account, &payout.payout_id)),
                code: PAYOUT.to_owned(),
                slot: String::new(),
            },
            kind,
            shop: talon_domain::ids::ShopId(0),
            terminal: TerminalId(0),
            provider: payout.provider.clone().unwrap_or_default(),
            day: payout.day,
            amount,
            age,
            content: said.end(),
            about: About::Payout(Box::new(payout.clone()), waiting),
            note: None,
            rests: false,
        });
    }
}

fn near(candidate: Candidate<'_>) -> Near {
    let Candidate { line, gross_gap, days_gap, is_other_provider } = candidate;
    Near { id: line.id.clone(), stream: line.stream, gross_gap, days_gap, is_other_provider }
}

/// What kind of item a line is; `None` of what is where it should be, or waits for a day that has not come.
fn kind_of(line: &OwedLine) -> Option<Kind> {
    let differs = line.difference();
    Some(match line.status {
        Status::Differs if differs.gross.is_some_and(|gross| gross != 0) => Kind::Amount,
        Status::Differs => Kind::Fee,
        Status::Unexpected => Kind::Unexpected,
        Status::Ambiguous => Kind::Ambiguous,
        Status::Late => Kind::Late,
        Status::Missing => Kind::Missing,
        // Of these the payout is the item; the others are no items.
        Status::Returned | Status::Paid | Status::Due | Status::DueUnknown | Status::OnAccount | Status::Stated => {
            return None;
        }
    })
}

/// What it is about in money: the difference, else what was booked, else what was expected.
fn at_stake(kind: Kind, line: &OwedLine) -> Option<i128> {
    let difference = line.difference();
    match kind {
        Kind::Amount => difference.gross,
        Kind::Fee => difference.fee.or(difference.net),
        Kind::Unexpected => line.booked?.gross,
        _ => line.expected?.gross,
    }
}

fn content_of(line: &OwedLine) -> [u8; 32] {
    let mut said = Saying::begun();
    said.text(line.status.name()).text(line.currency.code());
    for amounts in [line.expected, line.booked] {
        amounts.unwrap_or_default().parts().into_iter().for_each(|part| _ = said.part(part));
    }
    for (account, payout) in &line.payouts {
        said.text(account).text(payout);
    }
    said.end()
}

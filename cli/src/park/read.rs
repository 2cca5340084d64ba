//! A row into an entry: each cell by its column's rules. Nothing is guessed: what cannot be read is refused by place.

use std::ops::RangeInclusive;

use talon_domain::fact::{
    Assignment, Connectivity, Decided, Establishment, FeePlan, Merchant, Ordinal, Rounding, RoundingScope, Shop,
    TerminalRange, Text,
};
use talon_domain::ids::{MerchantId, ShopId, TerminalEpoch, TerminalId, TerminalSeq};
use talon_domain::money::Money;
use talon_domain::time::Day;
use talon_projections::siren::is_siren;

use super::column::{Column, What};
use super::entry::{Entry, Row};
use super::fault::{Fault, Rule};
use super::value;

/// Words for the families of terminals beside their names.
const RANGES: &[(&str, &str)] = &[("desk", "tetra_desk"), ("move", "tetra_move"), ("autre", "other")];
const CONNECTIVITIES: &[(&str, &str)] = &[("autre", "other")];
const SCOPES: &[(&str, &str)] = &[("ligne", "line"), ("jour", "day")];
/// The merchants whose numbers are checked as SIREN: French ones, and those of whom nobody says where they are.
const FRANCE: &str = "FR";
/// Digits of a SIREN, of a NIC, and of a SIRET.
const SIREN_DIGITS: usize = 9;
const NIC_DIGITS: usize = 5;
const SIRET_DIGITS: usize = 14;

impl Entry {
    /// Reads a row.
    pub(crate) fn read(row: &Row) -> Result<Self, Fault> {
        let stray = row.cells.keys().find(|column| !row.what.columns().contains(column));
        if let Some(column) = stray {
            return Err(Fault::at(Rule::FieldBelongs, *column));
        }
        let merchant = MerchantId(row.number(Column::Merchant, 1..=u64::MAX)?);
        Ok(match row.what {
            What::Merchant => Self::Merchant(merchant, row.merchant(merchant)?),
            What::Shop => Self::Shop(merchant, row.shop(merchant)?),
            What::Terminal => Self::Terminal(merchant, Box::new(row.assignment()?)),
            What::FeePlan => Self::FeePlan(merchant, Box::new(row.fee_plan()?)),
        })
    }
}

impl Row {
    fn merchant(&self, merchant: MerchantId) -> Result<Merchant, Fault> {
        let country = self.get(Column::Country).map(|country| Text::from(country.to_ascii_uppercase()));
        // A number that lost a digit passes its check one time in ten: what is typed has all nine.
        let is_typed_whole = self.get(Column::Merchant).is_some_and(|text| value::digits_count(text) == SIREN_DIGITS);
        let is_french = country.as_deref().is_none_or(|country| country == FRANCE);
        if is_french && !(is_typed_whole && is_siren(merchant)) {
            return Err(Fault::at(Rule::SirenValid, Column::Merchant));
        }
        Ok(Merchant {
            label: self.stated(Column::Label)?,
            country,
            closed_from: self.day(Column::ClosedFrom)?,
            decided: Decided::default(),
            revision: 0,
        })
    }

    fn shop(&self, merchant: MerchantId) -> Result<Shop, Fault> {
        Ok(Shop {
            code: self.stated(Column::Shop)?,
            label: self.text(Column::Label),
            town: self.text(Column::Town),
            establishments: self.establishments(merchant)?,
            closed_from: self.day(Column::ClosedFrom)?,
            decided: Decided::default(),
            revision: 0,
        })
    }

    /// `74 82@2026-12-01`: NICs or SIRETs, each with its first day.
    fn establishments(&self, merchant: MerchantId) -> Result<Vec<Establishment>, Fault> {
        let text = self.get(Column::Nic).ok_or(Fault::at(Rule::FieldStated, Column::Nic))?;
        let words = text.split([' ', '\u{a0}', '+', '|', ';', ',']).filter(|word| !word.is_empty());
        let mut establishments = words.map(|word| establishment(word, merchant)).collect::<Result<Vec<_>, _>>()?;
        establishments.sort_unstable_by_key(|one| one.from_day);
        let twice = establishments.windows(2).any(|pair| matches!(pair, [a, b] if a.from_day == b.from_day));
        if twice { Err(Fault::at(Rule::DaysInOrder, Column::Nic)) } else { Ok(establishments) }
    }

    fn assignment(&self) -> Result<Assignment, Fault> {
        let (from_day, until_day) = self.period()?;
        Ok(Assignment {
            terminal: TerminalId(self.number(Column::Terminal, 1..=u32::MAX.into())?),
            epoch: TerminalEpoch(self.number_or(Column::Epoch, 1, 1..=u16::MAX.into())?),
            shop_code: Some(self.stated(Column::Shop)?),
            serial: self.text(Column::Serial),
            logical_id: self.text(Column::LogicalId),
            range: self.choice(Column::Range, TerminalRange::ALL, TerminalRange::name, RANGES)?,
            model: self.text(Column::Model),
            connectivity: self.choice(Column::Connectivity, Connectivity::ALL, Connectivity::name, CONNECTIVITIES)?,
            first_seq: TerminalSeq(self.number_or(Column::FirstSeq, 1, 1..=u32::MAX.into())?),
            from_day,
            until_day,
            decided: Decided::default(),
            revision: 0,
        })
    }

    fn fee_plan(&self) -> Result<FeePlan, Fault> {
        let (from_day, until_day) = self.period()?;
        let (payout_rule, payout_day) = match self.get(Column::Payout) {
            None => (None, 0),
            Some(text) => {
                let (rule, day) = value::payout(text).ok_or(Fault::at(Rule::PayoutKnown, Column::Payout))?;
                (Some(rule), day)
            }
        };
        let (least, most) = (self.money(Column::PurchaseLeast)?, self.money(Column::PurchaseMost)?);
        if least.zip(most).is_some_and(|(least, most)| least.currency == most.currency && least > most) {
            return Err(Fault::at(Rule::AmountsInOrder, Column::PurchaseMost));
        }
        Ok(FeePlan {
            id: self.stated(Column::Plan)?,
            version: Ordinal::new(self.number_or(Column::Version, 1, 1..=u32::MAX.into())?),
            provider: self.stated(Column::Provider)?,
            installments_count: self.number(Column::Installments, 1..=64)?,
            deferred_days: self.number_or(Column::DeferredDays, 0, 0..=366)?,
            deferred_months: self.number_or(Column::DeferredMonths, 0, 0..=36)?,
            from_day,
            until_day,
            merchant_fee_bps: self.percent(Column::MerchantFee)?,
            merchant_fee_fixed: self.money(Column::MerchantFeeFixed)?,
            tax_bps: self.percent(Column::Tax)?,
            customer_fee_bps: self.percent(Column::CustomerFee)?,
            purchase_least: least,
            purchase_most: most,
            rounding: self.choice(Column::Rounding, Rounding::ALL, Rounding::name, &[])?,
            rounding_scope: self.choice(Column::RoundingScope, RoundingScope::ALL, RoundingScope::name, SCOPES)?,
            payout_rule,
            payout_day,
            decided: Decided::default(),
            revision: 0,
        })
    }

    fn text(&self, column: Column) -> Option<Text> {
        self.get(column).map(Into::into)
    }

    fn stated(&self, column: Column) -> Result<Text, Fault> {
        self.text(column).ok_or(Fault::at(Rule::FieldStated, column))
    }

    fn number<N: TryFrom<u64>>(&self, column: Column, within: RangeInclusive<u64>) -> Result<N, Fault> {
        let text = self.get(column).ok_or(Fault::at(Rule::FieldStated, column))?;
        let number = value::number(text).filter(|number| within.contains(number));
        number.and_then(|number| N::try_from(number).ok()).ok_or(Fault::at(Rule::NumberInRange, column))
    }

    fn number_or<N: TryFrom<u64>>(&self, column: Column, absent: N, within: RangeInclusive<u64>) -> Result<N, Fault> {
        if self.get(column).is_none() { Ok(absent) } else { self.number(column, within) }
    }

    fn day(&self, column: Column) -> Result<Option<Day>, Fault> {
        let read = |text: &str| value::day(text).ok_or(Fault::at(Rule::DayValid, column));
        self.get(column).map(read).transpose()
    }

    fn period(&self) -> Result<(Option<Day>, Option<Day>), Fault> {
        let (from, until) = (self.day(Column::From)?, self.day(Column::Until)?);
        let ends_first = from.zip(until).is_some_and(|(from, until)| until < from);
        if ends_first { Err(Fault::at(Rule::DaysInOrder, Column::Until)) } else { Ok((from, until)) }
    }

    fn percent(&self, column: Column) -> Result<u32, Fault> {
        let read = |text| value::percent(text).ok_or(Fault::at(Rule::PercentExact, column));
        self.get(column).map_or(Ok(0), read)
    }

    fn money(&self, column: Column) -> Result<Option<Money>, Fault> {
        let read = |text| value::money(text).ok_or(Fault::at(Rule::AmountExact, column));
        self.get(column).map(read).transpose()
    }

    fn choice<T: Copy>(
        &self,
        column: Column,
        all: &[T],
        name: fn(T) -> &'static str,
        also: &[(&str, &str)],
    ) -> Result<Option<T>, Fault> {
        let read = |text| value::choice(text, all, name, also).ok_or(Fault::at(Rule::ChoiceKnown, column));
        self.get(column).map(read).transpose()
    }
}

/// A NIC or a whole SIRET, with its first day behind an `@`.
fn establishment(word: &str, merchant: MerchantId) -> Result<Establishment, Fault> {
    let (number, from) = word.split_once('@').map_or((word, None), |(number, from)| (number, Some(from)));
    let invalid = Fault::at(Rule::SiretValid, Column::Nic);
    let nic = match number.len() {
        SIRET_DIGITS => {
            let siren = format!("{:0>9}", merchant.0);
            number.strip_prefix(&siren).ok_or(invalid)?
        }
        _ => number,
    };
    let nic = value::digits(nic, NIC_DIGITS).filter(|nic| *nic > 0).ok_or(invalid)?;
    let from_day = from.map(|from| value::day(from).ok_or(Fault::at(Rule::DayValid, Column::Nic))).transpose()?;
    Ok(Establishment { nic: ShopId(nic), from_day })
}

//! One row of a table into lines of an account, by a map. Invariant: what is read is what stands there; nothing is filled
//! in but what the map says of the whole file.

use talon_domain::fact::{Direction, LineKind, Ordinal, SettlementLine, Text};
use talon_domain::money::{Amount, Currency, Money};

use crate::cells::Cells;
use crate::fault::{Fault, Rule, Warning, WarningKind};
use crate::header::{Header, Places};
use crate::map::{Field, Map, Part, Signs};
use crate::moment::{self, Moment};
use crate::read::Said;

/// Longest text of a fact.
const TEXT_BYTES_MAX: usize = 256;

/// A row under the header of its file.
pub(crate) struct Reader<'a> {
    pub(crate) map: &'a Map,
    pub(crate) header: &'a Header,
    pub(crate) cells: &'a Cells,
    pub(crate) account: &'a Text,
    pub(crate) provider: Option<&'a Text>,
}

/// An amount and which way it goes.
type Directed = (Money, Direction);

impl Reader<'_> {
    /// The lines that the row makes, each part's that states an amount.
    pub(crate) fn lines(&self, warnings: &mut Vec<Warning>) -> Result<Vec<Said>, Fault> {
        if self.map.parts.is_empty() {
            return Ok(vec![self.line(None, &self.header.shared, warnings)?]);
        }
        let mut lines = Vec::new();
        for (part, places) in self.map.parts.iter().zip(&self.header.parts) {
            let amounts = Field::AMOUNTS.into_iter().filter_map(|field| places.at(field));
            if amounts.into_iter().any(|at| !self.cells.get(at).0.is_empty()) {
                lines.push(self.line(Some(part), places, warnings)?);
            }
        }
        Ok(lines)
    }

    fn line(&self, part: Option<&Part>, own: &Places, warnings: &mut Vec<Warning>) -> Result<Said, Fault> {
        let text = |field| self.text(own, field);
        let (happened, booked, counts) = (
            self.moment(own, Field::HappenedAt)?,
            self.moment(own, Field::BookingDay)?,
            self.moment(own, Field::ValueDay)?,
        );
        let first = happened.or(booked).or(counts).ok_or_else(|| self.missing(own, &Field::TIMES))?;
        if first.is_doubled {
            warnings.push(Warning::at(WarningKind::HourTwice, self.label(own, Field::HappenedAt)));
        }
        let currency = self.currency(own)?;
        let (refund_id, payment_id, payout_id) =
            (text(Field::RefundId)?, text(Field::PaymentId)?, text(Field::PayoutId)?);
        let native = self.text(own, Field::Kind)?;
        let named = native.as_deref().map(|native| self.kind(native, warnings));
        let by_ids = || match (&refund_id, &payout_id, &payment_id) {
            (Some(_), ..) => LineKind::Refund,
            (_, Some(_), _) => LineKind::Payout,
            (.., Some(_)) => LineKind::Payment,
            _ => LineKind::Adjustment,
        };
        let kind = named.or_else(|| part.and_then(|part| part.kind)).unwrap_or_else(by_ids);
        let (amount, direction) = self.amount(own, currency, native.as_deref())?;
        let fee = self.kept(own, Field::Fee, currency)?;
        let tax = self.kept(own, Field::Tax, currency)?;
        let net = self.net(own, currency, native.as_deref())?;
        if !adds_up((amount, direction), fee, net) {
            warnings.push(Warning::at(WarningKind::NetDiffers, self.label(own, Field::Net)));
        }
        let fee_direction = fee.map_or(Direction::Debit, |(_, direction)| direction);
        let line = SettlementLine {
            account: self.account.clone(),
            line_id: text(Field::LineId)?,
            occurrence: Ordinal::default(),
            kind,
            native_type: part.map(|part| Text::from(&*part.name)).or(native),
            amount,
            direction,
            merchant_fee: fee.map(|(fee, _)| fee),
            merchant_fee_direction: fee_direction,
            tax: tax.map(|(tax, _)| tax),
            tax_direction: tax.map_or(fee_direction, |(_, direction)| direction),
            net: net.map(|(net, _)| net),
            net_direction: net.map_or(direction, |(_, direction)| direction),
            payment_id,
            refund_id,
            dispute_id: text(Field::DisputeId)?,
            included_in_payout_id: text(Field::IncludedInPayoutId)?.filter(|_| kind != LineKind::Payout),
            payout_id: payout_id.filter(|_| kind == LineKind::Payout),
            reference: text(Field::Reference)?,
            end_to_end_id: text(Field::EndToEndId)?,
            bank_reference: text(Field::BankReference)?,
            booking_day: Some(booked.or(happened).unwrap_or(first).day),
            value_day: counts.map(|moment| moment.day),
            provider: self.provider.cloned(),
            file_hash: None,
            revision: 0,
        };
        Ok(Said { occurred_at: first.at, line })
    }

    /// A column of the part, else of the row.
    fn place(&self, own: &Places, field: Field) -> Option<usize> {
        own.at(field).or_else(|| self.header.shared.at(field))
    }

    fn label(&self, own: &Places, field: Field) -> &str {
        self.header.label(self.place(own, field))
    }

    fn cell(&self, own: &Places, field: Field) -> Option<(&str, bool)> {
        let cell = self.cells.get(self.place(own, field)?);
        (!cell.0.is_empty()).then_some(cell)
    }

    fn text(&self, own: &Places, field: Field) -> Result<Option<Text>, Fault> {
        let Some((text, _)) = self.cell(own, field) else { return Ok(None) };
        if text.len() > TEXT_BYTES_MAX {
            return Err(Fault::at(Rule::TextFits, self.label(own, field)));
        }
        Ok(Some(Text::from(text)))
    }

    fn moment(&self, own: &Places, field: Field) -> Result<Option<Moment>, Fault> {
        let Some((text, is_number)) = self.cell(own, field) else { return Ok(None) };
        let zone = self.map.zone;
        let read = if is_number { moment::of_serial(text, zone) } else { moment::read(text, zone) };
        read.map(Some).map_err(|rule| Fault::at(rule, self.label(own, field)))
    }

    fn currency(&self, own: &Places) -> Result<Currency, Fault> {
        match (self.cell(own, Field::Currency), self.map.currency) {
            (Some((code, _)), _) => {
                Currency::parse(code).ok_or_else(|| Fault::at(Rule::CurrencyKnown, self.label(own, Field::Currency)))
            }
            (None, Some(currency)) => Ok(currency),
            (None, None) => Err(self.missing(own, &[Field::Currency])),
        }
    }

    fn kind(&self, native: &str, warnings: &mut Vec<Warning>) -> LineKind {
        self.map.kinds.get(native).copied().unwrap_or_else(|| {
            warnings.push(Warning::of(WarningKind::KindUnknown));
            LineKind::Adjustment
        })
    }

    /// The amount of a column, with the sign that stands there.
    fn signed(&self, own: &Places, field: Field, currency: Currency) -> Result<Option<i64>, Fault> {
        let Some((text, is_number)) = self.cell(own, field) else { return Ok(None) };
        let mut convention = self.map.convention();
        if is_number {
            convention.decimal = crate::number::Decimal::Point;
        }
        convention.read(text, currency).map(Some).map_err(|rule| Fault::at(rule, self.label(own, field)))
    }

    fn directed(&self, own: &Places, field: Field, currency: Currency, signed: i64) -> Result<Directed, Fault> {
        let amount = Amount::new(signed.unsigned_abs());
        let amount = amount.ok_or_else(|| Fault::at(Rule::AmountInRange, self.label(own, field)))?;
        let direction = if signed < 0 { Direction::Debit } else { Direction::Credit };
        Ok((Money { currency, amount }, direction))
    }

    fn amount(&self, own: &Places, currency: Currency, native: Option<&str>) -> Result<Directed, Fault> {
        let fields = [Field::Amount, Field::Debit, Field::Credit];
        self.one_of(own, fields, currency, native)?.ok_or_else(|| self.missing(own, &Field::AMOUNTS))
    }

    fn net(&self, own: &Places, currency: Currency, native: Option<&str>) -> Result<Option<Directed>, Fault> {
        self.one_of(own, [Field::Net, Field::NetDebit, Field::NetCredit], currency, native)
    }

    /// An amount of a signed column, or of one of two.
    fn one_of(
        &self,
        own: &Places,
        [signed, debit, credit]: [Field; 3],
        currency: Currency,
        native: Option<&str>,
    ) -> Result<Option<Directed>, Fault> {
        if let Some(amount) = self.signed(own, signed, currency)? {
            let amount = match self.map.signs {
                Signs::AsGiven => amount,
                Signs::ByKind => self.turned(own, native, amount)?,
            };
            return self.directed(own, signed, currency, amount).map(Some);
        }
        match (self.signed(own, debit, currency)?, self.signed(own, credit, currency)?) {
            (None | Some(0), Some(amount)) => self.directed(own, credit, currency, amount).map(Some),
            (Some(amount), None | Some(0)) => self.directed(own, debit, currency, -amount).map(Some),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Fault::at(Rule::OneDirection, self.label(own, debit))),
        }
    }

    /// The amount with the sign of its kind. Above nothing it goes the kind's way, below nothing the other way.
    fn turned(&self, own: &Places, native: Option<&str>, amount: i64) -> Result<i64, Fault> {
        let is_in = |list: &[String]| native.is_some_and(|native| list.iter().any(|one| one == native));
        match (is_in(&self.map.credits), is_in(&self.map.debits)) {
            (true, false) => Ok(amount),
            (false, true) => Ok(-amount),
            _ => Err(Fault::at(Rule::KindDirected, self.label(own, Field::Kind))),
        }
    }

    /// What the provider keeps: above nothing it is taken from the merchant.
    fn kept(&self, own: &Places, field: Field, currency: Currency) -> Result<Option<Directed>, Fault> {
        let Some(signed) = self.signed(own, field, currency)? else { return Ok(None) };
        let (money, _) = self.directed(own, field, currency, signed)?;
        Ok(Some((money, if signed < 0 { Direction::Credit } else { Direction::Debit })))
    }

    fn missing(&self, own: &Places, fields: &[Field]) -> Fault {
        let at = fields.iter().find_map(|field| self.place(own, *field));
        Fault::at(Rule::FieldStated, self.header.label(at))
    }
}

/// The amount of a direction, from the merchant's side.
pub(crate) fn signed((money, direction): Directed) -> i128 {
    let amount = i128::from(money.amount.minor_units());
    if direction == Direction::Debit { -amount } else { amount }
}

/// Whether a net that is stated is the gross less the fee.
pub(crate) fn adds_up(gross: Directed, fee: Option<Directed>, net: Option<Directed>) -> bool {
    let fee = fee.map_or(0, signed);
    net.is_none_or(|net| signed(net) == signed(gross) + fee)
}

//! Alma's balance transactions, as its API answers them: `{"data": [...], "has_more": false}`, an array, or an object a line.
//! Amounts are signed cents, times are seconds since 1970. Objects are read as they come.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use talon_domain::fact::{Direction, LineKind, Ordinal, SettlementLine, Text};
use talon_domain::money::{Amount, Currency, Money};

use crate::fault::{Fault, Rule, Warning, WarningKind};
use crate::moment::{self, Moment};
use crate::read::{Row, Said};
use crate::row::adds_up;

/// What the ledger calls the format.
pub(crate) const FORMAT: &str = "alma.balance_transactions";

/// Bytes of the longest object, and what is read at once.
const OBJECT_BYTES_MAX: usize = 1 << 20;
const BUFFER_BYTES: usize = 1 << 16;

/// Fields that are read, or known and left.
const KNOWN: [&str; 15] = [
    "id",
    "kind",
    "amount",
    "net_amount",
    "merchant_fee",
    "payment_id",
    "refund_id",
    "payout_id",
    "included_in_payout_id",
    "available_on",
    "created",
    "updated",
    "merchant_id",
    "comment",
    "custom_data",
];

/// Longest text of a fact.
const TEXT_BYTES_MAX: usize = 256;

/// Takes a row; whether to go on.
type Each<'e> = &'e mut dyn FnMut(Row) -> bool;

/// Hands each object over, in its order from 1; a file that ends in the middle is the last row's fault.
pub(crate) fn rows(file: impl Read, account: &Text, provider: Option<&Text>, each: Each<'_>) {
    let left = Cell::new(OBJECT_BYTES_MAX);
    let mut objects = Objects { account, provider, each, left: &left, number: 0, goes_on: true };
    let file = BufReader::with_capacity(BUFFER_BYTES, Gauge { file, left: &left });
    let mut json = serde_json::Deserializer::from_reader(file);
    while objects.goes_on && json.end().is_err() {
        match (&mut objects).deserialize(&mut json) {
            Ok(()) => {}
            Err(_) if !objects.goes_on => return,
            Err(error) => {
                let rule = if error.is_eof() { Rule::FileWhole } else { Rule::ObjectReadable };
                let line = objects.number + 1;
                (objects.each)(Row { line, said: Err(Fault::of(rule)), warnings: Vec::new() });
                return;
            }
        }
    }
}

/// Lets so many bytes through between two objects, and then no more.
struct Gauge<'l, R> {
    file: R,
    left: &'l Cell<usize>,
}

impl<R: Read> Read for Gauge<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.get().checked_sub(read) {
            Some(left) => self.left.set(left),
            None => return Err(io::Error::other("an object is too long")),
        }
        Ok(read)
    }
}

struct Objects<'e> {
    account: &'e Text,
    provider: Option<&'e Text>,
    each: Each<'e>,
    left: &'e Cell<usize>,
    number: u64,
    goes_on: bool,
}

impl Objects<'_> {
    fn take(&mut self, object: &Object) {
        self.number += 1;
        self.left.set(OBJECT_BYTES_MAX);
        let stranger = |name: &String| Warning::at(WarningKind::ColumnUnknown, name);
        let mut warnings: Vec<_> = object.strangers.iter().map(stranger).collect();
        let said = line(object, self.account, self.provider, &mut warnings).map(|said| vec![said]);
        self.goes_on = (self.each)(Row { line: self.number, said, warnings });
    }
}

/// What stands behind a name.
#[derive(Clone, Debug, Default)]
enum Stated {
    #[default]
    Nothing,
    Number(i64),
    Text(Text),
    TooLong,
    /// Something that none of these fields holds.
    Strange,
}

/// An object's fields, in the order of their names in [`KNOWN`].
#[derive(Default)]
struct Object {
    stated: [Stated; KNOWN.len()],
    strangers: Vec<String>,
}

impl Object {
    fn get(&self, name: &str) -> &Stated {
        let at = KNOWN.iter().position(|known| *known == name);
        at.and_then(|at| self.stated.get(at)).unwrap_or(&Stated::Nothing)
    }

    fn put(&mut self, name: Name, stated: Stated) {
        match name {
            Name::Known(at) => {
                if let Some(slot) = self.stated.get_mut(at) {
                    *slot = stated;
                }
            }
            Name::Other(name) => self.strangers.push(name),
            Name::Data => {}
        }
    }
}

/// The name of a field.
enum Name {
    /// Of the list that a page of the API holds.
    Data,
    Known(usize),
    Other(String),
}

struct ReadName;

impl<'de> DeserializeSeed<'de> for ReadName {
    type Value = Name;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Name, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for ReadName {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        let known = KNOWN.iter().position(|known| *known == name).map(Name::Known);
        Ok(known.unwrap_or_else(|| if name == "data" { Name::Data } else { Name::Other(name.to_owned()) }))
    }
}

struct ReadStated;

impl<'de> DeserializeSeed<'de> for ReadStated {
    type Value = Stated;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Stated, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ReadStated {
    type Value = Stated;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Stated, E> {
        Ok(Stated::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Stated, E> {
        Ok(Stated::Strange)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Stated, E> {
        Ok(Stated::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Stated, E> {
        Ok(i64::try_from(number).map_or(Stated::Strange, Stated::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Stated, E> {
        Ok(Stated::Strange)
    }

    fn visit_str<E>(self, text: &str) -> Result<Stated, E> {
        Ok(match text.trim() {
            "" => Stated::Nothing,
            text if text.len() > TEXT_BYTES_MAX => Stated::TooLong,
            text => Stated::Text(Text::from(text)),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Stated, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Stated::Strange)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Stated, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Stated::Strange)
    }
}

/// An object of a list.
struct Element<'o, 'e>(&'o mut Objects<'e>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Element<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a balance transaction")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut object = Object::default();
        while let Some(name) = fields.next_key_seed(ReadName)? {
            let stated = fields.next_value_seed(ReadStated)?;
            object.put(name, stated);
        }
        self.0.take(&object);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Objects<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Objects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("balance transactions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Element(self))?.is_some() {
            if !self.goes_on {
                return Err(de::Error::custom("that will do"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let (mut object, mut is_list) = (Object::default(), false);
        while let Some(name) = fields.next_key_seed(ReadName)? {
            if matches!(name, Name::Data) {
                is_list = true;
                fields.next_value_seed(&mut *self)?;
            } else {
                let stated = fields.next_value_seed(ReadStated)?;
                object.put(name, stated);
            }
        }
        if !is_list && !matches!(object.get("id"), Stated::Nothing) {
            self.take(&object);
        }
        Ok(())
    }
}

fn line(object: &Object, account: &Text, provider: Option<&Text>, warnings: &mut Vec<Warning>) -> Result<Said, Fault> {
    let created = time(object, "created")?.ok_or_else(|| Fault::at(Rule::FieldStated, "created"))?;
    let native = text(object, "kind")?.ok_or_else(|| Fault::at(Rule::FieldStated, "kind"))?;
    let kind = kind(&native).unwrap_or_else(|| {
        warnings.push(Warning::of(WarningKind::KindUnknown));
        LineKind::Adjustment
    });
    let amount = directed(object, "amount")?.ok_or_else(|| Fault::at(Rule::FieldStated, "amount"))?;
    let (fee, net) = (directed(object, "merchant_fee")?, directed(object, "net_amount")?);
    // Above nothing a fee is kept of the merchant's money.
    let fee = fee.map(|(fee, way)| (fee, if way == Direction::Debit { Direction::Credit } else { Direction::Debit }));
    if !adds_up(amount, fee, net) {
        warnings.push(Warning::at(WarningKind::NetDiffers, "net_amount"));
    }
    let fee_direction = fee.map_or(Direction::Debit, |(_, direction)| direction);
    let line = SettlementLine {
        account: account.clone(),
        line_id: Some(text(object, "id")?.ok_or_else(|| Fault::at(Rule::FieldStated, "id"))?),
        occurrence: Ordinal::default(),
        kind,
        native_type: Some(native),
        amount: amount.0,
        direction: amount.1,
        merchant_fee: fee.map(|(fee, _)| fee),
        merchant_fee_direction: fee_direction,
        tax: None,
        tax_direction: fee_direction,
        net: net.map(|(net, _)| net),
        net_direction: net.map_or(amount.1, |(_, direction)| direction),
        payment_id: text(object, "payment_id")?,
        refund_id: text(object, "refund_id")?,
        dispute_id: None,
        payout_id: text(object, "payout_id")?.filter(|_| kind == LineKind::Payout),
        included_in_payout_id: text(object, "included_in_payout_id")?.filter(|_| kind != LineKind::Payout),
        reference: None,
        end_to_end_id: None,
        bank_reference: None,
        booking_day: Some(created.day),
        value_day: time(object, "available_on")?.map(|moment| moment.day),
        provider: provider.cloned(),
        file_hash: None,
        revision: time(object, "updated")?.and_then(|at| u64::try_from(at.at.seconds()).ok()).unwrap_or(0),
    };
    Ok(Said { occurred_at: created.at, line })
}

fn kind(native: &str) -> Option<LineKind> {
    Some(match native {
        "from_transaction" => LineKind::Payment,
        "from_refund" => LineKind::Refund,
        "from_payout" => LineKind::Payout,
        "from_adjustment" => LineKind::Adjustment,
        "from_fee_waiver" => LineKind::FeeWaiver,
        "from_merchant_default_coverage" => LineKind::DefaultCoverage,
        _ => return None,
    })
}

fn text(object: &Object, name: &str) -> Result<Option<Text>, Fault> {
    match object.get(name) {
        Stated::Nothing => Ok(None),
        Stated::Text(text) => Ok(Some(text.clone())),
        Stated::TooLong => Err(Fault::at(Rule::TextFits, name)),
        Stated::Number(_) | Stated::Strange => Err(Fault::at(Rule::ObjectReadable, name)),
    }
}

/// Signed cents.
fn directed(object: &Object, name: &str) -> Result<Option<(Money, Direction)>, Fault> {
    let signed = match object.get(name) {
        Stated::Nothing => return Ok(None),
        Stated::Number(number) => *number,
        _ => return Err(Fault::at(Rule::AmountReadable, name)),
    };
    let amount = Amount::new(signed.unsigned_abs()).ok_or_else(|| Fault::at(Rule::AmountInRange, name))?;
    let direction = if signed < 0 { Direction::Debit } else { Direction::Credit };
    Ok(Some((Money { currency: Currency::EUR, amount }, direction)))
}

/// Seconds since 1970, or a date as text.
fn time(object: &Object, name: &str) -> Result<Option<Moment>, Fault> {
    let read = match object.get(name) {
        Stated::Nothing => return Ok(None),
        Stated::Number(seconds) => moment::of_seconds(*seconds),
        Stated::Text(text) => moment::read(text, moment::Zone::Utc),
        Stated::TooLong | Stated::Strange => Err(Rule::MomentReadable),
    };
    read.map(Some).map_err(|rule| Fault::at(rule, name))
}

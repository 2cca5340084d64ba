//! Reads a row back, field by field as docs/format.md 10 lists them, so that a difference between two rows can be told
//! in words.

use crate::hex;
use talon_domain::ids::{EventId, StreamId};
use talon_domain::time::{Day, Instant};

use super::slot::family_name;

mod content;

/// The fields of a row, each with its place and its value in words. What cannot be read is the last field, with the
/// bytes that are left.
pub fn read_row(row: &[u8]) -> Vec<(String, String)> {
    let mut reader = Reader { bytes: row, fields: Vec::new() };
    if reader.row().is_none() || !reader.bytes.is_empty() {
        reader.fields.push(("what cannot be read".to_owned(), hex(reader.bytes)));
    }
    reader.fields
}

struct Reader<'r> {
    bytes: &'r [u8],
    fields: Vec<(String, String)>,
}

impl Reader<'_> {
    fn put(&mut self, place: impl Into<String>, value: impl std::fmt::Display) {
        self.fields.push((place.into(), value.to_string()));
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn day(&mut self) -> Option<String> {
        self.u16().map(|day| if day == 0 { "no day".to_owned() } else { Day(day).to_string() })
    }

    fn letters(&mut self) -> Option<String> {
        self.take::<3>().map(|letters| String::from_utf8_lossy(&letters).into_owned())
    }

    fn money(&mut self) -> Option<String> {
        let currency = self.letters()?;
        let minor_units = self.take().map(u128::from_le_bytes)?;
        Some(format!("{minor_units} {currency}"))
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(format!("{:?}", String::from_utf8_lossy(text)))
    }

    fn id(&mut self) -> Option<String> {
        self.take().map(|id| EventId(id).to_string())
    }

    fn row(&mut self) -> Option<()> {
        let tag = self.take::<9>()?;
        self.put("tag", String::from_utf8_lossy(&tag));
        let fold = self.u16()?;
        self.put("fold", fold);
        let merchant = self.u64()?;
        self.put("merchant", merchant);
        let stream = self.take().map(StreamId)?;
        self.put("stream", stream);
        let training = self.u8()?;
        self.put("training", training);
        let what = self.u8()?;
        self.put("what", what);
        if what == 1 {
            self.payment()?;
        }
        for slot in 1..=self.u32()? {
            self.slot(slot)?;
        }
        for anomaly in 1..=self.u32()? {
            let code = self.u16()?;
            let at = self.slot_name()?;
            self.put(format!("anomaly {anomaly}"), format!("{code} at {at}"));
        }
        Some(())
    }

    fn payment(&mut self) -> Option<()> {
        let (shop, terminal, provider) = (self.u32()?, self.u32()?, self.text()?);
        self.put("shop", shop);
        self.put("terminal", terminal);
        self.put("provider", provider);
        let (status, closed) = (self.u8()?, self.u8()?);
        self.put("status", status);
        self.put("closed", closed);
        if self.u8()? == 1 {
            let (money, day) = (self.money()?, self.day()?);
            self.put("sale", money);
            self.put("sale day", day);
        }
        let version = self.u32()?;
        self.put("plan version", version);
        if version != 0 {
            let (count, regime) = (self.u32()?, self.u8()?);
            self.put("installments_count", count);
            self.put("regime", regime);
            for entry in 1..=self.u32()? {
                let (number, due, total, state) = (self.u32()?, self.u64()?, self.u64()?, self.u8()?);
                let due = Instant(due.cast_signed()).rfc3339();
                self.put(format!("entry {entry}"), format!("{number} due {due} total {total} state {state}"));
            }
        }
        self.movements()
    }

    fn movements(&mut self) -> Option<()> {
        for debit in 1..=self.u32()? {
            let (id, instalment, money, day, standing) =
                (self.text()?, self.u32()?, self.money()?, self.day()?, self.u8()?);
            let words = format!("{id} instalment {instalment} {money} on {day} standing {standing}");
            self.put(format!("debit {debit}"), words);
        }
        for refund in 1..=self.u32()? {
            let (id, request, money) = (self.text()?, self.text()?, self.money()?);
            let split = if self.u8()? == 1 {
                format!("cash {} rebate {}", self.u64()?, self.u64()?)
            } else {
                "not divided".to_owned()
            };
            let (day, standing) = (self.day()?, self.u8()?);
            let words = format!("{id} of request {request} {money} {split} on {day} standing {standing}");
            self.put(format!("refund {refund}"), words);
        }
        for dispute in 1..=self.u32()? {
            let (id, round, stage) = (self.text()?, self.u32()?, self.u8()?);
            let money = if self.u8()? == 1 { self.money()? } else { "no amount".to_owned() };
            let (day, standing) = (self.day()?, self.u8()?);
            let words = format!("{id} round {round} stage {stage} {money} on {day} standing {standing}");
            self.put(format!("dispute {dispute}"), words);
        }
        Some(())
    }

    fn slot(&mut self, number: u32) -> Option<()> {
        let name = self.slot_name()?;
        self.put(format!("slot {number}"), &name);
        let winner = self.id()?;
        let (source, occurred_at) = (self.u8()?, self.u64()?.cast_signed());
        let day = self.day()?;
        self.put(format!("{name} source"), source);
        self.put(format!("{name} occurred at"), occurred_at);
        self.put(format!("{name} winner"), winner);
        self.put(format!("{name} day"), day);
        let length = usize::try_from(self.u32()?).ok()?;
        let (shown, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = shown;
        while !self.bytes.is_empty() {
            let field = self.field()?;
            self.put(format!("{name} shows"), field);
        }
        self.bytes = rest;
        for _ in 0..self.u32()? {
            let id = self.id()?;
            self.put(format!("{name} witness"), id);
        }
        Some(())
    }

    /// A slot's name, by the table of slots.
    fn slot_name(&mut self) -> Option<String> {
        let family = self.u8()?;
        let key = match family {
            1 | 19 | 201 => vec![],
            2 | 3 | 5 | 6 | 11 | 13 | 14 | 15 | 213 => vec![self.u32()?.to_string()],
            4 => vec![self.u32()?.to_string(), self.u8()?.to_string()],
            7 | 10 | 16 | 17 | 202 => vec![self.text()?],
            8 | 9 | 21 => vec![self.u8()?.to_string(), self.u32()?.to_string()],
            12 | 203 => vec![self.u32()?.to_string(), self.u32()?.to_string()],
            18 => self.refund_without_id()?,
            20 => vec![self.u8()?.to_string(), self.text()?, self.u32()?.to_string()],
            22 | 24 | 114 => vec![self.id()?],
            23 | 204 | 211 | 212 => vec![self.text()?, self.u32()?.to_string()],
            111 => vec![self.u32()?.to_string(), self.u32()?.to_string(), self.day()?],
            112 => vec![self.u32()?.to_string(), self.text()?, self.day()?, self.text()?],
            113 => {
                let numbers = [self.u32()?, self.u32()?, self.u32()?, self.u32()?];
                numbers.iter().map(ToString::to_string).collect()
            }
            103 => vec![self.text()?, self.text()?],
            101 => vec![self.text()?, hex(&self.take::<32>()?)],
            102 => self.line()?,
            _ => return None,
        };
        Some(format!("{}({})", family_name(family), key.join(", ")))
    }

    fn refund_without_id(&mut self) -> Option<Vec<String>> {
        let request = self.text()?;
        if request != "\"\"" {
            return Some(vec![request]);
        }
        // A money begins with a capital letter, so that a 0 is "no amount".
        if self.bytes.first() == Some(&0) {
            self.u8()?;
            return Some(vec![request, "no amount".to_owned()]);
        }
        Some(vec![request, self.money()?])
    }

    /// "Text account; u8 1 and text line id, or u8 2, 16 bytes of what it says of money and time, and u32
    /// occurrence."
    fn line(&mut self) -> Option<Vec<String>> {
        let account = self.text()?;
        if self.u8()? == 1 {
            return Some(vec![account, self.text()?]);
        }
        Some(vec![account, self.id()?, self.u32()?.to_string()])
    }
}

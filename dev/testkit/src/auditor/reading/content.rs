//! Reads what a row shows of a slot: each field by the type that the table "fields" of docs/format.md 10 gives it.

use talon_domain::time::Instant;

use super::Reader;

impl Reader<'_> {
    /// The next field: its number and its value.
    pub(super) fn field(&mut self) -> Option<String> {
        let number = self.u8()?;
        let value = match number {
            1 | 7 | 36 | 37 | 38 | 78 | 81 | 82 => self.short_money()?,
            2..=5 | 13 | 24 | 25 | 30 | 40..=42 | 50..=53 | 60 | 61 | 63 | 65 | 66 | 67 | 69 => self.text()?,
            6 => self.plan()?,
            47 => self.list(|row| {
                let (application, count) = (row.text()?, row.u32()?);
                Some(format!("{application} {count} {} direction {}", row.short_money()?, row.u8()?))
            })?,
            64 => self.list(|row| Some(format!("{} from {}", row.u32()?, row.day()?)))?,
            87 => self.list(|row| Some(format!("{} {}", row.day()?, row.text()?)))?,
            89 => self.list(|row| Some(format!("{} by source {}", row.u64()?, row.u8()?)))?,
            _ => self.u64()?.to_string(),
        };
        Some(format!("{number}={value}"))
    }

    /// In content "a money is three letters of currency and a u64".
    fn short_money(&mut self) -> Option<String> {
        let currency = self.letters()?;
        Some(format!("{} {currency}", self.u64()?))
    }

    fn list(&mut self, item: impl Fn(&mut Self) -> Option<String>) -> Option<String> {
        let mut items = Vec::new();
        for _ in 0..self.u32()? {
            items.push(item(self)?);
        }
        Some(format!("[{}]", items.join("; ")))
    }

    fn plan(&mut self) -> Option<String> {
        let (count, days, months) = (self.u32()?, self.u32()?, self.u32()?);
        let entries = self.list(|row| {
            let (number, due) = (row.u32()?, Instant(row.u64()?.cast_signed()).rfc3339());
            let currency = row.letters()?;
            let mut amounts = Vec::new();
            for _ in 0..5 {
                amounts.push(row.u64()?.to_string());
            }
            Some(format!("{number} due {due} {currency} {}", amounts.join("/")))
        })?;
        Some(format!("{count}x after {days} days {months} months {entries}"))
    }
}

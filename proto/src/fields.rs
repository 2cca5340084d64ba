//! A protobuf message taken apart where it lies: field by field, copying nothing. Invariants:
//! - every value borrows from the message, and lies inside it
//! - any bytes at all give fields or an end by [`Malformed`], never a panic
//!
//! This module does not know any schema.

/// The bytes do not go on as a protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What a field holds on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Wire type 0.
    Number(u64),
    /// Wire type 2: a text, a message.
    Bytes(&'a [u8]),
    /// Wire types 1 and 5, which no schema of ours uses.
    Fixed,
}

/// The fields of a message, in the order in which they were written.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    #[expect(clippy::inline_always, reason = "measured: a result of this size that goes through memory doubles a walk")]
    #[inline(always)]
    fn field(&mut self) -> Result<(u32, Value<'a>), Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        if number == 0 || number >= 1 << 29 {
            return Err(Malformed);
        }
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(Malformed),
        };
        Ok((number, value))
    }

    /// The value behind this tag of one byte, if that is what comes next.
    #[expect(clippy::inline_always, reason = "measured: with the tag known, what it can hold need not be asked")]
    #[inline(always)]
    pub(crate) fn behind<const TAG: u8>(&mut self) -> Result<Option<Value<'a>>, Malformed> {
        match self.rest.split_first() {
            Some((tag, rest)) if *tag == TAG => self.rest = rest,
            _ => return Ok(None),
        }
        let number = self.varint()?;
        Ok(Some(if TAG.is_multiple_of(8) { Value::Number(number) } else { Value::Bytes(self.take(number)?) }))
    }

    #[inline]
    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let (mut value, mut shift, mut rest) = (0, 0, self.rest);
        while let Some((&byte, after)) = rest.split_first() {
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            (shift, rest) = (shift + 7, after);
            if byte < 0x80 {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(Malformed)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Appends a number field, stated even if it is zero.
pub(crate) fn put_number(out: &mut Vec<u8>, field: u32, value: u64) {
    put_varint(out, u64::from(field) << 3);
    put_varint(out, value);
}

/// Appends a text or a message.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    put_varint(out, u64::from(field) << 3 | 2);
    put_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(message: &[u8]) -> Result<Vec<(u32, Value<'_>)>, Malformed> {
        Fields::new(message).collect()
    }

    #[test]
    fn what_was_put_is_found() {
        let mut message = Vec::new();
        put_number(&mut message, 7, u64::MAX);
        put_bytes(&mut message, 113, b"talon");
        put_number(&mut message, 1, 300);
        let expected = vec![(7, Value::Number(u64::MAX)), (113, Value::Bytes(b"talon")), (1, Value::Number(300))];
        assert_eq!(all(&message), Ok(expected));
    }

    #[test]
    fn what_protobuf_forbids_is_malformed() {
        let endless = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        for bad in [&[0x08][..], &[0x00, 0x01], &[0x0a, 0x02, 0x61], &[0x0b], &[0x0f], &[0x09, 1, 2], &endless] {
            assert_eq!(all(bad), Err(Malformed), "{bad:02x?}");
        }
    }
}

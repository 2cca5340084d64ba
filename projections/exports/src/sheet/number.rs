//! The one place that knows a float: Excel has no other number.
//!
//! Invariant: what is written into the file is the decimal text that came in. A text of at most 15 significant digits
//! survives the way to a double and back; a longer one is no number here, and its cell stays words.

/// Significant digits that a double keeps, whichever they are.
const DIGITS_MAX: usize = 15;

/// The number of a decimal text; `None` where a double would change it.
pub(super) fn number(decimal: &str) -> Option<f64> {
    let digits = decimal.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    decimal.parse().ok().filter(|_| digits <= DIGITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_digits_come_back_as_they_were() {
        for text in
            ["0.01", "1234.56", "-1234567890123.45", "9999999999999.99", "0.1", "999999999999999", "123456789012.345"]
        {
            assert_eq!(number(text).map(|number| number.to_string()).as_deref(), Some(text));
        }
        for text in ["99999999999999.99", "1234567890123456", "", "x"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}

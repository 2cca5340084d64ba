//! Under which law a plan stands, by the date of its contract.

/// Under which law a contract was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LegalRegime {
    /// Not consumer credit.
    OutsideConsumerCredit = 1,
    /// Consumer credit.
    ConsumerCredit = 2,
}

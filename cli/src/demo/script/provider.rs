//! Who finances what is sold, and how each of them names what it makes. The registry knows them by their codes.

/// A provider.
#[derive(Clone, Copy)]
pub(super) struct Provider {
    /// By the registry.
    pub(super) code: &'static str,
    payment: &'static str,
    debit: &'static str,
    refund: &'static str,
    dispute: &'static str,
}

/// Finances almost everything.
pub(super) const ALMA: Provider = Provider {
    code: "alma",
    payment: "payment_11x",
    debit: "installment_11x",
    refund: "refund_11x",
    dispute: "dispute_11x",
};

/// Finances some of what one shop sells, in three or four.
pub(super) const ONEY: Provider =
    Provider { code: "oney", payment: "ON-P-", debit: "ON-D-", refund: "ON-R-", dispute: "ON-L-" };

/// Names of what a provider makes of one payment; all of them end with the payment's own letters.
impl Provider {
    pub(super) fn payment_id(self, letters: &str) -> String {
        format!("{}{letters}", self.payment)
    }

    pub(super) fn debit_id(self, letters: &str, which: &str) -> String {
        format!("{}{letters}_{which}", self.debit)
    }

    pub(super) fn refund_id(self, letters: &str, which: u32) -> String {
        format!("{}{letters}_{which}", self.refund)
    }

    pub(super) fn dispute_id(self, letters: &str) -> String {
        format!("{}{letters}", self.dispute)
    }
}

//! What the first provider's account says of the day, the next morning: a line for each sale and each refund, with its fee,
//! as its API answers them; and among them, on purpose, one of each thing that a morning may bring.
//!
//! Invariant: what is wrong on purpose is listed, and nothing else is: a line is what the script knows of its payment.

use talon_domain::ids::MerchantId;
use talon_domain::time::Instant;

use super::chance::Chance;
use super::hours::later;
use super::registry::merchant_bps;

/// A sale or a refund, as the provider books it.
#[derive(Clone)]
pub(super) struct Booked {
    pub(super) merchant: MerchantId,
    /// The provider's id of the payment, and of the refund if it is one.
    pub(super) payment: String,
    pub(super) refund: Option<String>,
    /// Below nothing it goes back.
    pub(super) cents: i64,
    /// In so many instalments.
    pub(super) count: u32,
    pub(super) at: Instant,
    /// Before today: what was paid out since.
    pub(super) earlier: bool,
}

/// A company's account with the provider.
pub(crate) struct Statement {
    /// Whose.
    pub(crate) merchant: MerchantId,
    /// A page of balance transactions.
    pub(crate) json: String,
    /// What is wrong on purpose: what, and the id of what it is about.
    pub(crate) differences: Vec<(Difference, String)>,
}

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// The fee is three cents more than was agreed.
    Fee,
    /// The sale is booked ten euro lower.
    Amount,
    /// The sale is not booked.
    Missing,
    /// A sale is booked that nobody knows.
    Unknown,
    /// A refund is booked that somebody made in the provider's own pages.
    Refund,
    /// One id of a line stands for two contents.
    TwoContents,
    /// A line has no time.
    Unreadable,
    /// A fee is given back.
    Waiver,
    /// A sale of an earlier month is not booked.
    Overdue,
    /// A payout is one euro less than the lines that it pays.
    Payout,
}

impl Difference {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Fee,
        Self::Amount,
        Self::Missing,
        Self::Unknown,
        Self::Refund,
        Self::TwoContents,
        Self::Unreadable,
        Self::Waiver,
        Self::Overdue,
        Self::Payout,
    ];

    /// Its stable name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fee => "fee",
            Self::Amount => "amount",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Refund => "refund",
            Self::TwoContents => "two_contents",
            Self::Unreadable => "unreadable",
            Self::Waiver => "waiver",
            Self::Overdue => "overdue",
            Self::Payout => "payout",
        }
    }
}

/// Basis points of what the ledger knows no fee plan for.
const OTHER_BPS: u32 = 190;
/// What is wrong on purpose is wrong by this much.
const DAY_S: i64 = 86_400;
const FEE_MORE: i64 = 3;
const AMOUNT_LESS: i64 = 1_000;
const ELSEWHERE: i64 = 2_500;
const PAYOUT_LESS: i64 = 100;
/// What may be wrong with a sale of today.
const OF_TODAY: usize = 8;

/// The account of a company.
pub(super) fn statement(merchant: MerchantId, booked: &[Booked], chance: &mut Chance) -> Statement {
    let (own, earlier): (Vec<_>, Vec<_>) =
        booked.iter().filter(|booked| booked.merchant == merchant).partition(|booked| !booked.earlier);
    // A sale of which a refund is booked as well stays as it is, and so does one whose fee nobody agreed on.
    let is_plain = |of: &&Booked| own.iter().filter(|other| other.payment == of.payment).count() == 1;
    let is_agreed = |of: &&Booked| merchant_bps(merchant, of.count).is_some();
    let sales = own.iter().copied().filter(|of| of.refund.is_none()).filter(is_plain).filter(is_agreed);
    let sales: Vec<_> = sales.map(|of| of.payment.clone()).collect();
    let apart = (sales.len() / (OF_TODAY + 1)).max(1);
    let chosen: Vec<_> =
        Difference::ALL.into_iter().take(OF_TODAY).zip(sales.iter().skip(apart).step_by(apart).cloned()).collect();
    let mut page = Page { lines: Vec::new(), differences: Vec::new(), chance };
    for booked in own {
        let difference = chosen.iter().find(|(_, payment)| *payment == booked.payment && booked.refund.is_none());
        page.book(booked, difference.map(|(difference, _)| *difference));
    }
    page.earlier(&earlier);
    let Page { lines, differences, .. } = page;
    Statement {
        merchant,
        json: format!("{{\"data\": [\n{}\n], \"has_more\": false}}\n", lines.join(",\n")),
        differences,
    }
}

struct Page<'c> {
    lines: Vec<String>,
    differences: Vec<(Difference, String)>,
    chance: &'c mut Chance,
}

impl Page<'_> {
    /// Books a sale or a refund, and what is wrong with it.
    fn book(&mut self, booked: &Booked, difference: Option<Difference>) {
        let id = self.line_id();
        let fee = if booked.cents > 0 { fee(booked) } else { 0 };
        let sale = |cents, fee| line(&id, booked, cents, fee, Some(booked.at));
        let told = match difference {
            Some(Difference::Fee) => sale(booked.cents, fee + FEE_MORE),
            Some(Difference::Amount) => sale(booked.cents - AMOUNT_LESS, fee),
            Some(Difference::Missing) => String::new(),
            Some(Difference::Unreadable) => line(&id, booked, booked.cents, fee, None),
            Some(Difference::TwoContents) => {
                let told = sale(booked.cents, fee);
                [3, 4].map(|days| available(&told, later(booked.at, days * DAY_S))).join(",\n")
            }
            _ => sale(booked.cents, fee),
        };
        self.lines.extend(Some(told).filter(|told| !told.is_empty()));
        let Some(difference) = difference else { return };
        let about = self.beside(booked, difference, fee).unwrap_or_else(|| booked.payment.clone());
        self.differences.push((difference, about));
    }

    /// What was booked before today, and paid out since but for one sale; the payout is a euro short of it.
    fn earlier(&mut self, booked: &[&Booked]) {
        let overdue = booked.iter().position(|of| of.refund.is_none() && merchant_bps(of.merchant, of.count).is_some());
        if let Some(of) = overdue.and_then(|at| booked.get(at)) {
            self.differences.push((Difference::Overdue, of.payment.clone()));
        }
        let paid = booked.iter().enumerate().filter(|(at, _)| Some(*at) != overdue).map(|(_, of)| *of);
        let paid: Vec<_> = paid.collect();
        let Some(last) = paid.iter().map(|of| of.at).max() else { return };
        let (payout, mut sum) = (format!("payout_11x{}", self.chance.letters(10)), 0);
        for of in paid {
            let (id, fee) = (self.line_id(), if of.cents > 0 { fee(of) } else { 0 });
            self.lines.push(included(&line(&id, of, of.cents, fee, Some(of.at)), &payout));
            sum += of.cents - fee;
        }
        let id = self.line_id();
        self.lines.push(sent(&id, &payout, sum - PAYOUT_LESS, later(last, 3 * DAY_S)));
        self.differences.push((Difference::Payout, payout));
    }

    /// What is booked beside a sale; the id of what that is about.
    fn beside(&mut self, booked: &Booked, difference: Difference, fee: i64) -> Option<String> {
        let id = self.line_id();
        let letters = self.chance.letters(10);
        let (told, about) = match difference {
            Difference::Unknown => {
                let payment = format!("payment_11x{letters}");
                let stranger = Booked { payment: payment.clone(), ..booked.clone() };
                (line(&id, &stranger, booked.cents, fee, Some(booked.at)), payment)
            }
            Difference::Refund => {
                let refund = format!("refund_11x{letters}_9");
                let refunded = Booked { refund: Some(refund.clone()), ..booked.clone() };
                (line(&id, &refunded, -ELSEWHERE, 0, Some(booked.at)), refund)
            }
            Difference::Waiver => (waiver(&id, booked, fee), booked.payment.clone()),
            _ => return None,
        };
        self.lines.push(told);
        Some(about)
    }

    fn line_id(&mut self) -> String {
        format!("balance_txn_11x{}", self.chance.letters(12))
    }
}

/// As it was agreed, in whole cents, half a cent up.
fn fee(booked: &Booked) -> i64 {
    let bps = merchant_bps(booked.merchant, booked.count).unwrap_or(OTHER_BPS);
    (booked.cents * i64::from(bps) + 5_000).div_euclid(10_000)
}

fn line(id: &str, booked: &Booked, cents: i64, fee: i64, at: Option<Instant>) -> String {
    let kind = if booked.refund.is_some() { "from_refund" } else { "from_transaction" };
    let refund = booked.refund.as_ref().map_or_else(|| "null".to_owned(), |refund| format!("\"{refund}\""));
    let created = at.map(|at| format!(", \"created\": {}", at.seconds())).unwrap_or_default();
    format!(
        "{{\"id\": \"{id}\", \"kind\": \"{kind}\", \"amount\": {cents}, \"merchant_fee\": {fee}, \"net_amount\": {}, \
         \"payment_id\": \"{}\", \"refund_id\": {refund}{created}}}",
        cents - fee,
        booked.payment
    )
}

/// The same, with the day on which it counts.
fn available(line: &str, on: Instant) -> String {
    let open = line.strip_suffix('}').unwrap_or(line);
    format!("{open}, \"available_on\": {}}}", on.seconds())
}

/// The same, in a payout.
fn included(line: &str, payout: &str) -> String {
    let open = line.strip_suffix('}').unwrap_or(line);
    format!("{open}, \"included_in_payout_id\": \"{payout}\"}}")
}

/// A payout's own line: it takes from the account what it sends.
fn sent(id: &str, payout: &str, cents: i64, at: Instant) -> String {
    format!(
        "{{\"id\": \"{id}\", \"kind\": \"from_payout\", \"amount\": {0}, \"merchant_fee\": 0, \"net_amount\": {0}, \
         \"payment_id\": null, \"refund_id\": null, \"payout_id\": \"{payout}\", \"created\": {1}}}",
        -cents,
        at.seconds()
    )
}

fn waiver(id: &str, booked: &Booked, fee: i64) -> String {
    format!(
        "{{\"id\": \"{id}\", \"kind\": \"from_fee_waiver\", \"amount\": {fee}, \"merchant_fee\": 0, \"net_amount\": {fee}, \
         \"payment_id\": \"{}\", \"refund_id\": null, \"created\": {}}}",
        booked.payment,
        booked.at.seconds()
    )
}

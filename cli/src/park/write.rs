//! An entry as a row: what is written is read again as the same entry.

use talon_domain::fact::{Assignment, FeePlan, Merchant, Shop};
use talon_domain::money::Money;
use talon_domain::time::Day;
use talon_projections::registry::epoch;

use super::column::Column;
use super::entry::{Entry, Row};
use super::value::{money_text, payout_text, percent_text};

impl Entry {
    /// The row that says it.
    pub(crate) fn row(&self) -> Row {
        let mut row = Row::new(self.what());
        // A SIREN's leading zeros are part of it.
        row.put(Column::Merchant, format!("{:0>9}", self.merchant().0));
        match self {
            Self::Merchant(_, merchant) => row.put_merchant(merchant),
            Self::Shop(_, shop) => row.put_shop(shop),
            Self::Terminal(_, assignment) => row.put_assignment(assignment),
            Self::FeePlan(_, plan) => row.put_fee_plan(plan),
        }
        row
    }
}

impl Row {
    fn put_merchant(&mut self, merchant: &Merchant) {
        self.put(Column::Label, &*merchant.label);
        self.put(Column::Country, merchant.country.as_deref().unwrap_or_default());
        self.put_day(Column::ClosedFrom, merchant.closed_from);
    }

    fn put_shop(&mut self, shop: &Shop) {
        self.put(Column::Shop, &*shop.code);
        self.put(Column::Label, shop.label.as_deref().unwrap_or_default());
        self.put(Column::Town, shop.town.as_deref().unwrap_or_default());
        let mut establishments = shop.establishments.clone();
        establishments.sort_unstable_by_key(|one| one.from_day);
        let words = establishments.iter().map(|one| match one.from_day {
            Some(day) => format!("{:0>5}@{day}", one.nic.0),
            None => format!("{:0>5}", one.nic.0),
        });
        self.put(Column::Nic, words.collect::<Vec<_>>().join(" "));
        self.put_day(Column::ClosedFrom, shop.closed_from);
    }

    fn put_assignment(&mut self, one: &Assignment) {
        self.put(Column::Shop, one.shop_code.as_deref().unwrap_or_default());
        self.put(Column::Terminal, one.terminal.to_string());
        self.put(Column::Epoch, epoch(one.epoch).to_string());
        self.put(Column::Serial, one.serial.as_deref().unwrap_or_default());
        self.put(Column::LogicalId, one.logical_id.as_deref().unwrap_or_default());
        self.put(Column::Range, one.range.map_or("", |range| range.name()));
        self.put(Column::Model, one.model.as_deref().unwrap_or_default());
        self.put(Column::Connectivity, one.connectivity.map_or("", |connectivity| connectivity.name()));
        self.put(Column::FirstSeq, one.first_seq.0.max(1).to_string());
        self.put_day(Column::From, one.from_day);
        self.put_day(Column::Until, one.until_day);
    }

    fn put_fee_plan(&mut self, plan: &FeePlan) {
        self.put(Column::Plan, &*plan.id);
        self.put(Column::Version, plan.version.get().to_string());
        self.put(Column::Provider, &*plan.provider);
        self.put(Column::Installments, plan.installments_count.to_string());
        self.put_count(Column::DeferredDays, plan.deferred_days);
        self.put_count(Column::DeferredMonths, plan.deferred_months);
        self.put_share(Column::MerchantFee, plan.merchant_fee_bps);
        self.put_money(Column::MerchantFeeFixed, plan.merchant_fee_fixed);
        self.put_share(Column::Tax, plan.tax_bps);
        self.put_share(Column::CustomerFee, plan.customer_fee_bps);
        self.put_money(Column::PurchaseLeast, plan.purchase_least);
        self.put_money(Column::PurchaseMost, plan.purchase_most);
        self.put(Column::Rounding, plan.rounding.map_or("", |rounding| rounding.name()));
        self.put(Column::RoundingScope, plan.rounding_scope.map_or("", |scope| scope.name()));
        self.put(Column::Payout, plan.payout_rule.map(|rule| payout_text(rule, plan.payout_day)).unwrap_or_default());
        self.put_day(Column::From, plan.from_day);
        self.put_day(Column::Until, plan.until_day);
    }

    fn put_day(&mut self, column: Column, day: Option<Day>) {
        self.put(column, day.map(|day| day.to_string()).unwrap_or_default());
    }

    /// Nothing is written of what is nothing: an empty cell is read as 0.
    fn put_count(&mut self, column: Column, count: u32) {
        self.put(column, if count == 0 { String::new() } else { count.to_string() });
    }

    fn put_share(&mut self, column: Column, points: u32) {
        self.put(column, if points == 0 { String::new() } else { percent_text(points) });
    }

    fn put_money(&mut self, column: Column, money: Option<Money>) {
        self.put(column, money.map(money_text).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::super::column::What;
    use super::*;

    fn row(what: What, cells: &[(Column, &str)]) -> Row {
        let mut row = Row::new(what);
        cells.iter().for_each(|(column, text)| row.put(*column, *text));
        row
    }

    #[test]
    fn what_is_written_is_read_again_as_the_same_entry() {
        for row in [
            row(What::Merchant, &[(Column::Merchant, "732829320"), (Column::Label, "Halles du Lin")]),
            row(
                What::Merchant,
                &[(Column::Merchant, "000 000 018"), (Column::Label, "Halles"), (Column::Country, "FR")],
            ),
            row(
                What::Shop,
                &[
                    (Column::Merchant, "732 829 320"),
                    (Column::Shop, "PAR1"),
                    (Column::Town, "Paris"),
                    (Column::Nic, "82@01/12/2026 73282932000074"),
                ],
            ),
            row(
                What::Terminal,
                &[
                    (Column::Merchant, "732829320"),
                    (Column::Shop, "PAR1"),
                    (Column::Terminal, "417"),
                    (Column::Range, "Tetra Move"),
                    (Column::Connectivity, "SIM"),
                    (Column::Until, "31/12/2026"),
                ],
            ),
            row(
                What::FeePlan,
                &[
                    (Column::Merchant, "732829320"),
                    (Column::Plan, "alma-3x"),
                    (Column::Provider, "alma"),
                    (Column::Installments, "3"),
                    (Column::MerchantFee, "2,53 %"),
                    (Column::MerchantFeeFixed, "0,25"),
                    (Column::Tax, "20"),
                    (Column::PurchaseLeast, "50"),
                    (Column::PurchaseMost, "3 000 CHF"),
                    (Column::Rounding, "half-up"),
                    (Column::RoundingScope, "ligne"),
                    (Column::Payout, "hebdo:lundi"),
                ],
            ),
        ] {
            let entry = Entry::read(&row).expect("an entry");
            assert_eq!(Entry::read(&entry.row()), Ok(entry.clone()), "{entry:?}");
            assert_eq!(Entry::read(&entry.row()).expect("an entry").row(), entry.row());
        }
    }
}

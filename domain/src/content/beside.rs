//! What facts beside payments state: settlement, terminals and tills, the registry.

use super::{Field, Says, Value};
use crate::fact::{Assignment, FeePlan, Payload, SettlementLine};

pub(super) fn each_statement<'a>(payload: &'a Payload, says: &mut Says<'a, '_>) {
    match payload {
        Payload::StatementImported(p) => {
            says.text(Field::Format, p.format.as_ref());
            says.count(Field::Lines, p.lines);
            says.day(Field::FirstDay, p.first_day);
            says.day(Field::LastDay, p.last_day);
        }
        Payload::SettlementLine(p) => settlement_line(p, says),
        Payload::Payout(p) => {
            says.money(Field::Amount, p.amount);
            says.text(Field::Provider, p.provider.as_ref());
            says.number(Field::Stage, Some(p.stage as u8));
            says.number(Field::Direction, p.direction.map(|direction| direction as u8));
            says.text(Field::Reference, p.reference.as_ref());
            says.day(Field::Day, p.day);
        }
        Payload::TerminalTotals(p) => {
            says.count(Field::LastSeq, p.last_seq.0);
            says.say(Field::Applications, Value::Applications(&p.lines));
        }
        Payload::TillTotals(p) => {
            says.money(Field::Amount, Some(p.amount));
            says.number(Field::Direction, Some(p.direction as u8));
            says.count(Field::Count, p.count);
        }
        // An event may be refused twice, for two reasons: nothing is stated that could contradict.
        Payload::EventRefused(_) => {}
        other => registry(other, says),
    }
}

/// A direction is stated with the amount that it is of.
fn settlement_line<'a>(p: &'a SettlementLine, says: &mut Says<'a, '_>) {
    says.money(Field::Amount, Some(p.amount));
    says.text(Field::Provider, p.provider.as_ref());
    says.text(Field::PaymentId, p.payment_id.as_ref());
    says.text(Field::RefundId, p.refund_id.as_ref());
    says.number(Field::LineKind, Some(p.kind as u8));
    says.number(Field::Direction, Some(p.direction as u8));
    says.money(Field::MerchantFee, p.merchant_fee);
    says.money(Field::Tax, p.tax);
    says.money(Field::Net, p.net);
    says.number(Field::NetDirection, p.net.map(|_| p.net_direction as u8));
    says.text(Field::PayoutId, p.payout_id.as_ref());
    says.text(Field::IncludedIn, p.included_in_payout_id.as_ref());
    says.text(Field::Reference, p.reference.as_ref());
    says.day(Field::ValueDay, p.value_day);
    says.day(Field::BookingDay, p.booking_day);
    says.text(Field::NativeType, p.native_type.as_ref());
    says.text(Field::EndToEndId, p.end_to_end_id.as_ref());
    says.text(Field::BankReference, p.bank_reference.as_ref());
    says.text(Field::DisputeId, p.dispute_id.as_ref());
    says.number(Field::MerchantFeeDirection, p.merchant_fee.map(|_| p.merchant_fee_direction as u8));
    says.number(Field::TaxDirection, p.tax.map(|_| p.tax_direction as u8));
}

fn registry<'a>(payload: &'a Payload, says: &mut Says<'a, '_>) {
    match payload {
        Payload::Merchant(p) => {
            says.text(Field::Label, Some(&p.label));
            says.text(Field::Country, p.country.as_ref());
            says.day(Field::ClosedFrom, p.closed_from);
        }
        Payload::Shop(p) => {
            says.text(Field::Label, p.label.as_ref());
            says.day(Field::ClosedFrom, p.closed_from);
            says.text(Field::Town, p.town.as_ref());
            says.say(Field::Establishments, Value::Establishments(&p.establishments));
        }
        Payload::Assignment(p) => assignment(p, says),
        Payload::FeePlan(p) => fee_plan(p, says),
        Payload::Calendar(p) => says.say(Field::ClosedDays, Value::ClosedDays(&p.closed_days)),
        Payload::PlanRules(p) => {
            says.text(Field::Provider, p.provider.as_ref());
            says.day(Field::FromDay, p.from_day);
            says.number(Field::Remainder, p.remainder.map(|remainder| remainder as u8));
        }
        Payload::Principal(p) => {
            says.text(Field::Label, p.label.as_ref());
            says.say(Field::Scopes, Value::Scopes(&p.scopes));
            says.flag(Field::Revoked, p.revoked);
        }
        _ => {}
    }
}

fn assignment<'a>(p: &'a Assignment, says: &mut Says<'a, '_>) {
    says.text(Field::ShopCode, p.shop_code.as_ref());
    says.text(Field::Serial, p.serial.as_ref());
    says.text(Field::LogicalId, p.logical_id.as_ref());
    says.number(Field::Range, p.range.map(|range| range as u8));
    says.text(Field::Model, p.model.as_ref());
    says.number(Field::Connectivity, p.connectivity.map(|connectivity| connectivity as u8));
    says.count(Field::FirstSeq, p.first_seq.0);
    says.day(Field::FromDay, p.from_day);
    says.day(Field::UntilDay, p.until_day);
}

fn fee_plan<'a>(p: &'a FeePlan, says: &mut Says<'a, '_>) {
    says.text(Field::Provider, Some(&p.provider));
    says.day(Field::FromDay, p.from_day);
    says.day(Field::UntilDay, p.until_day);
    says.count(Field::InstallmentsCount, p.installments_count);
    says.count(Field::DeferredDays, p.deferred_days);
    says.count(Field::DeferredMonths, p.deferred_months);
    says.count(Field::MerchantFeeBps, p.merchant_fee_bps);
    says.money(Field::MerchantFeeFixed, p.merchant_fee_fixed);
    says.count(Field::TaxBps, p.tax_bps);
    says.count(Field::CustomerFeeBps, p.customer_fee_bps);
    says.money(Field::PurchaseLeast, p.purchase_least);
    says.money(Field::PurchaseMost, p.purchase_most);
    says.number(Field::Rounding, p.rounding.map(|rounding| rounding as u8));
    says.number(Field::RoundingScope, p.rounding_scope.map(|scope| scope as u8));
    says.number(Field::PayoutRule, p.payout_rule.map(|rule| rule as u8));
    says.count(Field::PayoutDay, p.payout_day);
}

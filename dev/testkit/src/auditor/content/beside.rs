//! What facts beside payments state: settlement, terminals and tills, the registry. Who decided it, and why, is never
//! content, nor is what names the slot. A refusal states nothing beside its name; a direction is stated with its amount.

use talon_domain::fact::{FeePlan, Payload, SettlementLine};

use super::{AMOUNT, PAYMENT_ID, PROVIDER, STAGE, Says, count_bytes, money_bytes, text_bytes};

pub(super) fn stated_by(payload: &Payload, says: &mut Says) {
    match payload {
        Payload::StatementImported(p) => {
            says.text(30, p.format.as_ref());
            says.unless_zero(31, p.lines);
            says.day(32, p.first_day);
            says.day(33, p.last_day);
        }
        Payload::SettlementLine(p) => line(p, says),
        Payload::Payout(p) => {
            says.money(AMOUNT, p.amount);
            says.text(PROVIDER, p.provider.as_ref());
            says.number(STAGE, Some(p.stage as u8));
            says.number(35, p.direction.map(|direction| direction as u8));
            says.text(42, p.reference.as_ref());
            says.day(45, p.day);
        }
        Payload::TerminalTotals(p) => {
            says.unless_zero(46, p.last_seq.0);
            let mut lines = count_bytes(p.lines.len());
            for line in &p.lines {
                lines.extend(text_bytes(&line.application));
                lines.extend(line.count.to_le_bytes());
                lines.extend(money_bytes(line.amount));
                lines.push(line.direction as u8);
            }
            says.say(47, lines);
        }
        Payload::TillTotals(p) => {
            says.money(AMOUNT, Some(p.amount));
            says.number(35, Some(p.direction as u8));
            says.unless_zero(48, p.count);
        }
        other => registered(other, says),
    }
}

fn line(p: &SettlementLine, says: &mut Says) {
    says.money(AMOUNT, Some(p.amount));
    says.text(PROVIDER, p.provider.as_ref());
    says.text(PAYMENT_ID, p.payment_id.as_ref());
    says.text(24, p.refund_id.as_ref());
    says.number(34, Some(p.kind as u8));
    says.number(35, Some(p.direction as u8));
    says.money(36, p.merchant_fee);
    says.money(37, p.tax);
    says.money(38, p.net);
    says.number(39, p.net.map(|_| p.net_direction as u8));
    says.text(40, p.payout_id.as_ref());
    says.text(41, p.included_in_payout_id.as_ref());
    says.text(42, p.reference.as_ref());
    says.day(43, p.value_day);
    says.day(49, p.booking_day);
    says.text(50, p.native_type.as_ref());
    says.text(51, p.end_to_end_id.as_ref());
    says.text(52, p.bank_reference.as_ref());
    says.text(53, p.dispute_id.as_ref());
    says.number(54, p.merchant_fee.map(|_| p.merchant_fee_direction as u8));
    says.number(55, p.tax.map(|_| p.tax_direction as u8));
}

fn registered(payload: &Payload, says: &mut Says) {
    match payload {
        Payload::Merchant(p) => {
            says.text(60, Some(&p.label));
            says.text(61, p.country.as_ref());
            says.day(62, p.closed_from);
        }
        Payload::Shop(p) => {
            says.text(60, p.label.as_ref());
            says.day(62, p.closed_from);
            says.text(63, p.town.as_ref());
            let mut list = count_bytes(p.establishments.len());
            for establishment in &p.establishments {
                list.extend(establishment.nic.0.to_le_bytes());
                list.extend(establishment.from_day.map_or(0, |day| day.0).to_le_bytes());
            }
            says.say(64, list);
        }
        Payload::Assignment(p) => {
            says.text(65, p.shop_code.as_ref());
            says.text(66, p.serial.as_ref());
            says.text(67, p.logical_id.as_ref());
            says.number(68, p.range.map(|range| range as u8));
            says.text(69, p.model.as_ref());
            says.number(70, p.connectivity.map(|connectivity| connectivity as u8));
            says.unless_zero(71, p.first_seq.0);
            says.day(72, p.from_day);
            says.day(73, p.until_day);
        }
        Payload::FeePlan(p) => fee_plan(p, says),
        Payload::Calendar(p) => {
            let mut list = count_bytes(p.closed_days.len());
            for (day, label) in &p.closed_days {
                list.extend(day.0.to_le_bytes());
                list.extend(text_bytes(label.as_deref().unwrap_or("")));
            }
            says.say(87, list);
        }
        Payload::PlanRules(p) => {
            says.text(PROVIDER, p.provider.as_ref());
            says.day(72, p.from_day);
            says.number(88, p.remainder.map(|remainder| remainder as u8));
        }
        Payload::Principal(p) => {
            says.text(60, p.label.as_ref());
            let mut list = count_bytes(p.scopes.len());
            for (merchant, source) in &p.scopes {
                list.extend(merchant.0.to_le_bytes());
                list.push(*source as u8);
            }
            says.say(89, list);
            says.unless_zero(90, u8::from(p.revoked));
        }
        _ => {}
    }
}

fn fee_plan(p: &FeePlan, says: &mut Says) {
    says.text(PROVIDER, Some(&p.provider));
    says.day(72, p.from_day);
    says.day(73, p.until_day);
    says.unless_zero(74, p.installments_count);
    says.unless_zero(75, p.deferred_days);
    says.unless_zero(76, p.deferred_months);
    says.unless_zero(77, p.merchant_fee_bps);
    says.money(78, p.merchant_fee_fixed);
    says.unless_zero(79, p.tax_bps);
    says.unless_zero(80, p.customer_fee_bps);
    says.money(81, p.purchase_least);
    says.money(82, p.purchase_most);
    says.number(83, p.rounding.map(|rounding| rounding as u8));
    says.number(84, p.rounding_scope.map(|scope| scope as u8));
    says.number(85, p.payout_rule.map(|rule| rule as u8));
    says.unless_zero(86, p.payout_day);
}

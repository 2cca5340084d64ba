//! Oney's report of three parts, and maps that people write for other providers.

use talon_statements::Map;

use crate::told::told;

#[test]
fn a_row_of_oney_makes_a_line_for_each_transfer() {
    let file = "\
Transaction_reference;Operation_date;Operation_type;Purchase_amount;Payment_amount;Transfer_ID;Commission_amount;Payment_amount_2;Transfer_ID_2;Commission_amount_2
R1;24/11/2026;PURCHASE;300,00;100,00;1;2,50;200,00;1;5,00
R2;24/11/2026;CANCELLATION;-150,00;;;;-150,00;1;0,00
";
    assert_eq!(
        told(file.as_bytes(), &Map::oney().expect("a map"), false),
        "2: payment 100.00 fee=-2.50 native=deposit in=1 reference=R1 booked=2026-11-24 at=2026-11-24T00:00:00Z\n\
         2: payment 200.00 fee=-5.00 native=funding in=1 reference=R1 booked=2026-11-24 at=2026-11-24T00:00:00Z\n\
         3: refund -150.00 fee=-0.00 native=funding in=1 reference=R2 booked=2026-11-24 at=2026-11-24T00:00:00Z"
    );
}

/// Directions by column, a time zone, a currency a row: settlement details in the manner of Adyen.
#[test]
fn debits_and_credits_may_stand_in_two_columns() {
    let map = r#"
format = "adyen.settlement"
provider = "adyen"
decimal = "point"
zone = "UTC"
personal = ["Shopper"]
[columns]
line_id = "Modification Reference"
payment_id = "Psp Reference"
happened_at = "Creation Date"
kind = "Type"
currency = "Gross Currency"
debit = "Gross Debit (GC)"
credit = "Gross Credit (GC)"
net_debit = "Net Debit (NC)"
net_credit = "Net Credit (NC)"
fee = "Commission (NC)"
[kinds]
Settled = "payment"
Chargeback = "chargeback"
"#;
    let file = "\
Psp Reference,Creation Date,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Debit (NC),Net Credit (NC),Commission (NC),Shopper
P1,2013-06-03 11:26:49,Settled,M1,GBP,,5.00,,4.88,0.12,x
P2,2013-03-26 22:37:26,Chargeback,M2,EUR,349.99,,357.49,,7.5,x
P3,2013-03-26 22:37:26,Chargeback,M3,EUR,1.00,2.00,,,,x
P4,2013-03-26 22:37:26,Chargeback,M4,euro,1.00,,,,,x
";
    assert_eq!(
        told(file.as_bytes(), &Map::parse(map).expect("a map"), false),
        "2: payment 5.00 fee=-0.12 net=4.88 id=M1 native=Settled payment=P1 booked=2013-06-03 at=2013-06-03T11:26:49Z\n\
         3: chargeback -349.99 fee=-7.50 net=-357.49 id=M2 native=Chargeback payment=P2 booked=2013-03-26 \
         at=2013-03-26T22:37:26Z\n\
         4: REFUSED 308 amount_must_have_one_direction \"Gross Debit (GC)\"\n\
         5: REFUSED 311 currency_must_be_three_capitals \"Gross Currency\""
    );
}

/// Amounts without a sign whose way follows from what they are, in the manner of Klarna.
#[test]
fn a_direction_may_follow_from_the_kind() {
    let map = r#"
format = "klarna.settlement"
currency = "EUR"
decimal = "point"
signs = "by_kind"
credits = ["SALE", "FEE_REFUND"]
debits = ["RETURN", "FEE"]
[columns]
line_id = "capture_id"
kind = "type"
value_day = "sale_date"
amount = "amount"
included_in_payout_id = "payment_reference"
[kinds]
SALE = "payment"
RETURN = "refund"
FEE = "fee"
FEE_REFUND = "fee_waiver"
"#;
    let file = "type;capture_id;sale_date;amount;payment_reference\nSALE;c1;2026-11-24;10.00;p\nFEE;c2;2026-11-24;0.30;p\n\
                RETURN;c3;2026-11-24;4;p\nTAX;c4;2026-11-24;1;p\n";
    assert_eq!(
        told(file.as_bytes(), &Map::parse(map).expect("a map"), false),
        "2: payment 10.00 id=c1 native=SALE in=p booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z\n\
         3: fee -0.30 id=c2 native=FEE in=p booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z\n\
         4: refund -4.00 id=c3 native=RETURN in=p booked=2026-11-24 value=2026-11-24 at=2026-11-24T00:00:00Z\n\
         5: REFUSED 315 kind_must_have_a_direction \"type\"\n\
         5: LOOK kind_is_unknown \"\""
    );
}

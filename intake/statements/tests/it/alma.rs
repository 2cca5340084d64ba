//! Alma: its accounting export as CSV and XLSX, and the balance transactions of its API.

use crate::told::alma;

const HEADER: &str = "Créée (Heure Europe/Paris);Montant brut (centimes);Frais Alma (centimes);Montant net (centimes);\
                      Montant TVA (centimes);Nombre d'échéances;Nom client;Email client;Identifiant ligne comptable;\
                      Identifiant paiement;Identifiant remboursement";

#[test]
fn the_published_example_is_read_as_it_stands() {
    let file = format!(
        "{HEADER}\n2026-11-24 10:00:00;12000;456;11544;91;3;Durand;d@exemple.fr;balance_txn_1;payment_a;\n\
         2026-11-24 23:30:00;-5000;0;-5000;;3;Durand;d@exemple.fr;balance_txn_2;payment_a;refund_1\n"
    );
    assert_eq!(
        alma(file),
        "2: payment 120.00 fee=-4.56 tax=-0.91 net=115.44 id=balance_txn_1 payment=payment_a booked=2026-11-24 \
         at=2026-11-24T09:00:00Z\n\
         3: refund -50.00 fee=-0.00 net=-50.00 id=balance_txn_2 payment=payment_a refund=refund_1 booked=2026-11-24 \
         at=2026-11-24T22:30:00Z"
    );
}

/// Made by openpyxl: a title above the header, dates as dates, as text and as bare numbers, columns in another order.
#[test]
fn a_sheet_is_read_as_its_csv_is() {
    assert_eq!(
        alma(include_bytes!("../files/alma.xlsx")),
        "3: LOOK column_is_unknown \"Remarque\"\n\
         4: payment 120.00 fee=-4.56 tax=-0.91 net=115.44 id=balance_txn_1 payment=payment_a booked=2026-11-24 \
         at=2026-11-24T09:00:00Z\n\
         5: refund -50.00 fee=-0.00 net=-50.00 id=balance_txn_2 payment=payment_a refund=refund_1 booked=2026-11-24 \
         at=2026-11-24T09:05:00Z\n\
         6: payment 1.00 fee=-0.03 tax=-0.01 net=0.97 id=balance_txn_3 payment=payment_b booked=2026-11-25 \
         at=2026-11-25T09:00:00Z\n\
         7: REFUSED 304 amount_must_be_readable \"Montant net (centimes)\""
    );
}

/// A cell that says that it stands further out than any column: the row is read as far as it goes.
#[test]
fn a_column_that_is_far_out_costs_nothing_but_its_cell() {
    let told = alma(include_bytes!("../files/column-far-out.xlsx"));
    assert!(
        told.contains("4: payment 120.00") && told.contains("6: payment 1.00") && told.contains("7: REFUSED"),
        "{told}"
    );
}

const PAGE: &str = r#"{"data": [
  {"id": "balance_txn_1", "merchant_id": "merchant_x", "amount": 30000, "net_amount": 29240, "merchant_fee": 760,
   "payment_id": "payment_11x", "refund_id": null, "payout_id": null, "included_in_payout_id": "payout_4z",
   "kind": "from_transaction", "comment": "Mme Durand", "available_on": 1764201600, "created": 1764054000,
   "updated": 1764054001},
  {"id": "balance_txn_2", "amount": -29240, "net_amount": -29240, "merchant_fee": 0, "payout_id": "payout_4z",
   "kind": "from_payout", "created": 1764230400},
  {"id": "balance_txn_3", "amount": 150, "net_amount": 150, "merchant_fee": 0, "kind": "from_fee_waiver",
   "created": 1764230400, "colour": "blue"},
  {"id": "balance_txn_4", "amount": 1, "kind": "from_the_moon", "created": 1764230400},
  {"id": "balance_txn_5", "amount": "1", "kind": "from_adjustment", "created": 1764230400},
  {"id": "balance_txn_6", "amount": 1, "kind": "from_adjustment"},
  {"id": "balance_txn_7", "amount": 0, "net_amount": 0, "kind": "from_payout", "payout_id": "payout_5",
   "created": 1764230400}
], "has_more": false}"#;

#[test]
fn balance_transactions_are_read_object_by_object() {
    let told = "\
1: payment 300.00 fee=-7.60 net=292.40 id=balance_txn_1 native=from_transaction payment=payment_11x in=payout_4z \
booked=2025-11-25 value=2025-11-27 revision=1764054001 at=2025-11-25T07:00:00Z
2: payout -292.40 fee=-0.00 net=-292.40 id=balance_txn_2 native=from_payout payout=payout_4z booked=2025-11-27 \
at=2025-11-27T08:00:00Z
3: fee_waiver 1.50 fee=-0.00 net=1.50 id=balance_txn_3 native=from_fee_waiver booked=2025-11-27 at=2025-11-27T08:00:00Z
3: LOOK column_is_unknown \"colour\"
4: adjustment 0.01 id=balance_txn_4 native=from_the_moon booked=2025-11-27 at=2025-11-27T08:00:00Z
4: LOOK kind_is_unknown \"\"
5: REFUSED 304 amount_must_be_readable \"amount\"
6: REFUSED 303 field_must_be_stated \"created\"
7: payout 0.00 net=0.00 id=balance_txn_7 native=from_payout payout=payout_5 booked=2025-11-27 at=2025-11-27T08:00:00Z";
    assert_eq!(alma(PAGE), told);
    // As an array, and as an object a line: the same rows.
    let array = PAGE.trim_start_matches("{\"data\": ").trim_end_matches(", \"has_more\": false}");
    assert_eq!(alma(array), told);
    let objects: Vec<serde_json::Value> = serde_json::from_str(array).expect("json");
    let lines: Vec<_> = objects.iter().map(ToString::to_string).collect();
    assert_eq!(alma(lines.join("\n")), told);
}

#[test]
fn a_payout_that_is_not_its_lines_is_named() {
    let less = PAGE.replace("\"amount\": -29240, \"net_amount\": -29240", "\"amount\": -29239, \"net_amount\": -29239");
    assert!(alma(less).ends_with("FILE payout_is_not_its_lines \"payout_4z\""));
}

/// Goldens that the provider publishes: a payout is negative on the merchant's balance.
#[test]
fn the_published_payout_is_a_debit() {
    let object = r#"[{"id":"b","amount":-283462,"net_amount":-283462,"merchant_fee":0,"kind":"from_payout","created":1764230400}]"#;
    assert!(alma(object).starts_with("1: payout -2834.62 fee=-0.00 net=-2834.62 id=b"), "{}", alma(object));
}

#[test]
fn a_file_that_ends_in_the_middle_is_read_as_far_as_it_goes() {
    let cut = &PAGE[..PAGE.find("balance_txn_3").expect("an object")];
    let told = alma(cut);
    assert!(told.lines().nth(1).is_some_and(|line| line.starts_with("2: payout")), "{told}");
    assert!(told.ends_with("3: REFUSED 314 file_must_be_whole \"\""), "{told}");
    assert_eq!(alma("{\"data\": [1]}"), "1: REFUSED 313 object_must_be_a_balance_transaction \"\"");
    assert_eq!(alma("[]"), "");
    let deep = "[".repeat(100_000);
    assert_eq!(alma(deep), "1: REFUSED 313 object_must_be_a_balance_transaction \"\"");
    let long = format!("[{{\"id\": \"{}\"", "x".repeat(3 << 20));
    assert_eq!(alma(long), "1: REFUSED 313 object_must_be_a_balance_transaction \"\"");
}

//! Tables as text, to the letter.

use talon_exports::{Convention, comma};

use crate::tables::sample;

#[test]
fn programs_read_points_names_and_iso_days() {
    let text = comma(&sample(), Convention::Plain);
    let rest = "2025-11-24,2025-11-24T17:00:00.123456+01:00,123456,1234.56,EUR,late,true";
    let expected = [
        "id,sold_on,at,count,amount,currency,status,open".to_owned(),
        format!("\"'=HYPERLINK(\"\"evil\"\")\",{rest}"),
        "'+33,2025-11-24,2025-11-24T17:00:00.123457+01:00,123457,-1234.57,EUR,late,true".to_owned(),
        "'-1+2,2025-11-24,2025-11-24T17:00:00.123458+01:00,123458,1234.58,EUR,late,true".to_owned(),
        "'@SUM(A1),2025-11-24,2025-11-24T17:00:00.123459+01:00,123459,-1234.59,EUR,late,true".to_owned(),
        "'\t=1,2025-11-24,2025-11-24T17:00:00.123460+01:00,123460,1234.60,EUR,late,true".to_owned(),
        "\"'\r=1\",2025-11-24,2025-11-24T17:00:00.123461+01:00,123461,-1234.61,EUR,late,true".to_owned(),
        "\"a;b,\"\"c\"\"\nd\",2025-11-24,2025-11-24T17:00:00.123462+01:00,123462,1234.62,EUR,late,true".to_owned(),
        "00042,2025-11-24,2025-11-24T17:00:00.123463+01:00,123463,-1234.63,EUR,late,true".to_owned(),
        "_x0041_\u{1}\u{202e}é,2025-11-24,2025-11-24T17:00:00.123464+01:00,123464,1234.64,EUR,late,true".to_owned(),
        "huge,,,9223372036854775807,92233720368547758.07,EUR,\"late, late\",false\n".to_owned(),
    ];
    assert_eq!(text, expected.join("\n"));
}

#[test]
fn a_french_spreadsheet_opens_commas_days_and_words() {
    let text = comma(&sample(), Convention::French);
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}Identifiant;Vendu le;À;Nombre;Montant;Devise;'=État;Ouvert");
    assert_eq!(
        lines[1],
        "\"'=HYPERLINK(\"\"evil\"\")\";24/11/2025;24/11/2025 17:00:00 +01:00;123456;1234,56;EUR;en retard;oui"
    );
    assert_eq!(lines[2], "'+33;24/11/2025;24/11/2025 17:00:00 +01:00;123457;-1234,57;EUR;en retard;oui");
    assert_eq!(lines[7], "\"a;b,\"\"c\"\"\nd\";24/11/2025;24/11/2025 17:00:00 +01:00;123462;1234,62;EUR;en retard;oui");
    assert_eq!(lines[10], "huge;;;9223372036854775807;92233720368547758,07;EUR;en retard, en retard;non");
    assert_eq!((lines.len(), lines[11]), (12, ""));
}

//! A pin reads back as it was written, and whatever is no pin is refused by a code that repeats nothing of it.

use super::*;

const LEDGER: &str = "019ab9f4-d580-7aaa-8bbb-0102030405aa";

fn pin() -> Pin {
    let head = |size| TreeHead { size, root: talon_tlog::leaf_hash(&[7]) };
    let heads = [(PartitionId(0), head(1)), (PartitionId(3), head(0)), (PartitionId(63), head(u64::MAX))];
    Pin::of(LedgerId::parse(LEDGER).unwrap(), Instant(1_795_597_200_125_000), heads).unwrap()
}

#[test]
fn a_pin_reads_back_as_it_was_written() {
    let text = pin().encode();
    assert_eq!(Pin::parse(text.as_bytes()), Ok(pin()));
    assert_eq!(pin().partitions().len(), 2, "a partition without records is not pinned");
    assert_eq!(pin().time(), "2026-11-25T09:00:00.125Z");
    let laid_out: serde_json::Value = serde_json::from_str(&text).unwrap();
    let laid_out = serde_json::to_string_pretty(&laid_out).unwrap();
    assert_eq!(Pin::parse(laid_out.as_bytes()), Ok(pin()), "its layout says nothing");
    let nothing = Pin::of(LedgerId::parse(LEDGER).unwrap(), Instant(0), []);
    assert_eq!(nothing, None);
}

#[test]
fn what_is_no_pin_is_refused_by_its_code() {
    let text = pin().encode();
    let root = talon_tlog::leaf_hash(&[7]).to_string();
    let entries = text.split_once("[\n").unwrap().1.split_once("\n]").unwrap().0;
    let first = entries.lines().next().unwrap().trim_end_matches(',');
    for (from, to, code) in [
        ("{\"talon_pin\"", "{talon_pin", "pin_must_be_json"),
        ("\n]}", "\n]", "pin_must_be_json"),
        ("\n]}", "\n]} {}", "pin_must_be_json"),
        ("\"talon_pin\":1", "\"talon_pin\":2", "pin_form_must_be_known"),
        ("\"talon_pin\":1", "\"talon_pin\":\"1\"", "pin_form_must_be_known"),
        ("\"talon_pin\":1", "\"type\":\"root\"", "pin_form_must_be_known"),
        ("\"talon_pin\":1", "\"talon_pin\":1,\"talon_pin\":1", "pin_form_must_be_known"),
        ("\"talon_pin\":1", "\"talon_pin\":1,\"signature\":\"x\"", "pin_must_have_its_fields"),
        ("\"time\"", "\"ledger\":\"x\",\"time\"", "pin_must_have_its_fields"),
        ("\"size\":1,", "", "pin_must_have_its_fields"),
        ("\"size\":1,", "\"size\":1.0,", "pin_must_have_its_fields"),
        ("\"size\":1,", "\"size\":-1,", "pin_must_have_its_fields"),
        ("\"size\":1,", "\"size\":1,\"size\":1,", "pin_must_have_its_fields"),
        ("\"size\":1,", "\"size\":1,\"end\":1,", "pin_must_have_its_fields"),
        ("\"partition\":63", "\"partition\":65599", "pin_must_have_its_fields"),
        (first, &format!("[0,1,\"{root}\"]"), "pin_must_have_its_fields: line 2, column 1"),
        (LEDGER, "019AB9F4-d580-7aaa-8bbb-0102030405aa", "pin_must_name_a_ledger"),
        (LEDGER, "", "pin_must_name_a_ledger"),
        ("09:00:00.125Z", "09:00:00.125+00:00", "pin_must_have_a_time"),
        ("09:00:00.125Z", "09:00:00.1Z", "pin_must_have_a_time"),
        ("2026", "\\u001b2026", "pin_must_have_a_time"),
        ("\"size\":1,", "\"size\":0,", "pin_must_name_partitions_in_order: entry 1"),
        ("\"partition\":63", "\"partition\":64", "pin_must_name_partitions_in_order: entry 2"),
        ("\"partition\":63", "\"partition\":0", "pin_must_name_partitions_in_order: entry 2"),
        (entries, "", "pin_must_name_partitions_in_order: entry 1"),
        (entries, &[first; 900].join(","), "pin_must_be_small"),
        (&root, &root.to_uppercase(), "pin_must_have_roots: entry 1"),
        (&root, &root[1..], "pin_must_have_roots: entry 1"),
    ] {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from} is not there");
        let error = Pin::parse(other.as_bytes()).expect_err(&other);
        assert!(error.to_string().starts_with(code), "{from} -> {to}: {error}");
        assert_eq!(error.kind(), ErrorKind::Rejected);
    }
    for (bytes, code) in
        [(&b""[..], "pin_must_be_json"), (b"\xff", "pin_must_be_json"), (b"7", "pin_form_must_be_known")]
    {
        assert!(Pin::parse(bytes).expect_err("no pin").to_string().starts_with(code), "{bytes:?}");
    }
}

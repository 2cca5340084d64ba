//! All files of an export: the same bytes, and a manifest that is true of them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use talon_domain::anomaly::Language;
use talon_exports::{File, files};

use crate::tables::sample;

fn made() -> Vec<File> {
    let Value::Object(said) = json!({ "from": "2025-11-24", "merchants": ["732829320"] }) else { return Vec::new() };
    files(&[sample()], &said, Language::French).expect("files")
}

#[test]
fn the_same_tables_are_the_same_files() {
    assert!(made() == made());
    let paths: Vec<_> = made().into_iter().map(|file| file.path).collect();
    let expected =
        ["DICTIONARY.md", "csv-fr/samples.csv", "csv/samples.csv", "talon.sqlite", "talon.xlsx", "MANIFEST.json"];
    assert_eq!(paths, expected);
}

#[test]
fn the_manifest_names_each_file_by_its_sum() {
    let files = made();
    let manifest: Map<String, Value> = serde_json::from_slice(&files[5].bytes).expect("json");
    assert_eq!((&manifest["schema"], &manifest["from"]), (&json!(1), &json!("2025-11-24")));
    let named = manifest["files"].as_array().expect("files");
    assert_eq!(named.len(), 5);
    for (file, said) in files.iter().zip(named) {
        let sum = Sha256::digest(&file.bytes).iter().fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
        assert_eq!(said, &json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": sum }));
    }
    // 1234.56 - 1234.57 + ... + 1234.64, and the huge one.
    let sums = json!([{ "column": "amount", "currency": "EUR", "minorUnits": (9_223_372_036_854_775_807_i128 + 123_460).to_string() }]);
    assert_eq!(manifest["tables"], json!([{ "name": "samples", "rows": 10, "sums": sums }]));
}

#[test]
fn the_dictionary_has_a_line_for_each_column() {
    let text = String::from_utf8(made()[0].bytes.clone()).expect("text");
    assert!(
        text.contains(
            "\n## samples\n\nLes [échantillons] : un nom beaucoup trop long / Samples. A sample. Key: `id`.\n"
        ),
        "{text}"
    );
    for column in sample().columns {
        let [french, english] = column.head;
        let line = format!("| `{}` | {french} / {english} | {} | Said in a test. |", column.name, column.kind.name());
        assert!(text.contains(&line), "{line}");
    }
}

//! The reference's own verdicts on files at the moderately sensitive level.

use std::{fs, path::PathBuf};

use glovebox_levels::{Level, Limits, Reason, check_bytes};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    filename: String,
    max_size: u64,
    max_rows: u64,
    size: u64,
    ok: bool,
    reasons: Vec<String>,
    row_count: Option<u64>,
    col_count: Option<u64>,
    content_hex: Option<String>,
    #[serde(default)]
    stricter_than_reference: bool,
}

impl Case {
    /// The bytes of the file; those of generated cases are made to fit their size.
    fn content(&self) -> Vec<u8> {
        if let Some(hex) = &self.content_hex {
            return base16ct::mixed::decode_vec(hex).expect("hex");
        }
        let size = usize::try_from(self.size).expect("size");
        if self.name.contains("field_over_131072") {
            let mut bytes = b"patient_id,y\n".to_vec();
            bytes.resize(size - 3, b'x');
            bytes.extend(b",1\n");
            bytes
        } else if let Some(rows) = self.row_count {
            generated_rows(self, usize::try_from(rows).expect("rows"), size)
        } else {
            vec![b'x'; size]
        }
    }
}

/// A header and as many rows of as many columns as the case says, padded in the last cell.
fn generated_rows(case: &Case, rows: usize, size: usize) -> Vec<u8> {
    let columns = usize::try_from(case.col_count.unwrap_or(1))
        .expect("columns")
        .max(1);
    let mut header: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    if case
        .reasons
        .iter()
        .any(|reason| reason == "patient-id-column")
    {
        header[0] = String::from("patient_id");
    }
    let mut text = header.join(",") + "\n";
    for _ in 0..rows {
        text += &vec!["1"; columns].join(",");
        text.push('\n');
    }
    if let Some(missing) = size.checked_sub(text.len()).filter(|_| rows > 0) {
        text.pop();
        text += &"1".repeat(missing);
        text.push('\n');
    }
    text.into_bytes()
}

fn cases() -> PathBuf {
    std::env::var_os("GLOVEBOX_CASES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance")),
        PathBuf::from,
    )
}

#[test]
fn conformance_outputs_l4() {
    let path = cases().join("outputs.jsonl");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut ran = 0;
    let mut wrong = Vec::new();
    for line in text.lines() {
        let kind: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if kind["kind"] != "l4" {
            continue;
        }
        let case: Case = serde_json::from_value(kind).expect("a case");
        ran += 1;
        let limits = Limits {
            max_size: case.max_size,
            max_rows: case.max_rows,
        };
        let content = case.content();
        let check = check_bytes(
            &case.filename,
            content.as_slice(),
            content.len() as u64,
            Level::ModeratelySensitive,
            &limits,
        )
        .expect("bytes in memory are readable");
        let codes: Vec<_> = check.reasons.iter().map(Reason::code).collect();
        let same = check.ok == case.ok
            && (case.content_hex.is_none() || check.size == case.size)
            && (case.stricter_than_reference
                || (codes == case.reasons
                    && check.row_count == case.row_count
                    && check.col_count == case.col_count));
        if !same {
            wrong.push(format!("{}: {check:?}", case.name));
        }
    }
    println!("ran {ran} cases of kind l4");
    assert!(ran > 0, "{path:?} has no case of kind l4");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

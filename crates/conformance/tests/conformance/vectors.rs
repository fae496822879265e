//! Vector files.

use serde_json::{Value, json};

use crate::run::{Run, read, vectors};

const KDF: &str = "kdf.json";

fn cases(file: &Value) -> usize {
    file["cases"].as_array().unwrap().len()
}

#[test]
fn a_file_passes_case_by_case() {
    let all = cases(&read(KDF));
    let run = Run::of([vectors(KDF)]);
    assert_eq!((run.code, run.last()), (Some(0), &*format!("{all} passed, 0 failed")));
    assert_eq!(run.lines.len(), 2, "the file and the sum: {:?}", run.lines);
    assert!(run.lines[0].ends_with(&format!("kdf.json: {all} of {all} cases")));
}

#[test]
fn json_is_one_object_a_case() {
    let file = read(KDF);
    let run = Run::of(["--json".as_ref(), vectors(KDF).as_os_str()]);
    let objects: Vec<Value> = run.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(run.code, Some(0));
    assert_eq!(objects.len(), cases(&file));
    for (object, case) in objects.iter().zip(file["cases"].as_array().unwrap()) {
        assert_eq!(
            (&object["id"], &object["result"], &object["detail"]),
            (&case["id"], &json!("passed"), &Value::Null)
        );
        assert!(object["file"].as_str().unwrap().ends_with("kdf.json"));
    }
}

#[test]
fn only_takes_ids_and_names_of_files() {
    let file = read(KDF);
    let id = file["cases"][0]["id"].as_str().unwrap();
    let same =
        file["cases"].as_array().unwrap().iter().filter(|case| case["id"].as_str().unwrap().contains(id)).count();
    let of = |only: &str| Run::of(["--only".as_ref(), only.as_ref(), vectors(KDF).as_os_str()]);
    assert_eq!(of(id).last(), format!("{same} passed, 0 failed"));
    assert_eq!(of("kdf.js").last(), format!("{} passed, 0 failed", cases(&file)));
    // Nothing was checked, so nothing is well.
    let nothing = of("no such case");
    assert_eq!((nothing.code, nothing.last()), (Some(1), "0 passed, 0 failed"));
}

#[test]
fn one_wrong_value_fails_its_case_alone() {
    let mut file = read(KDF);
    let case = file["cases"].as_array_mut().unwrap().iter_mut().find(|case| case["kind"] == "derived").unwrap();
    let id = case["id"].as_str().unwrap().to_owned();
    case["aes_key"] = json!("00".repeat(32));
    let run = Run::of_content("one_wrong_value", file.to_string());
    assert_eq!((run.code, run.last()), (Some(1), &*format!("{} passed, 1 failed", cases(&file) - 1)));
    assert!(run.lines.iter().any(|line| line.trim_start().starts_with(&format!("{id}: aes_key: expected 00"))));
}

/// What must be refused is not passed for another reason, or because it is accepted.
#[test]
fn a_case_that_must_be_refused_fails_when_it_is_not_or_for_another_reason() {
    let invalid = |edit: fn(&mut Value)| {
        let mut file = read("envelope.json");
        let cases = file["cases"].as_array_mut().unwrap();
        cases.retain(|case| case["result"] == "invalid");
        cases.truncate(1);
        edit(&mut cases[0]);
        Run::of_content(&format!("invalid_{}", file["cases"][0]["error"].as_str().unwrap()), file.to_string())
    };
    assert_eq!(invalid(|_| {}).code, Some(0));
    assert_eq!(invalid(|case| case["error"] = json!("UnknownLayer")).last(), "0 passed, 1 failed");

    let mut file = read("envelope.json");
    let cases = file["cases"].as_array_mut().unwrap();
    cases.retain(|case| case["result"] == "valid");
    cases.truncate(1);
    (cases[0]["result"], cases[0]["error"]) = (json!("invalid"), json!("NotAuthentic"));
    let run = Run::of_content("accepted", file.to_string());
    assert!(run.lines.iter().any(|line| line.contains("expected NotAuthentic, actual no error")), "{:?}", run.lines);
}

/// Runs a recorded chat in which one thing of a step of this kind and end is another, with the file's own name.
fn changed_client(name: &str, is_of_client: bool, has: &str, change: impl Fn(&mut Value)) -> Run {
    let mut file = read("telethon.json");
    file["cases"].as_array_mut().unwrap().truncate(1);
    let case = &mut file["cases"][0];
    let client = case["client"].clone();
    let steps = case["steps"].as_array_mut().unwrap();
    let is_wanted = |step: &&mut Value| {
        let value = step.pointer(has);
        (step["end"] == client) == is_of_client && value.is_some_and(|value| !value.is_null())
    };
    change(steps.iter_mut().rfind(is_wanted).unwrap().pointer_mut(has).unwrap());
    Run::of_content(name, file.to_string())
}

/// Changes the last byte, or the number, or a letter.
fn other(value: &mut Value) {
    *value = match value.as_str() {
        None => json!(value.as_i64().unwrap() + 1),
        Some(text) => match hex::decode(text) {
            Ok(mut bytes) if !bytes.is_empty() => {
                *bytes.last_mut().unwrap() ^= 1;
                json!(hex::encode(bytes))
            }
            _ => json!(format!("{text}x")),
        },
    };
}

// A real client made and read what stands there.
#[test]
fn whatever_is_another_in_a_chat_with_a_real_client_fails() {
    assert_eq!(changed_client("client", true, "/call", |_| {}).last(), "1 passed, 0 failed");
    let ours = [
        "/public",
        "/draws/0",
        "/draws/2",
        "/sent/0/accept",
        "/sent/0/fingerprint",
        "/sent/0/ciphertext",
        "/bytes",
        "/handled",
        "/told/0",
        "/text",
        "/entities/0/length",
        "/media/w",
        "/seconds",
        "/random_ids/0",
        "/decoded/message/message",
        "/decoded/message/ttl",
        "/decoded/message/random_id",
        "/decoded/layer",
        "/decoded/message/media/key",
        "/decoded/message/media/thumb_w",
        "/decoded/message/entities/0/_",
    ];
    for (n, field) in ours.into_iter().enumerate() {
        changed_client(&format!("client_ours_{n}"), false, field, other).fails();
    }
    changed_client("client_theirs", true, "/sent/0/ciphertext", other).fails();
}

#[test]
fn what_is_no_vector_file_fails() {
    for (name, content, why) in [
        ("unknown_format", r#"{"format":"secretchat/unknown-1","cases":[{"id":"a"}]}"#, "unknown format"),
        ("no_cases", r#"{"format":"secretchat/kdf-1","cases":[]}"#, "no cases"),
        ("no_list", r#"{"format":"secretchat/kdf-1"}"#, "no cases"),
        ("no_format", r#"{"cases":[{"id":"a"}]}"#, "no format"),
        ("no_json", "{", "EOF"),
        ("empty", "", "EOF"),
    ] {
        let run = Run::of_content(name, content);
        assert!(run.fails().contains(why), "{name}: {:?}", run.lines);
    }
    let not_text = Run::of_content("not_text", [0xff, 0xfe]);
    assert!(not_text.fails().contains("utf-8"));
}

#[test]
fn a_case_of_no_known_kind_or_without_its_fields_fails() {
    for (name, case) in [("no_kind", json!({"id": "a"})), ("no_fields", json!({"id": "a", "kind": "derived"}))] {
        let file = json!({"format": "secretchat/kdf-1", "cases": [case]});
        assert_eq!(Run::of_content(name, file.to_string()).last(), "0 passed, 1 failed", "{name}");
    }
}

#[test]
fn a_path_without_files_fails_and_no_path_is_a_wrong_call() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_files");
    std::fs::create_dir_all(&folder).unwrap();
    assert_eq!(Run::of([&folder]).fails(), "no files");
    Run::of([folder.join("is not there")]).fails();
    for wrong in [&[][..], &["--only"], &["--json"], &["--all", "test-vectors"]] {
        assert_eq!(Run::of(wrong).code, Some(2), "{wrong:?}");
    }
}

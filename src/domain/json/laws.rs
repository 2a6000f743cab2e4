//! Looking into a text and splicing it agree with splitting it into members and items, level by level, and writing it
//! anew. That is slow and plain, and here it is the judge.

use indexmap::IndexMap;
use json_patch::jsonptr::{Pointer, PointerBuf, Token};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Json, SpliceError};
use crate::domain::patch::{Op, Operation, Patch};

/// Names as texts of JSON; some are the same name, and some come twice.
const NAMES: [&str; 9] = ["a", "b", r"\u0061", "é", r"\u00e9", "a/b", "m~n", r#"q\"\\"#, ""];
/// Steps of pointers that lead nowhere, most of the time.
const STRAYS: [&str; 9] = ["a", "b", "é", "-", "0", "01", "+1", "7", "new"];

fn documents() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?";
    let string = "[a-zé€😀 /~.,:{}\\[\\]-]{0,8}(\\\\(u00e9|u0041|ud83d\\\\ude00|n|t|\\\\|/|\")){0,3}[a-z]{0,3}";
    let leaf = prop_oneof![
        3 => number,
        3 => string.prop_map(|text| format!("\"{text}\"")),
        1 => select(vec!["null", "true", "false", "{}", "[]", "[ ]", "{\n}"]).prop_map(str::to_owned),
    ];
    let space = || select(vec!["", "", " ", "\n  ", "\t", "\r\n"]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let items = prop::collection::vec((space(), inner.clone(), space()), 0..6);
        let array = items.prop_map(|items| {
            let items: Vec<_> =
                items.into_iter().map(|(before, item, after)| format!("{before}{item}{after}")).collect();
            format!("[{}]", items.join(","))
        });
        let member = (space(), select(&NAMES[..]), space(), space(), inner, space());
        let object = prop::collection::vec(member, 0..6).prop_map(|members| {
            let member = |(s1, name, s2, s3, value, s4)| format!("{s1}\"{name}\"{s2}:{s3}{value}{s4}");
            format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","))
        });
        prop_oneof![array, object.clone(), object]
    })
}

/// How to go down into a document: which child at each level, or a stray step.
fn ways() -> impl Strategy<Value = Vec<(Index, Option<&'static str>)>> {
    prop::collection::vec((any::<Index>(), prop::option::weighted(0.25, select(&STRAYS[..]))), 0..5)
}

fn pointer(document: &Value, way: &[(Index, Option<&'static str>)]) -> PointerBuf {
    let (mut at, mut steps) = (Some(document), Vec::new());
    for (choice, stray) in way {
        let step = match (stray, at) {
            (None, Some(Value::Object(members))) if !members.is_empty() => {
                members.keys().nth(choice.index(members.len())).unwrap().clone()
            }
            (None, Some(Value::Array(items))) if !items.is_empty() => choice.index(items.len()).to_string(),
            (None, _) => break,
            (Some(stray), _) => (*stray).to_owned(),
        };
        at = at.and_then(|at| match at {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => at.get(&step),
        });
        steps.push(step);
    }
    PointerBuf::from_tokens(&steps)
}

fn json(text: &str) -> Option<Json> {
    Json::parse(text.to_owned()).ok()
}

type Members = IndexMap<String, Box<RawValue>>;

fn members(text: &str) -> Members {
    serde_json::from_str(text).unwrap()
}

fn items(text: &str) -> Vec<Box<RawValue>> {
    serde_json::from_str(text).unwrap()
}

fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap()
}

fn index(token: &Token<'_>) -> Option<usize> {
    let text = token.encoded();
    let is_plain = text == "0" || text.starts_with(|first| matches!(first, '1'..='9'));
    text.parse().ok().filter(|_| is_plain)
}

fn plainly_got(text: &str, pointer: &Pointer) -> Option<String> {
    pointer.tokens().try_fold(text.to_owned(), |at, token| {
        Some(match at.as_bytes()[0] {
            b'{' => members(&at).get(token.decoded().as_ref())?.get().to_owned(),
            b'[' => items(&at).get(index(&token)?)?.get().to_owned(),
            _ => return None,
        })
    })
}

fn plainly_spliced(text: &str, pointer: &Pointer, value: &Json) -> Result<String, SpliceError> {
    let tokens: Vec<_> = pointer.tokens().collect();
    splice(text, &tokens, value, pointer)
}

fn splice(at: &str, path: &[Token<'_>], value: &Json, whole: &Pointer) -> Result<String, SpliceError> {
    let Some((token, rest)) = path.split_first() else { return Ok(value.text().to_owned()) };
    let missing = || SpliceError::Missing(whole.to_string());
    match at.as_bytes()[0] {
        b'{' => {
            let mut members = members(at);
            let name = token.decoded().into_owned();
            let child = match (members.get(&name), rest) {
                (_, []) => value.text().to_owned(),
                (Some(child), rest) => splice(child.get(), rest, value, whole)?,
                (None, _) => return Err(missing()),
            };
            members.insert(name, raw(child));
            Ok(serde_json::to_string(&members).unwrap())
        }
        b'[' => {
            let mut items = items(at);
            if token.encoded() == "-" && rest.is_empty() {
                items.push(raw(value.text().to_owned()));
            } else {
                let item = index(token).and_then(|index| items.get_mut(index)).ok_or_else(missing)?;
                *item = raw(splice(item.get(), rest, value, whole)?);
            }
            Ok(serde_json::to_string(&items).unwrap())
        }
        _ => Err(SpliceError::NotAContainer(whole.to_string())),
    }
}

/// The same document without white space and without members that do not count, each number and string as it is written.
fn plain(text: &str) -> String {
    match text.as_bytes()[0] {
        b'{' => {
            let parts = members(text).into_iter().map(|(name, value)| (name, raw(plain(value.get()))));
            serde_json::to_string(&parts.collect::<Members>()).unwrap()
        }
        b'[' => {
            let parts: Vec<_> = items(text).iter().map(|item| raw(plain(item.get()))).collect();
            serde_json::to_string(&parts).unwrap()
        }
        _ => text.to_owned(),
    }
}

/// Whether no byte besides those of the value that gives way has changed or gone.
fn is_kept(before: &str, after: &str, old: usize) -> bool {
    let same = |(one, other): &(u8, u8)| one == other;
    let head = before.bytes().zip(after.bytes()).take_while(same).count();
    let tail = before.bytes().rev().zip(after.bytes().rev()).take_while(same).count();
    before.len().saturating_sub(head + tail) <= old
}

fn cases() -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 400;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_found_is_what_splitting_finds(text in documents(), way in ways()) {
        let Some(document) = json(&text) else { return Ok(()) };
        let pointer = pointer(&document.value(), &way);
        let found = document.get(&pointer);
        prop_assert_eq!(found.as_ref().map(Json::to_string), plainly_got(document.text(), &pointer));
        prop_assert_eq!(document.get_by(&document.outline(), &pointer), found);
    }

    #[test]
    fn a_splice_is_what_writing_anew_makes_of_it(text in documents(), with in documents(), way in ways()) {
        let (Some(before), Some(with)) = (json(&text), json(&with)) else { return Ok(()) };
        let pointer = pointer(&before.value(), &way);
        match (before.with(&pointer, &with), plainly_spliced(before.text(), &pointer, &with)) {
            (Ok(spliced), Ok(anew)) => {
                prop_assert_eq!(plain(spliced.text()), plain(&anew));
                prop_assert!(spliced.get(&pointer).is_none_or(|found| found == with));
                let old = before.get(&pointer).map_or(0, |old| old.text().len());
                prop_assert!(is_kept(before.text(), spliced.text(), old), "{} {}", before, spliced);
            }
            (spliced, anew) => prop_assert_eq!(spliced.map(|json| json.to_string()), anew),
        }
    }

    #[test]
    fn several_splices_are_those_one_after_the_other(
        text in documents(),
        changes in prop::collection::vec((ways(), documents()), 0..6),
    ) {
        let Some(before) = json(&text) else { return Ok(()) };
        let (mut one_by_one, mut all) = (before.clone(), Vec::new());
        for (way, with) in changes {
            let Some(with) = json(&with) else { return Ok(()) };
            let pointer = pointer(&one_by_one.value(), &way);
            if let Ok(after) = one_by_one.with(&pointer, &with) {
                one_by_one = after;
                all.push((pointer, with));
            }
        }
        let at_once = before.with_each(all.iter().map(|(pointer, with)| (&**pointer, with)));
        prop_assert_eq!(at_once, Ok(one_by_one));
    }

    #[test]
    fn a_member_taken_away_is_gone_and_the_others_stay(text in documents(), name in select(&["a", "b", "é", "x"][..])) {
        let Some(before) = json(&text) else { return Ok(()) };
        let after = before.without(name);
        if !before.text().starts_with('{') {
            prop_assert_eq!(after, before);
            return Ok(());
        }
        let mut left = members(before.text());
        left.shift_remove(name);
        prop_assert_eq!(plain(after.text()), plain(&serde_json::to_string(&left).unwrap()));
    }

    #[test]
    fn the_members_of_a_text_are_those_of_its_value(text in documents()) {
        let Some(json) = json(&text) else { return Ok(()) };
        let read = json.members().map(|members| {
            members.into_iter().map(|member| (member.name.to_string(), member.value().unwrap())).collect()
        });
        prop_assert_eq!(read, json.value().as_object().cloned());
    }

    #[test]
    fn a_patch_is_checked_as_if_the_whole_were_patched(
        text in documents(),
        changes in prop::collection::vec((ways(), documents(), select(&[Op::Add, Op::Replace][..])), 1..5),
    ) {
        let Some(before) = json(&text) else { return Ok(()) };
        let view = before.value();
        let operations = changes.iter().filter_map(|(way, with, op)| {
            let path = pointer(&view, way).into();
            Some(Operation { op: *op, path, value: json(with)? })
        });
        let patch = Patch::new(operations.collect());
        let plainly = patch.operations().iter().try_fold(before.to_string(), |text, operation| {
            plainly_spliced(&text, &operation.path, &operation.value)
        });
        let strict: json_patch::Patch = serde_json::from_str(patch.document().text()).unwrap();
        let mut whole = view;
        let is_strict = json_patch::patch(&mut whole, &strict).is_ok();
        let expected = plainly.ok().filter(|text| is_strict && json(text).unwrap().value() == whole);
        let applied = patch.applied_to(&before).ok();
        prop_assert_eq!(applied.map(|json| plain(json.text())), expected.map(|text| plain(&text)));
    }
}

//! A change spliced into a document leaves every other byte of every other value as it was.

use proptest::prelude::*;
use refsheet::domain::json::{Json, SpliceError};

use super::cases;

/// Texts of JSON values as no library of ours would print them.
fn documents() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?";
    let string = "[a-zé€😀 /~.,:{}\\[\\]-]{0,8}(\\\\(u00e9|u0041|ud83d\\\\ude00|n|t|\\\\|/|\")){0,3}[a-z]{0,3}";
    let leaf = prop_oneof![
        3 => number,
        3 => string.prop_map(|text| format!("\"{text}\"")),
        1 => prop::sample::select(vec!["null", "true", "false", "{}", "[]", "[ ]", "{\n}"]).prop_map(str::to_owned),
    ];
    let space = || prop::sample::select(vec!["", "", " ", "\n  ", "\t"]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let items = prop::collection::vec((inner.clone(), space()), 0..6);
        let array = (items, space()).prop_map(|(items, space)| {
            let items: Vec<String> = items.into_iter().map(|(item, after)| format!("{item}{after}")).collect();
            format!("[{space}{}]", items.join(&format!(",{space}")))
        });
        let name = "[a-z0-9é/~. -]{0,6}(\\\\u00fc|\\\\\")?";
        let members = prop::collection::vec((name, inner, space()), 0..6);
        let object = (members, space()).prop_map(|(members, space)| {
            // A name twice in one object has no meaning that could be kept.
            let members = members.into_iter().enumerate();
            let members = members.map(|(at, (name, value, after))| format!("\"{name}{at}\"{after}:{space}{value}"));
            format!("{{{space}{}}}", members.collect::<Vec<_>>().join(&format!(",{space}")))
        });
        prop_oneof![array, object]
    })
}

/// The pointers to all values, each before those inside of it, and the text of what has nothing inside.
fn places(json: &Json) -> Vec<(Vec<String>, Option<String>)> {
    fn walk(value: &serde_json::Value, path: &[String], to: &mut Vec<Vec<String>>) {
        to.push(path.to_vec());
        let inner: Vec<(String, &serde_json::Value)> = match value {
            serde_json::Value::Array(items) => {
                (0..).zip(items).map(|(at, item): (i32, _)| (at.to_string(), item)).collect()
            }
            serde_json::Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
            _ => return,
        };
        for (step, value) in inner {
            walk(value, &[path, &[step]].concat(), to);
        }
    }
    let mut paths = Vec::new();
    walk(&json.value(), &[], &mut paths);
    let text = |path: &Vec<String>| {
        let text = json.get(&pointer(path)).unwrap().text().to_owned();
        Some(text).filter(|text| !text.starts_with(['{', '[']))
    };
    paths
        .into_iter()
        .map(|path| {
            let text = text(&path);
            (path, text)
        })
        .collect()
}

fn pointer(path: &[String]) -> json_patch::jsonptr::PointerBuf {
    json_patch::jsonptr::PointerBuf::from_tokens(path)
}

fn json(text: &str) -> Option<Json> {
    Json::parse(text.to_owned()).ok()
}

/// Whether a place is that of the change or inside of it.
fn is_within(path: &[String], target: &[String]) -> bool {
    path.len() >= target.len() && path[..target.len()] == *target
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_splice_changes_one_value_and_no_other(
        text in documents(),
        with in documents(),
        choice in any::<prop::sample::Index>(),
    ) {
        // Numbers beyond all doubles are no documents.
        let (Some(before), Some(with)) = (json(&text), json(&with)) else { return Ok(()) };
        let all = places(&before);
        let (target, _) = choice.get(&all);
        let after = before.with(&pointer(target), &with).unwrap();
        prop_assert_eq!(after.get(&pointer(target)), Some(with.clone()));
        for (path, text) in all.iter().filter(|(path, _)| !is_within(path, target)) {
            let now = after.get(&pointer(path)).unwrap();
            prop_assert!(text.as_ref().is_none_or(|text| now.text() == text), "{path:?}");
        }
        let outside = |json: &Json| places(json).iter().filter(|(path, _)| !is_within(path, target)).count();
        prop_assert_eq!(outside(&after), outside(&before));
        // The other reader of patches finds the same document.
        let mut value = before.value();
        *value.pointer_mut(pointer(target).as_str()).unwrap() = with.value();
        prop_assert_eq!(after.value(), value);
    }

    #[test]
    fn a_member_added_or_taken_away_leaves_the_others(text in documents(), with in documents()) {
        let (Some(before), Some(with)) = (json(&text), json(&with)) else { return Ok(()) };
        let added = before.with(&pointer(&["new member".to_owned()]), &with);
        if !before.value().is_object() {
            let is_refused = matches!(added, Err(SpliceError::NotAContainer(_) | SpliceError::Missing(_)));
            prop_assert!(is_refused, "{text}");
            return Ok(());
        }
        let added = added.unwrap();
        prop_assert_eq!(places(&added).len(), places(&before).len() + places(&with).len());
        for (path, text) in places(&before) {
            prop_assert!(text.is_none_or(|text| added.get(&pointer(&path)).unwrap().text() == text), "{path:?}");
        }
        prop_assert_eq!(places(&added.without("new member")), places(&before));
        prop_assert_eq!(places(&added.without("no such member")), places(&added));
    }

    #[test]
    fn an_item_is_appended_behind_the_others(items in prop::collection::vec(documents(), 0..5), with in documents()) {
        let Some(before) = json(&format!("[{}]", items.join(" , "))) else { return Ok(()) };
        let Some(with) = json(&with) else { return Ok(()) };
        let after = before.with(&pointer(&["-".to_owned()]), &with).unwrap();
        for (at, item) in items.iter().map(String::as_str).chain([with.text()]).enumerate() {
            prop_assert_eq!(after.get(&pointer(&[at.to_string()])), json(item));
        }
    }

    #[test]
    fn no_text_and_no_pointer_makes_it_stumble(
        text in "[\\[\\]{}\":,0-9a-z\\\\.eE+\\-\n ]{0,30}",
        path in prop::collection::vec("[-+0-9a-z~/]{0,3}", 0..4),
    ) {
        let Some(json) = json(&text) else { return Ok(()) };
        prop_assert_eq!(json.text(), text.trim());
        let pointer = pointer(&path);
        // What the one reader finds, the other finds: `+1` is no index.
        prop_assert_eq!(json.get(&pointer).map(|found| found.value()), json.value().pointer(pointer.as_str()).cloned());
        let _ = (json.with(&pointer, &Json::null()), json.decimal(), json.without("a"));
    }

    #[test]
    fn an_array_and_an_object_are_their_parts(items in prop::collection::vec(documents(), 0..5)) {
        let parts: Option<Vec<Json>> = items.iter().map(|item| json(item)).collect();
        let Some(parts) = parts else { return Ok(()) };
        let array = Json::array(&parts);
        let names: Vec<String> = (0..parts.len()).map(|at| format!("\"{at}\n")).collect();
        let object = Json::object(names.iter().map(String::as_str).zip(&parts));
        for (at, (name, part)) in names.iter().zip(&parts).enumerate() {
            prop_assert_eq!(array.get(&pointer(&[at.to_string()])), Some(part.clone()));
            prop_assert_eq!(object.get(&pointer(std::slice::from_ref(name))), Some(part.clone()));
        }
    }
}

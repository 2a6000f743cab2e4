//! Settings: who may say what, who goes first, what is shown of it, and what is refused.

use std::collections::BTreeMap;
use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::lab::{Lab, referral, rows};
use crate::ran::Ran;

/// The settings that are shown: by name, value and where it comes from.
fn shown(ran: &Ran) -> BTreeMap<String, (Value, String)> {
    let settings = ran.json()["settings"].as_array().unwrap().clone();
    let of = |setting: Value| {
        let text = |name: &str| setting[name].as_str().unwrap().to_owned();
        (text("name"), (setting["value"].clone(), text("from")))
    };
    settings.into_iter().map(of).collect()
}

/// The keys of the file that `config init` writes, with their lines and values, all of them in force.
fn everything(lab: &Lab) -> Vec<(usize, String, String)> {
    lab.refsheet("config init --config all.toml").run().exits(0);
    let is_key = |line: &str| line.starts_with('#') && !line.starts_with("# ");
    let text = fs::read_to_string(lab.path("all.toml")).unwrap();
    let lines: Vec<&str> = text.lines().map(|line| if is_key(line) { &line[1..] } else { line }).collect();
    fs::write(lab.path("all.toml"), lines.join("\n")).unwrap();
    let keys = (1..).zip(lines).filter_map(|(number, line)| {
        let (key, value) = line.split_once(" = ").filter(|_| !line.starts_with(['#', '"']))?;
        Some((number, key.to_owned(), value.trim_matches('"').to_owned()))
    });
    keys.filter(|key| key.1 != "ignore_columns").collect()
}

/// Keys that have no option: whoever runs the program does not sign in anew.
const WITHOUT_OPTION: [&str; 6] =
    ["token_command", "authority", "tenant", "client_id", "client_secret_file", "client_secret_command"];

#[test]
fn a_flag_goes_before_the_environment_the_environment_before_the_profile_the_profile_before_the_default() {
    let lab = Lab::new();
    let keys = everything(&lab);
    assert!(keys.len() > 25, "{keys:?}");
    let options: Vec<_> = keys.iter().filter(|key| !WITHOUT_OPTION.contains(&key.1.as_str())).collect();
    let variable = |key: &str| format!("REFSHEET_{}", key.to_uppercase());
    let flag = |key: &str| format!("--{}", key.replace('_', "-"));

    // The lab sets the rate itself.
    let nobody = shown(&lab.refsheet("config --json").variable("REFSHEET_RATE", "").run().exits(0));
    for (_, key, _) in &keys {
        assert_eq!(nobody[key].1, "default", "{key}");
    }
    let profile = shown(&lab.refsheet("config --json --config all.toml").variable("REFSHEET_RATE", "").run().exits(0));
    for (line, key, _) in &keys {
        assert_eq!(profile[key].1, format!("all.toml, line {line}"), "{key}");
    }
    let mut call = lab.refsheet("config --json --config all.toml");
    for (_, key, value) in &options {
        call = call.variable(&variable(key), value);
    }
    let environment = shown(&call.run().exits(0));
    for (_, key, _) in &options {
        assert_eq!(environment[key].1, variable(key), "{key}");
    }
    let mut call = lab.refsheet("config --json --config all.toml");
    for (_, key, value) in &options {
        let is_switch = ["true", "false"].contains(&value.as_str());
        call = call.variable(&variable(key), value);
        call = call.arg(&if is_switch { flag(key) } else { format!("{}={value}", flag(key)) });
    }
    let flags = shown(&call.run().exits(0));
    for (_, key, _) in &options {
        assert_eq!(flags[key].1, flag(key), "{key}");
    }
}

#[test]
fn what_a_profile_says_is_done_and_can_be_overruled() {
    let cells = [(1, "new"), (2, "new")];
    let sheet = format!("{}\nnot-an-id,new", rows("Betrag", cells));
    let settings = "[profile.night]\nstrict = true\nreport_dir = \"reports\"\ncheck = \"none\"\n\
                    [profile.night.columns]\nBetrag = \"details.notes\"\n";
    let lab = Lab::holding([referral(1), referral(2)]).recorded().sheet("s.csv", sheet).sheet("c.toml", settings);
    fs::create_dir(lab.path("reports")).unwrap();
    let night = || lab.refsheet("apply s.csv --yes --config c.toml --profile night");
    let ran = night().run().exits(1);
    assert!(ran.err.contains("with --strict nothing is sent"), "{}", ran.err);
    assert_eq!((lab.heard().len(), fs::read_dir(lab.path("reports")).unwrap().count()), (0, 1));
    // A switch that the profile turns on is turned off by its variable.
    night().args("--no-report").variable("REFSHEET_STRICT", "false").run().exits(1);
    assert_eq!((lab.heard().len(), lab.writes().len()), (2, 2), "nothing is read with check = none");
    night().args("--no-report --check live").variable("REFSHEET_STRICT", "no").run().exits(1);
    assert!(lab.heard().len() > 2 && lab.writes().len() == 2, "it is read with --check live");
}

#[test]
fn the_environment_can_hold_several_headings() {
    let lab = Lab::new()
        .sheet("s.csv", "id,Betrag (EUR, net),Owner,Region\n")
        .sheet("c.toml", "[profile.default]\nignore_columns = [\"Region\"]\n");
    let call = lab.refsheet("config --json --config c.toml").variable("REFSHEET_IGNORE_COLUMN", "Owner;Segment");
    let call = call.variable("REFSHEET_MAP", "Betrag (EUR, net)=details.dealValue;Memo=details.notes");
    let ran = call.run().exits(0);
    let settings = ran.json()["settings"].as_array().unwrap().clone();
    let lists: Vec<String> = settings
        .iter()
        .filter(|setting| setting["name"].as_str().unwrap().contains("columns") && setting["value"].is_string())
        .map(|setting| format!("{} {} {}", setting["name"], setting["value"], setting["from"]).replace("\\\"", "'"))
        .filter(|line| !line.contains("unknown"))
        .collect();
    assert_snapshot!(lists.join("\n"), @r#"
    "ignore_columns" "Region" "c.toml, line 2"
    "ignore_columns" "Owner" "REFSHEET_IGNORE_COLUMN"
    "ignore_columns" "Segment" "REFSHEET_IGNORE_COLUMN"
    "columns.'Betrag (EUR, net)'" "details.dealValue" "REFSHEET_MAP"
    "columns.'Memo'" "details.notes" "REFSHEET_MAP"
    "#);
}

#[test]
fn what_is_wrong_with_a_settings_file_is_told_at_once_and_where() {
    let settings = "[profile.default]\nratte = \"5/s\"\nvia = \"post\"\nmax_duration = 45\nstrict = 1\n\
                    [profile.default.columns]\n\"Betrag\" = 7\n[profile.night]\ntoken_comand = \"s3cret\"\n";
    let lab = Lab::new().sheet("c.toml", settings).sheet("s.csv", "id,Notes\n").sheet("bad.toml", "[profile.default\n");
    let said = |arguments: &str| lab.refsheet(arguments).run().exits(2).shown();
    assert_snapshot!(said("apply s.csv --yes --config c.toml"), @"
    exit 2
    --- err
    error: the settings in `c.toml` are not understood
      line 2: unknown key `ratte`; did you mean `rate`?
      line 3: `via`: `post` is none of patch, put; did you mean `put`?
      line 4: `max_duration`: `45` is not a span of time; write `90s`, `45m`, `2h` or `30d`
      line 5: `strict` is `1`; accepted: true, false
      line 7: the field of the column `Betrag` is `7`; accepted: its path or label, in quotes
      line 9: unknown key `token_comand`; did you mean `token_command`?
    hint: this writes a file with every key, its meaning and its default: refsheet config init --config FILE
    ");
    assert_snapshot!(said("plan s.csv --config bad.toml"), @"
    exit 2
    --- err
    error: the settings in `bad.toml` are not understood
      line 1: unclosed table, expected `]`
    hint: this writes a file with every key, its meaning and its default: refsheet config init --config FILE
    ");
    assert_snapshot!(said("config --config nowhere.toml"), @"
    exit 2
    --- err
    error: cannot read the settings in `nowhere.toml`: No such file or directory (os error 2)
    hint: this writes a new one: refsheet config init --config FILE
    ");
    let lab = lab.sheet("c.toml", "[profile.day]\n[profile.night]\n");
    assert_snapshot!(lab.refsheet("config --config c.toml --profile nihgt").run().exits(2).shown(), @"
    exit 2
    --- err
    error: `c.toml` has no profile `nihgt`
    hint: it has: day, night
    ");
}

#[test]
fn a_wrong_value_in_the_environment_is_looked_for_where_it_is() {
    let lab = Lab::new().sheet("s.csv", "id,Notes\n");
    let ran = lab.refsheet("plan s.csv --sandbox").variable("REFSHEET_CONCURRENCY", "many").run();
    assert_snapshot!(ran.exits(2).shown(), @"
    exit 2
    --- err
    error: invalid value 'many' for '--concurrency <N>': `many` is not a number from 1 to 256
    hint: the value comes from the environment variable REFSHEET_CONCURRENCY
    hint: For more information, try '--help'.
    ");
    let ran = lab.refsheet("config --json").variable("REFSHEET_CONCURENCY", "8").run().exits(0);
    assert_eq!(ran.err, "note: REFSHEET_CONCURENCY is set, but means nothing; did you mean REFSHEET_CONCURRENCY?\n");
}

#[test]
fn nothing_secret_is_shown() {
    let settings = "[profile.default]\ntoken_command = \"echo s3cret\"\nclient_secret_command = \"echo s3cret\"\n\
                    client_secret_file = \"where\"\non_finish = \"curl https://chat.example/s3cret\"\n";
    let lab = Lab::new().sheet("c.toml", settings);
    for form in ["config --config c.toml", "config --config c.toml --json"] {
        let ran = lab.refsheet(form).run().exits(0);
        assert!(!format!("{}{}", ran.out, ran.err).contains("s3cret"), "{}", ran.out);
        assert!(!ran.out.contains(crate::lab::TOKEN) && ran.out.contains("REFSHEET_TOKEN"), "{}", ran.out);
    }
    let shown = shown(&lab.refsheet("config --config c.toml --json").run());
    for key in ["token_command", "client_secret_command", "on_finish"] {
        assert_eq!(shown[key].0, "(set)", "{key}");
    }
    assert_eq!(shown["client_secret_file"].0, "where");
}

#[test]
fn a_settings_file_is_written_once() {
    let lab = Lab::new();
    let ran = lab.refsheet("config").run().exits(0);
    assert!(ran.out.starts_with("there is no settings file (") && ran.out.contains("config init"), "{}", ran.out);
    lab.refsheet("config init").run().exits(0);
    let path = lab.path("home/.config/refsheet/config.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().all(|line| line.len() <= 110), "no line is too long");
    // It changes nothing as it is.
    let ran = lab.refsheet("config --json").variable("REFSHEET_RATE", "").run().exits(0);
    assert_eq!(ran.json()["file"], path.to_str().unwrap());
    assert!(shown(&ran).iter().all(|(name, setting)| setting.1 == "default" || name.contains("token")), "{}", ran.out);
    let again = lab.refsheet("config init").run().exits(2);
    assert!(again.err.contains("is there already, and stays as it is"), "{}", again.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

//! A person signs in, or does not.

use std::os::unix::fs::PermissionsExt;

use crate::stage::place::Place;
use crate::stage::sandbox::Sandbox;
use crate::{APPLY, age, count, scene, signed_in, tamper, token_file};

#[test]
fn who_has_signed_in_once_applies_a_sheet_until_he_signs_out() {
    let (sandbox, place) = scene("", 3);
    let ended = place.refsheet(APPLY).exits(4).says("nobody is signed in");
    let ended = place.paste(&ended.command("hint: sign in: ")).exits(0);
    let page = format!("open http://{}/devicelogin and enter the code ", sandbox.authority());
    let ended = ended.says(&page).says("signed in\naccount          operations@sandbox.example");
    assert!(!ended.out.contains("enter the code"), "standard output is data\n{ended}");
    place.refsheet(APPLY).exits(0).says("3  applied");
    place.refsheet("whoami").exits(0).says("roles            Referral Admin").says("second factor    yes");
    place.refsheet("logout").exits(0).says("signed out: ");
    place.refsheet("logout").exits(0).says("nobody was signed in");
    place.refsheet(APPLY).exits(4).says("nobody is signed in");
    assert_eq!((count(&sandbox, "signed_in"), count(&sandbox, "polls_too_early")), (1, 0));
}

#[test]
fn each_of_them_gives_one_document_to_machines() {
    let (_sandbox, place) = scene("--sign-in approved", 0);
    let failed = place.refsheet("whoami --json").exits(4).json();
    assert_eq!((&failed["status"], &failed["exit"]), (&"failed".into(), &4.into()));
    let login = place.refsheet("login --json").exits(0).json();
    assert_eq!((&login["status"], &login["account"]), (&"signed in".into(), &"operations@sandbox.example".into()));
    let whoami = place.refsheet("whoami --json").exits(0).json();
    assert_eq!((&whoami["ends_at"], &whoami["mfa"]), (&login["ends_at"], &true.into()));
    assert_eq!(place.refsheet("logout --json").exits(0).json()["status"], "signed out");
    assert_eq!(place.refsheet("logout --json").exits(0).json()["status"], "not signed in");
}

/// The code that is on the screen of somebody who signs in.
fn code(login: &crate::stage::running::Running) -> String {
    login.hears("waiting for you");
    login.said().split("enter the code ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn a_person_decides_on_the_page() {
    let (sandbox, place) = scene("--sign-in pending", 0);
    for (decision, exit, says) in [("approve", 0, "signed in"), ("deny", 4, "the sign-in was declined")] {
        let login = place.start("login");
        let answer = sandbox.post("/devicelogin", &format!("user_code={}&decision={decision}", code(&login)));
        assert!(answer.contains("<strong>Approved") || answer.contains("<strong>Declined"), "{answer}");
        login.end().exits(exit).says(says);
    }
}

#[test]
fn a_code_that_is_not_entered_in_time_is_told_with_the_way_to_another() {
    let (_sandbox, place) = scene("--sign-in pending,expired", 0);
    let ended = place.refsheet("login").exits(4).says("the code was not entered in time");
    place.paste(&ended.command("hint: sign in: ")).exits(4).says("the code was not entered in time");
}

#[test]
fn the_secret_of_the_application_comes_from_a_file_or_a_command() {
    let sandbox = Sandbox::start("--sign-in approved --client-secret s3cret");
    let facing = || Place::signed_out(&sandbox.base_url).with("REFSHEET_CONFIG", "config.toml");
    let profile = |settings: &str| format!("[profile.default]\n{settings}\n");
    let place = facing();
    place.write("secret", "s3cret\n");
    place.write("wrong", "other\n");
    for (settings, exit, says) in [
        ("client_secret_file = \"secret\"", 0, "signed in"),
        ("client_secret_command = \"cat secret\"", 0, "signed in"),
        ("client_secret_file = \"wrong\"", 4, "does not accept the application's client secret"),
        ("", 4, "name the secret with `client_secret_file` or `client_secret_command`"),
        ("client_secret_file = \"nowhere\"", 4, "the file with the client secret, `nowhere`, cannot be read"),
        ("client_secret_command = \"exit 3\"", 4, "the command for the client secret ended with exit code 3"),
        ("client_secret_command = \"true\"", 4, "the command for the client secret printed nothing"),
        ("client_secret_file = \"secret\"\nclient_secret_command = \"cat secret\"", 2, "names two client secrets"),
    ] {
        place.write("config.toml", &profile(settings));
        place.refsheet("login").exits(exit).says(says);
    }
    // It takes the secret to renew, too.
    place.write("config.toml", &profile("client_secret_file = \"secret\""));
    place.refsheet("login").exits(0);
    age(&place);
    place.refsheet("whoami").exits(0);
    assert_eq!(count(&sandbox, "renewals"), 1);
}

#[test]
fn a_sign_in_that_others_can_read_is_refused_with_the_command_that_helps() {
    let (_sandbox, place) = signed_in("", 1);
    std::fs::set_permissions(token_file(&place), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ended = place.refsheet(APPLY).exits(4).says("others may read that file (its mode is 644)");
    place.paste(&ended.command("hint: if nobody else has read it: ")).exits(0);
    place.refsheet(APPLY).exits(0).says("1  applied");
}

#[test]
fn a_damaged_sign_in_is_refused_and_signing_in_mends_it() {
    let (_sandbox, place) = signed_in("", 1);
    let file = token_file(&place);
    std::fs::write(&file, "{\"version\":1,\"access_token\":\"eyJ-s3cret").unwrap();
    let ended = place.refsheet("whoami").exits(4).says("is not what this program writes");
    assert!(!ended.err.contains("s3cret"), "{ended}");
    place.paste(&ended.command("hint: sign in: ")).exits(0);
    place.refsheet(APPLY).exits(0).says("1  applied");
}

#[test]
fn a_sign_in_is_used_only_for_what_the_profile_says() {
    let (_sandbox, place) = signed_in("", 1);
    for (settings, says) in [
        (
            "tenant = \"fabrikam.example\"",
            "the sign-in is for the tenant `organizations`, but the profile says `fabrikam.example`",
        ),
        ("client_id = \"another\"", "but the profile says `another`"),
        ("authority = \"https://login.example\"", "but the profile says `https://login.example`"),
    ] {
        place.write("config.toml", &format!("[profile.default]\n{settings}\n"));
        place.refsheet(&format!("{APPLY} --config config.toml")).exits(4).says(says).says("hint: sign in: ");
    }
    place.write("config.toml", "[profile.default]\ntenant = \"Organizations\"\n");
    place.refsheet(&format!("{APPLY} --config config.toml")).exits(0);
}

#[test]
fn a_sign_in_goes_to_no_other_service() {
    let (sandbox, place) = signed_in("", 1);
    let other = Sandbox::start("");
    let elsewhere = format!("whoami --base-url {}", other.base_url);
    place.refsheet(&elsewhere).exits(4).says("nobody is signed in");
    // Not even if the file is put in its place.
    let there = other.authority().replace(':', "_");
    let here = sandbox.authority().replace(':', "_");
    let file = token_file(&place);
    let moved = file.with_file_name(file.file_name().unwrap().to_str().unwrap().replace(&here, &there));
    std::fs::rename(file, moved).unwrap();
    place.refsheet(&elsewhere).exits(4).says("it is for another service");
    assert_eq!(other.state().requests(), 0);
}

#[test]
fn a_token_without_a_second_factor_is_explained() {
    let (_sandbox, place) = scene("--sign-in approved --without-mfa", 2);
    place.refsheet("login").exits(0).says("note: the token shows no second factor").says("second factor    no");
    let ended = place.refsheet(APPLY).exits(4).says("the sign-in was not accepted: the token has no MFA claim");
    ended.says("`refsheet login` as somebody with multi-factor authentication").says("to finish it: ");
}

#[test]
fn a_token_from_the_environment_comes_first_and_may_be_opaque() {
    let (_sandbox, place) = signed_in("", 0);
    let place = place.with("REFSHEET_TOKEN", "opaque-s3cret");
    let ended = place.refsheet("whoami").exits(0).says("the token is opaque").says("token from       REFSHEET_TOKEN");
    assert!(!ended.out.contains("s3cret"), "{ended}");
    place.refsheet("login").exits(0).says("note: REFSHEET_TOKEN is set and comes before this sign-in");
    place.refsheet("logout").exits(0).says("note: REFSHEET_TOKEN is set and still gives a token");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_asked() {
    let (sandbox, place) = scene("", 0);
    place.refsheet("login --sandbox").exits(2).says("has nothing to do with --sandbox").says("refsheet sandbox");
    place.refsheet("login --base-url https://api.example/v1.0").exits(2).says("which application to sign in to");
    place.refsheet("login --tenant a/b").exits(2).says("`a/b` is no tenant");
    place.refsheet("login --authority http://login.example").exits(2).says("is not this machine");
    place.refsheet("login --authority https://ann:s3cret@login.example").exits(2);
    place.write("a-file", "");
    place
        .refsheet("login --state-dir a-file/here")
        .exits(4)
        .says("the sign-in cannot be kept in `a-file/here/sign-in/");
    assert_eq!(count(&sandbox, "codes"), 0);
}

#[test]
fn a_host_that_gives_nonsense_is_not_believed() {
    let (_sandbox, place) = signed_in("", 0);
    // Something else is listening where the sign-in host was.
    let other = Sandbox::start("--sign-in approved");
    tamper(&place, "authority", format!("http://{}/v1.0", other.authority()));
    age(&place);
    let ended = place.refsheet("whoami").exits(4).says("gave an answer that is not understood");
    assert!(!ended.err.contains("refresh-"), "{ended}");
}

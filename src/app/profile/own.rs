//! The keys of a profile that have no option, because they are about signing in, which nobody does anew for each run.

use super::Profile;

/// Such a key.
pub struct Own {
    /// Its name.
    pub key: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// A value that it may have.
    pub example: &'static str,
    pub(super) keep: fn(&mut Profile, String),
    /// What may be shown of its value: commands may have a secret in them.
    pub shown: fn(&Profile) -> Option<String>,
}

/// What is shown of a secret.
pub const IS_SET: &str = "(set)";

/// All of them.
pub const OWN: &[Own] = &[
    Own {
        key: "token_command",
        meaning: "A command for the shell whose first line of output is an access token; asked again when that has \
                  expired. Without it, the sign-in of `refsheet login` is used",
        example: "print-a-token",
        keep: |profile, text| profile.token_command = Some(text.into()),
        shown: |profile| profile.token_command.as_ref().map(|_| IS_SET.to_owned()),
    },
    Own {
        key: "authority",
        meaning: "Where people sign in",
        example: "https://login.microsoftonline.com",
        keep: |profile, text| profile.authority = Some(text),
        shown: |profile| profile.authority.clone(),
    },
    Own {
        key: "tenant",
        meaning: "Your organisation, by domain or id",
        example: "contoso.onmicrosoft.com",
        keep: |profile, text| profile.tenant = Some(text),
        shown: |profile| profile.tenant.clone(),
    },
    Own {
        key: "client_id",
        meaning: "The id of the application that your organisation has registered for this",
        example: "00000000-0000-0000-0000-000000000000",
        keep: |profile, text| profile.client_id = Some(text),
        shown: |profile| profile.client_id.clone(),
    },
    Own {
        key: "client_secret_file",
        meaning: "A file that holds the secret of that application, if it has one",
        example: "/run/credentials/refsheet/client-secret",
        keep: |profile, text| profile.client_secret_file = Some(text.into()),
        shown: |profile| profile.client_secret_file.as_ref().map(|path| path.display().to_string()),
    },
    Own {
        key: "client_secret_command",
        meaning: "A command for the shell that prints the secret of that application",
        example: "print-the-secret",
        keep: |profile, text| profile.client_secret_command = Some(text.into()),
        shown: |profile| profile.client_secret_command.as_ref().map(|_| IS_SET.to_owned()),
    },
];

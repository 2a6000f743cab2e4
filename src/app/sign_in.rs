//! Whose sign-in it is, where it is kept, and what a person does who has none.

use super::arguments;
use super::place::{Place, shell_command};
use super::profile::{DEFAULT, Profile};
use crate::api::{
    self, Authority, BaseUrl, Claims, ClientSecret, Denied, Kept, SignInError, Tenant, TokenError, TokenFile, Unkept,
};
use crate::error::{Failure, Kind};

/// The application of sandboxes, which know no other and take any.
pub const SANDBOX_CLIENT_ID: &str = "00000000-0000-4000-8000-5a4db0c00001";

/// Whose sign-in it is.
pub struct Owner<'a> {
    /// The profile's name.
    pub name: &'a str,
    /// The profile.
    pub profile: &'a Profile,
    /// The service.
    pub base_url: BaseUrl,
    /// Where the program keeps things, as the person named it.
    pub place: &'a arguments::Place,
}

impl<'a> Owner<'a> {
    /// As the person says on the command line of `login` and its like.
    pub fn of(whose: &'a arguments::Whose, profile: &'a Profile) -> Result<Owner<'a>, Failure> {
        Ok(Owner { name: &whose.profile, profile, base_url: base_url(&whose.base_url)?, place: &whose.place })
    }

    /// Where the sign-in is kept.
    pub fn file(&self) -> Result<TokenFile, Failure> {
        Ok(TokenFile::of(&Place::of(self.place)?.sign_ins(), self.name, &self.base_url))
    }

    /// The secret of the application.
    pub fn secret(&self) -> Result<ClientSecret, Failure> {
        match (&self.profile.client_secret_file, &self.profile.client_secret_command) {
            (None, None) => Ok(ClientSecret::None),
            (Some(path), None) => Ok(ClientSecret::File(path.clone())),
            (None, Some(command)) => Ok(ClientSecret::Command(command.clone())),
            (Some(_), Some(_)) => {
                let error = format!("the profile `{}` names two client secrets", self.name);
                Err(Failure::new(Kind::Usage, error).hint("take away `client_secret_file` or `client_secret_command`"))
            }
        }
    }

    /// A sign-in is used only for what the profile says now.
    pub fn check_same(&self, kept: &Kept) -> Result<(), Failure> {
        let said = [
            ("authority", self.authority()?.map(|authority| authority.to_string()), kept.authority.to_string()),
            ("tenant", self.tenant()?.map(|tenant| tenant.to_string()), kept.tenant.to_string()),
            ("client_id", self.profile.client_id.clone(), kept.client_id.clone()),
        ];
        for (key, wanted, found) in said {
            let Some(wanted) = wanted.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) else { continue };
            let error = format!("the sign-in is for the {key} `{found}`, but the profile says `{wanted}`");
            return Err(Failure::new(Kind::SignIn, error).hint(self.login_hint()));
        }
        Ok(())
    }

    /// The sign-in host of the profile.
    pub fn authority(&self) -> Result<Option<Authority>, Failure> {
        let parse = |text: &String| {
            text.parse().map_err(|error| Failure::new(Kind::Usage, error).hint("give `authority` as https://host"))
        };
        self.profile.authority.as_ref().map(parse).transpose()
    }

    /// The organisation of the profile.
    pub fn tenant(&self) -> Result<Option<Tenant>, Failure> {
        let parse = |text: &String| text.parse().map_err(|error| Failure::new(Kind::Usage, error));
        self.profile.tenant.as_ref().map(parse).transpose()
    }

    /// How to sign in.
    pub fn login_hint(&self) -> String {
        format!("sign in: {}", self.command("login"))
    }

    /// A command about this sign-in that can be pasted.
    pub fn command(&self, command: &str) -> String {
        let base_url = self.base_url.to_string();
        let mut words = vec![command];
        if self.name != DEFAULT {
            words.extend(["--profile", self.name]);
        }
        if self.profile.value("base_url").unwrap_or(api::DEFAULT_BASE_URL).trim_end_matches('/') != base_url {
            words.extend(["--base-url", &base_url]);
        }
        Place::of(self.place).map_or_else(|_| super::place::shell_line(&words), |place| shell_command(&place, &words))
    }

    /// A sign-in that does not work, with what to do about it.
    pub fn failed(&self, error: SignInError) -> Failure {
        let hints: Vec<String> = match &error {
            SignInError::Unkept(Unkept::Exposed { path, .. }) => vec![
                format!("if nobody else has read it: {}", chmod(path)),
                format!("else sign in anew, so that what it holds is replaced: {}", self.command("login")),
            ],
            SignInError::SecretFile { .. } => vec!["look at `client_secret_file` in the profile".to_owned()],
            SignInError::SecretCommand(_) => {
                vec!["run the `client_secret_command` of your profile and look at its first line".to_owned()]
            }
            SignInError::Denied { denied, .. } => self.ways_out(denied),
            SignInError::Unreachable { .. } | SignInError::Busy { .. } => vec!["try again in a while".to_owned()],
            SignInError::Strange { .. } => vec!["look at `authority` and `tenant` in the profile".to_owned()],
            error if error.needs_person() => vec![self.login_hint()],
            SignInError::Unkept(_) | SignInError::NoClient(_) => Vec::new(),
            SignInError::NotSignedIn | SignInError::NoRefresh => vec![self.login_hint()],
        };
        hints.into_iter().fold(Failure::new(Kind::SignIn, error), Failure::hint)
    }

    fn ways_out(&self, denied: &Denied) -> Vec<String> {
        let hint = match denied {
            Denied::Ended | Denied::WantsPerson | Denied::CodeEnded | Denied::Declined => {
                return vec![self.login_hint()];
            }
            Denied::NoPermission => {
                "an administrator gives the application the permission `user_impersonation` of Microsoft Partner Center, \
                 and consents to it"
            }
            Denied::Secret => "name the secret with `client_secret_file` or `client_secret_command` in the profile",
            Denied::NotAllowed => {
                "look at `client_id` and `tenant`, and allow public client flows in the application's registration"
            }
            Denied::Unavailable | Denied::Pending | Denied::SlowDown => "try again in a while",
            Denied::Other(_) => "look at `client_id` and `tenant`",
        };
        vec![hint.to_owned()]
    }
}

/// Where the service lives.
pub fn base_url(text: &str) -> Result<BaseUrl, Failure> {
    text.parse().map_err(|error| Failure::new(Kind::Usage, error).hint("give the address as https://host/path"))
}

/// What a token that could not be had comes to.
pub fn no_token(owner: &Owner<'_>, error: TokenError, hint: &str) -> Failure {
    match error {
        TokenError::SignIn(error) => owner.failed(error),
        error => Failure::new(Kind::SignIn, error).hint(hint),
    }
}

/// What should be known about a token before it is used in vain.
pub fn remarks(claims: &Claims) -> Vec<String> {
    let without_mfa = "the token shows no second factor, and Partner Center refuses such calls (900421); \
                       sign in with an account that has multi-factor authentication";
    let mfa = (claims.mfa == Some(false)).then(|| without_mfa.to_owned());
    mfa.into_iter().collect()
}

/// The private sandbox has no door.
pub fn refuse_sandbox(whose: &arguments::Whose, command: &str) -> Result<(), Failure> {
    if !whose.sandbox {
        return Ok(());
    }
    let error = format!("`{command}` has nothing to do with --sandbox, which asks nobody to sign in");
    Err(Failure::new(Kind::Usage, error)
        .hint("to try signing in: run `refsheet sandbox` in another window, and here")
        .hint("refsheet login --base-url http://127.0.0.1:8089/v1.0/engagements"))
}

fn chmod(path: &std::path::Path) -> String {
    format!("chmod 600 {}", super::place::quoted(&path.display().to_string()))
}

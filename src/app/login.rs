//! `login`: a person signs in once, with a code; the sign-in is kept and renewed from then on.

use std::time::Duration;

use jiff::Timestamp;

use super::account::Account;
use super::arguments::{self, CommandLine};
use super::connect::{self, TOKEN_VARIABLE, TokenSource};
use super::profile::Profile;
use super::sign_in::{Owner, SANDBOX_CLIENT_ID, refuse_sandbox, remarks};
use crate::api::{Application, Authority, Invitation, StoredSignIn, Tenant};
use crate::console::{Console, words};
use crate::error::{Exit, Failure, Kind};

/// Signs in.
pub fn run(line: &CommandLine, arguments: &arguments::Login, console: Console) -> Result<Exit, Failure> {
    refuse_sandbox(&arguments.whose, "login")?;
    let mut profile = Profile::load(arguments.whose.place.config.as_deref(), &arguments.whose.profile)?;
    let arguments: arguments::Login = line.over(&profile)?.arguments()?;
    let whose = &arguments.whose;
    // What the command line says takes the place of what the profile says.
    for (flag, key) in [
        (&arguments.authority, &mut profile.authority),
        (&arguments.tenant, &mut profile.tenant),
        (&arguments.client_id, &mut profile.client_id),
    ] {
        *key = flag.clone().or(key.take());
    }
    let owner = Owner::of(whose, &profile)?;
    let application = application(&owner)?;
    let file = owner.file()?;
    // Better to know now than when somebody has found his phone.
    file.check_room().map_err(|error| owner.failed(error.into()))?;
    let kept = super::runtime()?.block_on(async {
        let invitation = application.invite().await?;
        console.say(&invited(&invitation));
        let grant = application.await_person(&invitation, pause).await?;
        StoredSignIn::begin(&file, &application, grant).await
    });
    let kept = kept.map_err(|error| owner.failed(error))?;
    let claims = kept.claims();
    for remark in claims.iter().flat_map(remarks) {
        console.say(&format!("note: {remark}"));
    }
    if !kept.can_be_renewed() {
        console.say("note: the sign-in host gave no refresh token, so the sign-in ends with its first token");
    }
    match connect::source(&profile) {
        TokenSource::SignIn => {}
        TokenSource::Variable => console.say(&format!("note: {TOKEN_VARIABLE} is set and comes before this sign-in")),
        TokenSource::Command => console.say("note: the `token_command` of the profile comes before this sign-in"),
    }
    let ends_at = Some(kept.ends_at);
    let account = Account { source: TokenSource::SignIn, claims, ends_at, file: Some(file.path().to_owned()) };
    if console.json {
        let mut document = account.json();
        document["status"] = "signed in".into();
        console.document(&document);
    } else {
        console.print(&format!("signed in\n{}", account.text(Timestamp::now())));
    }
    Ok(Exit::Done)
}

/// Whom to sign in to.
fn application(owner: &Owner<'_>) -> Result<Application, Failure> {
    let authority = owner.authority()?.unwrap_or_else(|| Authority::for_service(&owner.base_url));
    let default_tenant = || Tenant::DEFAULT.parse().expect("the default is a tenant");
    let tenant = owner.tenant()?.unwrap_or_else(default_tenant);
    let client_id = owner.profile.client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let client_id = match client_id {
        Some(client_id) => client_id.to_owned(),
        None if authority.is_loopback() => SANDBOX_CLIENT_ID.to_owned(),
        None => {
            let error = "it is not known which application to sign in to";
            return Err(Failure::new(Kind::Usage, error)
                .hint("name it as `client_id` in the profile, or with --client-id")
                .hint(
                    "it is an app registration of your organisation, with public client flows allowed and the \
                       permission `user_impersonation` of Microsoft Partner Center",
                ));
        }
    };
    Ok(Application { authority, tenant, client_id, secret: owner.secret()? })
}

fn invited(invitation: &Invitation) -> String {
    let Invitation { page, code, lifetime, .. } = invitation;
    let minutes = words::counted(lifetime.as_secs().div_ceil(60), "minute");
    format!("To sign in, open {page} and enter the code {code}\nwaiting for you; the code is good for {minutes}")
}

async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

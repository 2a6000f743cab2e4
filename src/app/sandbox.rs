//! `sandbox`: serves the stand-in until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use serde_json::Value;
use tokio::net::TcpListener;

use super::{arguments, signals};
use crate::console::{Console, words};
use crate::error::{Exit, Failure, Kind};
use crate::sandbox::{self, ServeOptions, Settings, SignIn, Store, Trouble};

/// Serves a sandbox.
pub fn run(arguments: &arguments::Sandbox, console: Console) -> Result<Exit, Failure> {
    let settings =
        Settings { referrals: arguments.referrals, seed: arguments.seed, list_etags: !arguments.no_list_etags };
    let store = match &arguments.from {
        Some(path) => Store::holding(referrals(path)?, &settings).map_err(|error| Failure::new(Kind::Input, error))?,
        None => Store::new(&settings),
    };
    let options = ServeOptions { token: None, trouble: trouble(arguments), sign_in: sign_in(arguments) };
    super::runtime()?.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
        let listener = TcpListener::bind(address).await.map_err(|error| cannot_listen(address, error))?;
        let address = listener.local_addr().map_err(|error| cannot_listen(address, error))?;
        let count = words::counted(store.referrals() as u64, "referral");
        console.print(&format!("http://{address}/v1.0/engagements"));
        let tokens = match arguments.sign_in.require_sign_in {
            true => "only tokens from `refsheet login` are taken",
            false => "any bearer token will do",
        };
        console.say(&format!("{count}; {tokens}; Ctrl-C stops it"));
        let stop = async {
            signals::asked_to_stop().await;
        };
        sandbox::serve(store, listener, options, stop).await.map_err(|error| cannot_listen(address, error))?;
        Ok(Exit::Done)
    })
}

fn trouble(arguments: &arguments::Sandbox) -> Trouble {
    Trouble {
        seed: arguments.seed,
        limit: arguments.limit,
        fail: arguments.fail,
        lose_replies: arguments.lose_replies,
        cut: arguments.cut,
        latency: arguments.latency.into(),
        change_underneath: arguments.change_underneath,
        expire_token_after: arguments.expire_token_after,
    }
}

fn sign_in(arguments: &arguments::Sandbox) -> SignIn {
    let sign_in = &arguments.sign_in;
    SignIn {
        is_required: sign_in.require_sign_in,
        token_lifetime: sign_in.token_lifetime.into(),
        replies: sign_in.sign_in.clone(),
        strict_rotation: sign_in.strict_rotation,
        client_secret: sign_in.client_secret.clone(),
        mfa: !sign_in.without_mfa,
        ..SignIn::default()
    }
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> Failure {
    let failure = Failure::new(Kind::Usage, CannotListen { address, source: error });
    failure.hint("another program may be there; take another port with --port, 0 for any free one")
}

#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
struct CannotListen {
    address: SocketAddr,
    source: std::io::Error,
}

/// Referrals from JSON lines.
fn referrals(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            Kind::Input,
            crate::sheet::SheetError::Unreadable { file: path.display().to_string(), source: error },
        )
    })?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let documents = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| {
            let text = format!("line {number} of `{}` is not a JSON object: {error}", path.display());
            Failure::new(Kind::Input, text)
        })
    });
    documents.collect()
}

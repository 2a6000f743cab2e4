//! Encrypted, to who can prove who he is, through the proxy that the machine is set up with, and no other.
//!
//! Certificates are in `tests/tls`, where `make.sh` makes them. The machine's own authorities are replaced by ours with
//! `SSL_CERT_FILE`, as an administrator would add one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::lab::{Call, Lab, TOKEN, id, referral, rows};
use crate::ran::Ran;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A service behind TLS that knows one referral; before that, if asked to, a proxy that lets anybody through to it.
struct Door {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Door {
    fn start(certificate: &str, is_proxy: bool) -> Door {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let door = Door { port, heard: Arc::clone(&heard) };
        let config = config(certificate);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, heard) = (Arc::clone(&config), Arc::clone(&heard));
                thread::spawn(move || serve(stream.unwrap(), config, is_proxy, &heard));
            }
        });
        door
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn base_url(&self) -> String {
        format!("https://localhost:{}/v1.0/engagements", self.port)
    }
}

fn config(certificate: &str) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(fixture(certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

fn serve(mut stream: TcpStream, config: Arc<ServerConfig>, is_proxy: bool, heard: &Mutex<Vec<String>>) {
    if is_proxy {
        let Some(asked) = request(&mut stream) else { return };
        heard.lock().unwrap().push(asked);
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
    }
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    while let Some(asked) = request(&mut stream) {
        let body = referral(1).to_string();
        heard.lock().unwrap().push(asked);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// A request; none if the peer went away, or did not trust us.
fn request(stream: &mut impl Read) -> Option<String> {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    while !text.contains("\r\n\r\n") {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        text.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    Some(text)
}

fn lab() -> Lab {
    Lab::new().sheet("s.csv", rows("Notes", [(1, "new")]))
}

/// A plan against this address, with our authority among the machine's.
fn plan<'a>(lab: &'a Lab, base_url: &str) -> Call<'a> {
    let call = lab.refsheet("plan s.csv --report report.jsonl -vv");
    call.variable("REFSHEET_BASE_URL", base_url).variable("SSL_CERT_FILE", fixture("ca.pem").display().to_string())
}

#[track_caller]
fn assert_secret(ran: &Ran, secrets: &[&str]) {
    for secret in secrets {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret}\n{}\n{}", ran.out, ran.err);
    }
}

#[test]
fn who_proves_who_he_is_to_the_machine_is_trusted() {
    let door = Door::start("fine.pem", false);
    let ran = plan(&lab(), &door.base_url()).run().exits(0);
    assert_eq!(ran.outcomes(), ["2 planned"]);
    let heard = door.heard();
    assert!(heard[0].starts_with(&format!("GET /v1.0/engagements/referrals/{} ", id(1))), "{heard:?}");
    assert!(heard[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{heard:?}");
}

#[test]
fn who_does_not_is_told_nothing() {
    for (certificate, authorities, why) in [
        ("fine.pem", "other.pem", "UnknownIssuer"),
        ("other.pem", "ca.pem", "not valid for name"),
        ("expired.pem", "ca.pem", "expired"),
    ] {
        let door = Door::start(certificate, false);
        let lab = lab();
        let ran = plan(&lab, &door.base_url()).variable("SSL_CERT_FILE", fixture(authorities).display().to_string());
        let ran = ran.run().exits(5);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains(&format!("no connection to localhost:{}: ", door.port)), "{said}");
        assert!(said.contains(why), "{certificate}: {said}");
        assert!(door.heard().is_empty(), "{certificate}");
    }
}

#[test]
fn the_proxy_of_the_machine_is_used_and_never_sees_the_token() {
    let proxy = Door::start("fine.pem", true);
    let address = format!("http://ann:pr0xy-s3cret@127.0.0.1:{}", proxy.port);
    let lab = lab();
    let ran = plan(&lab, "https://api.example/v1.0/engagements").variable("HTTPS_PROXY", &address).run().exits(0);
    assert_eq!(ran.outcomes(), ["2 planned"]);
    let heard = proxy.heard();
    assert!(heard[0].starts_with("CONNECT api.example:443 HTTP/1.1\r\n"), "{heard:?}");
    // ann:pr0xy-s3cret
    assert!(heard[0].to_lowercase().contains("proxy-authorization: basic yw5uonbymhh5lxmzy3jlda==\r\n"), "{heard:?}");
    assert!(!heard[0].contains(TOKEN) && !heard[0].to_lowercase().contains("\r\nauthorization:"), "{heard:?}");
    assert!(heard[1].starts_with("GET /v1.0/engagements/referrals/") && heard[1].contains(TOKEN), "{heard:?}");
    assert!(!heard[1].to_lowercase().contains("proxy-authorization"), "{heard:?}");
    assert_secret(&ran, &["pr0xy-s3cret", "YW5uOnByMHh5LXMzY3JldA==", TOKEN]);
}

#[test]
fn a_proxy_that_refuses_is_named_without_its_password() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = request(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let lab = lab();
    let address = format!("http://ann:pr0xy-s3cret@127.0.0.1:{port}");
    let ran = plan(&lab, "https://api.example/v1.0/engagements").variable("HTTPS_PROXY", &address).run().exits(5);
    let said = format!("{}{}", ran.out, ran.err);
    assert!(said.contains("no connection to api.example:443: tunnel error: proxy authorization required"), "{said}");
    assert_secret(&ran, &["pr0xy-s3cret", TOKEN]);
}

#[test]
fn hosts_that_need_no_proxy_are_not_asked_for_through_it() {
    let proxy = Door::start("fine.pem", true);
    let address = format!("http://127.0.0.1:{}", proxy.port);
    // This very machine needs none, whatever is said.
    let lab = Lab::holding([referral(1)]).sheet("s.csv", rows("Notes", [(1, "new")]));
    let call = lab.plan("s.csv").variable("HTTP_PROXY", &address).variable("http_proxy", &address);
    assert_eq!(call.variable("ALL_PROXY", &address).run().exits(0).outcomes(), ["2 planned"]);
    // That such a host does not exist shows that somebody looked for it himself.
    let lab = self::lab();
    let call = plan(&lab, "https://api.invalid/v1.0/engagements").variable("HTTPS_PROXY", &address);
    let ran = call.variable("NO_PROXY", "api.invalid,10.0.0.0/8").run().exits(5);
    assert!(format!("{}{}", ran.out, ran.err).contains("no connection to api.invalid:443"), "{}", ran.err);
    assert!(proxy.heard().is_empty());
}

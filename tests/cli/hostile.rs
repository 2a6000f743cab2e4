//! The real program at a server that means harm: it ends, each row has its outcome, the message says what happened, and
//! the token goes nowhere. What takes as long as a time limit is proved beside the client, with shorter ones.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::lab::{Lab, TOKEN, id, referral, rows};

/// A server that does the same to everybody, once it has been asked, and keeps what it heard.
struct Villain {
    authority: String,
    heard: Arc<Mutex<String>>,
}

impl Villain {
    fn start(act: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Villain {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(String::new()));
        let villain = Villain { authority, heard: Arc::clone(&heard) };
        let act = Arc::new(act);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (heard, act) = (Arc::clone(&heard), Arc::clone(&act));
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut chunk = [0; 16 * 1024];
                    while let Ok(read @ 1..) = stream.read(&mut chunk) {
                        let text = String::from_utf8_lossy(&chunk[..read]).into_owned();
                        heard.lock().unwrap().push_str(&text);
                        if act(&text, &mut stream).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        villain
    }

    /// Answers everything alike.
    fn answering(answer: impl Into<Vec<u8>>) -> Villain {
        let answer = answer.into();
        Villain::start(move |_, stream| stream.write_all(&answer))
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

fn whole(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Applies a row to the villain. Gives the exit code and all that was said, the report included.
fn applied(villain: &Villain) -> (i32, String) {
    let lab = Lab::new().sheet("s.csv", rows("Notes", [(1, "new")]));
    let base_url = format!("http://{}/v1.0/engagements", villain.authority);
    let ran = lab.apply("s.csv").args("-vv").variable("REFSHEET_BASE_URL", base_url).run();
    assert_eq!(ran.rows.len(), 1, "{}", ran.err);
    let said = format!("{}\n{}\n{:?}", ran.out, ran.err, ran.rows);
    assert!(!said.contains(TOKEN), "{said}");
    (ran.code, said)
}

/// The cases wait out the same delays between attempts, so they do it together.
#[test]
fn nothing_that_a_server_does_hangs_or_breaks_a_run() {
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    let endless = |head: &'static str, again: &str| {
        let again = again.repeat(64);
        Villain::start(move |_, stream| {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(again.as_bytes())?;
            }
        })
    };
    let referral = referral(1).to_string();
    let cases = [
        (endless("HTTP/1.1 200 OK\r\n\r\n", "{\"id\":"), 1, "longer than"),
        (endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &chunk), 1, "longer than"),
        (endless("HTTP/1.1 200 OK\r\n", "X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"), 1, "cut before the answer"),
        (endless("HTTP/1.1 200 OK\r\nX: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), 1, "cut before the answer"),
        (Villain::answering(whole("200 OK", "\u{0}\u{1}garbage")), 1, "not a referral: not JSON"),
        (Villain::answering(whole("200 OK\r\nContent-Type: image/png", "<html>")), 1, "not a referral: not JSON"),
        (Villain::answering(whole("200 OK\r\nContent-Encoding: gzip", "{}")), 1, "cannot be unpacked"),
        (Villain::answering(whole("200 OK", &referral.replace(&id(1), &id(2)))), 1, "another referral"),
        (Villain::answering("\u{16}\u{3}\u{1}\u{0}\u{1}".repeat(100)), 1, "cut before the answer"),
        (Villain::answering(whole("401 x\r\nWWW-Authenticate: Basic realm=\"password?\"", "")), 4, "sign-in"),
        (Villain::answering(whole("407 x\r\nProxy-Authenticate: Basic", "")), 1, "refused"),
        (Villain::answering(whole(&format!("400 x\r\nRequest-ID: {TOKEN}"), TOKEN)), 1, "[token]"),
    ];
    thread::scope(|scope| {
        for (villain, code, message) in &cases {
            scope.spawn(move || {
                let (exit, said) = applied(villain);
                assert!(exit == *code && said.contains(message), "exit {exit}, not {code} and `{message}`\n{said}");
            });
        }
    });
}

#[test]
fn a_redirect_takes_the_token_nowhere() {
    let elsewhere = Villain::answering(whole("200 OK", &referral(1).to_string()));
    for status in [301, 302, 307, 308] {
        let head = format!("{status} x\r\nLocation: http://{}/v1.0/engagements/referrals", elsewhere.authority);
        let villain = Villain::answering(whole(&head, ""));
        let (exit, said) = applied(&villain);
        assert!(exit == 1 && said.contains("redirected to `127.0.0.1`; redirects are not followed"), "{exit}\n{said}");
        assert!(villain.heard().contains(TOKEN));
    }
    assert_eq!(elsewhere.heard(), "");
}

#[test]
fn a_link_to_the_next_page_takes_the_token_nowhere_and_a_list_without_end_is_left() {
    let elsewhere = Villain::answering(whole("200 OK", r#"{"value":[]}"#));
    let link = format!("http://{}/next?page=", elsewhere.authority);
    let count = Mutex::new(0);
    let villain = Villain::start(move |asked, stream| {
        let mut count = count.lock().unwrap();
        *count += 1;
        // The same referral for ever, behind ever new links.
        let list = format!(r#"{{"value":[{}],"@odata.nextLink":"{link}{count}"}}"#, referral(1));
        let body = if asked.contains("/referrals?") { list } else { referral(1).to_string() };
        stream.write_all(whole("200 OK", &body).as_bytes())
    });
    let lab = Lab::new();
    let base_url = format!("http://{}/v1.0/engagements", villain.authority);
    let ran = lab.refsheet("export --out e.csv").variable("REFSHEET_BASE_URL", &base_url).run().exits(5);
    assert!(ran.err.contains("the list has no end"), "{}", ran.err);
    assert_eq!(elsewhere.heard(), "");
    assert!(villain.heard().contains("GET /v1.0/engagements/referrals?page="), "{}", villain.heard());
}

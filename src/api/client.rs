//! The service, spoken to over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode, redirect, retry};

use super::base_url::BaseUrl;
use super::call::Call;
use super::credentials::Credentials;
use super::fault::{self, Peer};
use super::{body, list, trace};
use crate::domain::json::Json;
use crate::domain::patch::Patch;
use crate::domain::referral::{ETag, NotAReferral, Referral, ReferralId};
use crate::service::{Answer, Fault, Page, PageQuery, Readiness, Reply, Service, Trace, Wanted};

/// How long a connection may take to be made, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call may take from its first byte to the answer's last.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long an idle connection is kept. Shorter than servers keep theirs, so that a request is rarely sent into one
/// that is being closed, which would leave open whether it arrived.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// How many requests are in flight unless told otherwise (contract, section 9).
const CONCURRENCY: usize = 4;

/// A shorter token is a word for a sandbox, which may stand in an answer by chance. Real ones have a thousand bytes.
const TOKEN_BYTES_MIN: usize = 20;

pub(super) const USER_AGENT: &str = concat!("refsheet/", env!("CARGO_PKG_VERSION"));

/// How the client behaves.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where the service lives.
    pub base_url: BaseUrl,
    /// How many requests will be in flight at most; as many connections are kept.
    pub concurrency: usize,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a call may take, connection and answer included.
    pub timeout: Duration,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub struct ClientError(#[from] reqwest::Error);

/// Partner Center, or whatever answers like it at the base URL.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    peer: Peer,
    credentials: Arc<Credentials>,
}

/// A 2xx answer.
struct Received {
    trace: Trace,
    body: Option<String>,
}

impl ClientSettings {
    /// The usual behaviour, at this address.
    pub fn new(base_url: BaseUrl) -> Self {
        ClientSettings { base_url, concurrency: CONCURRENCY, connect_timeout: CONNECT_TIMEOUT, timeout: TIMEOUT }
    }
}

impl Client {
    /// A client that has not connected to anything yet.
    pub fn new(settings: ClientSettings, credentials: Arc<Credentials>) -> Result<Self, ClientError> {
        let ClientSettings { base_url, concurrency, connect_timeout, timeout } = settings;
        // It fails when one is installed already, and then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(connect_timeout)
            .timeout(timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(concurrency)
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .https_only(!base_url.is_loopback());
        let http = if base_url.is_loopback() { http.no_proxy() } else { http };
        let peer = Peer { authority: base_url.authority(), timeout };
        Ok(Client { http: http.build()?, base_url, peer, credentials })
    }

    /// Makes one request. Success is a 2xx with a body that came whole, or none.
    async fn call(&self, call: Call) -> Result<Received, Fault> {
        let (authorization, generation) = self.credentials.authorization()?;
        let token = authorization.clone();
        let began = Instant::now();
        let sent = call.request(&self.http, authorization).send().await;
        let response = sent.map_err(|error| {
            let fault = fault::from_transport(&error, &self.peer);
            log_silence(&call, &fault, began.elapsed());
            fault
        })?;
        let trace = without_token_in_trace(trace::trace(response.status(), response.headers()), &token);
        log(&call, &trace, began.elapsed());
        if response.status() == StatusCode::UNAUTHORIZED {
            self.credentials.refuse(generation);
        }
        if !response.status().is_success() {
            return Err(without_token(fault::from_answer(response).await, &token));
        }
        match body::whole(response, call.answer_bytes_max).await {
            // The service has no reason to, and what it says ends up in reports.
            Ok(Some(body)) if has_token(&body, &token) => {
                Err(fault::unexpected(trace, "the answer repeats the access token"))
            }
            Ok(body) => Ok(Received { trace, body }),
            Err(why) => Err(fault::from_unreadable(&why, trace, &self.peer)),
        }
    }
}

impl Service for Client {
    async fn read(&self, id: ReferralId) -> Answer<Referral> {
        let reply = self.call(Call::read(self.base_url.referral(id))).await?.referral()?;
        if reply.value.id() != id {
            return Err(fault::unexpected(
                reply.trace,
                &format!("the answer is another referral, `{}`", reply.value.id()),
            ));
        }
        Ok(reply)
    }

    async fn page(&self, query: PageQuery) -> Answer<Page> {
        let query = match query {
            PageQuery::First { size, filter } => list::first_query(size, filter.as_deref()),
            PageQuery::Next(cursor) => cursor.0,
        };
        let url = self.base_url.list(&query);
        let Received { trace, body } = self.call(Call::page(url.clone())).await?;
        // A page may have megabytes, and requests under way are not to wait for it.
        let page = tokio::task::spawn_blocking(move || list::read(&body.unwrap_or_default(), &url)).await;
        match page.expect("reading a page does not panic") {
            Ok(value) => Ok(Reply { value, trace }),
            Err(why) if why.is_passing() => Err(fault::unexpected(trace, &why.to_string())),
            Err(why) => Err(fault::refused(trace, "badNextLink", &why.to_string())),
        }
    }

    async fn patch(
        &self,
        id: ReferralId,
        patch: &Patch,
        guard: Option<&ETag>,
        wanted: Wanted,
    ) -> Answer<Option<Referral>> {
        let call = Call::write(Method::PATCH, self.base_url.referral(id), patch.document());
        let call = match guard {
            Some(guard) => call.only_if(guard)?,
            None => call,
        };
        let call = match wanted {
            Wanted::Representation => call.with_representation(),
            Wanted::Nothing => call,
        };
        self.call(call).await?.changed(id)
    }

    async fn replace(&self, id: ReferralId, document: &Json, guard: &ETag) -> Answer<Option<Referral>> {
        let call = Call::write(Method::PUT, self.base_url.referral(id), document);
        self.call(call.only_if(guard)?).await?.changed(id)
    }

    async fn create(&self, document: &Json) -> Answer<Referral> {
        self.call(Call::write(Method::POST, self.base_url.referrals(), document)).await?.referral()
    }

    async fn renew(&self) -> Result<(), Fault> {
        Ok(self.credentials.renew().await?)
    }

    async fn make_ready(&self) -> Readiness {
        self.credentials.make_ready().await
    }
}

impl Received {
    /// The referral that must be in the answer.
    fn referral(self) -> Answer<Referral> {
        match Referral::parse(self.body.unwrap_or_default()) {
            Ok(referral) => Ok(Reply { value: referral.or_etag(self.trace.etag.clone()), trace: self.trace }),
            Err(why) => Err(fault::unexpected(self.trace, &not_a_referral(&why))),
        }
    }

    /// The changed referral, if the answer has one. The status says that it was done; but a body that is not JSON
    /// cannot be from the service, so neither is its status, and the referral has to be looked at.
    fn changed(self, id: ReferralId) -> Answer<Option<Referral>> {
        let value = match self.body.map(Referral::parse).transpose() {
            Ok(referral) => referral.filter(|referral| referral.id() == id),
            Err(NotAReferral::NoId) => None,
            Err(why @ NotAReferral::NotJson(_)) => return Err(fault::unexpected(self.trace, &not_a_referral(&why))),
        };
        let value = value.map(|referral| referral.or_etag(self.trace.etag.clone()));
        Ok(Reply { value, trace: self.trace })
    }
}

/// A service, or a gateway in front of it, may repeat what it was sent. The token goes no further.
fn without_token(mut fault: Fault, authorization: &HeaderValue) -> Fault {
    let texts = [Some(&mut fault.message), fault.code.as_mut()];
    texts.into_iter().flatten().for_each(|text| *text = text.replace(bare(authorization), "[token]"));
    fault.trace = without_token_in_trace(fault.trace, authorization);
    fault
}

fn without_token_in_trace(trace: Trace, authorization: &HeaderValue) -> Trace {
    Trace {
        request_id: trace.request_id.filter(|id| !has_token(id, authorization)),
        etag: trace.etag.filter(|etag| !has_token(etag.as_str(), authorization)),
        ..trace
    }
}

fn has_token(text: &str, authorization: &HeaderValue) -> bool {
    let token = bare(authorization);
    token.len() >= TOKEN_BYTES_MIN && text.contains(token)
}

/// The token itself, which is never empty.
fn bare(authorization: &HeaderValue) -> &str {
    authorization.to_str().unwrap_or_default().trim_start_matches("Bearer ")
}

fn not_a_referral(why: &NotAReferral) -> String {
    format!("the answer is not a referral: {why}")
}

/// For support calls. The query stays out: a filter can hold an e-mail address.
fn log(call: &Call, trace: &Trace, took: Duration) {
    tracing::debug!(
        event = "answer",
        method = %call.method,
        path = call.url.path(),
        http = trace.http,
        request_id = trace.request_id,
        client_request_id = %call.request_id,
        ms = milliseconds(took),
        "answered"
    );
}

fn log_silence(call: &Call, fault: &Fault, took: Duration) {
    tracing::debug!(
        event = "no_answer",
        method = %call.method,
        path = call.url.path(),
        client_request_id = %call.request_id,
        ms = milliseconds(took),
        reason = fault.message,
        "no answer"
    );
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

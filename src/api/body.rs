//! Bodies of answers, read to a bound.

use reqwest::Response;

/// The longest page that is read: a hundred referrals of some 160 KiB each.
pub(super) const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The longest single referral that is read. Published ones have 2 to 5 KiB.
pub(super) const REFERRAL_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How much of an error's body is looked at; the service's own errors have at most some 2 KiB.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is longer than the bound.
    TooLong {
        /// The bound.
        bytes_max: usize,
    },
    /// It is not text.
    NotText,
    /// It broke off, or took too long.
    Broken(reqwest::Error),
}

/// The whole body as text without a byte order mark; nothing if it is empty.
///
/// The content type is not looked at: the text itself has to convince (contract, section 8.1).
pub(super) async fn whole(mut response: Response, bytes_max: usize) -> Result<Option<String>, Unreadable> {
    let (bytes, end) = read(&mut response, bytes_max).await;
    end?;
    let text = String::from_utf8(bytes).map_err(|_| Unreadable::NotText)?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok((!text.trim().is_empty()).then_some(text))
}

/// As much of an error's body as came, within a bound.
pub(super) async fn excerpt(mut response: Response) -> String {
    let (bytes, _) = read(&mut response, ERROR_BYTES_MAX).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The body up to the bound, and whether that is all of it.
async fn read(response: &mut Response, bytes_max: usize) -> (Vec<u8>, Result<(), Unreadable>) {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return (bytes, Ok(())),
            Ok(Some(chunk)) if bytes.len() + chunk.len() > bytes_max => {
                bytes.extend_from_slice(&chunk[..bytes_max - bytes.len()]);
                return (bytes, Err(Unreadable::TooLong { bytes_max }));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Err(error) => return (bytes, Err(Unreadable::Broken(error))),
        }
    }
}

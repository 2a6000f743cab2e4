//! What comes with a write besides its content: the claimed media type (S21) and the guard (S10).

use super::refusal::Refusal;

/// A body and the type that its sender claims.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The body itself, not looked at so far.
    pub bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// A body of JSON, sent as such.
    pub fn of(json: &'a str) -> Self {
        Body { content_type: Some("application/json"), bytes: json.as_bytes() }
    }

    /// A patch may name the media type of RFC 6902 as well (S21).
    pub(super) fn patch(self) -> Result<&'a [u8], Refusal> {
        self.typed(&["application/json", "application/json-patch+json"])
    }

    /// A whole referral.
    pub(super) fn json(self) -> Result<&'a [u8], Refusal> {
        self.typed(&["application/json"])
    }

    fn typed(self, accepted: &[&str]) -> Result<&'a [u8], Refusal> {
        let named = self.content_type.unwrap_or_default();
        let essence = named.split(';').next().unwrap_or_default().trim();
        let is_accepted = accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(essence));
        if is_accepted { Ok(self.bytes) } else { Err(Refusal::media_type(named)) }
    }
}

/// `*`, one quoted tag, or a list of them. A tag without its quotes, or a weak one, is not the same tag (S10).
pub(super) fn check_guard(if_match: &str, etag: &str) -> Result<(), Refusal> {
    let mut tags = if_match.split(',').map(str::trim);
    let is_current = if_match.trim() == "*" || tags.any(|tag| tag == etag);
    if is_current { Ok(()) } else { Err(Refusal::stale()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_one_tag_a_list_or_a_star_matches_and_nothing_else() {
        let check = |if_match: &str, expected: bool| {
            let outcome = check_guard(if_match, "\"25-00\"");
            assert_eq!(outcome.is_ok(), expected, "{if_match}");
            assert!(outcome.is_ok() || outcome == Err(Refusal::stale()));
        };
        check("\"25-00\"", true);
        check(" \"25-00\" ", true);
        check("*", true);
        check("\"other\", \"25-00\"", true);
        check("\"other\"", false);
        check("25-00", false);
        check("\"\"25-00\"\"", false);
        check("W/\"25-00\"", false);
        check("", false);
    }

    #[test]
    fn s21_a_patch_may_name_its_own_media_type() {
        let check = |content_type: Option<&str>, is_patch: bool, is_json: bool| {
            let body = Body { content_type, bytes: b"[]" };
            assert_eq!(body.patch().is_ok(), is_patch, "{content_type:?}");
            assert_eq!(body.json().is_ok(), is_json, "{content_type:?}");
        };
        check(Some("application/json"), true, true);
        check(Some("Application/JSON; charset=utf-8"), true, true);
        check(Some("application/json-patch+json"), true, false);
        check(Some("text/json"), false, false);
        check(Some(""), false, false);
        check(None, false, false);
        assert_eq!(Body { content_type: None, bytes: b"" }.json().unwrap_err().status, 415);
    }
}

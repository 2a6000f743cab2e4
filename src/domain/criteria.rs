//! Which referrals are wanted: as a filter that the service applies (contract, section 7), and as a check of our own,
//! because a service that does not know a filter may well ignore it.

use jiff::Timestamp;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::json::Json;
use super::referral::Referral;
use super::value::same::moment;

/// What is asked of a referral. All of it must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Criteria {
    /// An `OData` filter of the user's own. Only the service understands it.
    pub filter: Option<String>,
    /// Its status is one of these, if there are any.
    pub statuses: Vec<&'static str>,
    /// It was changed at this moment or later.
    pub changed_since: Option<Timestamp>,
    /// Somebody with this e-mail address is in the team.
    pub team_member: Option<String>,
    /// It is expected to be closed before. No source shows a filter for it, so it is checked here only.
    pub closing_before: Option<Timestamp>,
}

impl Criteria {
    /// The filter for the service; none if it has nothing to filter by.
    pub fn odata(&self) -> Option<String> {
        let statuses: Vec<String> =
            self.statuses.iter().map(|status| format!("status eq {}", quoted(status))).collect();
        let statuses = match statuses.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("({})", several.join(" or "))),
        };
        let changed_since = self.changed_since.map(|at| format!("updatedDateTime ge {at}"));
        let team_member = self.team_member.as_deref().map(|mail| format!("team/any(t:t/email eq {})", quoted(mail)));
        let friendly: Vec<String> = statuses.into_iter().chain(changed_since).chain(team_member).collect();
        match (self.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty()), friendly.as_slice()) {
            (None, []) => None,
            (Some(filter), []) => Some(filter.to_owned()),
            (None, friendly) => Some(friendly.join(" and ")),
            (Some(filter), friendly) => Some(format!("({filter}) and {}", friendly.join(" and "))),
        }
    }

    /// Whether a referral is wanted, as far as it says. What the service was asked to filter by and a page leaves out
    /// is believed; what only we ask for must be there.
    pub fn admits(&self, referral: &Referral) -> bool {
        let text = |pointer: &'static str| referral.at(Pointer::from_static(pointer)).and_then(Value::as_str);
        let at = |pointer| text(pointer).and_then(|text| moment(&Json::string(text)));
        let has_status =
            text("/status").is_none_or(|is| self.statuses.iter().any(|status| status.eq_ignore_ascii_case(is)));
        let is_member = |mail: &str| {
            let team = referral.at(Pointer::from_static("/team"));
            let is = |member: &Value| {
                member.get("email").and_then(Value::as_str).is_some_and(|is| is.eq_ignore_ascii_case(mail))
            };
            team.is_none_or(|team| team.as_array().is_some_and(|team| team.iter().any(is)))
        };
        (self.statuses.is_empty() || has_status)
            && self.changed_since.is_none_or(|since| at("/updatedDateTime").is_none_or(|at| at >= since))
            && self.team_member.as_deref().is_none_or(is_member)
            && self.closing_before.is_none_or(|end| at("/details/closingDateTime").is_some_and(|at| at < end))
    }
}

/// A string of `OData`: a quote in it is doubled.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Criteria {
        Criteria {
            filter: None,
            statuses: vec!["New", "Active"],
            changed_since: Some("2026-11-01T00:00:00Z".parse().unwrap()),
            team_member: Some("o'hara@contoso.com".to_owned()),
            closing_before: Some("2026-12-31T00:00:00Z".parse().unwrap()),
        }
    }

    fn check(members: &str, expected: bool) {
        let text = format!(r#"{{"id":"49d90c72-3326-4f61-aacc-2cb57970448c",{members}}}"#);
        assert_eq!(all().admits(&Referral::parse(text).unwrap()), expected, "{members}");
    }

    #[test]
    fn the_filter_is_one_that_the_service_reads() {
        assert_eq!(
            all().odata().unwrap(),
            "(status eq 'New' or status eq 'Active') and updatedDateTime ge 2026-11-01T00:00:00Z \
             and team/any(t:t/email eq 'o''hara@contoso.com')"
        );
        let filter = Some("type eq 'Shared' or type eq 'Independent'".to_owned());
        assert_eq!(Criteria { filter: filter.clone(), ..Criteria::default() }.odata(), filter);
        let both = Criteria { filter, statuses: vec!["New"], ..Criteria::default() };
        assert_eq!(both.odata().unwrap(), "(type eq 'Shared' or type eq 'Independent') and status eq 'New'");
        assert_eq!(Criteria::default().odata(), None);
        assert_eq!(Criteria { closing_before: all().closing_before, ..Criteria::default() }.odata(), None);
    }

    #[test]
    fn what_the_service_let_through_is_checked_again() {
        let closing = r#""details":{"closingDateTime":"2026-12-01T00:00:00Z"}"#;
        let good = format!(
            r#""status":"Active","updatedDateTime":"2026-11-01T00:00:00Z","team":[{{"email":"O'Hara@contoso.com"}}],{closing}"#
        );
        check(&good, true);
        check(&good.replace("Active", "Closed"), false);
        check(&good.replace("2026-11-01", "2026-10-31"), false);
        check(&good.replace("O'Hara", "ohara"), false);
        check(&good.replace("2026-12-01", "2026-12-31"), false);
    }

    #[test]
    fn what_a_page_leaves_out_is_believed_if_the_service_was_asked() {
        check(r#""details":{"closingDateTime":"2026-12-01T00:00:00Z"}"#, true);
        check(r#""status":"Active""#, false);
        check(r#""team":null,"details":{"closingDateTime":"2026-12-01T00:00:00Z"}"#, false);
    }
}

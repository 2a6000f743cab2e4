//! `$filter`: comparisons of a member with a literal, `and`, `or`, `not`, parentheses, and `any` over a list
//! (contract, section 7). Functions and arithmetic are not in the contract, hence refused (S23).

use std::cmp::Ordering;

use serde_json::Value;

use super::lexer::{self, Token};
use super::{Path, Scalar};
use crate::sandbox::refusal::Refusal;

/// How deep parentheses, `not` and `any` may nest, so that no filter exhausts the stack.
const DEPTH_MAX: usize = 32;

/// A condition on a referral.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) struct Filter(Condition);

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Path, Comparison, Scalar),
    Any(Path, Box<Condition>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Filter {
    /// Reads the value of `$filter`.
    pub(in crate::sandbox) fn parse(text: &str) -> Result<Filter, Refusal> {
        let read = || {
            let mut tokens = lexer::tokens(text)?;
            tokens.reverse();
            let mut parser = Parser { tokens, variable: None, depth: 0 };
            let condition = parser.either()?;
            match parser.tokens.pop() {
                None => Ok(Filter(condition)),
                Some(token) => Err(unexpected(Some(token))),
            }
        };
        read().map_err(|why: String| Refusal::invalid("$filter", format!("the filter cannot be read: {why}")))
    }

    /// The members of the root that it asks about.
    pub(in crate::sandbox) fn looks_at(&self) -> Vec<&str> {
        self.0.looks_at()
    }

    /// Whether it holds for this referral, of which these members suffice.
    pub(in crate::sandbox) fn admits(&self, referral: &Value) -> bool {
        self.0.holds(referral)
    }
}

impl Condition {
    fn looks_at(&self) -> Vec<&str> {
        match self {
            Condition::Or(conditions) | Condition::And(conditions) => {
                conditions.iter().flat_map(Condition::looks_at).collect()
            }
            Condition::Not(condition) => condition.looks_at(),
            Condition::Compare(path, _, _) | Condition::Any(path, _) => vec![path.root()],
        }
    }

    fn holds(&self, document: &Value) -> bool {
        match self {
            Condition::Or(conditions) => conditions.iter().any(|condition| condition.holds(document)),
            Condition::And(conditions) => conditions.iter().all(|condition| condition.holds(document)),
            Condition::Not(condition) => !condition.holds(document),
            Condition::Compare(path, comparison, literal) => {
                comparison.holds(Scalar::of(path.of(document)).compare(literal))
            }
            Condition::Any(path, condition) => {
                path.of(document).as_array().is_some_and(|items| items.iter().any(|item| condition.holds(item)))
            }
        }
    }
}

impl Comparison {
    fn of_word(word: &str) -> Option<Comparison> {
        match word {
            "eq" => Some(Comparison::Equal),
            "ne" => Some(Comparison::NotEqual),
            "gt" => Some(Comparison::Greater),
            "ge" => Some(Comparison::GreaterOrEqual),
            "lt" => Some(Comparison::Less),
            "le" => Some(Comparison::LessOrEqual),
            _ => None,
        }
    }

    /// Values that cannot be compared are unequal, and neither greater nor less.
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        }
    }
}

struct Parser {
    /// Last token first.
    tokens: Vec<Token>,
    /// The variable of the `any` that we are in.
    variable: Option<String>,
    depth: usize,
}

impl Parser {
    fn either(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.both()?];
        while self.skip_word("or") {
            conditions.push(self.both()?);
        }
        Ok(if conditions.len() == 1 { conditions.remove(0) } else { Condition::Or(conditions) })
    }

    fn both(&mut self) -> Result<Condition, String> {
        let mut conditions = vec![self.single()?];
        while self.skip_word("and") {
            conditions.push(self.single()?);
        }
        Ok(if conditions.len() == 1 { conditions.remove(0) } else { Condition::And(conditions) })
    }

    fn single(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("it nests deeper than {DEPTH_MAX} levels"));
        }
        let condition = match self.tokens.pop() {
            Some(Token::Open) => {
                let condition = self.either()?;
                self.close()?;
                condition
            }
            Some(Token::Word(word)) if word == "not" => Condition::Not(Box::new(self.single()?)),
            Some(Token::Word(word)) => match word.strip_suffix("/any") {
                Some(path) if self.tokens.last() == Some(&Token::Open) => self.any(path)?,
                _ => self.comparison(&word)?,
            },
            other => return Err(unexpected(other)),
        };
        self.depth -= 1;
        Ok(condition)
    }

    /// `team/any(t:t/email eq '…')`, with or without a space after the colon.
    fn any(&mut self, path: &str) -> Result<Condition, String> {
        if self.variable.is_some() {
            return Err("`any` inside `any` is not supported".to_owned());
        }
        let path = self.path(path)?;
        self.tokens.pop();
        let Some(Token::Word(word)) = self.tokens.pop() else { return Err("`any` has no variable".to_owned()) };
        let Some((variable, rest)) = word.split_once(':') else { return Err("`any` has no variable".to_owned()) };
        if !rest.is_empty() {
            self.tokens.push(Token::Word(rest.to_owned()));
        }
        self.variable = Some(variable.to_owned());
        let condition = self.either()?;
        self.variable = None;
        self.close()?;
        Ok(Condition::Any(path, Box::new(condition)))
    }

    fn comparison(&mut self, path: &str) -> Result<Condition, String> {
        let path = self.path(path)?;
        let comparison = match self.tokens.pop() {
            Some(Token::Word(word)) => Comparison::of_word(&word).ok_or(format!("`{word}` is no operator"))?,
            other => return Err(unexpected(other)),
        };
        let literal = match self.tokens.pop() {
            Some(Token::Quoted(text)) => Scalar::of_text(&text),
            Some(Token::Word(word)) => Scalar::of_word(&word).ok_or(format!("`{word}` is no literal"))?,
            other => return Err(unexpected(other)),
        };
        Ok(Condition::Compare(path, comparison, literal))
    }

    fn path(&self, text: &str) -> Result<Path, String> {
        let path = match &self.variable {
            None => Path::from_root(text),
            Some(variable) => {
                text.strip_prefix(variable.as_str()).and_then(|text| text.strip_prefix('/')).and_then(Path::relative)
            }
        };
        path.ok_or(format!("`{text}` is no member"))
    }

    fn skip_word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.tokens.last(), Some(Token::Word(next)) if next == word);
        if is_next {
            self.tokens.pop();
        }
        is_next
    }

    fn close(&mut self) -> Result<(), String> {
        match self.tokens.pop() {
            Some(Token::Close) => Ok(()),
            other => Err(unexpected(other)),
        }
    }
}

fn unexpected(token: Option<Token>) -> String {
    match token {
        None => "it ends too early".to_owned(),
        Some(Token::Open) => "`(` is not expected there".to_owned(),
        Some(Token::Close) => "`)` is not expected there".to_owned(),
        Some(Token::Word(word)) => format!("`{word}` is not expected there"),
        Some(Token::Quoted(text)) => format!("`'{text}'` is not expected there"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(filter: &str, expected: bool) {
        let referral = json!({
            "id": "C5FBB3B6-be74-4795-9fb5-4324c73fed37",
            "name": "O'Hara's deal",
            "status": "Active",
            "direction": "Outgoing",
            "favorite": true,
            "campaignId": null,
            "updatedDateTime": "2026-03-01T00:00:00Z",
            "customerProfile": { "address": { "country": "US" } },
            "details": { "dealValue": 10000.5 },
            "team": [{ "email": "ann@contoso.com" }, { "email": "bo@contoso.com", "title": null }],
        });
        assert_eq!(Filter::parse(filter).unwrap().admits(&referral), expected, "{filter}");
    }

    fn check_refused(filter: &str) {
        assert_eq!(Filter::parse(filter).unwrap_err().target.as_deref(), Some("$filter"), "{filter}");
    }

    #[test]
    fn members_are_compared_with_literals() {
        check("status eq 'Active'", true);
        check("status eq 'active'", false);
        check("status ne 'Active'", false);
        check("name eq 'O''Hara''s deal'", true);
        check("customerProfile/address/country eq 'US'", true);
        check("details/dealValue gt 10000", true);
        check("details/dealValue le 10000.5", true);
        check("favorite eq true", true);
    }

    #[test]
    fn guids_are_taken_bare_or_quoted_in_any_case() {
        check("id eq c5fbb3b6-be74-4795-9fb5-4324c73fed37", true);
        check("id eq 'c5fbb3b6-BE74-4795-9fb5-4324c73fed37'", true);
        check("id ne 'c5fbb3b6-be74-4795-9fb5-4324c73fed38'", true);
    }

    #[test]
    fn date_times_are_compared_as_instants() {
        check("updatedDateTime ge 2026-03-01T00:00:00.0000000Z", true);
        check("updatedDateTime gt 2026-02-28T23:59:59.9999999Z", true);
        check("updatedDateTime lt 2026-03-01T00:00:00Z", false);
    }

    #[test]
    fn nothing_equals_null_only() {
        check("campaignId eq null", true);
        check("salesStage eq null", true);
        check("campaignId ne 'x'", true);
        check("campaignId lt 'x'", false);
        check("status ne null", true);
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        check("status eq 'New' or status eq 'Active' and direction eq 'Incoming'", false);
        check("(status eq 'New' or status eq 'Active') and direction eq 'Outgoing'", true);
        check("not (status eq 'New') and not (favorite eq false)", true);
        check("((status eq 'Active'))", true);
    }

    #[test]
    fn any_looks_into_a_list() {
        check("team/any(t:t/email eq 'bo@contoso.com')", true);
        check("team/any(t: t/email eq 'bo@contoso.com' and t/title eq null)", true);
        check("team/any(t:t/email eq 'cy@contoso.com')", false);
        check("customerProfile/team/any(t:t/email eq 'bo@contoso.com')", false);
        check("status eq 'Active' and direction eq 'Outgoing' and team/any(t:t/email eq 'ann@contoso.com')", true);
    }

    #[test]
    fn s23_what_is_not_in_the_grammar_is_refused() {
        for filter in [
            "",
            "status",
            "status eq",
            "status eq Active",
            "status eq \"Active\"",
            "status eq 'Active",
            "status = 'Active'",
            "status eq 'Active' and",
            "status eq 'Active' status eq 'New'",
            "(status eq 'Active'",
            "status eq 'Active')",
            "not",
            "contains(name,'x')",
            "startswith(name, 'x') eq true",
            "unknown eq 'x'",
            "team/any(t)",
            "team/any(email eq 'x')",
            "team/any(t:x/email eq 'x')",
            "team/any(t:status eq 'x')",
            "team/all(t:t/email eq 'x')",
            "'Active' eq status",
        ] {
            check_refused(filter);
        }
    }

    #[test]
    fn a_filter_does_not_nest_without_end() {
        check_refused(&format!("{}status eq 'Active'{}", "(".repeat(10_000), ")".repeat(10_000)));
        check_refused(&format!("{}status eq 'Active'", "not ".repeat(10_000)));
    }
}

//! The words and marks of a `$filter`.

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    /// Names, paths, operators, and literals without quotes.
    Word(String),
    /// A literal in single quotes, with doubled ones undone.
    Quoted(String),
}

/// Splits the text, or names the character that does not belong there.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '(' | ')' => {
                tokens.push(if first == '(' { Token::Open } else { Token::Close });
                after
            }
            '\'' => {
                let (quoted, after) = quoted(after).ok_or("a quote is not closed")?;
                tokens.push(Token::Quoted(quoted));
                after
            }
            _ if first.is_whitespace() => after,
            _ if is_word(first) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                &rest[end..]
            }
            _ => return Err(format!("`{first}` does not belong into a filter")),
        };
    }
    Ok(tokens)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_/.:+-".contains(letter)
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut inside = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('\'')?;
        inside.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => rest = after,
            None => return Some((inside, rest)),
        }
        inside.push('\'');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Token]) {
        assert_eq!(tokens(text).unwrap(), expected);
    }

    fn word(text: &str) -> Token {
        Token::Word(text.to_owned())
    }

    #[test]
    fn words_quotes_and_parentheses_are_told_apart() {
        check("(a/b  eq 'x')", &[Token::Open, word("a/b"), word("eq"), Token::Quoted("x".to_owned()), Token::Close]);
        check("d ge 2026-01-01T00:00:00Z", &[word("d"), word("ge"), word("2026-01-01T00:00:00Z")]);
        check("'O''Hara' ''", &[Token::Quoted("O'Hara".to_owned()), Token::Quoted(String::new())]);
        check("", &[]);
    }

    #[test]
    fn what_cannot_be_split_is_named() {
        assert!(tokens("name eq 'open").is_err());
        assert!(tokens("name = 'x'").unwrap_err().contains('='));
    }
}

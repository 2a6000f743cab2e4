//! What those hear who poll: a list to be said in its order.

use std::str::FromStr;

/// An answer to a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Nobody has decided yet.
    Pending,
    /// The same, and ask less often.
    SlowDown,
    /// The person said no.
    Denied,
    /// The code has ended.
    Expired,
    /// Here are the tokens.
    Approved,
}

/// The answers in their order; the last one again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replies(Vec<Reply>);

/// A text that is no such list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no answer to a poll: `pending`, `slow_down`, `denied`, `expired` or `approved` is expected")]
pub struct NoReplies(String);

impl Default for Replies {
    fn default() -> Self {
        Replies(vec![Reply::Pending, Reply::Approved])
    }
}

impl Replies {
    /// The answer to a poll, counted from 0.
    pub(super) fn at(&self, index: usize) -> Reply {
        self.0.get(index).or(self.0.last()).copied().unwrap_or(Reply::Pending)
    }
}

impl FromStr for Replies {
    type Err = NoReplies;

    fn from_str(text: &str) -> Result<Self, NoReplies> {
        let reply = |word: &str| match word.trim() {
            "pending" => Ok(Reply::Pending),
            "slow_down" => Ok(Reply::SlowDown),
            "denied" => Ok(Reply::Denied),
            "expired" => Ok(Reply::Expired),
            "approved" => Ok(Reply::Approved),
            other => Err(NoReplies(other.to_owned())),
        };
        text.split(',').map(reply).collect::<Result<_, _>>().map(Replies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_is_given_again() {
        let replies: Replies = "pending, slow_down,approved".parse().unwrap();
        let given: Vec<Reply> = (0..4).map(|index| replies.at(index)).collect();
        assert_eq!(given, [Reply::Pending, Reply::SlowDown, Reply::Approved, Reply::Approved]);
        assert_eq!("".parse::<Replies>(), Err(NoReplies(String::new())));
        assert_eq!("pending,soon".parse::<Replies>(), Err(NoReplies("soon".to_owned())));
    }
}

//! Everything that looks random, made from the seed: ids, eTags, request ids, and the dice of the seeded data.

use uuid::{Builder, Uuid};

use crate::domain::referral::ReferralId;

/// What an id is for, so that two ids of one index differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Referral,
    Engagement,
    Organization,
    Target,
    Registration,
    Request,
    Trouble,
    SignIn,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Purpose::Referral => "referral",
            Purpose::Engagement => "engagement",
            Purpose::Organization => "organization",
            Purpose::Target => "target",
            Purpose::Registration => "registration",
            Purpose::Request => "request",
            Purpose::Trouble => "trouble",
            Purpose::SignIn => "sign-in",
        }
    }
}

/// The id of the seeded referral with this index, counted from 0, so that sample sheets can name it.
pub fn referral_id(seed: u64, index: usize) -> ReferralId {
    ReferralId::from(guid(seed, Purpose::Referral, index as u64))
}

/// A name-based GUID (version 5), the same for the same arguments on every machine.
pub(super) fn guid(seed: u64, purpose: Purpose, index: u64) -> Uuid {
    let name = format!("refsheet sandbox/{seed}/{}/{index}", purpose.word());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// The id of an answer. Minted per request, hence by the cheaper way.
pub(super) fn request_id(seed: u64, count: u64) -> Uuid {
    let mut dice = Dice::new(seed, Purpose::Request as u64 + (count << 8));
    Builder::from_u128((u128::from(dice.roll()) << 64) | u128::from(dice.roll()))
        .with_variant(uuid::Variant::RFC4122)
        .with_version(uuid::Version::Random)
        .into_uuid()
}

/// An eTag in the documented form, its quotes included (contract, section 6). Two versions of one referral never
/// share one: the version is added, not mixed in.
pub(super) fn etag(seed: u64, id: ReferralId, version: u64) -> String {
    let id: u64 = id.to_string().bytes().fold(seed, |mixed, byte| mix(mixed ^ u64::from(byte)));
    let [high, low] = [id >> 32, id & 0xffff_ffff];
    let first = (high + version * 0x0001_0003) & 0xffff_ffff;
    format!("\"{first:08x}-0000-0000-0000-{low:08x}0000\"")
}

/// Numbers without a pattern that meets the eye (`SplitMix64`), the same for the same seed.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for each index, so that a referral does not depend on those before it.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        Dice(mix(seed ^ mix(index)))
    }

    /// The next number.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 up to, and not including, `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len() as u64);
        &items[usize::try_from(index).expect("an index below a length fits")]
    }
}

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_depend_on_seed_and_index_alone() {
        assert_eq!(referral_id(1, 0), referral_id(1, 0));
        assert_ne!(referral_id(1, 0), referral_id(1, 1));
        assert_ne!(referral_id(1, 0), referral_id(2, 0));
        assert_ne!(guid(1, Purpose::Referral, 0), guid(1, Purpose::Engagement, 0));
        assert_ne!(request_id(1, 1), request_id(1, 2));
    }

    #[test]
    fn an_etag_has_the_documented_form_and_is_new_at_each_version() {
        let tags: HashSet<String> = (0..10_000).map(|version| etag(1, referral_id(1, 0), version)).collect();
        assert_eq!(tags.len(), 10_000);
        for tag in tags {
            let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap();
            assert!(Uuid::try_parse(inner).is_ok() && inner.len() == 36, "{tag}");
        }
    }
}

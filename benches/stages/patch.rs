//! A wish against a referral: the patch, checked by applying it; and without one, as `--check none` has it.

use divan::Bencher;
use refsheet::domain::plan::{self, Step};
use refsheet::domain::referral::Referral;

use crate::rows::{changes, per_row, referrals};

/// What the service sent becomes a referral.
#[divan::bench(sample_count = 20)]
fn referrals_parsed(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = referrals().iter().map(|referral| referral.document().text().to_owned()).collect();
    bencher.counter(per_row()).bench_local(|| {
        texts.iter().filter(|text| Referral::parse((*text).clone()).is_ok_and(|found| found.etag().is_some())).count()
    });
}

#[divan::bench(sample_count = 20)]
fn against_a_referral(bencher: Bencher<'_, '_>) {
    let pairs: Vec<_> = changes().into_iter().zip(referrals()).collect();
    // A referral remembers where its members are; each is as new as from the service.
    bencher.counter(per_row()).with_inputs(|| pairs.clone()).bench_local_refs(|pairs| {
        pairs.iter().filter(|(change, current)| is_write(&plan::against(change, current).step)).count()
    });
}

#[divan::bench(sample_count = 20)]
fn unseen(bencher: Bencher<'_, '_>) {
    let changes = changes();
    bencher
        .counter(per_row())
        .bench_local(|| changes.iter().filter(|change| is_write(&plan::unseen(change).step)).count());
}

fn is_write(step: &Step) -> bool {
    matches!(step, Step::Write(write) if !write.patch.document().text().is_empty())
}

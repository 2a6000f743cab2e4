//! `runs merge`: the shards of a sheet as if they had been one run.
//!
//! ```text
//! ledger of 1/3 ─ entries ─┐
//! ledger of 2/3 ─ entries ─┼─▶ by row number ─▶ outlets
//! ledger of 3/3 ─ entries ─┘
//! ```
//!
//! Each row of the sheet is in exactly one of them, or nothing is merged: a report that lacks rows would look like one
//! of a smaller sheet.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::end::End;
use super::outlets::Outlets;
use super::place::{Place, shell_command};
use super::run::{Finish, settled};
use super::sense::Sense;
use super::settings::Settings;
use super::side_by_side;
use super::unfinished::{part_of, shard_of};
use crate::console::{Console, words};
use crate::domain::event::Requests;
use crate::domain::outcome::Outcome;
use crate::domain::shard::Shard;
use crate::engine::Stopped;
use crate::error::{Failure, Kind};
use crate::ledger::{Archive, Entry, Head, Ledger, Past};

/// Between the ids of the runs that a report is of.
pub const BETWEEN_RUNS: &str = ", ";

/// One of the runs.
struct Piece {
    past: Past,
    settings: Settings,
    shard: Shard,
    /// Where its ledger is.
    archive: Archive,
    /// How its ledger is called there.
    name: String,
    /// Whether that is where runs are resumed.
    is_here: bool,
}

/// Merges runs: of the archive, by their ids, or ledgers from elsewhere, by their paths. Without any, the shards that
/// began last.
pub fn run(runs: &[String], report: Option<&Path>, place: &Place, console: Console) -> Result<End, Failure> {
    let mut pieces = match runs {
        [] => latest(place)?,
        runs => runs.iter().map(|run| Piece::open(run, place)).collect::<Result<_, _>>()?,
    };
    check(&pieces, place)?;
    pieces.sort_by_key(|piece| piece.shard);
    let head = joined(&pieces, place);
    for piece in pieces.iter().filter(|piece| !piece.past.is_finished()) {
        console.note(&piece.what_is_left(place));
    }
    let settings = Settings::from_text(&head.settings)?;
    let sense = Sense::of_run(&head.headings, &settings.sheet)?;
    let mut outlets = Outlets::again(&head, &settings.sheet_path, report)?;
    let ledgers = pieces.iter().map(|piece| piece.archive.open(&piece.name)).collect::<Result<Vec<_>, _>>()?;
    let expected = ledgers.iter().map(Ledger::whole).collect::<Result<BTreeSet<_>, _>>()?;
    let mut rows = 0;
    let names: Vec<String> = pieces.iter().map(|piece| piece.past.head.run.clone()).collect();
    side_by_side::each_entry(ledgers, &names, |Entry { row, referral, base, state, .. }| {
        rows += 1;
        let id = referral.map_or_else(|| sense.id_text(&row), |id| id.to_string());
        outlets.take(&row, &base, &id, &settled(row.number, state))
    })?;
    if expected != BTreeSet::from([Some(rows)]) {
        let error = "the ledgers do not hold each row of the sheet once, one of them must be damaged";
        return Err(Failure::new(Kind::Stopped, error));
    }
    let mut end = outlets.close(&head, &finish(&pieces))?;
    if let Some(summary) = &mut end.summary {
        let open = pieces.iter().filter(|piece| piece.is_here && !piece.past.is_finished());
        let commands: Vec<String> = open.map(|piece| piece.resume(place)).collect();
        summary.resume = (!commands.is_empty()).then(|| commands.join("; "));
    }
    Ok(end)
}

impl Piece {
    fn open(run: &str, place: &Place) -> Result<Piece, Failure> {
        let path = Path::new(run);
        if path.extension().is_none_or(|extension| extension != "db") {
            return Piece::of(place.archive(), run, true);
        }
        if !path.is_file() {
            return Err(Failure::new(Kind::Usage, format!("there is no ledger `{run}`")));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_same =
            |own: &Path| matches!((own.canonicalize(), folder.canonicalize()), (Ok(own), Ok(folder)) if own == folder);
        Piece::of(Archive::at(folder.to_owned()), &name, is_same(&place.runs()))
    }

    fn of(archive: Archive, name: &str, is_here: bool) -> Result<Piece, Failure> {
        let past = archive.past(name)?;
        let settings = Settings::from_text(&past.head.settings)?;
        let Some(shard) = settings.shard() else {
            let run = &past.head.run;
            return Err(Failure::new(
                Kind::Usage,
                format!("the run `{run}` is no shard, it has the rows of a whole sheet"),
            )
            .hint(format!("its report is made with `refsheet runs show {run} --report FILE`")));
        };
        Ok(Piece { past, settings, shard, archive, name: name.to_owned(), is_here })
    }

    /// What tells its whole from others.
    fn whole(&self) -> Option<String> {
        part_of(&self.past, &self.settings).map(|part| part.whole)
    }

    /// Why another one is not of the same whole, if it is not.
    fn difference(&self, other: &Piece) -> Option<String> {
        let (head, theirs) = (&self.past.head, &other.past.head);
        let of = |head: &Head| {
            format!("`{}`, SHA-256 {}", head.sheet, &head.sheet_sha256[..12.min(head.sheet_sha256.len())])
        };
        if head.sheet_sha256 != theirs.sheet_sha256 {
            return Some(format!("they are of different sheets, {} and {}", of(head), of(theirs)));
        }
        if self.shard.count() != other.shard.count() {
            return Some(format!("one is shard {}, the other shard {}", self.shard, other.shard));
        }
        if head.worksheet != theirs.worksheet {
            return Some("they are of different worksheets".to_owned());
        }
        if head.service != theirs.service {
            return Some(format!("one went to {}, the other to {}", head.service, theirs.service));
        }
        let why = "they were started with different --rows, --limit, --visible-only, --match-by or --map";
        (self.whole() != other.whole()).then(|| why.to_owned())
    }

    fn what_is_left(&self, place: &Place) -> String {
        let (run, shard, tally) = (&self.past.head.run, self.shard, &self.past.tally);
        if self.past.is_under_way {
            return format!("shard {shard}, the run `{run}`, is under way");
        }
        let open = words::counted(tally[Outcome::NotReached] + tally[Outcome::InDoubt], "row");
        let how = if self.is_here { "finish it" } else { "finish it where it ran" };
        format!("shard {shard} is not finished, {open} to go; {how}: {}", self.resume(place))
    }

    fn resume(&self, place: &Place) -> String {
        let run = &self.past.head.run;
        if self.is_here { shell_command(place, &["resume", run]) } else { format!("refsheet resume {run}") }
    }
}

/// All shards in the archive, oldest first. What cannot be read is none.
fn shards(place: &Place) -> Result<Vec<Piece>, Failure> {
    let pasts = place.archive().runs()?.into_iter().flatten().filter(|past| shard_of(past).is_some());
    let mut pieces: Vec<Piece> =
        pasts.map(|past| Piece::of(place.archive(), &past.head.run, true)).collect::<Result<_, _>>()?;
    // Their names are exact to the second only.
    pieces.sort_by_key(|piece| piece.past.head.started_at);
    Ok(pieces)
}

/// The shard that began last, and the last ones of its siblings.
fn latest(place: &Place) -> Result<Vec<Piece>, Failure> {
    let mut shards = shards(place)?;
    let Some(whole) = shards.last().map(Piece::whole) else {
        let failure = Failure::new(Kind::Usage, "no run here is a shard");
        return Err(failure.hint("name the ledgers of other machines: refsheet runs merge LEDGER.db LEDGER.db"));
    };
    let mut numbers = BTreeSet::new();
    shards.reverse();
    shards.retain(|piece| piece.whole() == whole && numbers.insert(piece.shard));
    Ok(shards)
}

/// Refuses what is not each shard of one whole, once.
fn check(pieces: &[Piece], place: &Place) -> Result<(), Failure> {
    let Some((first, others)) = pieces.split_first() else { return Ok(()) };
    for other in others {
        if let Some(why) = first.difference(other) {
            let (one, other) = (&first.past.head.run, &other.past.head.run);
            return Err(Failure::new(Kind::Usage, format!("`{one}` and `{other}` are not shards of one whole: {why}")));
        }
    }
    for (at, piece) in pieces.iter().enumerate() {
        if let Some(earlier) = pieces[..at].iter().find(|earlier| earlier.shard == piece.shard) {
            let (one, other) = (&earlier.past.head.run, &piece.past.head.run);
            let error = format!("shard {} is there twice: `{one}` and `{other}`", piece.shard);
            return Err(Failure::new(Kind::Usage, error).hint("name only the one that counts"));
        }
    }
    let missing: Vec<Shard> =
        first.shard.siblings().filter(|shard| pieces.iter().all(|piece| piece.shard != *shard)).collect();
    if missing.is_empty() { Ok(()) } else { Err(lacking(&missing, pieces, place)) }
}

fn lacking(missing: &[Shard], pieces: &[Piece], place: &Place) -> Failure {
    let failure = Failure::new(Kind::Usage, named(missing, "is missing", "are missing"));
    let whole = pieces.first().and_then(Piece::whole);
    let found = shards(place).unwrap_or_default();
    let found = |shard: &Shard| found.iter().rfind(|piece| piece.shard == *shard && piece.whole() == whole);
    let found: Vec<&str> = missing.iter().filter_map(found).map(|piece| piece.past.head.run.as_str()).collect();
    if found.len() == missing.len() {
        let given = pieces.iter().map(|piece| match piece.is_here {
            true => piece.past.head.run.clone(),
            false => piece.archive.ledger(&piece.name).display().to_string(),
        });
        let given: Vec<String> = given.collect();
        let words = ["runs", "merge"].into_iter().chain(given.iter().map(String::as_str)).chain(found);
        return failure.hint(shell_command(place, &words.collect::<Vec<_>>()));
    }
    let again = missing.first().map(|shard| format!("--shard {shard}")).unwrap_or_default();
    failure
        .hint("name its ledger, too: the `.db` file in the folder `runs` of the other machine's --state-dir")
        .hint(format!("if that is lost, apply the sheet again with {again}: what holds already is not sent again"))
}

/// `shard 2/3 is missing`, `shards 1/3 and 2/3 are missing`
fn named(shards: &[Shard], is: &str, are: &str) -> String {
    match shards {
        [] => String::new(),
        [one] => format!("shard {one} {is}"),
        [all @ .., last] => {
            let all: Vec<String> = all.iter().map(Shard::to_string).collect();
            format!("shards {} and {last} {are}", all.join(", "))
        }
    }
}

/// What the runs are about together.
fn joined(pieces: &[Piece], place: &Place) -> Head {
    let heads: Vec<&Head> = pieces.iter().map(|piece| &piece.past.head).collect();
    let first = heads[0];
    let all = |text: fn(&Head) -> &str| {
        let mut texts: Vec<&str> = Vec::new();
        for text in heads.iter().map(|head| text(head)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts.join(", ")
    };
    let mut notices: Vec<String> = Vec::new();
    let left = pieces.iter().filter(|piece| !piece.past.is_finished()).map(|piece| piece.what_is_left(place));
    for notice in left.chain(heads.iter().flat_map(|head| head.notices.clone())) {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    let mut settings = pieces[0].settings.clone();
    settings.sheet.shard = None;
    Head {
        run: heads.iter().map(|head| head.run.as_str()).collect::<Vec<_>>().join(BETWEEN_RUNS),
        started_at: heads.iter().map(|head| head.started_at).min().unwrap_or(first.started_at),
        notices,
        settings: settings.to_text(),
        profile: all(|head| &head.profile),
        rate: heads.iter().map(|head| head.rate.as_str()).collect::<Vec<_>>().join(" + "),
        user: all(|head| &head.user),
        program: all(|head| &head.program),
        ..first.clone()
    }
}

/// How the runs ended together.
fn finish(pieces: &[Piece]) -> Finish {
    let open: Vec<Shard> = pieces.iter().filter(|piece| !piece.past.is_finished()).map(|piece| piece.shard).collect();
    let stopped = (!open.is_empty()).then(|| Stopped::Source(named(&open, "is not finished", "are not finished")));
    let feet = || pieces.iter().filter_map(|piece| piece.past.foot);
    let began = pieces.iter().map(|piece| piece.past.head.started_at).min();
    let ended = feet().map(|foot| foot.ended_at).max();
    let took = began.zip(ended).and_then(|(began, ended)| Duration::try_from(ended.duration_since(began)).ok());
    Finish {
        stopped,
        requests: feet().map(|foot| foot.requests).fold(Requests::default(), |all, one| all + one),
        took: took.unwrap_or_default(),
        ..Finish::without_work()
    }
}

//! Digests of views from the bytes alone: everything folded again, a few partitions at a time, on several threads.
//!
//! A row belongs to one merchant, a merchant to one partition, and a digest is a sum over rows: so partitions are folded
//! apart, in as many passes as memory asks for, and their digests added.
//!
//! Invariants:
//! - the same sum at any number of threads
//! - the positions are those of the records that were digested, also where the journal grows between two passes

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use talon_domain::digest::Digest;
use talon_domain::ids::{PartitionId, Position};
use talon_journal::{Journal, PARTITIONS, Positions};
use talon_projections::digest::digest_of;
use talon_projections::projection::Projection;
use talon_projections::view::View;

use crate::as_of::{AsOf, Scope, walk};
use crate::history::Progress;
use crate::project::ProjectError;
use crate::taken::taken_as_of;

/// Records that are folded in memory at a time, over all threads: some four gigabytes.
const RECORDS_TOGETHER: u64 = 4_000_000;
/// How long a pass works between two words of progress.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// What each view comes to: its digest, and how many rows that covers.
pub type ViewDigests = BTreeMap<&'static str, (Digest, u64)>;

/// Folds what a ledger knew then, and digests every view of it; up to which positions that was.
pub fn digests(
    journal: &dyn Journal,
    as_of: &AsOf,
    views: &[&'static dyn View],
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<(ViewDigests, Positions), ProjectError> {
    let groups = groups(&journal.ends(), threads.max(1));
    let total = u64::try_from(groups.len()).unwrap_or(u64::MAX).saturating_mul(journal.ends().total());
    let done = AtomicU64::new(0);
    let (mut sums, mut positions) = (ViewDigests::new(), Positions::beginning());
    thread::scope(|scope| {
        let (work, answers) = (queue(&groups), sync_channel(groups.len().max(1)));
        let work = std::sync::Arc::new(std::sync::Mutex::new(work));
        for _ in 0..threads.max(1) {
            let (work, answer, done) = (work.clone(), answers.0.clone(), &done);
            scope.spawn(move || serve(journal, as_of, views, &work, &answer, done));
        }
        drop(answers.0);
        gather(&answers.1, &done, total, progress, &mut sums, &mut positions)
    })?;
    Ok((sums, positions))
}

type Group = Vec<PartitionId>;
/// What a group's views come to, and how far each of its partitions was read.
type Answer = Result<(ViewDigests, Vec<(PartitionId, Position)>), ProjectError>;

/// Partitions, in groups that fit into memory together with as many others as there are threads.
fn groups(ends: &Positions, threads: usize) -> Vec<Group> {
    let most = RECORDS_TOGETHER / u64::try_from(threads).unwrap_or(1).max(1);
    let fair = ends.total() / u64::try_from(threads).unwrap_or(1).max(1);
    let mut groups: Vec<(u64, Group)> = Vec::new();
    for partition in (0..PARTITIONS).map(PartitionId) {
        let records = ends.next(partition).0;
        match groups.last_mut() {
            Some((sum, group)) if sum.saturating_add(records) <= most.min(fair.max(1)) => {
                *sum = sum.saturating_add(records);
                group.push(partition);
            }
            _ => groups.push((records, vec![partition])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn queue(groups: &[Group]) -> Receiver<Group> {
    let (sender, receiver) = sync_channel(groups.len().max(1));
    groups.iter().for_each(|group| drop(sender.send(group.clone())));
    receiver
}

/// One thread: takes a group after the other.
fn serve(
    journal: &dyn Journal,
    as_of: &AsOf,
    views: &[&'static dyn View],
    work: &std::sync::Mutex<Receiver<Group>>,
    answer: &SyncSender<Answer>,
    done: &AtomicU64,
) {
    loop {
        let next = work.lock().ok().and_then(|work| work.try_recv().ok());
        let Some(group) = next else { return };
        let digested = digest_group(journal, as_of, views, &group, done);
        if answer.send(digested).is_err() {
            return;
        }
    }
}

fn digest_group(
    journal: &dyn Journal,
    as_of: &AsOf,
    views: &[&'static dyn View],
    group: &[PartitionId],
    done: &AtomicU64,
) -> Answer {
    let mut projection = match as_of.effective_at {
        Some(day) => Projection::effective_at(views.to_vec(), day),
        None => Projection::in_memory(views.to_vec()),
    };
    let (mut failed, mut seen) = (None, 0);
    let mut count = |progress: Progress| {
        done.fetch_add(progress.done.saturating_sub(seen), Ordering::Relaxed);
        seen = progress.done;
    };
    let walked = walk(journal, as_of, &mut count, &mut |stored| {
        if failed.is_none() && group.contains(&stored.partition) {
            failed = projection.take(taken_as_of(stored, as_of, Scope::All)).err();
        }
    })?;
    failed.map_or(Ok(()), Err)?;
    projection.settle()?;
    let digest = |view: &&'static dyn View| Ok((view.name(), digest_of(projection.tables(), *view)?));
    let digested: Result<ViewDigests, talon_projections::store::StoreError> = views.iter().map(digest).collect();
    // Another pass may see a longer journal: of partitions that are digested there, this one has nothing to say.
    let read = group.iter().map(|partition| (*partition, walked.next(*partition))).collect();
    Ok((digested.map_err(talon_projections::projection::ProjectionError::from)?, read))
}

fn gather(
    answers: &Receiver<Answer>,
    done: &AtomicU64,
    total: u64,
    progress: &mut dyn FnMut(Progress),
    sums: &mut ViewDigests,
    positions: &mut Positions,
) -> Result<(), ProjectError> {
    use std::sync::mpsc::RecvTimeoutError;
    loop {
        match answers.recv_timeout(TELL_EVERY) {
            Ok(answer) => {
                let (digests, read) = answer?;
                read.into_iter().for_each(|(partition, next)| positions.set(partition, next));
                for (name, (digest, rows)) in digests {
                    let sum = sums.entry(name).or_default();
                    sum.0.merge(digest);
                    sum.1 = sum.1.saturating_add(rows);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        progress(Progress { done: done.load(Ordering::Relaxed), total });
    }
    progress(Progress { done: total, total });
    Ok(())
}

//! kill -9 of the command at random moments of small publications, hundreds of times: whatever it had answered is there,
//! once, where the answer said; and published again, the ledger is the one that was never killed.
//!
//! The moments come from a fixed seed, or from `TALON_TORTURE_SEED`: then there are thousands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use talon_journal::{EmbeddedJournal, Journal, Positions, Record, verify};

use crate::talon::{Scratch, day, done, on, out, state_digest, talon};

/// Publications that are killed on one ledger, which grows meanwhile.
const ROUNDS: usize = 50;
/// Lines of the day that a ledger is given.
const LINES: usize = 1_000;
const LINES_OF_A_ROUND: usize = 60;

/// Where an event is kept: partition and position.
type Place = (u64, u64);
/// Every event that is kept, and where; more than one place each would be a fault.
type Kept = BTreeMap<String, Vec<Place>>;

#[test]
fn whatever_was_answered_before_a_kill_is_there_once() {
    let torture = std::env::var("TALON_TORTURE_SEED").ok();
    let seed: u64 = torture.as_ref().map_or(77, |seed| seed.parse().expect("TALON_TORTURE_SEED is a number"));
    let ledgers = if torture.is_some() { 60 } else { 10 };
    let lines: Vec<String> = day().into_iter().take(LINES).collect();
    let scratch = Scratch::new();
    let unkilled = scratch.ledger("unkilled");
    let whole = write(&scratch, "whole", &lines);
    done(on(&unkilled, &["publish", &whole.to_string_lossy()]));
    let expected = state_digest(&unkilled);
    let (mut killed, mut midway) = (0, 0);
    for number in 0..ledgers {
        let mut ledger = Growing::new(&scratch, seed.wrapping_add(number), &lines);
        for round in 0..ROUNDS {
            ledger.round(round);
        }
        (killed, midway) = (killed + ledger.killed, midway + ledger.midway);
        let last = done(on(&ledger.path, &["publish", &whole.to_string_lossy()]));
        assert!(out(&last).contains("0 refused"), "seed {seed}: {}", out(&last));
        ledger.check("after the last publication");
        assert_eq!(state_digest(&ledger.path), expected, "seed {seed}, ledger {number}");
        fs::remove_dir_all(&ledger.path).expect("a ledger");
    }
    // A kill that comes before the first answer or after the last one shows less.
    assert!(killed > 100 && midway > 5, "{killed} publications were killed, {midway} of them between two answers");
}

/// A ledger, and what was answered about it so far.
struct Growing<'l> {
    scratch: &'l Scratch,
    path: PathBuf,
    lines: &'l [String],
    seed: u64,
    chance: u64,
    /// How long a publication took that was not killed.
    takes: Duration,
    answered: BTreeMap<String, Place>,
    killed: u32,
    midway: u32,
}

impl<'l> Growing<'l> {
    fn new(scratch: &'l Scratch, seed: u64, lines: &'l [String]) -> Self {
        let path = scratch.ledger(&format!("killed-{seed}"));
        let started = now();
        done(on(&path, &["publish", &write(scratch, "first", &lines[..LINES_OF_A_ROUND]).to_string_lossy()]));
        let takes = started.elapsed();
        let (answered, chance) = (BTreeMap::new(), seed);
        Self { scratch, path, lines, seed, chance, takes, answered, killed: 0, midway: 0 }
    }

    fn roll(&mut self, end: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % end
    }

    /// Publishes some lines, most of them new, and kills the command; then looks at what is there.
    fn round(&mut self, round: usize) {
        let new = round * self.lines.len() / ROUNDS;
        let from = new.saturating_sub(usize::try_from(self.roll(30)).expect("a few"));
        let chunk = &self.lines[from..self.lines.len().min(from + LINES_OF_A_ROUND)];
        let (input, answers) = (write(self.scratch, "chunk", chunk), self.scratch.path("answers"));
        let batch = (1 + self.roll(12)).to_string();
        let mut child = talon()
            .arg("--ledger")
            .arg(&self.path)
            .args(["--output", "json", "publish", "--batch", &batch, "-"])
            .stdin(File::open(input).expect("the lines"))
            .stdout(File::create(&answers).expect("a file"))
            .stderr(Stdio::null())
            .spawn()
            .expect("the command runs");
        let moment = self.wait_for_the_moment(round, &answers);
        self.killed += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        self.take_note(chunk, &fs::read_to_string(answers).expect("what it said"));
        self.check(&format!("round {round}, killed {moment}"));
    }

    /// Any moment since the start, or one soon after the first answer.
    fn wait_for_the_moment(&mut self, round: usize, answers: &Path) -> String {
        if round.is_multiple_of(2) {
            let moment = self.takes * u32::try_from(self.roll(1_200)).expect("a share") / 1_000;
            std::thread::sleep(moment);
            return format!("after {moment:?}");
        }
        let has_answered = || fs::metadata(answers).is_ok_and(|file| file.len() > 0);
        let waited = (0..2_000).find(|_| has_answered() || (std::thread::sleep(Duration::from_millis(1)), false).1);
        let moment = Duration::from_micros(self.roll(20_000));
        std::thread::sleep(moment);
        format!("{moment:?} after its first answer, {waited:?} ms after the start")
    }

    /// The answers that it gave: whole lines only.
    fn take_note(&mut self, chunk: &[String], said: &str) {
        let whole = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let answers: Vec<Value> = whole.map(|line| serde_json::from_str(line).expect("an answer")).collect();
        let events: Vec<_> = answers.iter().filter(|answer| answer["type"] == "event").collect();
        self.midway += u32::from(!events.is_empty() && events.len() < chunk.len());
        for answer in events {
            let number = usize::try_from(answer["number"].as_u64().expect("a number")).expect("a line");
            let outcome = answer["outcome"].as_str().expect("an outcome");
            assert!(["appended", "duplicate"].contains(&outcome), "seed {}: {answer}", self.seed);
            let place = (answer["partition"].as_u64().expect("it"), answer["position"].as_u64().expect("it"));
            let before = self.answered.insert(name(&chunk[number - 1]), place);
            assert!(before.is_none_or(|before| before == place), "seed {}: {answer} was at {before:?}", self.seed);
        }
    }

    /// Everything that was ever answered is there once, in its place; nothing is there twice; nothing is damaged.
    fn check(&self, when: &str) {
        let at = format!("seed {}, {when}", self.seed);
        let found = verify(&self.path, &mut |_| ()).expect("a journal");
        assert!(found.damages.iter().all(|damage| !damage.flaw.is_evidence()), "{at}: {:?}", found.damages);
        let kept = kept(&self.path);
        for (event, places) in &kept {
            assert_eq!(places.len(), 1, "{at}: {event} is there more than once: {places:?}");
        }
        let places: BTreeSet<Place> = kept.values().flatten().copied().collect();
        for (event, place) in &self.answered {
            let found = kept.get(event).map_or(places.contains(place), |places| *places == [*place]);
            assert!(found, "{at}: {event} was acknowledged at {place:?}, and is at {:?}", kept.get(event));
        }
    }
}

/// The events of a ledger, read without the command.
fn kept(ledger: &Path) -> Kept {
    let journal = EmbeddedJournal::open_read_only(ledger).expect("a journal");
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut kept = Kept::new();
    while let Some(stored) = reader.next().expect("a record") {
        let record = Record::parse(stored.bytes).expect("a record");
        if (1..65_000).contains(&record.kind().0) {
            let place = (stored.partition.0.into(), stored.position.0);
            kept.entry(record.event_id().to_string()).or_default().push(place);
        }
    }
    kept
}

/// What an event is called: by its id, or by its line if the door makes the id.
fn name(line: &str) -> String {
    let event: Value = serde_json::from_str(line).expect("an event");
    event["eventId"].as_str().unwrap_or(line).to_owned()
}

fn write(scratch: &Scratch, name: &str, lines: &[String]) -> PathBuf {
    let path = scratch.path(name);
    fs::write(&path, lines.join("\n") + "\n").expect("a file");
    path
}

#[expect(clippy::disallowed_methods, reason = "spreads the kills over a run; no assertion is about time")]
fn now() -> Instant {
    Instant::now()
}

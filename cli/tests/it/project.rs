//! `talon project` as an operator meets it: killed at any moment, started twice, asked while it runs, on a store that is
//! damaged, a journal that is an older one, a disk that is full. Whatever happens, the views are those of one fold.
//!
//! The moments of kills come from a fixed seed, or from `TALON_TORTURE_SEED`: then there are hundreds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use talon_consumers::{Budget, Place, Setting, Source, Views, open_views};
use talon_domain::digest::Digest;
use talon_domain::time::Instant;
use talon_journal::{EmbeddedJournal, Journal as _, Positions};
use talon_projections::digest::digest_of;
use talon_projections::key::Key;
use talon_projections::projection::Projection;
use talon_projections::reading::Reading;
use talon_projections::store::{SledStore, Tables};
use talon_projections::table::ASIDE;
use talon_projections::views::{ALL, merge_of};
use talon_replay::taken;

use crate::talon::{Scratch, code, copy, day, done, err, files, on, on_with, out, talon, timed};

/// Projectors that are killed on one ledger.
const ROUNDS: usize = 20;

/// Views by their names, with their digests and numbers of rows.
type Digests = Vec<(&'static str, Digest, u64)>;

fn digests(reading: &dyn Reading) -> Digests {
    let of = ALL.iter().map(|view| (view.name(), digest_of(reading, *view).expect("rows")));
    of.map(|(name, (digest, rows))| (name, digest, rows)).collect()
}

fn journal_of(ledger: &Path) -> EmbeddedJournal {
    EmbeddedJournal::open_read_only(ledger).expect("a journal")
}

/// What the views must come to up to these positions: one fold in memory.
fn expected(ledger: &Path, until: &Positions) -> Digests {
    let journal = journal_of(ledger);
    let mut reader = journal.scan(&Positions::beginning()).expect("a reader");
    let mut projection = Projection::in_memory(ALL.to_vec());
    while let Some(stored) = reader.next().expect("a record") {
        if stored.position < until.next(stored.partition) {
            projection.take(taken(&stored)).expect("the next one");
        }
    }
    projection.settle().expect("in memory");
    digests(projection.tables())
}

/// What a store holds, and up to where, as a kill left it.
fn stored(ledger: &Path) -> (Digests, Positions) {
    let store = SledStore::open(&Place::of(ledger).views()).expect("a store");
    let projection = Projection::open(Box::new(store), ALL.to_vec()).expect("a commit");
    let mut positions = Positions::beginning();
    projection.positions().for_each(|(partition, next)| positions.set(partition, next));
    (digests(projection.tables()), positions)
}

/// The views hold everything, and as one fold has it.
fn check_all(ledger: &Path) -> Digests {
    let (found, positions) = stored(ledger);
    assert_eq!(positions, journal_of(ledger).ends());
    assert_eq!(found, expected(ledger, &positions));
    assert!(found.iter().filter(|(_, _, rows)| *rows > 0).count() > 1, "{found:?}");
    found
}

/// A projector that goes on until it is told to stop, or killed.
fn follow(ledger: &Path, commit_every: usize) -> Child {
    let mut command = talon();
    command.arg("--ledger").arg(ledger).args(["project", "--follow", "--commit-every", &commit_every.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs")
}

fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let came = (0..30_000).any(|_| is_so() || (std::thread::sleep(Duration::from_millis(2)), false).1);
    assert!(came, "{what} did not come within a minute");
}

/// A projector that answers.
fn running(ledger: &Path) -> Child {
    let child = follow(ledger, 200_000);
    wait_for("a projector", || Place::of(ledger).socket().exists());
    child
}

/// Asks it to stop in good order, as a service manager does.
fn stop(child: Child) -> std::process::Output {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert!(asked.success());
    child.wait_with_output().expect("it ends")
}

/// Asks for views as a command does.
fn asking<T>(ledger: &Path, ask: impl FnOnce(&Views<'_>) -> T) -> T {
    let journal = journal_of(ledger);
    let setting = Setting {
        journal: &journal,
        views: ALL.to_vec(),
        budget: Budget::default(),
        clock: &|| Instant(1_764_072_000_000_000),
        stop: &|| false,
    };
    ask(&open_views(&Place::of(ledger), "a test", &setting, &|_| ()).expect("views"))
}

/// A ledger with the first lines of the day.
fn ledger_with(scratch: &Scratch, name: &str, lines: &[String]) -> PathBuf {
    let ledger = scratch.ledger(name);
    publish(&ledger, lines);
    ledger
}

fn publish(ledger: &Path, lines: &[String]) {
    done(on_with(ledger, &["publish", "-"], (lines.join("\n") + "\n").as_bytes()));
}

#[test]
fn kills_at_any_moment_neither_lose_nor_double_what_the_views_hold() {
    let torture = std::env::var("TALON_TORTURE_SEED").ok();
    let seed: u64 = torture.as_ref().map_or(41, |seed| seed.parse().expect("TALON_TORTURE_SEED is a number"));
    let ledgers = if torture.is_some() { 25 } else { 1 };
    let (scratch, lines) = (Scratch::new(), day());
    let (mut killed, mut commits) = (0, 0);
    for number in 0..ledgers {
        let ledger = ledger_with(&scratch, "ledger", &lines[..300]);
        let mut killing = Killing::of(&ledger, seed.wrapping_add(number));
        std::thread::scope(|scope| {
            let (begun, rounds) = std::sync::mpsc::channel();
            let ledger = &ledger;
            let lines = &lines;
            // A few publications come in each round, as long as there is one.
            scope.spawn(move || {
                let mut chunks = lines[300..].chunks(lines.len().div_ceil(4 * ROUNDS));
                while rounds.recv().is_ok() {
                    chunks.by_ref().take(4).for_each(|chunk| publish(ledger, chunk));
                }
            });
            for round in 0..ROUNDS {
                begun.send(()).expect("a publisher");
                killing.round(round);
            }
        });
        (killed, commits) = (killed + killing.killed, commits + killing.commits);
        done(on(&ledger, &["project"]));
        check_all(&ledger);
        fs::remove_dir_all(&ledger).expect("a ledger");
        fs::remove_file(scratch.path("ledger.key")).expect("its key");
    }
    let least = u32::try_from(ledgers).expect("few");
    assert!(killed >= 10 * least && commits > 2 * least, "{killed} were killed, after {commits} commits");
}

/// Projectors that are killed on one ledger, whose views grow meanwhile.
struct Killing<'l> {
    ledger: &'l Path,
    seed: u64,
    chance: u64,
    /// How long a projector took that was not killed.
    takes: Duration,
    /// How far the views had come when they were last looked at.
    grown: Positions,
    killed: u32,
    commits: u32,
}

impl<'l> Killing<'l> {
    fn of(ledger: &'l Path, seed: u64) -> Self {
        let takes = timed(|| drop(done(on(ledger, &["project"]))));
        Self { ledger, seed, chance: seed, takes, grown: Positions::beginning(), killed: 0, commits: 0 }
    }

    fn roll(&mut self, end: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % end
    }

    fn round(&mut self, round: usize) {
        let commit_every = usize::try_from(1 + self.roll(200)).expect("few");
        let mut child = follow(self.ledger, commit_every);
        if !round.is_multiple_of(2) {
            wait_for("a projector", || Place::of(self.ledger).socket().exists());
        }
        std::thread::sleep(self.takes * u32::try_from(self.roll(2_000)).expect("a share") / 1_000);
        self.killed += u32::from(child.try_wait().expect("a child").is_none());
        child.kill().expect("SIGKILL");
        child.wait().expect("it ends");
        // Of every third one the next projector is the first that opens what the kill left.
        if !round.is_multiple_of(3) && Place::of(self.ledger).views().exists() {
            self.check(&format!("seed {}, round {round}, committed every {commit_every} facts", self.seed));
        }
    }

    /// The views hold all of a prefix of the journal, nothing else, and no less than before.
    fn check(&mut self, at: &str) {
        let (found, positions) = stored(self.ledger);
        assert!(!self.grown.is_beyond(&positions), "{at}: a commit is gone");
        self.commits += u32::from(positions != self.grown);
        assert_eq!(found, expected(self.ledger, &positions), "{at}");
        self.grown = positions;
    }
}

#[test]
fn a_second_projector_is_told_of_the_first_which_stops_in_good_order() {
    let scratch = Scratch::new();
    let ledger = ledger_with(&scratch, "ledger", &day()[..200]);
    let first = running(&ledger);
    let refused = on(&ledger, &["project"]);
    let holder = format!("kept by talon project (process {})", first.id());
    assert!(code(&refused) == 1 && err(&refused).contains(&holder), "{}", err(&refused));
    let stopped = done(stop(first));
    assert!(err(&stopped).contains("the views have caught up"), "{}", err(&stopped));
    assert!(out(&stopped).contains("are in the views"), "{}", out(&stopped));
    check_all(&ledger);
}

#[test]
fn a_running_projector_answers_with_what_was_published_meanwhile() {
    let scratch = Scratch::new();
    let lines = day();
    let ledger = ledger_with(&scratch, "ledger", &lines[..200]);
    let projector = running(&ledger);
    publish(&ledger, &lines[200..400]);
    let ends = journal_of(&ledger).ends();
    wait_for("what was published", || asking(&ledger, |views| *views.positions() == ends));
    asking(&ledger, |views| {
        assert!(matches!(views.source(), Source::Remote(_)), "the projector runs");
        assert_eq!(digests(views.reading().expect("open")), expected(&ledger, &ends));
    });
    assert!(out(&done(on(&ledger, &["aside", "list"]))).contains("Nothing is set aside."));
    done(stop(projector));
    // Nobody answers any more: whoever asks keeps the views for a moment.
    publish(&ledger, &lines[400..450]);
    asking(&ledger, |views| assert!(matches!(views.source(), Source::Own(_)), "nobody keeps them"));
    check_all(&ledger);
}

#[test]
fn a_damaged_store_is_moved_aside_and_made_anew() {
    let scratch = Scratch::new();
    let ledger = ledger_with(&scratch, "ledger", &day()[..200]);
    done(on(&ledger, &["project"]));
    damage(&ledger);
    let made = done(on(&ledger, &["project"]));
    assert!(err(&made).contains("moved aside and are made anew from the journal"), "{}", err(&made));
    let names = fs::read_dir(&ledger).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let aside = names.filter(|name| name.to_string_lossy().starts_with("views.broken-")).count();
    assert_eq!(aside, 1);
    check_all(&ledger);
}

/// Makes every file of a store something else.
fn damage(ledger: &Path) {
    for file in files(&Place::of(ledger).views()) {
        let length = fs::metadata(&file).expect("a file").len();
        fs::write(file, vec![0xa5; usize::try_from(length).expect("short")]).expect("room");
    }
}

#[test]
fn whoever_asks_hears_that_a_damaged_store_was_moved_aside() {
    let scratch = Scratch::new();
    let ledger = ledger_with(&scratch, "ledger", &day()[..200]);
    done(on(&ledger, &["project"]));
    let find = ["find", "--ticket", "none"];
    assert_eq!(err(&done(on(&ledger, &find))), "", "nothing is wrong yet");
    damage(&ledger);
    let found = done(on(&ledger, &find));
    assert!(err(&found).contains("moved aside and are made anew from the journal"), "{}", err(&found));
    check_all(&ledger);
}

#[test]
fn whoever_asks_hears_that_records_are_in_no_view() {
    let scratch = Scratch::new();
    let ledger = ledger_with(&scratch, "ledger", &day()[..200]);
    done(on(&ledger, &["project"]));
    let store = SledStore::open(&Place::of(&ledger).views()).expect("a store");
    let mut tables = Tables::open(Box::new(store), merge_of).expect("a commit");
    let mut key = Key::new();
    key.u16(7).u64(1);
    // Why, and by which release: texts, each behind its length.
    tables.put(ASIDE, key.as_bytes(), b"\x07strange\x050.1.0");
    let state = tables.state().to_vec();
    tables.commit(&state).expect("room");
    drop(tables);
    let told = done(on(&ledger, &["find", "--ticket", "none"]));
    assert!(err(&told).contains("1 record is set aside, and in no figure: talon aside list"), "{}", err(&told));
    let told = done(on(&ledger, &["find", "--ticket", "none", "--output", "json"]));
    assert!(out(&told).contains("\"aside\":1"), "{}", out(&told));
}

#[test]
fn an_older_journal_is_refused_until_the_views_are_made_anew() {
    let (scratch, lines) = (Scratch::new(), day());
    let ledger = ledger_with(&scratch, "ledger", &lines[..200]);
    let older = scratch.path("older");
    copy(&ledger.join("journal"), &older);
    publish(&ledger, &lines[200..400]);
    done(on(&ledger, &["project"]));
    for parts in ["journal", "index"] {
        fs::remove_dir_all(ledger.join(parts)).expect("it was there");
    }
    copy(&older, &ledger.join("journal"));
    let refused = on(&ledger, &["project"]);
    let said = err(&refused);
    assert!(code(&refused) == 4 && said.contains("restored") && said.contains("--anew"), "{said}");
    // It grows past what was read, with other records: that is seen too.
    publish(&ledger, &lines[150..700]);
    let refused = on(&ledger, &["project"]);
    assert!(code(&refused) == 4 && err(&refused).contains("not the one that the views have read"), "{}", err(&refused));
    done(on(&ledger, &["project", "--anew"]));
    check_all(&ledger);
}

#[test]
fn a_backup_is_asked_and_stays_as_it_is() {
    let scratch = Scratch::new();
    let ledger = ledger_with(&scratch, "ledger", &day()[..200]);
    let backup = scratch.path("backup");
    done(on(&ledger, &["backup", &backup.to_string_lossy()]));
    let held = || files(&backup).into_iter().collect::<BTreeSet<_>>();
    let before = held();
    let asked = ["--output", "json", "digest", "--views"];
    assert_eq!(out(&done(on(&backup, &asked))), out(&done(on(&ledger, &asked))));
    assert_eq!(held(), before, "it holds what its manifest says, and nothing else");
}

/// On a file system that a namespace of its own mounts. Where none may be mounted it says so.
#[test]
fn a_full_disk_is_told_and_the_views_go_on_when_there_is_room() {
    let scratch = Scratch::new();
    let try_it = ["-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/tmp"];
    if !Command::new("unshare").args(try_it).output().is_ok_and(|tried| tried.status.success()) {
        eprintln!("no file system can be mounted here: a disk that runs full was not tried");
        return;
    }
    let (disk, lines) = (scratch.path("disk"), scratch.path("day.jsonl"));
    fs::create_dir(&disk).expect("a folder");
    fs::write(&lines, day().join("\n")).expect("room");
    let script = r#"
        set -e; cd "$1"; mount -t tmpfs -o size=40m disk disk
        "$2" init disk/ledger >/dev/null
        "$2" --ledger disk/ledger publish day.jsonl >/dev/null
        set +e
        for free in 20 300 1000 3000; do
            rm -f disk/fill; dd if=/dev/zero of=disk/fill bs=1024 count=100000 2>/dev/null
            truncate -s "-${free}k" disk/fill
            "$2" --ledger disk/ledger project --commit-every 40 2>&1; echo "ended with $?"
        done
        rm disk/fill; mount -o remount,size=200m disk
        "$2" --ledger disk/ledger project; echo "ended with $?"
        cp -r disk/ledger out"#;
    let talon = env!("CARGO_BIN_EXE_talon");
    let folder = disk.parent().expect("a folder");
    let run = Command::new("unshare").args(["-rm", "sh", "-c", script, "sh"]).arg(folder).arg(talon).output();
    let run = run.expect("it runs");
    let said = out(&run) + &err(&run);
    let codes: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("ended with ")).collect();
    assert!(codes.len() == 5 && codes[0] == "1" && codes[4] == "0", "{said}");
    assert!(codes.iter().all(|code| ["0", "1"].contains(code)), "{said}");
    assert!(said.contains("make room"), "{said}");
    check_all(&scratch.path("out"));
}

//! `talon-kafka-race`: the canonical workload through the door into a topic, beside Kafka's own producer test; and a journal
//! read through, beside a bare loop of the client library. One run, one broker, ratios.
//!
//! ```text
//! Workload --> door --> topic, 64 partitions              events acknowledged a second
//! ProducerPerformance --> topic, 64 partitions            records of the same length, acks, linger, compression
//! topic --> KafkaJournal::scan                            records a second, positions checked, checksums checked
//! topic --> kcat, which prints nothing                    the client library alone
//! one event --> door --> topic --> projector --> answer   how long that takes
//! ```
//!
//! - each is warmed up first; figures of two runs or two machines say nothing to each other
//! - Talon's own work is in its figure: reading, checking, sealing, recognising, encoding
//!
//! It is no part of the gate: it wants the machine to itself, a broker (`cargo xtask kafka up --brokers 1`), and kcat.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement speaks to whoever runs it")]

mod rival;
mod seen;
mod talon;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
usage: talon-kafka-race --servers HOST:PORT --libs DIR [--events N]

Takes N events (1000000 if nothing is said) into a topic of its own, which it takes away again. DIR holds Kafka's jars:
target/kafka/libs after `cargo xtask kafka up`. Nothing else should run meanwhile.";

/// What is asked.
struct Wish {
    servers: String,
    libs: String,
    events: u64,
}

/// So many of something, in so long.
#[derive(Clone, Copy)]
struct Run {
    count: u64,
    taken: Duration,
}

impl Run {
    fn a_second(self) -> u64 {
        let nanos = self.taken.as_nanos().max(1);
        u64::try_from(u128::from(self.count).saturating_mul(1_000_000_000) / nanos).unwrap_or(u64::MAX)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match read(&words).and_then(|wish| race(&wish)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("talon-kafka-race: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: &[String]) -> Result<Wish> {
    let of = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at.saturating_add(1)));
    let events = of("--events").map_or(Ok(1_000_000), |text| text.parse().context("--events takes a whole number"))?;
    match (of("--servers"), of("--libs")) {
        (Some(servers), Some(libs)) => Ok(Wish { servers: servers.clone(), libs: libs.clone(), events }),
        _ => bail!("{HELP}"),
    }
}

fn race(wish: &Wish) -> Result<()> {
    let topic = talon::Topic::make(&wish.servers, "talon-race")?;
    let (events, bytes) = topic.take_in(wish.events)?;
    show("Talon, door and topic", events, &format!("records of {bytes} bytes on average"));
    let rival = talon::Topic::make(&wish.servers, "talon-race-rival")?;
    let records = rival::produce(wish, rival.name(), wish.events, bytes)?;
    show("Kafka's producer test", records, "the same length, acks=all, linger 2 ms, lz4");
    ratio("Talon / Kafka's producer test", events, records);

    let read = topic.read()?;
    show("Talon, a scan of the journal", read, "positions and checksums are checked");
    let bare = rival::consume(wish, topic.name(), read.count)?;
    show("kcat, a bare loop", bare, "checksums are checked");
    ratio("Talon / bare loop", read, bare);

    let waits = talon::Topic::make(&wish.servers, "talon-race-seen")?.see()?;
    let at = |hundredths: usize| waits.get(waits.len() * hundredths / 100).copied().unwrap_or_default().as_micros();
    println!("published to visible in a view, one at a time: p50 {} us, p99 {} us", at(50), at(99));
    Ok(())
}

fn show(name: &str, run: Run, remark: &str) {
    println!(
        "{name:<32}{:>10} a second  {:>9} in {:>6} ms  {remark}",
        run.a_second(),
        run.count,
        run.taken.as_millis()
    );
}

fn ratio(name: &str, of: Run, to: Run) {
    let hundredths = of.a_second().saturating_mul(100) / to.a_second().max(1);
    println!("{name}: {}.{:02}", hundredths / 100, hundredths % 100);
}

//! The others: Kafka's own producer test, and kcat.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use talon_benches::Watch;

use crate::{Run, Wish};

/// So many records more are written, so that a virtual machine that begins weighs less.
const WARM_UP: u64 = 200_000;

/// Writes so many records of so many bytes with Kafka's own test.
pub(crate) fn produce(wish: &Wish, topic: &str, records: u64, bytes: u64) -> Result<Run> {
    let mut java = Command::new("java");
    java.args(["-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]).arg(format!("{}/*", wish.libs));
    java.arg("org.apache.kafka.tools.ProducerPerformance").args(["--topic", topic, "--throughput", "-1"]);
    java.args(["--num-records", &(records + WARM_UP).to_string(), "--record-size", &bytes.to_string()]);
    java.arg("--producer-props");
    java.args([&format!("bootstrap.servers={}", wish.servers), "acks=all", "linger.ms=2", "compression.type=lz4"]);
    let told = java.output().context("java does not run")?;
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    ensure!(told.status.success(), "the producer test failed: {}", String::from_utf8_lossy(&told.stderr));
    let last = said.lines().rev().find(|line| line.contains("records sent")).context("the test said nothing")?;
    let mut words = last.split_whitespace();
    let count: u64 = words.next().and_then(|word| word.parse().ok()).context("it said no count")?;
    let rate = words.find(|word| word.parse::<u64>().is_ok() || word.contains('.'));
    let a_second: u64 = rate.and_then(|word| word.split('.').next()?.parse().ok()).context("it said no rate")?;
    let nanos = u128::from(count) * 1_000_000_000 / u128::from(a_second.max(1));
    Ok(Run { count, taken: std::time::Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)) })
}

/// Reads a topic through with kcat, and throws everything away.
pub(crate) fn consume(wish: &Wish, topic: &str, count: u64) -> Result<Run> {
    let watch = Watch::start();
    let mut kcat = Command::new("kcat");
    kcat.args(["-C", "-b", &wish.servers, "-t", topic, "-o", "beginning", "-e", "-q", "-f", ""]);
    kcat.args(["-X", "check.crcs=true", "-X", "queued.max.messages.kbytes=65536"]);
    let ended = kcat.stdout(Stdio::null()).status().context("kcat does not run (Debian: kcat)")?;
    ensure!(ended.success(), "kcat failed");
    Ok(Run { count, taken: watch.read() })
}

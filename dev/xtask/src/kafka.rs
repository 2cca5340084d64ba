//! `cargo xtask kafka`: an Apache Kafka of one broker or three on this machine, for the tests that talk to a real one.
//!
//! ```text
//! dev/kafka/pom.xml --maven--> jars     dev/kafka/broker.properties --filled in--> node-N: settings, data, log, pid
//! ```
//!
//! Invariants:
//! - a second start touches nothing: a broker that is up, or a port that is taken, is told before anything is started
//! - everything lies below the target folder, and a cluster that was stopped goes on with what it held
//!
//! This module makes no topics: whoever uses the brokers does.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::call::Call;
use crate::checkout::Checkout;
use crate::setup;

mod broker;
mod cluster;
mod guard;

use broker::{Broker, Standing};
use cluster::Cluster;

/// What it says of itself.
pub(crate) const HELP: &str = "\
cargo xtask kafka up [--brokers 1|3] [--anew]
                              start a Kafka for tests (Java 17 and Maven), on the ports 19091 to 19093
cargo xtask kafka down | status
                              stop it; say what runs
cargo xtask kafka kill N | start N | pause N | resume N
                              let one broker die, come back, stand still, go on";

/// How long brokers are given to open their ports, or to close them.
const PATIENCE: Duration = Duration::from_mins(1);

/// Obeys a command.
pub(crate) fn run(checkout: &Checkout, words: &[&str]) -> Result<()> {
    let cluster = Cluster::of(checkout);
    match words {
        ["up", options @ ..] => up(checkout, &cluster, options),
        ["down"] => down(&cluster),
        ["status"] => {
            cluster.brokers().iter().for_each(|broker| println!("{}", broker.words()));
            Ok(())
        }
        ["kill", node] => cluster.broker(node)?.kill(PATIENCE),
        ["start", node] => start(&[cluster.broker(node)?]),
        ["pause", node] => cluster.broker(node)?.signal("STOP"),
        ["resume", node] => cluster.broker(node)?.signal("CONT"),
        _ => bail!("there is\n\n{HELP}"),
    }
}

fn up(checkout: &Checkout, cluster: &Cluster, options: &[&str]) -> Result<()> {
    let (count, anew) = read(options)?;
    // Whoever does not say how many wants those that are there.
    let there = Some(cluster.count()).filter(|count| *count > 0);
    let count = count.or(there).unwrap_or(1);
    let running = cluster.brokers().into_iter().filter(|broker| broker.standing() != Standing::Down).count();
    if running > 0 {
        if running == count && cluster.count() == count && !anew {
            println!("kafka is up already: {}", cluster.servers());
            return Ok(());
        }
        bail!("{running} brokers run: `cargo xtask kafka down` first");
    }
    require_java(checkout)?;
    cluster.fetch(checkout)?;
    let brokers = cluster.prepare(checkout, count, anew)?;
    start(&brokers)?;
    println!("kafka is up: {}", cluster.servers());
    Ok(())
}

fn read(options: &[&str]) -> Result<(Option<usize>, bool)> {
    let (mut count, mut anew) = (None, false);
    let mut words = options.iter();
    while let Some(word) = words.next() {
        match (*word, words.as_slice().first().copied()) {
            ("--anew", _) => anew = true,
            ("--brokers", Some("1")) => (count, _) = (Some(1), words.next()),
            ("--brokers", Some("3")) => (count, _) = (Some(3), words.next()),
            _ => bail!("there is\n\n{HELP}"),
        }
    }
    Ok((count, anew))
}

/// Newcomers without a Java are told what to install; the tests that need Kafka say so in one line and are left out.
fn require_java(checkout: &Checkout) -> Result<()> {
    for (tool, package) in [("java -version", "openjdk-17-jre-headless"), ("mvn --version", "maven")] {
        let tool = Call::new(tool);
        // A machine that judges changes has what it installs by name, and nobody to ask.
        if !tool.works(checkout.root()) && std::env::var("CI").as_deref() == Ok("true") {
            setup::install(checkout, package)?;
        }
        if !tool.works(checkout.root()) {
            bail!("`{tool}` does not work: Kafka needs it (Debian: {package})");
        }
    }
    Ok(())
}

/// Does something with a Kafka of three brokers around it; where there can be none, without it, and says so. Where `CI`
/// is `true` there has to be one.
pub(crate) fn around(checkout: &Checkout, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let is_judged = std::env::var("CI").as_deref() == Ok("true");
    if is_judged && !Call::new("kcat -V").works(checkout.root()) {
        setup::install(checkout, "kcat")?;
    }
    let cluster = Cluster::of(checkout);
    let was_up = cluster.brokers().iter().any(|broker| broker.standing() != Standing::Down);
    if let Err(error) = if was_up { Ok(()) } else { up(checkout, &cluster, &["--brokers", "3", "--anew"]) } {
        if is_judged {
            return Err(error);
        }
        println!("tests on Kafka are left out: {error:#}");
    }
    let done = work();
    if !was_up && !cluster.brokers().is_empty() {
        down(&cluster)?;
    }
    done
}

/// Starts brokers together, since a quorum of three needs two, and waits until they answer.
fn start(brokers: &[Broker]) -> Result<()> {
    for broker in brokers {
        broker.require_free()?;
    }
    for broker in brokers {
        broker.spawn()?;
    }
    brokers.iter().try_for_each(|broker| broker.await_open(PATIENCE))
}

/// All are asked before any is waited for: a quorum that is falling apart ends slowly.
fn down(cluster: &Cluster) -> Result<()> {
    let brokers = cluster.brokers();
    let running: Vec<_> = brokers.iter().filter(|broker| broker.standing() != Standing::Down).collect();
    for broker in &running {
        // One that stands still hears nothing.
        broker.signal("CONT")?;
        broker.signal("TERM")?;
    }
    for broker in &running {
        if broker.await_end(PATIENCE).is_err() {
            broker.kill(PATIENCE)?;
        }
    }
    println!("kafka is down");
    Ok(())
}

//! Where a cluster lies, how many brokers it has, and what their settings say.
//!
//! Invariant: settings are written before a broker is formatted, and are not changed as long as its data stay.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::broker::Broker;
use super::guard::Guard;
use crate::call::Call;
use crate::checkout::Checkout;

const POM: &str = "dev/kafka/pom.xml";
const PROPERTIES: &str = "dev/kafka/broker.properties";
/// Names the cluster: sixteen bytes in base64url.
const CLUSTER_ID: &str = "dGFsb24tZGV2LWNsdXN0ZQ";

/// A cluster on this machine.
pub(super) struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    /// The cluster of a checkout: below its target folder.
    pub(super) fn of(checkout: &Checkout) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| checkout.root().join("target"), PathBuf::from);
        Self { folder: checkout.root().join(target).join("kafka") }
    }

    fn libs(&self) -> PathBuf {
        self.folder.join("libs")
    }

    /// How many brokers were prepared.
    pub(super) fn count(&self) -> usize {
        (1..=3).filter(|node| self.at(*node).is_prepared()).count()
    }

    fn at(&self, node: u16) -> Broker {
        Broker::new(node, self.folder.join(format!("node-{node}")), &self.libs())
    }

    /// The brokers that were prepared.
    pub(super) fn brokers(&self) -> Vec<Broker> {
        (1..=3).map(|node| self.at(node)).filter(Broker::is_prepared).collect()
    }

    /// One of them, as it is typed.
    pub(super) fn broker(&self, node: &str) -> Result<Broker> {
        let found = self.brokers().into_iter().find(|broker| broker.node().to_string() == node);
        found.with_context(|| format!("there is no broker {node}: `cargo xtask kafka status`"))
    }

    /// Where clients connect.
    pub(super) fn servers(&self) -> String {
        self.brokers().iter().map(Broker::address).collect::<Vec<_>>().join(",")
    }

    /// Fetches the jars, unless those of this pom are there.
    pub(super) fn fetch(&self, checkout: &Checkout) -> Result<()> {
        let pom = fs::read_to_string(checkout.root().join(POM)).with_context(|| format!("{POM} cannot be read"))?;
        let stamp = self.folder.join("pom.fetched");
        if fs::read_to_string(&stamp).is_ok_and(|fetched| fetched == pom) {
            return Ok(());
        }
        println!("kafka: fetching its jars (43 MiB)");
        let goal = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies";
        let call = format!("mvn -q -B -f {POM} {goal} -DoutputDirectory={}", self.libs().display());
        Call::new(&call).with("MAVEN_OPTS", "-XX:-UsePerfData").run(checkout.root())?;
        fs::write(&stamp, pom).context("the stamp of the jars cannot be written")
    }

    /// Writes settings and formats data where there are none; `anew` throws away what was there.
    pub(super) fn prepare(&self, checkout: &Checkout, count: usize, anew: bool) -> Result<Vec<Broker>> {
        if self.count() > 0 && self.count() != count && !anew {
            bail!("the cluster has {} brokers; `--anew` throws it away", self.count());
        }
        if anew || self.count() != count {
            self.throw_away()?;
        }
        let form = fs::read_to_string(checkout.root().join(PROPERTIES))
            .with_context(|| format!("{PROPERTIES} cannot be read"))?;
        let all: Vec<_> = (1u16..).take(count).map(|node| self.at(node)).collect();
        if all.iter().all(Broker::is_prepared) {
            return Ok(all);
        }
        let guard = Guard::anew(&self.folder)?;
        for broker in all.iter().filter(|broker| !broker.is_prepared()) {
            broker.prepare(&settings(&form, broker, &all, &guard), CLUSTER_ID, &guard.users())?;
        }
        Ok(all)
    }

    fn throw_away(&self) -> Result<()> {
        for broker in self.brokers() {
            broker.throw_away()?;
        }
        Ok(())
    }
}

fn settings(form: &str, broker: &Broker, all: &[Broker], guard: &Guard) -> String {
    let voters: Vec<_> = all.iter().map(Broker::voter).collect();
    let in_sync = all.len().saturating_sub(1).max(1);
    [
        ("{node}", broker.node().to_string()),
        ("{voters}", voters.join(",")),
        ("{client}", broker.client_port().to_string()),
        ("{quorum}", broker.quorum_port().to_string()),
        ("{behind}", broker.bad_net_ports()[0].to_string()),
        ("{bad}", broker.bad_net_ports()[1].to_string()),
        ("{guarded}", broker.guarded_port().to_string()),
        ("{keys}", guard.keys().display().to_string()),
        ("{password}", guard.password().to_owned()),
        ("{data}", broker.data().display().to_string()),
        ("{replicas}", all.len().to_string()),
        ("{in_sync}", in_sync.to_string()),
    ]
    .iter()
    .fold(form.to_owned(), |text, (name, value)| text.replace(name, value))
}

//! The steps of the gate, quickest first. A step is calls of other programs, or a check of ours.

use anyhow::Result;

use crate::call::Call;
use crate::checkout::Checkout;
use crate::setup::{self, Tool};
use crate::{freshness, fuzz, kafka, layers, morning, tidy};

/// One step: a name to ask for it, a sentence on what it holds true, and how.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    work: Work,
}

enum Work {
    Calls(Vec<Call>),
    Check(fn(&Checkout) -> Result<()>),
}

impl Step {
    /// Does it.
    pub(super) fn run(&self, checkout: &Checkout) -> Result<()> {
        match &self.work {
            Work::Calls(calls) => calls.iter().try_for_each(|call| call.run(checkout.root())),
            Work::Check(check) => check(checkout),
        }
    }

    /// The line that does the same by hand.
    pub(super) fn by_hand(&self) -> String {
        match &self.work {
            Work::Calls(calls) => calls.iter().map(Call::to_string).collect::<Vec<_>>().join(" && "),
            Work::Check(_) => format!("cargo xtask ci {}", self.name),
        }
    }
}

/// The whole gate.
pub(super) fn all() -> Vec<Step> {
    let mut steps = quick();
    steps.extend(compiling());
    steps
}

fn quick() -> Vec<Step> {
    vec![
        calls("format", "the code is laid out by rustfmt", [Call::cargo("fmt --all --check")]),
        check("tidy", "headers, sizes, words, names and papers keep the house rules", tidy::check),
        check("layers", "each room depends only on what it may", layers::check),
        check("generated", "the code made from the schema is what is committed", freshness::check_code),
        calls("spelling", "words are spelt as the dictionary or typos.toml has them", [Tool::Typos.call("")]),
        check("schema", "the schema keeps its conventions, and the topics' page its specification", schema),
        calls(
            "licences",
            "licences, bans and sources are those of deny.toml",
            [Call::cargo("fetch --locked"), Tool::CargoDeny.call("--offline check bans licenses sources")],
        ),
        calls("unused", "every dependency is used", [Tool::CargoShear.call("--locked --deny-warnings")]),
    ]
}

fn compiling() -> Vec<Step> {
    vec![
        calls(
            "clippy",
            "no warning, in tests too",
            [Call::cargo("clippy --workspace --all-targets --locked -- -D warnings")],
        ),
        calls(
            "docs",
            "the documentation builds without a warning",
            [Call::cargo("doc --workspace --no-deps --locked").with("RUSTDOCFLAGS", "-D warnings")],
        ),
        check("pages", "the pages made from the code are what is committed", freshness::check_pages),
        check("tests", "every test of every room passes, those on Kafka beside three brokers", tests),
        check("morning", "the demo's morning opens in a browser, a spreadsheet and another reader", morning::check),
        check("fuzz", "ten seconds of each fuzz target find nothing", fuzz::gate),
    ]
}

fn schema(checkout: &Checkout) -> Result<()> {
    setup::parser(checkout)?;
    let topics = Call::new(&format!("node {}/check.mjs docs/asyncapi.yaml", setup::PARSER));
    for call in [Tool::Buf.call("lint proto").with("BUF_CACHE_DIR", ".tools/buf"), topics] {
        println!("   {call}");
        call.run(checkout.root())?;
    }
    Ok(())
}

fn tests(checkout: &Checkout) -> Result<()> {
    let all = Call::cargo("test --workspace --locked --no-fail-fast");
    let guarded = Call::cargo("test -p talon-kafka --features tls --locked --test it -- guarded::");
    let calls = if setup::has_openssl(checkout)? { vec![all, guarded] } else { vec![all] };
    calls.iter().for_each(|call| println!("   {call}"));
    kafka::around(checkout, || calls.iter().try_for_each(|call| call.run(checkout.root())))
}

fn calls(name: &'static str, about: &'static str, calls: impl IntoIterator<Item = Call>) -> Step {
    Step { name, about, work: Work::Calls(calls.into_iter().collect()) }
}

fn check(name: &'static str, about: &'static str, check: fn(&Checkout) -> Result<()>) -> Step {
    Step { name, about, work: Work::Check(check) }
}

//! Facts that pages show or are checked with: the examples of `docs/examples`, and the golden facts of `proto`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use talon_domain::fact::{Fact, FactHeader, Kind, Payload, Source};
use talon_domain::fold::Fold;
use talon_domain::ids::{
    EventId, MerchantId, PartitionId, PrincipalId, ShopId, StreamId, TerminalEpoch, TerminalId, TerminalSeq,
};
use talon_domain::stream::Stream;
use talon_domain::time::Instant;
use talon_proto::{check_payload, check_personal, decode, event_from_json, payload_to_json, walk};

/// A fact's payload, in three spellings.
pub(crate) struct Example {
    /// Where it comes from.
    pub(crate) path: String,
    pub(crate) kind: Kind,
    /// The canonical JSON of the payload.
    pub(crate) json: Value,
    pub(crate) payload: Payload,
}

impl Example {
    fn new(path: String, kind: Kind, payload: &[u8]) -> Result<Self> {
        if let Err(fault) = check_payload(kind, 1, payload, &mut |text| !talon_intake::holds_card_number(text)) {
            bail!("{path}: {fault}");
        }
        let json = payload_to_json(kind, 1, payload).map_err(|fault| anyhow::anyhow!("{path}: {fault}"))?;
        Ok(Self { path, kind, json: serde_json::from_str(&json)?, payload: decode(kind, 1, payload) })
    }

    /// The slots that the fold fills with it, when this source says it.
    pub(crate) fn slots(&self, source: Source) -> Vec<String> {
        let header = FactHeader { kind: self.kind, source, ..header() };
        let mut fold = Fold::new();
        let key = header.stream_key();
        fold.apply(PartitionId(0), Fact { header, payload: self.payload.clone() });
        let told = fold.stream(key).map(Stream::told).unwrap_or_default();
        told.slots.iter().map(|filled| filled.slot.label()).collect()
    }
}

fn header() -> FactHeader {
    let at = Instant::FIRST;
    FactHeader {
        kind: Kind::PAYMENT_INITIATED,
        schema: 1,
        recorded_at: at,
        occurred_at: at,
        merchant: MerchantId(732_829_320),
        shop: ShopId(17),
        terminal: TerminalId(3),
        terminal_seq: TerminalSeq(1),
        terminal_epoch: TerminalEpoch(1),
        day: at.paris_day().unwrap_or_default(),
        principal: PrincipalId(1),
        source: Source::Provider,
        event_id: EventId([7; 16]),
        stream: StreamId([7; 16]),
        sealed: false,
        training: false,
        imported: false,
        clock_doubtful: false,
    }
}

/// The event that shows a kind, as it stands in its file, and what it says.
pub(crate) fn shown(root: &Path, kind: Kind) -> Result<(String, Example)> {
    let path = format!("docs/examples/{}.json", snake(kind.name()));
    let text =
        fs::read_to_string(root.join(&path)).with_context(|| format!("{path}: {} has no example", kind.name()))?;
    let mut event = Vec::new();
    let refused = |fault: &dyn std::fmt::Display| anyhow::anyhow!("{path}: {fault}");
    event_from_json(text.as_bytes(), &mut event).map_err(|fault| refused(&fault))?;
    let envelope = walk(&event).map_err(|fault| refused(&fault))?;
    envelope.identity().and_then(|_| envelope.stream()).map_err(|fault| refused(&fault))?;
    envelope.personal.map_or(Ok(()), check_personal).map_err(|fault| refused(&fault))?;
    if envelope.kind != kind {
        bail!("{path} is a {}", envelope.kind.name());
    }
    let example = Example::new(path, kind, envelope.payload)?;
    Ok((text.trim_end().to_owned(), example))
}

/// The golden facts of `proto/tests/golden`.
pub(crate) fn goldens(root: &Path) -> Result<Vec<Example>> {
    let folder = root.join("proto/tests/golden");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).context("the golden facts cannot be listed")? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).with_context(|| name.clone())?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let kind = Kind(value("kind").and_then(|kind| kind.parse().ok()).with_context(|| name.clone())?);
        let payload = bytes(value("payload").unwrap_or_default()).with_context(|| name.clone())?;
        Example::new(name, kind, &payload)
    };
    names.into_iter().map(read).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    (0..hex.len()).step_by(2).map(pair).collect()
}

/// `SmsDelivery` as a file is named: `sms_delivery`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

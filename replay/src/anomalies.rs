//! Anomalies of a whole history: of payments, and of what belongs to none, in the order of codes and places.

use talon_domain::anomaly::Anomaly;
use talon_domain::fold::Fold;
use talon_domain::ids::StreamKey;

/// A rule that is not kept, and in which stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anomalous {
    /// The rule, and where in its stream.
    pub anomaly: Anomaly,
    /// Whether the stream is a payment's.
    pub is_payment: bool,
    /// The stream.
    pub key: StreamKey,
}

/// Everything that the fold found, and what was noted at admission: contradictions of ids, doubtful clocks.
pub fn anomalies(fold: &Fold) -> Vec<Anomalous> {
    let of_stream = fold.streams().flat_map(|(key, stream)| {
        let found = stream.whole(key).anomalies.into_iter().chain(stream.notes());
        found.map(move |anomaly| Anomalous { anomaly, is_payment: stream.is_payment(), key })
    });
    let mut all: Vec<_> = of_stream.collect();
    all.sort();
    all
}

//! Listings: the payments of a history that somebody asks for, in the order of merchant, shop and time.

use std::ops::RangeInclusive;

use talon_domain::fold::Fold;
use talon_domain::ids::{MerchantId, ShopId, StreamKey, TerminalId};
use talon_domain::open::open_reasons;
use talon_domain::state::{State, Status};
use talon_domain::stream::Stream;
use talon_domain::time::{Day, Instant};

/// What is asked for; what is `None` or false does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// Of this shop.
    pub shop: Option<ShopId>,
    /// Of this terminal.
    pub terminal: Option<TerminalId>,
    /// That came this far.
    pub status: Option<Status>,
    /// Financed by this provider, by its registry code.
    pub provider: Option<String>,
    /// Whose first fact is of one of these days in Paris.
    pub days: Option<RangeInclusive<Day>>,
    /// That are not finished.
    pub open_only: bool,
    /// That have an anomaly.
    pub anomalies_only: bool,
}

/// The payments that a filter lets through, with their states.
pub fn find<'f>(fold: &'f Fold, filter: &Filter) -> Vec<(StreamKey, &'f Stream, State)> {
    let merchant = filter.merchant;
    let streams = fold.payments().filter(|(key, _)| merchant.is_none_or(|merchant| key.merchant == merchant));
    let mut found: Vec<_> = streams
        .map(|(key, stream)| (key, stream, stream.state(key)))
        .filter(|(_, stream, state)| filter.lets_through(stream, state))
        .collect();
    found.sort_by_key(|(key, _, state)| (key.merchant, state.shop, state.began_at, *key));
    found
}

impl Filter {
    fn lets_through(&self, stream: &Stream, state: &State) -> bool {
        let first_day = || state.began_at.and_then(Instant::paris_day);
        self.shop.is_none_or(|shop| state.shop == shop)
            && self.terminal.is_none_or(|terminal| state.terminal == terminal)
            && self.status.is_none_or(|status| state.status == status)
            && self.provider.as_ref().is_none_or(|asked| state.provider.as_deref() == Some(asked))
            && self.days.as_ref().is_none_or(|days| first_day().is_some_and(|day| days.contains(&day)))
            && (!self.open_only || !open_reasons(state).is_empty())
            && (!self.anomalies_only || !state.anomalies.is_empty() || !stream.notes().is_empty())
    }
}

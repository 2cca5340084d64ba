//! Answering on the socket while following: between two batches, everything that was taken is settled, and whoever
//! waits is served at that state.

use std::time::Duration;

use talon_projections::projection::Projection;

use super::keeping::Breakdown;
use super::{Projector, ProjectorError};
use crate::follower::{Apply as _, Flow};
use crate::lag::Lag;
use crate::micros;
use crate::socket::{Hello, Serving, serve_all};

/// While records come, rows are brought up to them and clients are answered so often: a payment whose facts come within
/// that time is settled once.
const ANSWER_EVERY: Duration = Duration::from_millis(20);

impl Projector<'_> {
    /// Serves whoever waits; while records come, whoever came lately waits for those who come soon.
    pub(super) fn serve(&mut self, lag: Lag, is_idle: bool) -> Result<Flow, ProjectorError> {
        let now = (self.setting.clock)();
        let since = now.0.saturating_sub(self.settled_at.0);
        if !is_idle && (0..micros(ANSWER_EVERY)).contains(&since) {
            return Ok(Flow::GoOn);
        }
        let Some(clients) = self.desk.as_ref().map(|desk| desk.waiting()).filter(|clients| !clients.is_empty()) else {
            return Ok(Flow::GoOn);
        };
        if self.settle()? == Flow::Again {
            return Ok(Flow::Again);
        }
        self.settled_at = now;
        let hello = self.hello(lag);
        let Some(tables) = self.projection.as_ref().map(Projection::tables) else { return Err(ProjectorError::Closed) };
        let (clock, stop) = (self.setting.clock, self.setting.stop);
        match serve_all(Serving { hello: &hello, reading: tables, clock, stop }, clients) {
            Ok(()) => Ok(Flow::GoOn),
            Err(error) => self.break_down(Breakdown::Store(error)),
        }
    }

    fn hello(&self, lag: Lag) -> Hello {
        let views = self.setting.views.iter();
        Hello {
            views: views.map(|view| (view.name().to_owned(), view.version())).collect(),
            positions: self.positions().iter().map(|(_, next)| next.0).collect(),
            records_behind: lag.records,
            behind_since: lag.since.map(|since| since.0),
        }
    }
}

//! Answering on the socket while following: between two batches, everything that was taken is settled, and whoever
//! waits is given a snapshot of that state; then the next batch is taken.

use std::sync::Arc;
use std::time::Duration;

use super::keeping::Breakdown;
use super::{Projector, ProjectorError};
use crate::follower::{Apply as _, Flow};
use crate::lag::Lag;
use crate::micros;
use crate::socket::{Hello, Serving};

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
        if let Err(error) = self.sessions.look_after(now) {
            return self.break_down(Breakdown::Store(error));
        }
        let room = self.sessions.room();
        let Some(clients) = self.desk.as_ref().map(|desk| desk.waiting(room)).filter(|clients| !clients.is_empty())
        else {
            return Ok(Flow::GoOn);
        };
        if self.settle()? == Flow::Again {
            return Ok(Flow::Again);
        }
        self.settled_at = now;
        let hello = self.hello(lag);
        let Some(projection) = &mut self.projection else { return Err(ProjectorError::Closed) };
        let serving = Arc::new(Serving { hello, snapshot: projection.tables_mut().snapshot() });
        clients.into_iter().for_each(|client| self.sessions.begin(&serving, client, now));
        Ok(Flow::GoOn)
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

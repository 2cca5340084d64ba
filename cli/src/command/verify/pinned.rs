//! The pins of a verification: which files they are, and what becomes of each.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use talon_journal::Journal as _;
use talon_replay::{Pin, PinState};

use crate::show::{Screen, Tone};
use crate::{ledger, pins};

/// Pins, by their files, and what became of them. Nothing has while what lies below them is damaged.
pub(super) struct Pinned<'a> {
    files: &'a [PathBuf],
    pins: Vec<Pin>,
    states: Vec<PinState>,
}

impl<'a> Pinned<'a> {
    /// Reads them.
    pub(super) fn read(files: &'a [PathBuf]) -> anyhow::Result<Self> {
        Ok(Self { files, pins: pins::read(files)?, states: Vec::new() })
    }

    pub(super) fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// Refuses a pin of another ledger before the long work begins, if the ledger can say which one it is.
    pub(super) fn refuse_strangers(&self, dir: &Path) -> anyhow::Result<()> {
        if self.pins.is_empty() {
            return Ok(());
        }
        let Ok(journal) = ledger::open_to_read(dir) else { return Ok(()) };
        pins::require_of(journal.identity().ledger_id, self.files, &self.pins)
    }

    /// Takes what became of them, in their order.
    pub(super) fn became(&mut self, states: Vec<PinState>) {
        self.states = states;
    }

    /// Whether the ledger contradicts one of them.
    pub(super) fn is_damage(&self) -> bool {
        self.states.iter().any(|state| *state != PinState::Kept)
    }

    fn each(&self) -> impl Iterator<Item = (&Path, &Pin, Option<PinState>)> {
        let states = self.states.iter().copied().map(Some).chain(std::iter::repeat(None));
        self.files.iter().zip(&self.pins).zip(states).map(|((file, pin), state)| (file.as_path(), pin, state))
    }

    pub(super) fn report(&self) -> Value {
        let each = self.each().map(|(file, pin, state)| {
            let (name, place) = told(state);
            json!({
                "file": file.display().to_string(),
                "time": pin.time(),
                "state": name,
                "partition": place.map(|(partition, _)| partition),
                "size": place.map(|(_, size)| size),
            })
        });
        each.collect()
    }

    pub(super) fn tell(&self, screen: &mut Screen) -> std::io::Result<()> {
        for (file, pin, state) in self.each() {
            let about = format!("{} ({}): ", file.display(), pin.time());
            let (words, tone) = words(state, screen);
            screen.pieces(&[(&about, Tone::Plain), (&words, tone)])?;
        }
        Ok(())
    }
}

/// A state's name, and the first partition that it is about, with the pinned size.
const fn told(state: Option<PinState>) -> (&'static str, Option<(u16, u64)>) {
    match state {
        Some(PinState::Kept) => ("kept", None),
        Some(PinState::Differs { partition, size }) => ("differs", Some((partition.0, size))),
        Some(PinState::Beyond { partition, size, .. }) => ("beyond", Some((partition.0, size))),
        None => ("not_checked", None),
    }
}

fn words(state: Option<PinState>, screen: &Screen) -> (String, Tone) {
    let part = screen.say("partition", "partition");
    match state {
        Some(PinState::Kept) => {
            (screen.say("tout y est, inchangé", "all of it is there, unchanged").to_owned(), Tone::Good)
        }
        Some(PinState::Differs { partition, size }) => {
            let words = screen.say(
                "un enregistrement n'est plus celui qui fut fixé, parmi les premiers",
                "a record is not the one that was pinned, among the first",
            );
            (format!("{part} {partition}: {words} {size}"), Tone::Bad)
        }
        Some(PinState::Beyond { partition, size, end }) => {
            let words = screen
                .say("enregistrements fixés, et le registre en tient", "records were pinned, and the ledger holds");
            (format!("{part} {partition}: {size} {words} {end}"), Tone::Bad)
        }
        None => {
            let words = screen.say("non vérifié : le registre est endommagé", "not checked: the ledger is damaged");
            (words.to_owned(), Tone::Bad)
        }
    }
}

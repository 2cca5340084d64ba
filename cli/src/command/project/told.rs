//! What a projector tells, as a person or a script sees it: a bar while it catches up, remarks about the rest.

use std::cell::RefCell;

use talon_consumers::Event;

use crate::show::{Bar, Screen};

/// Hears events, and shows them.
pub(crate) struct Told<'s> {
    screen: RefCell<&'s mut Screen>,
    bar: RefCell<Option<Bar>>,
    /// Whether it goes on for ever: then it says when it has caught up.
    follows: bool,
}

impl<'s> Told<'s> {
    pub(crate) fn new(screen: &'s mut Screen, follows: bool) -> Self {
        Self { screen: RefCell::new(screen), bar: RefCell::new(None), follows }
    }

    /// Shows an event. Nobody may be there to read it: the views are kept all the same.
    pub(crate) fn hear(&self, event: &Event) {
        if let Event::Progress { done, total } = *event {
            let mut bar = self.bar.borrow_mut();
            return bar.get_or_insert_with(|| Bar::records(total, "folding")).at(done, total);
        }
        self.finish();
        let mut screen = self.screen.borrow_mut();
        let said = words(event, self.follows, *screen);
        drop(said.map(|text| screen.remark(&text)));
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.take().into_iter().for_each(Bar::finish);
    }
}

/// What an event says to people, if it says anything.
pub(crate) fn words(event: &Event, follows: bool, screen: &Screen) -> Option<String> {
    Some(match event {
        Event::CaughtUp { records } if follows => {
            let records = screen.count(*records, ["enregistrement", "enregistrements"], ["record", "records"]);
            format!("{} ({records})", screen.say("les vues sont à jour", "the views have caught up"))
        }
        Event::FellBehind { lag, seconds } => {
            let records = screen.count(lag.records, ["enregistrement", "enregistrements"], ["record", "records"]);
            format!("{} ({records}, {seconds} s)", screen.say("les vues sont en retard", "the views fell behind"))
        }
        Event::MovedAside { to, reason } => {
            let words = screen.say(
                "les vues ont été mises de côté et sont refaites du journal",
                "the views were moved aside and are made anew from the journal",
            );
            format!("{words}: {} ({reason})", to.display())
        }
        Event::Remade { views } => {
            let words = screen.say("vues refaites par cette version", "views made anew by this release");
            format!("{words}: {}", views.join(", "))
        }
        Event::Searching { reason, among } => {
            let words = screen.say(
                "un enregistrement ne peut être traité ; il est cherché parmi",
                "a record cannot be folded; it is searched among",
            );
            format!("{words} {among} ({reason})")
        }
        Event::SetAside { partition, position, reason } => {
            let words = screen.say("mis de côté", "set aside");
            format!("{words}: p{partition}/{position} ({reason})")
        }
        Event::Unasked { reason } => {
            let words = screen.say(
                "personne ne peut interroger ce processus : pas de socket",
                "nobody can ask this process anything: there is no socket",
            );
            format!("{words} ({reason})")
        }
        _ => return None,
    })
}

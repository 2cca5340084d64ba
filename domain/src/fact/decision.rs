//! What people decide about what does not agree. A note decides nothing about money: it says who looks after an item.

use super::{NoteState, Text};
use crate::anomaly::Language;
use crate::ids::StreamId;
use crate::time::Day;

/// What is done about an item of the morning's list. Its words are personal data, and sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteAdded {
    /// The stream that the item is about: the payment, else what states it.
    pub stream: StreamId,
    /// What kind of item it is: `open`, `settlement`, `hole`, or an anomaly's name.
    pub code: Text,
    /// Which of them within the stream; absent where there is one.
    pub slot: Option<Text>,
    /// How far it came.
    pub state: NoteState,
    /// The item is listed first again from this day on; absent: as long as it says the same.
    pub until: Option<Day>,
    /// The code of who is to go on with it; absent: its author.
    pub to: Option<Text>,
    /// The code of who noted it, never a name.
    pub author: Text,
    /// SHA-256 over what the item said when it was noted; absent: whatever it says.
    pub seen: Option<[u8; 32]>,
}

impl NoteState {
    /// For people.
    pub const fn words(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Taken, Language::French) => "en cours",
            (Self::Waiting, Language::French) => "en attente d'une réponse",
            (Self::Waiting, Language::English) => "waiting for an answer",
            (Self::Known, Language::French) => "expliqué",
            (Self::Taken | Self::Known, Language::English) => self.name(),
        }
    }
}

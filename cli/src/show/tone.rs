//! How words stand out on a terminal.

use talon_domain::anomaly::Severity;

/// How a word stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Warning,
    Bad,
}

/// Part of a line. Colour is added when it is written, so no text can bring its own.
pub(crate) type Piece<'t> = (&'t str, Tone);

impl Tone {
    /// What a terminal takes for it; `None` for plain words.
    pub(super) const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Quiet => Some("2"),
            Self::Good => Some("32"),
            Self::Warning => Some("33"),
            Self::Bad => Some("31"),
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Notice => Self::Quiet,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Bad,
        }
    }
}

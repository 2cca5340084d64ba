//! What a run or the memory says under a key, and how two such sayings become one.
//!
//! ```text
//! older \ newer   gone   set      add
//! nothing         gone   set      add: a sum to be met by what lies below
//! gone            gone   set      set
//! set             gone   set      set: both sums
//! add             gone   set      add: both sums
//! ```
//!
//! Invariant: the newer one of two decides, unless it adds: then what it adds to may lie in any older run.
//!
//! This module does not know runs or pages.

use super::StoreError;
use crate::cells::Cells;

/// What is said under a key, as it lies in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'b> {
    /// There is no such row, whatever older runs say.
    Gone,
    /// This is the row, whatever older runs say.
    Set(&'b [u8]),
    /// These cells are added to what older runs say.
    Add(&'b [u8]),
}

/// What has been found under a key so far, from the newest saying to older ones.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Cells that were added to something older.
    added: Option<Cells>,
}

pub(super) fn cells_of(bytes: &[u8]) -> Result<Cells, StoreError> {
    Cells::decode(bytes).map_err(|error| StoreError::broken(error.to_string()))
}

impl Found {
    /// Takes the cells of a newer saying; what is older will meet them.
    pub(super) fn add(&mut self, cells: Cells) {
        match &mut self.added {
            Some(added) => added.merge(&cells),
            None => self.added = Some(cells),
        }
    }

    /// Whether something newer adds to what is older.
    pub(super) const fn adds(&self) -> bool {
        self.added.is_some()
    }

    /// Ends with the row below all that was added, if there is one; what is left is no row if it is empty cells.
    pub(super) fn end(self, below: Option<&[u8]>) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut added) = self.added else { return Ok(below.map(<[u8]>::to_vec)) };
        if let Some(below) = below {
            added.merge(&cells_of(below)?);
        }
        Ok(Some(added).filter(|cells| !cells.is_empty()).map(|cells| cells.encode()))
    }

    /// The cells that were added, with nothing known below them.
    pub(super) fn into_added(self) -> Option<Cells> {
        self.added
    }
}

/// What several sayings under one key come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined<'b> {
    /// What one of them says, where it lies.
    As(Said<'b>),
    Set(Vec<u8>),
    Add(Vec<u8>),
}

impl Joined<'_> {
    pub(super) fn said(&self) -> Said<'_> {
        match self {
            Self::As(said) => *said,
            Self::Set(row) => Said::Set(row),
            Self::Add(cells) => Said::Add(cells),
        }
    }
}

/// Joins sayings under one key, the newest first; none at all is gone.
pub(super) fn joined<'b>(newest_first: impl Iterator<Item = Said<'b>>) -> Result<Joined<'b>, StoreError> {
    let mut found = Found::default();
    let mut below = None;
    for said in newest_first {
        match said {
            Said::Add(cells) => found.add(cells_of(cells)?),
            set_or_gone => {
                below = Some(set_or_gone);
                break;
            }
        }
    }
    let row = match (found.adds(), below) {
        (false, said) => return Ok(Joined::As(said.unwrap_or(Said::Gone))),
        (true, None) => return Ok(Joined::Add(found.into_added().unwrap_or_default().encode())),
        (true, Some(Said::Set(row))) => found.end(Some(row))?,
        (true, Some(_)) => found.end(None)?,
    };
    Ok(row.map_or(Joined::As(Said::Gone), Joined::Set))
}

//! What is written together: puts and deletes, of which all are done or none.
//!
//! This module does not order them: of two changes of one key the later one counts.

/// Changes that are made together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    bytes: usize,
}

impl Batch {
    /// A batch that changes nothing.
    pub const fn new() -> Self {
        Self { changes: Vec::new(), bytes: 0 }
    }

    /// Puts a value under a key, in place of what is there.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.bytes = self.bytes.saturating_add(key.len()).saturating_add(value.len());
        self.changes.push((key, Some(value)));
    }

    /// Takes away what is under a key.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.bytes = self.bytes.saturating_add(key.len());
        self.changes.push((key, None));
    }

    /// How many changes it makes.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Bytes of its keys and values.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The changes, in the order in which they were said; without a value, a key is deleted.
    pub fn into_changes(self) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
        self.changes.into_iter()
    }
}

//! stand-in
#![allow(missing_docs)]
use crate::cells::Cells;
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Broken(String),
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Table(pub u16);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    Latest,
    Cells,
}
pub trait Store: Send {}
#[derive(Default)]
pub struct Tables {
    rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    state: Vec<u8>,
}
impl Tables {
    pub fn open(_: Box<dyn Store>, _: fn(Table) -> Merge) -> Result<Self, StoreError> {
        Ok(Self::default())
    }
    pub fn in_memory(_: fn(Table) -> Merge) -> Self {
        Self::default()
    }
    pub fn state(&self) -> &[u8] {
        &self.state
    }
    pub fn put(&mut self, t: Table, key: &[u8], value: &[u8]) {
        self.rows.insert((t, key.to_vec()), value.to_vec());
    }
    pub fn delete(&mut self, t: Table, key: &[u8]) {
        self.rows.remove(&(t, key.to_vec()));
    }
    pub fn add(&mut self, t: Table, key: &[u8], cells: &Cells) {
        let k = (t, key.to_vec());
        let mut old = self.rows.get(&k).map(|v| Cells::decode(v).unwrap()).unwrap_or_default();
        old.merge(cells);
        if old.is_empty() {
            self.rows.remove(&k);
        } else {
            self.rows.insert(k, old.encode());
        }
    }
    pub fn get(&self, t: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(&(t, key.to_vec())).cloned())
    }
    pub fn scan(
        &self,
        t: Table,
        from: &[u8],
        below: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for ((table, key), value) in self.rows.range((Bound::Included((t, from.to_vec())), Bound::Unbounded)) {
            if *table != t || below.is_some_and(|b| key.as_slice() >= b) {
                break;
            }
            if each(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }
    pub fn commit(&mut self, bulk: Vec<(Table, Vec<(Vec<u8>, Vec<u8>)>)>, state: &[u8]) -> Result<(), StoreError> {
        for (t, rows) in bulk {
            for (k, v) in rows {
                self.rows.insert((t, k), v);
            }
        }
        self.state = state.to_vec();
        Ok(())
    }
}
pub struct SledStore;
impl SledStore {
    pub fn open(_: &std::path::Path) -> Result<Self, StoreError> {
        Ok(Self)
    }
}
impl Store for SledStore {}
impl Tables {
    pub fn merge_due(&self) -> bool {
        false
    }
    pub fn merge_step(&mut self) -> Result<bool, StoreError> {
        Ok(false)
    }
}

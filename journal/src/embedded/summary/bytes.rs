//! A summary's bytes: numbers one after the other, lists with their length before them, a CRC at the end.

/// Bytes of the checksum at the end.
const CRC_BYTES: usize = 4;

/// Writes a summary.
pub(super) struct Sink(Vec<u8>);

impl Sink {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(super) fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.u64(items.len() as u64);
        items.for_each(|item| write(self, item));
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let crc = crc32c::crc32c(&self.0);
        self.bytes(&crc.to_le_bytes());
        self.0
    }
}

/// Reads a summary whose checksum holds.
pub(super) struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk::<CRC_BYTES>()?;
        (u32::from_le_bytes(*crc) == crc32c::crc32c(body)).then_some(Self(body))
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

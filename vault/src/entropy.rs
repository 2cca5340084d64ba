//! Randomness: `ChaCha20`, seeded by the operating system in each process. Keys, nonces and the salts of records come
//! from here, and nowhere else.
//!
//! This module does not read the time, and never falls back to a weaker source: without a seed there is no `Entropy`.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// The operating system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random seed")]
pub struct EntropyError {
    source: getrandom::Error,
}

/// A stream of random bytes that nobody outside this process can foretell.
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// Seeds a stream from the operating system.
    pub fn from_os() -> Result<Self, EntropyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut()).map_err(|source| EntropyError { source })?;
        Ok(Self::from_seed(*seed))
    }

    /// A stream that is the same for the same seed: for tests and for the demonstration, never for a real ledger.
    /// A vault that is opened again with the same seed refuses to make the same slab twice.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// Fills `dest` with random bytes.
    pub fn fill(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }

    /// The salt of one record.
    pub fn salt(&mut self) -> [u8; 16] {
        self.bytes()
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Replaces the state by one made of its own output. Whoever reads this process's memory afterwards cannot compute
    /// the keys that were drawn before: else an erased key could be drawn again for as long as its process lives.
    pub(crate) fn ratchet(&mut self) {
        let seed = Zeroizing::new(self.bytes());
        *self = Self::from_seed(*seed);
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

//! The seed of a sampled value: a hash of the mock's seed and the request, so that an equal request gets an equal body
//! after a restart, and after edits elsewhere in the document.

/// A 64-bit FNV-1a hash: stable over machines and releases, which `std`'s hashers do not promise.
#[derive(Clone, Copy)]
pub(crate) struct Seed(u64);

impl Seed {
    /// Begins with the seed of a mock.
    pub(crate) fn new(seed: u64) -> Self {
        Self(0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Mixes in a text and its end.
    #[must_use]
    pub(crate) fn with(self, text: &str) -> Self {
        self.with_bytes(text.as_bytes())
    }

    /// Mixes in bytes and their end.
    #[must_use]
    pub(crate) fn with_bytes(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(bytes.iter().copied().chain([0xff]).fold(self.0, step))
    }

    /// Returns the number to sample with.
    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

/// Spreads the difference between one request and the next over all bits (the last steps of SplitMix64): FNV leaves it
/// in the lower ones.
pub(crate) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

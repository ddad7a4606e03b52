//! Random numbers for samples: splitmix64 (Steele, Lea and Flood 2014), seeded by position.
//!
//! A value's numbers depend only on the seed and the value's path, so that an edit elsewhere in a schema does not
//! change the value, nor does another machine or version of a crate.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// Scrambles 64 bits (the finalizer of splitmix64).
const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Names a place in a value: a hash of the seed and of the path from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn root(seed: u64) -> Seed {
        Seed(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)))
    }

    /// The place of a member (FNV-1a of its name, 64 bits).
    pub(crate) fn member(self, name: &str) -> Seed {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
            (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Seed(mix(self.0 ^ hash))
    }

    /// The place of an item.
    pub(crate) fn item(self, index: usize) -> Seed {
        self.beside(1, index)
    }

    /// The same place, tried again.
    pub(crate) fn again(self, attempt: usize) -> Seed {
        self.beside(2, attempt)
    }

    /// What is chosen at this place before its value is drawn.
    pub(crate) fn choice(self) -> Seed {
        self.beside(3, 0)
    }

    /// A name that is made up at this place.
    pub(crate) fn name(self, attempt: usize) -> Seed {
        self.beside(4, attempt)
    }

    fn beside(self, purpose: u64, index: usize) -> Seed {
        Seed(mix(self.0 ^ mix((purpose << 56).wrapping_add(index as u64))))
    }

    pub(crate) fn random(self) -> Random {
        Random(self.0)
    }
}

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit` (0 where there is none): by multiplication, whose bias is below 2^-32 for what we draw.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included; `low` where they are the wrong way round.
    pub(crate) fn between(&mut self, low: i128, high: i128) -> i128 {
        match high.checked_sub(low).and_then(|span| span.checked_add(1)) {
            Some(span) if span > 0 => {
                let drawn = (u128::from(self.next()) << 64) | u128::from(self.next());
                low.saturating_add((drawn % span.unsigned_abs()) as i128)
            }
            _ => low,
        }
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> Option<&'a T> {
        choices.get(self.below(choices.len())).copied()
    }

    /// One of the words of a table; the empty text where it has none.
    pub(crate) fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).unwrap_or_default()
    }

    /// `count` characters out of an ASCII alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).filter_map(|_| alphabet.get(self.below(alphabet.len())).copied().map(char::from)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_everywhere() {
        let mut random = Seed::root(1).member("a").item(0).random();
        assert_eq!([random.next(), random.next()], [7_811_700_317_188_210_546, 11_444_366_740_122_020_639]);
        assert_eq!(Seed::root(1).member("a"), Seed::root(1).member("a"));
        assert_ne!(Seed::root(1).member("a"), Seed::root(1).member("b"));
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut random = Seed::root(7).random();
        for _ in 0..1000 {
            assert!(random.below(3) < 3);
            assert!((-2..=2).contains(&random.between(-2, 2)));
        }
        assert_eq!(random.below(0), 0);
        assert_eq!(random.between(5, 4), 5);
    }
}

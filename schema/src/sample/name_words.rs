//! The words that the name of a property consists of.

/// The words of a name, in lower case: `createdAt`, `created_at` and `Created-At` are the same two.
#[derive(Default)]
pub(super) struct Words {
    pub(super) count: usize,
    pub(super) first: String,
    pub(super) last: String,
    /// The word before the last.
    pub(super) before: String,
}

impl Words {
    pub(super) fn of(name: &str) -> Words {
        let mut words = Words::default();
        let mut was_lower = false;
        let mut is_within = false;
        for c in name.chars() {
            let is_part = c.is_alphanumeric();
            if is_part && (!is_within || c.is_uppercase() && was_lower) {
                words.count += 1;
                words.before = std::mem::take(&mut words.last);
            }
            if is_part {
                words.last.extend(c.to_lowercase());
            }
            (is_within, was_lower) = (is_part, c.is_lowercase());
            if words.count == 1 {
                words.first.clone_from(&words.last);
            }
        }
        words
    }
}

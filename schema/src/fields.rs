//! A map by name in the schema's order, without hashing: objects have few members.

/// Values by name, in order of insertion.
#[derive(Debug)]
pub(crate) struct Fields<T> {
    entries: Vec<(Box<str>, T)>,
    /// Positions in `entries`, by length of the name and then its bytes.
    sorted: Vec<u32>,
}

impl<T> Default for Fields<T> {
    fn default() -> Self {
        Fields { entries: Vec::new(), sorted: Vec::new() }
    }
}

impl<T> FromIterator<(Box<str>, T)> for Fields<T> {
    /// Of entries with one name the first is found.
    fn from_iter<I: IntoIterator<Item = (Box<str>, T)>>(entries: I) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        let mut sorted: Vec<u32> = (0..).take(entries.len()).collect();
        sorted.sort_by_key(|position| {
            entries.get(*position as usize).map(|(name, _)| (name.len(), name.as_bytes()))
        });
        Fields { entries, sorted }
    }
}

impl<T> Fields<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        let key = |position: &u32| match self.entries.get(*position as usize) {
            Some((known, _)) => (known.len(), known.as_bytes()),
            None => (usize::MAX, &[][..]),
        };
        let found = self
            .sorted
            .binary_search_by(|position| key(position).cmp(&(name.len(), name.as_bytes())))
            .ok()?;
        self.entries.get(*self.sorted.get(found)? as usize).map(|(_, value)| value)
    }

    /// Look-ups that cost least where names are asked for in the schema's order, as most values have them.
    pub(crate) fn in_order(&self) -> InOrder<'_, T> {
        InOrder { fields: self, rest: self.entries.iter() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Look-ups one after another.
pub(crate) struct InOrder<'f, T> {
    fields: &'f Fields<T>,
    /// What stands after the last entry that was found.
    rest: std::slice::Iter<'f, (Box<str>, T)>,
}

/// How many entries may be missing from a value before its next member is looked up.
const SKIPPED: usize = 4;

impl<'f, T> InOrder<'f, T> {
    pub(crate) fn get(&mut self, name: &str) -> Option<&'f T> {
        let next = self.rest.as_slice().iter().take(SKIPPED).position(|(known, _)| **known == *name);
        match next {
            Some(skipped) => self.rest.nth(skipped).map(|(_, value)| value),
            None => self.fields.get(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_in_any_order() {
        let names = ["id", "name", "tag", "a", "b", "c", "d", "e"];
        let fields: Fields<usize> = names.iter().enumerate().map(|(i, name)| ((*name).into(), i)).collect();
        for start in 0..names.len() {
            let mut in_order = fields.in_order();
            for step in [1, 3, 5, 7] {
                for i in 0..names.len() {
                    let at = (start + i * step) % names.len();
                    assert_eq!(in_order.get(names[at]), Some(&at), "{start} {step}");
                    assert_eq!(in_order.get("nobody"), None);
                }
            }
        }
    }
}

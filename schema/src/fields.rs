//! A map by name that keeps the schema's order and is looked up without hashing: objects have few members.

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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

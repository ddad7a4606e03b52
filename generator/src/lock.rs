//! `descant.lock`: which names were given, so that each stays when the document grows.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, io};

use crate::output::LOCK_FILE;

/// Names by the kind of what has them, and what has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    places: BTreeMap<String, BTreeMap<String, String>>,
}

impl Lock {
    /// Reads the lock in an output folder; one that is not there remembers nothing.
    ///
    /// # Errors
    /// Where it cannot be read, is no TOML, or something else stands in it than tables of names.
    pub fn read(folder: &Path) -> io::Result<Lock> {
        let path = folder.join(LOCK_FILE);
        let named =
            |kind, error: &dyn fmt::Display| io::Error::new(kind, format!("{}: {error}", path.display()));
        match std::fs::read_to_string(&path) {
            Ok(text) => Lock::parse(&text).map_err(|error| named(io::ErrorKind::InvalidData, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(named(error.kind(), &error)),
        }
    }

    /// Reads a lock that was written before.
    ///
    /// # Errors
    /// Where it is no TOML, or something else stands in it than tables of names.
    pub fn parse(text: &str) -> Result<Lock, toml::de::Error> {
        toml::from_str(text).map(|places| Lock { places })
    }

    /// Its text; `None` where there is nothing to remember.
    pub(crate) fn text(&self) -> Option<String> {
        let tables = toml::to_string(&self.places).ok().filter(|_| !self.places.is_empty())?;
        Some(format!("# Names that stay as they are when the document grows.\n\n{tables}"))
    }

    pub(crate) fn name(&self, place: &str, text: &str) -> Option<&str> {
        self.places.get(place)?.get(text).map(String::as_str)
    }

    pub(crate) fn add(&mut self, place: &str, text: &str, name: &str) {
        self.places.entry(place.to_owned()).or_default().insert(text.to_owned(), name.to_owned());
    }
}

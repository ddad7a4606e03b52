//! Names that are settled before a scope looks at them: by the user's renames, and by the lock, which remembers how
//! collisions came out when the document was smaller.

use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;

use crate::lock::Lock;
use crate::settings::{Config, Rename, Renamed};

use super::names::{Case, Scope, ident, spell};

/// What is known of names from before, and what is to be remembered.
#[derive(Default)]
pub(super) struct Settled<'s> {
    renames: HashMap<(String, String), &'s str>,
    before: Lock,
    after: Lock,
    /// The places and texts that names were asked for.
    seen: HashSet<(String, String)>,
}

impl<'s> Settled<'s> {
    pub(super) fn new(config: &'s Config, before: Lock) -> Self {
        let renames = config.renames.iter();
        let renames =
            renames.map(|rename| ((place(&rename.what), rename.text.clone()), rename.name.as_str()));
        Settled { renames: renames.collect(), before, ..Self::default() }
    }

    /// Identifiers for all texts of a scope, in their order: the user's, then those of before, then new ones.
    pub(super) fn names(
        &mut self,
        scope: &mut Scope,
        place: &str,
        texts: &[String],
        case: Case,
    ) -> Vec<Ident> {
        let mut count: HashMap<&str, usize> = HashMap::new();
        let mut rivals: HashMap<String, usize> = HashMap::new();
        for text in texts {
            *count.entry(text).or_default() += 1;
            *rivals.entry(spell(text, case)).or_default() += 1;
            self.seen.insert((place.to_owned(), text.clone()));
        }
        let mut found: Vec<Option<Ident>> = vec![None; texts.len()];
        let alone = |text: &str| count.get(text) == Some(&1);
        for (slot, text) in found.iter_mut().zip(texts).filter(|(_, text)| alone(text)) {
            let renamed = self.renames.get(&(place.to_owned(), text.clone()));
            *slot = renamed.and_then(|name| scope.take(name));
        }
        for (slot, text) in found.iter_mut().zip(texts).filter(|(slot, text)| slot.is_none() && alone(text)) {
            let known = self.before.name(place, text).filter(|name| is_of(name, &spell(text, case)));
            *slot = known.and_then(|name| scope.take(name));
            slot.iter().for_each(|name| self.after.add(place, text, &plain(name)));
        }
        let (indices, rest): (Vec<usize>, Vec<String>) = texts
            .iter()
            .enumerate()
            .filter(|(index, _)| found.get(*index).is_some_and(Option::is_none))
            .map(|(index, text)| (index, text.clone()))
            .unzip();
        for (index, (name, text)) in indices.into_iter().zip(scope.names(&rest, case).into_iter().zip(&rest))
        {
            let base = spell(text, case);
            let contested = rivals.get(&base).is_some_and(|rivals| *rivals > 1) || name != ident(&base);
            if contested && alone(text) {
                self.after.add(place, text, &plain(&name));
            }
            found.get_mut(index).into_iter().for_each(|slot| *slot = Some(name.clone()));
        }
        found.into_iter().flatten().collect()
    }

    /// Lets a rename of one text be one of another, too: an operation goes by its method and path as well.
    pub(super) fn alias(&mut self, place: &str, from: &str, to: &str) {
        self.seen.insert((place.to_owned(), from.to_owned()));
        if let Some(name) = self.renames.get(&(place.to_owned(), from.to_owned())).copied() {
            self.renames.entry((place.to_owned(), to.to_owned())).or_insert(name);
        }
    }

    /// The renames that nothing answered to.
    pub(super) fn unused<'c>(&self, config: &'c Config) -> impl Iterator<Item = &'c Rename> {
        let is_unused = |rename: &&Rename| !self.seen.contains(&(place(&rename.what), rename.text.clone()));
        config.renames.iter().filter(is_unused).collect::<Vec<_>>().into_iter()
    }

    /// What is to be remembered.
    pub(super) fn into_lock(self) -> Lock {
        self.after
    }
}

/// What a scope is called in the lock.
fn place(what: &Renamed) -> String {
    match what {
        Renamed::Type => "types".to_owned(),
        Renamed::Operation => "operations".to_owned(),
        Renamed::Field(owner) => format!("fields of {owner}"),
        Renamed::Variant(owner) => format!("variants of {owner}"),
    }
}

/// Whether a name is what a scope makes of a spelling: itself, perhaps with a number behind it. A lock can be edited.
fn is_of(name: &str, base: &str) -> bool {
    let rest = name.strip_prefix(base).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
}

/// A name as the lock has it.
fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.trim_start_matches("r#").to_owned()
}

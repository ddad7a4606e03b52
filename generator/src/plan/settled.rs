//! Names that are settled before a scope looks at them: by the user's renames, and by the lock, which remembers how
//! collisions came out when the document was smaller.

use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;

use crate::lock::Lock;
use crate::settings::{Config, Rename, Renamed};

use super::names::{Case, Scope, ident, spell};

/// What wants a name: what the lock calls it, each of its places, and the text that its name is made of.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) keys: Vec<String>,
    pub(super) text: String,
}

/// A name, and those that the lock has for other places of the same.
pub(super) struct Named {
    pub(super) name: Ident,
    pub(super) also: Vec<Ident>,
}

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

    /// Identifiers for all texts of a scope, in their order: the user's, then those of before, then new ones. What
    /// collides is remembered.
    pub(super) fn names(
        &mut self,
        scope: &mut Scope,
        place: &str,
        texts: &[String],
        case: Case,
    ) -> Vec<Ident> {
        let asked = texts.iter().map(|text| Asked { keys: vec![text.clone()], text: text.clone() });
        let named = self.kept(scope, place, &asked.collect::<Vec<_>>(), case, false);
        named.into_iter().map(|named| named.name).collect()
    }

    /// The same for what the lock knows by keys of its own. `every` remembers each name that is not its own text, so
    /// that nothing that comes later takes it.
    pub(super) fn kept(
        &mut self,
        scope: &mut Scope,
        place: &str,
        asked: &[Asked],
        case: Case,
        every: bool,
    ) -> Vec<Named> {
        let mut texts: HashMap<&str, usize> = HashMap::new();
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut rivals: HashMap<String, usize> = HashMap::new();
        for one in asked {
            *texts.entry(&one.text).or_default() += 1;
            one.keys.iter().for_each(|key| *keys.entry(key).or_default() += 1);
            *rivals.entry(spell(&one.text, case)).or_default() += 1;
            let texts = one.keys.iter().chain([&one.text]);
            self.seen.extend(texts.map(|text| (place.to_owned(), text.clone())));
        }
        let mut found: Vec<Option<Ident>> = vec![None; asked.len()];
        let mut others: Vec<Vec<Ident>> = vec![Vec::new(); asked.len()];
        for (slot, one) in found.iter_mut().zip(asked).filter(|(_, one)| texts.get(&*one.text) == Some(&1)) {
            let mut texts = [&one.text].into_iter().chain(&one.keys);
            let renamed = texts.find_map(|text| self.renames.get(&(place.to_owned(), text.clone())));
            *slot = renamed.and_then(|name| scope.take(name));
        }
        for ((slot, other), one) in found.iter_mut().zip(&mut others).zip(asked) {
            for key in one.keys.iter().filter(|key| keys.get(key.as_str()) == Some(&1)) {
                let known = self.before.name(place, key).filter(|name| is_name(name, case));
                let Some(name) = known.and_then(|name| scope.take(name)) else { continue };
                self.after.add(place, key, &plain(&name));
                if slot.is_none() { *slot = Some(name) } else { other.push(name) }
            }
        }
        let open = found.iter().enumerate().filter(|(_, slot)| slot.is_none()).map(|(index, _)| index);
        let open: Vec<usize> = open.collect();
        let rest = open.iter().filter_map(|index| Some(asked.get(*index)?.text.clone())).collect::<Vec<_>>();
        for (index, name) in open.into_iter().zip(scope.names(&rest, case)) {
            let (Some(one), Some(slot)) = (asked.get(index), found.get_mut(index)) else { continue };
            let base = spell(&one.text, case);
            let contested = rivals.get(&base).is_some_and(|rivals| *rivals > 1) || name != ident(&base);
            let key = one.keys.iter().find(|key| keys.get(key.as_str()) == Some(&1));
            if let Some(key) = key.filter(|key| contested || every && plain(&name) != **key) {
                self.after.add(place, key, &plain(&name));
            }
            *slot = Some(name);
        }
        let named = found.into_iter().zip(others);
        named.filter_map(|(name, also)| Some(Named { name: name?, also })).collect()
    }

    /// The name that something had before.
    pub(super) fn known(&self, place: &str, key: &str) -> Option<&str> {
        self.before.name(place, key)
    }

    /// That name again, if it is free.
    pub(super) fn again(&self, scope: &mut Scope, place: &str, key: &str, case: Case) -> Option<Ident> {
        self.known(place, key).filter(|name| is_name(name, case)).and_then(|name| scope.take(name))
    }

    /// Remembers a name, the first of a key.
    pub(super) fn remember(&mut self, place: &str, key: &str, name: &Ident) {
        if self.after.name(place, key).is_none() {
            self.after.add(place, key, &plain(name));
        }
    }

    /// What was decided before of something, whatever it is.
    pub(super) fn decided(&mut self, place: &str, key: &str, now: &str) -> String {
        let decided = self.before.name(place, key).unwrap_or(now).to_owned();
        self.after.add(place, key, &decided);
        decided
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

/// Whether a name can be one of this case. A lock can be edited.
fn is_name(name: &str, case: Case) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let shadows = case == Case::Pascal && spell(name, case) == format!("{name}Schema");
    begins && name.chars().all(fits) && name.chars().any(|c| c != '_') && !shadows
}

/// A name as the lock has it.
fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.trim_start_matches("r#").to_owned()
}

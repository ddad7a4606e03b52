//! Finds the imports between the files of a crate, in which `tidy` permits no circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, ItemMod, ItemUse, Macro, Token, UseTree};

/// A path of module names below a crate's root.
type ModulePath = Vec<String>;

/// The names visited in the search for a definition, each with its module: re-exports may be circular.
type Seen = BTreeSet<(ModulePath, String)>;

/// A module, in a separate file or inline.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Imported names with their targets.
    uses: BTreeMap<String, ModulePath>,
    /// Modules that are imported with a glob.
    globs: Vec<ModulePath>,
    /// The names of the items defined here.
    items: BTreeSet<String>,
    /// Paths in the module, except its re-exports.
    named: BTreeSet<ModulePath>,
}

/// An import of a name from another file.
pub(crate) struct Arrow {
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
    pub(crate) name: String,
}

/// The modules of one crate, by path.
pub(crate) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

impl Crate {
    /// Reads a crate from its root file; a file that can't be read or parsed has no modules.
    pub(crate) fn read(root: &Path) -> Self {
        let mut read = Self { modules: BTreeMap::new() };
        let folder = root.parent().unwrap_or(root);
        read.read_file(root, folder, Vec::new());
        read
    }

    /// Returns the arrows between files that lie on a circle, each with a name that it takes.
    pub(crate) fn circles(&self) -> Vec<Arrow> {
        let arrows = self.arrows();
        let lead_back: Vec<bool> =
            arrows.iter().map(|arrow| reaches(&arrows, &arrow.to, &arrow.from)).collect();
        arrows
            .into_iter()
            .zip(lead_back)
            .filter(|(_, leads_back)| *leads_back)
            .map(|(arrow, _)| arrow)
            .collect()
    }

    /// Returns one arrow for each two files of which the first takes names from the second. A module's own file may hold
    /// what the modules below it share: names that they take from above are no arrows.
    fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = BTreeMap::new();
        for (path, module) in &self.modules {
            let taken = module.named.iter().filter_map(|named| self.resolve(path, named, &mut Seen::new()));
            let above: Vec<_> = (0..=path.len())
                .filter_map(|length| self.modules.get(path.get(..length)?))
                .map(|module| module.file.as_path())
                .collect();
            for (file, name) in taken.filter(|(file, _)| !above.contains(file)) {
                arrows.entry((&module.file, file)).or_insert(name);
            }
        }
        let arrow = |((from, to), name): ((&PathBuf, &Path), String)| Arrow {
            from: from.clone(),
            to: to.to_path_buf(),
            name,
        };
        arrows.into_iter().map(arrow).collect()
    }

    fn read_file(&mut self, file: &Path, folder: &Path, path: ModulePath) {
        let Some(parsed) = fs::read_to_string(file).ok().and_then(|text| syn::parse_file(&text).ok()) else {
            return;
        };
        self.read_items(&parsed.items, file, folder, path);
    }

    fn read_items(&mut self, items: &[Item], file: &Path, folder: &Path, path: ModulePath) {
        let mut module = Module { file: file.to_path_buf(), ..Module::default() };
        let mut paths = Paths { module: &mut module };
        for item in items {
            match item {
                Item::Mod(inner) if is_test(&inner.attrs) => {}
                Item::Mod(inner) => self.read_module(inner, file, folder, &path),
                _ => paths.visit_item(item),
            }
        }
        self.modules.insert(path, module);
    }

    fn read_module(&mut self, module: &ItemMod, file: &Path, folder: &Path, path: &ModulePath) {
        let name = module.ident.to_string();
        let path = [path.as_slice(), std::slice::from_ref(&name)].concat();
        let below = folder.join(&name);
        if let Some((_, items)) = &module.content {
            return self.read_items(items, file, &below, path);
        }
        let beside = folder.join(format!("{name}.rs"));
        let file = if beside.is_file() { beside } else { below.join("mod.rs") };
        self.read_file(&file, &below, path);
    }

    /// Returns the file that defines what a path names in a module, and the name; nothing for another crate's.
    fn resolve(&self, from: &ModulePath, named: &[String], seen: &mut Seen) -> Option<(&Path, String)> {
        let (first, rest) = named.split_first()?;
        let (mut place, mut rest) = match first.as_str() {
            "crate" => (Vec::new(), rest),
            "self" => (from.clone(), rest),
            "super" => (from.split_last()?.1.to_vec(), rest),
            _ => (from.clone(), named),
        };
        let local = place == *from && !matches!(first.as_str(), "crate" | "self");
        while let Some((next, after)) = rest.split_first() {
            let below = [place.as_slice(), std::slice::from_ref(next)].concat();
            if next == "super" {
                place.pop()?;
            } else if self.modules.contains_key(&below) {
                place = below;
            } else {
                return self.defined(&place, rest, local && place == *from, seen);
            }
            rest = after;
        }
        // The path ends at a module: naming one takes nothing from it.
        None
    }

    /// Returns the file that defines the first of some names in a module, through its `use`s.
    fn defined(
        &self,
        place: &ModulePath,
        names: &[String],
        local: bool,
        seen: &mut Seen,
    ) -> Option<(&Path, String)> {
        let module = self.modules.get(place)?;
        let (name, rest) = names.split_first()?;
        if module.items.contains(name) {
            return (!local).then(|| (module.file.as_path(), name.clone()));
        }
        if !seen.insert((place.clone(), name.clone())) {
            return None;
        }
        if let Some(target) = module.uses.get(name) {
            // A module of one's own crate by another name, or what it stands for.
            return self.resolve(place, &[target.as_slice(), rest].concat(), seen);
        }
        module.globs.iter().find_map(|glob| self.resolve(place, &[glob.as_slice(), names].concat(), seen))
    }
}

/// Whether arrows lead from a file to another.
fn reaches(arrows: &[Arrow], from: &Path, to: &Path) -> bool {
    let (mut reached, mut open) = (BTreeSet::from([from]), vec![from]);
    while let Some(file) = open.pop() {
        let next = arrows.iter().filter(|arrow| arrow.from == file).map(|arrow| arrow.to.as_path());
        open.extend(next.filter(|file| reached.insert(file)));
    }
    reached.contains(to)
}

/// Gathers what a module names.
struct Paths<'a> {
    module: &'a mut Module,
}

impl Paths<'_> {
    fn bring(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.bring(&path.tree, &with(&path.ident), public),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.bring(tree, before, public)),
            UseTree::Glob(_) => self.module.globs.push(before.to_vec()),
            UseTree::Name(name) if name.ident == "self" => {
                self.stand(before.last().cloned(), before.to_vec(), public)
            }
            UseTree::Name(name) => self.stand(Some(name.ident.to_string()), with(&name.ident), public),
            UseTree::Rename(name) => self.stand(Some(name.rename.to_string()), with(&name.ident), public),
        }
    }

    fn stand(&mut self, name: Option<String>, target: ModulePath, public: bool) {
        if !public {
            self.module.named.insert(target.clone());
        }
        // `use x;` of another crate stands for itself, and is no way back into this one.
        if target.len() > 1 {
            self.module.uses.extend(name.map(|name| (name, target)));
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Union(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            Item::Impl(item) => (&item.attrs, None),
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            self.module.items.extend(name.map(ToString::to_string));
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let public = !matches!(item.vis, syn::Visibility::Inherited);
        self.bring(&item.tree, &[], public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.named.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // What is no list of expressions names nothing that can be read without expanding it.
        let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        for argument in arguments.into_iter().flatten() {
            let mut named = Module::default();
            Paths { module: &mut named }.visit_expr(&argument);
            self.module.named.append(&mut named.named);
        }
        visit::visit_macro(self, call);
    }
}

/// Whether an item is compiled for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a crate of some files, and returns its arrows on circles as `from takes name of to`.
    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let name = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
        let arrows = Crate::read(&folder.path().join("lib.rs")).circles();
        arrows
            .iter()
            .map(|arrow| format!("{} takes {} of {}", name(&arrow.from), arrow.name, name(&arrow.to)))
            .collect()
    }

    #[test]
    fn files_that_import_from_each_other_are_found() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "use crate::{a, c::C}; pub struct B; fn f() -> a::A { vec![a::A].remove(0) }"),
            ("c.rs", "pub struct C;"),
        ];
        assert_eq!(circles(&files), ["a.rs takes B of b.rs", "b.rs takes A of a.rs"]);
    }

    #[test]
    fn re_exports_are_followed_to_the_definition() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod inner; pub use inner::*; pub use self::inner::Named as Renamed;"),
            ("a/inner.rs", "use crate::b::B; pub struct Named;"),
            ("b.rs", "use crate::a::Renamed; pub struct B;"),
        ];
        assert_eq!(circles(&files), ["a/inner.rs takes B of b.rs", "b.rs takes Named of a/inner.rs"]);
    }

    #[test]
    fn what_a_module_takes_from_its_parent_and_what_tests_take_is_no_circle() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "mod inner; use inner::Inner; pub struct A;"),
            ("a/inner.rs", "use super::A; use crate::b::B; pub struct Inner;"),
            ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }

    #[test]
    fn names_that_stand_for_themselves_end() {
        let files = [
            ("lib.rs", "mod a; use a::a; use a::*;"),
            ("a.rs", "pub use super::*; pub fn f() { a::a::x() }"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }
}

//! Chooses the component of the bundle for each value from another file.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::api::SchemaName;
use crate::check::{ObjectType, Version};
use crate::lower::names;
use crate::references::{FileNode, Graph};
use crate::tree::{NodeId, escape_token};

/// The path of a map of components.
pub(super) type Section = &'static [&'static str];

/// The components of the bundle for values from other files.
pub(super) struct ComponentSlots<'g> {
    graph: &'g Graph,
    /// The targets of references in other files, or to other files.
    targets: HashSet<FileNode>,
    /// The components to add, in the order of the files.
    components: Vec<(Section, String, FileNode)>,
    /// JSON pointers into the bundle; `None` during the search for one.
    known: RefCell<HashMap<FileNode, Option<String>>>,
}

impl<'g> ComponentSlots<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let root = graph.root().file;
        let targets: HashSet<FileNode> = graph.targets().filter(|place| place.file != root).collect();
        let (components, known) = Default::default();
        let mut slots = Self { graph, targets, components, known };
        let mut taken = slots.aliases();
        let mut outermost: Vec<FileNode> = slots.targets.iter().copied().collect();
        outermost.retain(|place| slots.outermost(*place) == *place);
        outermost.sort_unstable();
        for place in outermost {
            let Some(section) = slots.section(place).filter(|_| !slots.known.borrow().contains_key(&place))
            else {
                continue;
            };
            let name = free_name(&wanted_name(graph, place), taken.entry(section).or_default());
            slots.settle(place, section, &name);
            slots.components.push((section, name, place));
        }
        slots
    }

    /// Returns the components to add.
    pub(super) fn components(&self) -> &[(Section, String, FileNode)] {
        &self.components
    }

    /// Returns the names of the document's components. A component that only refers to another file is replaced by its
    /// target.
    fn aliases(&self) -> HashMap<Section, HashSet<String>> {
        let mut taken: HashMap<Section, HashSet<String>> = HashMap::new();
        for section in SECTIONS.iter().flat_map(|(_, sections)| sections.iter().copied()) {
            let below = |at, key: &&str| self.graph.resolved(self.graph.field(at, key)?);
            let map = section.iter().try_fold(self.graph.root(), below);
            let Some(map) = map.filter(|_| !section.is_empty()) else { continue };
            for entry in self.graph.entries(map) {
                taken.entry(section).or_default().insert(entry.key.to_string());
                let place = FileNode { node: entry.value, ..map };
                let target = self.graph.target(place).filter(|_| self.graph.entries(place).len() == 1);
                if let Some(target) = target.filter(|target| self.is_free(*target, section)) {
                    self.settle(target, section, &entry.key);
                }
            }
        }
        taken
    }

    fn is_free(&self, target: FileNode, section: Section) -> bool {
        let stands_alone = self.targets.contains(&target) && self.outermost(target) == target;
        stands_alone && self.section(target) == Some(section) && !self.known.borrow().contains_key(&target)
    }

    fn settle(&self, place: FileNode, section: Section, name: &str) {
        let tokens = section.iter().copied().chain([name]);
        let pointer = tokens.map(|token| format!("/{}", escape_token(token))).collect();
        self.known.borrow_mut().insert(place, Some(pointer));
    }

    /// Returns the outermost target that contains a place.
    fn outermost(&self, place: FileNode) -> FileNode {
        let Some(tree) = self.graph.tree(place.file) else { return place };
        let parent =
            |node: &NodeId| tree.parents.get(node.0 as usize).copied().flatten().map(|(node, _)| node);
        let holders = std::iter::successors(Some(place.node), parent).map(|node| FileNode { node, ..place });
        holders.filter(|holder| self.targets.contains(holder)).last().unwrap_or(place)
    }

    /// Whether OpenAPI has no component for a value of another file, so that it is inlined.
    pub(super) fn has_no_section(&self, place: FileNode) -> bool {
        self.outermost(place) == place && self.section(place).is_none()
    }

    fn section(&self, place: FileNode) -> Option<Section> {
        let shape = self.graph.file(place.file)?.checked.shape(place.node)?;
        let version = self.graph.version(self.graph.root().file);
        let (_, sections) = SECTIONS.iter().find(|(of, _)| *of == shape)?;
        let [older, old, new, newest] = *sections;
        let section = match version {
            Version::V2 => older,
            Version::V30 => old,
            Version::V31 => new,
            Version::V32 => newest,
        };
        (!section.is_empty()).then_some(section)
    }

    /// The pointer of a place in the bundle; `None` where it is nowhere in it.
    pub(super) fn home(&self, place: FileNode) -> Option<String> {
        if place.file == self.graph.root().file {
            return Some(self.graph.origin(place).pointer.to_string());
        }
        if let Some(known) = self.known.borrow().get(&place) {
            return known.clone();
        }
        self.known.borrow_mut().insert(place, None);
        let outermost = self.outermost(place);
        let home = if outermost == place { self.first_site(place) } else { self.inside(outermost, place) };
        self.known.borrow_mut().insert(place, home.clone());
        home
    }

    fn inside(&self, holder: FileNode, place: FileNode) -> Option<String> {
        let tree = self.graph.tree(place.file)?;
        let (outer, inner) = (tree.pointer(holder.node), tree.pointer(place.node));
        Some(format!("{}{}", self.home(holder)?, inner.strip_prefix(&outer)?))
    }

    /// Returns the first reference to a value without a section.
    fn first_site(&self, place: FileNode) -> Option<String> {
        let mut sites: Vec<FileNode> = self.graph.sites(place).collect();
        sites.sort_unstable();
        sites.into_iter().find_map(|site| self.home(site))
    }
}

/// The sections of each kind of component in 2.0, 3.0, 3.1 and 3.2.
const SECTIONS: [(ObjectType, [Section; 4]); 11] = [
    (ObjectType::SCHEMA, [&["definitions"], SCHEMAS, SCHEMAS, SCHEMAS]),
    (ObjectType::RESPONSE, [&["responses"], RESPONSES, RESPONSES, RESPONSES]),
    (ObjectType::PARAMETER, [&["parameters"], PARAMETERS, PARAMETERS, PARAMETERS]),
    (ObjectType::SECURITY_SCHEME, [&["securityDefinitions"], SCHEMES, SCHEMES, SCHEMES]),
    (ObjectType::EXAMPLE, [&[], EXAMPLES, EXAMPLES, EXAMPLES]),
    (ObjectType::REQUEST_BODY, [&[], BODIES, BODIES, BODIES]),
    (ObjectType::HEADER, [&[], HEADERS, HEADERS, HEADERS]),
    (ObjectType::LINK, [&[], LINKS, LINKS, LINKS]),
    (ObjectType::CALLBACK, [&[], CALLBACKS, CALLBACKS, CALLBACKS]),
    (ObjectType::PATH_ITEM, [&[], &[], ITEMS, ITEMS]),
    (ObjectType::MEDIA_TYPE, [&[], &[], &[], &["components", "mediaTypes"]]),
];
const SCHEMAS: Section = &["components", "schemas"];
const RESPONSES: Section = &["components", "responses"];
const PARAMETERS: Section = &["components", "parameters"];
const SCHEMES: Section = &["components", "securitySchemes"];
const EXAMPLES: Section = &["components", "examples"];
const BODIES: Section = &["components", "requestBodies"];
const HEADERS: Section = &["components", "headers"];
const LINKS: Section = &["components", "links"];
const CALLBACKS: Section = &["components", "callbacks"];
const ITEMS: Section = &["components", "pathItems"];

/// Returns the name of a value at its source, in the characters of a component's name (OAS 4.8.7.2).
fn wanted_name(graph: &Graph, place: FileNode) -> String {
    let name = match names::of_place(graph, place) {
        SchemaName::Component(name) => name,
        SchemaName::Path(words) => words.join("."),
    };
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = name.chars().map(|c| if fine(c) { c } else { '_' }).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

fn free_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}

/// Encodes a JSON pointer for a URI (RFC 6901, 6).
pub(super) fn as_fragment(pointer: &str) -> String {
    const REFUSED: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'|')
        .add(b'{')
        .add(b'}')
        .add(b'#')
        .add(b'[')
        .add(b']');
    utf8_percent_encode(pointer, REFUSED).to_string()
}

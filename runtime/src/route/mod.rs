//! Finds the operation of a request (OAS 3.1, 4.8.8): one matcher for generated servers and the mock.
//!
//! Templates form a tree with a level per segment; a concrete segment is tried before a partial one (`{name}.json`),
//! and this before a single parameter. A search visits each node of the tree at most once, so its time is bounded by
//! the size of the table.
//!
//! What a template holds after `?` or `#` is no part of the path on the wire:
//! - `?a=b` matches only when the query holds that pair; a bare `?a`, when it holds that name;
//! - a fragment is never sent (RFC 9110, 4.2.5). `#Name=value` matches best when the header or query parameter
//!   `Name` is `value` (how Amazon's documents write their actions). Any other fragment is a name that HTTP does
//!   not carry: the route matches by its path alone, after routes without one, unless a client writes it as
//!   `%23fragment`. [`Found::alternatives`] lists the routes that stood back.

mod segment;
mod template;

use std::collections::BTreeMap;

use http::HeaderMap;

use segment::{Pattern, Segment};
pub use template::{Piece, parse};
use template::{Split, Tail};

/// Whether a path matches with and without a final slash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    /// `/pets` and `/pets/` are the same, unless both are templates.
    #[default]
    Either,
    /// `/pets` and `/pets/` differ.
    Strict,
}

/// Routes to values of type `T`, in insertion order.
#[derive(Clone, Debug)]
pub struct Table<T> {
    root: Node,
    routes: Vec<Route<T>>,
    head_is_get: bool,
}

/// The result of a search.
#[derive(Debug, PartialEq)]
pub enum Find<'t, 'r, T> {
    /// The matching route.
    Found(Found<'t, 'r, T>),
    /// The path has other methods: these (RFC 9110, 15.5.6: the `Allow` header).
    MethodNotAllowed(Vec<&'t str>),
    /// No template matches the path.
    NotFound,
}

/// A route and the texts of its path parameters.
#[derive(Debug, PartialEq)]
pub struct Found<'t, 'r, T> {
    /// The value of the route.
    pub value: &'t T,
    /// The path's parameters, still percent-encoded: a style's delimiters can be distinguished from data only before
    /// decoding ([`crate::param`]).
    pub parameters: Vec<(&'t str, &'r str)>,
    /// The values of routes with the same method and path that differ in a query or fragment and match less
    /// specifically.
    pub alternatives: Vec<&'t T>,
    /// Whether the path has a final slash more or less than the template.
    pub is_beside_slash: bool,
}

#[derive(Clone, Debug)]
struct Route<T> {
    method: String,
    names: Vec<String>,
    tail: Tail,
    is_strict: bool,
    value: T,
}

#[derive(Clone, Debug, Default)]
struct Node {
    concrete: BTreeMap<Vec<u8>, Node>,
    /// The longest literal text first, so that `{a}.tar.gz` is tried before `{a}.gz`.
    partial: Vec<(Pattern, Node)>,
    parameter: Option<Box<Node>>,
    /// Indices into [`Table::routes`].
    routes: Vec<usize>,
}

/// Returns the methods of a path for `Allow`: each once, and OPTIONS, which every path supports (RFC 9110, 9.3.7 and
/// 10.2.1).
pub fn allow(methods: Vec<&str>) -> String {
    let mut listed: Vec<&str> = Vec::new();
    for method in methods.into_iter().chain(["OPTIONS"]) {
        if !listed.contains(&method) {
            listed.push(method);
        }
    }
    listed.join(", ")
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { root: Node::default(), routes: Vec::new(), head_is_get: false }
    }
}

impl<T> Table<T> {
    /// Returns an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes HEAD requests match the GET route of a path without HEAD (RFC 9110, 9.3.2).
    #[must_use]
    pub fn head_is_get(mut self) -> Self {
        self.head_is_get = true;
        self
    }

    /// Adds a route. Of two equivalent routes the first one matches.
    pub fn add(&mut self, method: &str, template: &[Piece], slash: TrailingSlash, value: T) {
        let Split { segments, names, tail } = template::split(template);
        let is_strict = slash == TrailingSlash::Strict;
        self.root.insert(&segments, self.routes.len());
        self.routes.push(Route { method: method.to_owned(), names, tail, is_strict, value });
    }

    /// Finds the route of a request. `target` is its path, with `?query` if present.
    ///
    /// A concrete path hides templated ones, even if it lacks the method: it is matched first (OAS 4.8.8.1).
    pub fn find<'t, 'r>(&'t self, method: &str, target: &'r str, headers: &HeaderMap) -> Find<'t, 'r, T> {
        let (path, query) = cut(target, b'?');
        let query = query.unwrap_or_default();
        let request = Request { method, query, headers, fragment: None, slash: Slash::AsSent };
        let found = match self.search(request, path) {
            Find::NotFound => self.beside_slash(request, path),
            found => found,
        };
        if !matches!(found, Find::NotFound) {
            return found;
        }
        match path.rsplit_once("%23") {
            Some((path, fragment)) => self.search(Request { fragment: Some(fragment), ..request }, path),
            None => found,
        }
    }

    /// Finds a route whose path has a final slash more or less, unless its policy is strict.
    fn beside_slash<'t, 'r>(&'t self, request: Request<'r, '_>, path: &'r str) -> Find<'t, 'r, T> {
        let without = path.strip_suffix('/').filter(|path| !path.is_empty());
        if without.is_some_and(|without| without.ends_with('/')) {
            return Find::NotFound;
        }
        let slash = if without.is_some() { Slash::Removed } else { Slash::Added };
        match self.search(Request { slash, ..request }, without.unwrap_or(path)) {
            Find::Found(found) => Find::Found(Found { is_beside_slash: true, ..found }),
            other => other,
        }
    }

    fn search<'t, 'r>(&'t self, request: Request<'r, '_>, path: &'r str) -> Find<'t, 'r, T> {
        let mut search =
            Search { table: self, request, allowed: Vec::new(), found: None, is_concrete: false };
        search.visit(&self.root, Some(path.strip_prefix('/').unwrap_or(path)), &mut Vec::new());
        match (search.found, search.allowed) {
            (Some(found), _) => Find::Found(found),
            (None, allowed) if allowed.is_empty() => Find::NotFound,
            (None, mut allowed) => {
                if self.head_is_get && allowed.contains(&"GET") && !allowed.contains(&"HEAD") {
                    allowed.push("HEAD");
                }
                Find::MethodNotAllowed(allowed)
            }
        }
    }

    /// Returns the value of the last added route.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.routes.last_mut().map(|route| &mut route.value)
    }

    /// Returns every value, in insertion order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.routes.iter().map(|route| &route.value)
    }
}

impl Node {
    fn insert(&mut self, segments: &[Pattern], route: usize) {
        let mut node = self;
        for segment in segments {
            node = node.child(segment);
        }
        node.routes.push(route);
    }

    fn child(&mut self, segment: &Pattern) -> &mut Node {
        if let Some(literal) = segment.literal() {
            return self.concrete.entry(literal).or_default();
        }
        if segment.is_parameter() {
            return self.parameter.get_or_insert_default();
        }
        let at = self.partial.iter().position(|(pattern, _)| pattern == segment).unwrap_or_else(|| {
            let at = self.partial.partition_point(|(pattern, _)| pattern.weight() >= segment.weight());
            self.partial.insert(at, (segment.clone(), Node::default()));
            at
        });
        #[allow(clippy::indexing_slicing)] // `at` was found or made just above
        &mut self.partial[at].1
    }
}

/// The parts of a request, beside its path, that select a route.
#[derive(Clone, Copy)]
struct Request<'r, 'q> {
    method: &'q str,
    query: &'r str,
    headers: &'q HeaderMap,
    /// A fragment that the client wrote as `%23fragment`.
    fragment: Option<&'r str>,
    slash: Slash,
}

/// The final slash of a path in a search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slash {
    AsSent,
    Removed,
    /// The path is meant to end in a slash that it lacks.
    Added,
}

/// A search through the tree, and its result.
struct Search<'t, 'r, 'q, T> {
    table: &'t Table<T>,
    request: Request<'r, 'q>,
    allowed: Vec<&'t str>,
    found: Option<Found<'t, 'r, T>>,
    /// A path without parameters matched, so no other is considered.
    is_concrete: bool,
}

impl<'t, 'r, T> Search<'t, 'r, '_, T> {
    /// Depth is bounded by the deepest template.
    fn visit(&mut self, node: &'t Node, rest: Option<&'r str>, texts: &mut Vec<&'r str>) {
        if self.found.is_some() || self.is_concrete {
            return;
        }
        let Some(rest) = rest else {
            let node = if self.request.slash == Slash::Added {
                node.concrete.get(b"".as_slice())
            } else {
                Some(node)
            };
            return node.into_iter().for_each(|node| self.finish(node, texts));
        };
        let (segment, rest) = cut(rest, b'/');
        let segment = Segment::new(segment);
        if let Some(next) = node.concrete.get(segment.decoded()) {
            self.visit(next, rest, texts);
        }
        let depth = texts.len();
        for (pattern, next) in &node.partial {
            if segment.matches(pattern, texts) {
                self.visit(next, rest, texts);
            }
            texts.truncate(depth);
        }
        if let (Some(next), false) = (&node.parameter, segment.is_empty()) {
            texts.push(segment.raw());
            self.visit(next, rest, texts);
            texts.truncate(depth);
        }
    }

    /// The path matches; the method and what stands after `?` or `#` decide.
    fn finish(&mut self, node: &'t Node, texts: &[&'r str]) {
        let (table, request) = (self.table, self.request);
        let routes = || {
            let routes = node.routes.iter().filter_map(|index| table.routes.get(*index));
            let is_meant = |route: &&Route<T>| !route.is_strict || request.slash == Slash::AsSent;
            routes.filter(|route| route.tail.query_holds(request.query)).filter(is_meant)
        };
        let has = |method: &str| routes().any(|route| route.method == method);
        let as_get = request.method == "HEAD" && table.head_is_get && !has("HEAD");
        let method = if as_get { "GET" } else { request.method };
        let mut candidates = routes().filter(|route| route.method == method);
        let Some(first) = candidates.next() else {
            self.is_concrete = texts.is_empty() && routes().next().is_some();
            for method in routes().map(|route| route.method.as_str()) {
                if !self.allowed.contains(&method) {
                    self.allowed.push(method);
                }
            }
            return;
        };
        // Nearly always the only one.
        let mut others: Vec<&'t Route<T>> = candidates.collect();
        let mut best = first;
        if !others.is_empty() {
            others.insert(0, first);
            others.sort_by_cached_key(|route| route.tail.rank(&request));
            best = others.remove(0);
        }
        self.found = Some(Found {
            value: &best.value,
            parameters: best.parameters(texts, request.query),
            alternatives: others.into_iter().map(|route| &route.value).collect(),
            is_beside_slash: false,
        });
    }
}

/// Splits at an ASCII character. Paths are short: the setup of `str`'s search costs more than it saves.
fn cut(text: &str, at: u8) -> (&str, Option<&str>) {
    let found = text.bytes().position(|byte| byte == at);
    let parts = found.and_then(|found| Some((text.get(..found)?, text.get(found + 1..)?)));
    parts.map_or((text, None), |(before, after)| (before, Some(after)))
}

impl<T> Route<T> {
    fn parameters<'t, 'r>(&'t self, texts: &[&'r str], query: &'r str) -> Vec<(&'t str, &'r str)> {
        let in_path = self.names.iter().map(String::as_str).zip(texts.iter().copied());
        in_path.chain(self.tail.captures(query)).collect()
    }
}

#[cfg(test)]
mod tests;

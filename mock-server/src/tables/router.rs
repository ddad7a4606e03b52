//! Routing: which operations a request is for, below the base paths of the document's servers and the mock's prefix.

use std::sync::Arc;

use descant_model::api::{self, Api, Operation, PathPiece, Server};
use descant_runtime::route::{self, Find, Found, Table};
use http::{Method, StatusCode};

use super::suggestion::closest_path;
use crate::vocabulary::cors::is_preflight;
use crate::vocabulary::message::{Request, target};
use crate::vocabulary::problem::Problem;

/// The routes of a document.
#[derive(Clone)]
pub(crate) struct Router {
    routes: Arc<Table<usize>>,
    /// The paths of the servers' URLs, `/v2`, the longest first: a request may have one of them before its path. Each
    /// begins with the prefix.
    base_paths: Vec<String>,
    /// The prefix of every path, where several documents share a server.
    prefix: String,
    /// The path templates of the document, for suggestions.
    templates: Arc<[String]>,
}

/// The operations that a request may be for. There are several where HTTP cannot tell them apart, as by a fragment or
/// by the names of parameters: then the first that admits the request gets it.
pub(crate) struct Routed<'m> {
    found: Found<'m, 'm, usize>,
    /// Path and query, without base path.
    pub(crate) target: &'m str,
}

/// Why a request has no operation, with the methods of its path.
pub(crate) enum Unrouted<'m> {
    /// It is a CORS preflight.
    Preflight(Vec<&'m str>),
    /// It asks for the methods, by OPTIONS (RFC 9110, 9.3.7).
    Options(Vec<&'m str>),
    /// The path has other methods.
    MethodNotAllowed(Vec<&'m str>),
    /// No path matches.
    NotFound,
}

impl<'m> Routed<'m> {
    /// Returns the indices of the operations.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.found.value).chain(self.found.alternatives.iter().copied()).copied()
    }

    /// Whether the path has a final slash more or less than the document's.
    pub(crate) fn is_beside_slash(&self) -> bool {
        self.found.is_beside_slash
    }

    /// Returns the texts of the path's parameters, in order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'m str> {
        self.found.parameters.iter().map(|(_, text)| *text)
    }
}

impl Router {
    /// Compiles the routes of a document.
    pub(crate) fn new(api: &Api) -> Self {
        let mut routes = Table::new().head_is_get();
        for (index, operation) in api.operations.iter().enumerate() {
            let slash = operation.descant.trailing_slash.or(api.descant.trailing_slash).unwrap_or_default();
            routes.add(&operation.method, &pieces(operation), slash_policy(slash), index);
        }
        let mut templates: Vec<String> = api.operations.iter().map(|one| one.path.raw.clone()).collect();
        templates.dedup();
        let (routes, templates) = (Arc::new(routes), templates.into());
        Self { routes, base_paths: base_paths(api), prefix: String::new(), templates }
    }

    /// Returns a router of the same routes, with every path, and those with a base path, below another prefix.
    #[must_use]
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let bases = self.base_paths.iter().filter_map(|base| base.strip_prefix(&self.prefix));
        let bases = bases.filter(|base| !base.is_empty()).map(|base| format!("{prefix}{base}"));
        let base_paths = bases.chain((!prefix.is_empty()).then(|| prefix.to_owned())).collect();
        let (routes, templates) = (self.routes.clone(), self.templates.clone());
        Self { routes, base_paths, prefix: prefix.to_owned(), templates }
    }

    /// Returns the prefix of every path: `/billing`, or empty.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Finds the operations for a request.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn find_operations<'m>(&'m self, request: &'m Request) -> Result<Routed<'m>, Unrouted<'m>> {
        let method = request.method().as_str();
        let sent = target(request);
        if is_preflight(request) {
            return Err(Unrouted::Preflight(self.methods(request, sent)));
        }
        let mut allowed = Vec::new();
        for target in self.targets(sent) {
            match self.routes.find(method, target, request.headers()) {
                Find::Found(found) => return Ok(Routed { found, target }),
                Find::MethodNotAllowed(methods) => allowed.extend(methods),
                Find::NotFound => {}
            }
        }
        Err(match allowed.is_empty() {
            true if sent == "*" => Unrouted::Options(Vec::new()),
            true => Unrouted::NotFound,
            false if request.method() == Method::OPTIONS => Unrouted::Options(allowed),
            false => Unrouted::MethodNotAllowed(allowed),
        })
    }

    /// Returns the target without each base path that it begins with, then the target as sent.
    pub(crate) fn targets<'t>(&self, target: &'t str) -> impl Iterator<Item = &'t str> {
        let stripped = self.base_paths.iter().filter_map(move |base| target.strip_prefix(base.as_str()));
        stripped.filter(|rest| rest.starts_with('/')).chain([target])
    }

    /// Returns a target without the prefix; with `server`, also without the base path of a server.
    pub(crate) fn strip_base_path<'t>(&self, target: &'t str, server: bool) -> &'t str {
        let prefix = std::iter::once(&self.prefix);
        let bases = self.base_paths.iter().filter(|_| server).chain(prefix);
        let mut stripped = bases.filter_map(|base| target.strip_prefix(base.as_str()));
        stripped.find(|rest| rest.starts_with('/')).unwrap_or(target)
    }

    /// Returns the problem of a path that does not match; it names a strict path that differs by its last slash, or a
    /// similar one.
    pub(crate) fn not_found(&self, request: &Request, target: &str) -> Problem {
        let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        let with_query = format!("{other}?{query}");
        let known = self.targets(&with_query).any(|target| {
            self.routes.find(request.method().as_str(), target, request.headers()) != Find::NotFound
        });
        let suggestion = || {
            let path = self.strip_base_path(path, true);
            closest_path(path, &self.templates).map(|template| format!("; did you mean `{template}`?"))
        };
        let hint = if known { Some(format!("; the document has `{other}`")) } else { suggestion() };
        let hint = hint.unwrap_or_default();
        Problem::new(StatusCode::NOT_FOUND, format!("no path of the document matches `{path}`{hint}"))
    }

    /// Returns every method of a path.
    fn methods<'m>(&'m self, request: &Request, target: &str) -> Vec<&'m str> {
        let found = self.targets(target).map(|target| self.routes.find("", target, request.headers()));
        let methods = |found| if let Find::MethodNotAllowed(methods) = found { Some(methods) } else { None };
        found.filter_map(methods).flatten().collect()
    }
}

fn pieces(operation: &Operation) -> Vec<route::Piece> {
    let piece = |piece: &PathPiece| match piece {
        PathPiece::Literal(text) => route::Piece::Literal(text.clone()),
        PathPiece::Parameter(name) => route::Piece::Parameter(name.clone()),
    };
    operation.path.pieces.iter().map(piece).collect()
}

fn slash_policy(slash: api::TrailingSlash) -> route::TrailingSlash {
    match slash {
        api::TrailingSlash::Strict => route::TrailingSlash::Strict,
        api::TrailingSlash::Either => route::TrailingSlash::Either,
    }
}

/// Returns the paths of all servers, except `/`.
fn base_paths(api: &Api) -> Vec<String> {
    let servers =
        api.operations.iter().flat_map(|operation| operation.servers.iter()).chain(api.servers.iter());
    let mut paths: Vec<String> = servers.filter_map(base_path).collect();
    paths.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    paths.dedup();
    paths
}

/// Returns the path of a server's URL without a slash at its end; variables have their defaults (OAS 4.8.5).
fn base_path(server: &Server) -> Option<String> {
    let mut url = server.url.clone();
    for (name, variable) in &server.variables {
        url = url.replace(&format!("{{{name}}}"), &variable.default);
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => &url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    (!path.is_empty()).then(|| format!("/{path}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use descant_model::load::{Options, load_text};

    use super::*;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: T, version: '1'}
servers: [{url: 'https://api.example.com/{stage}/', variables: {stage: {default: v2}}}, {url: /v2/beta}]
paths:
  /pets: {get: {responses: {'204': {description: d}}}}
";

    fn router(prefix: &str) -> Router {
        let router = Router::new(&load_text("t.yaml", DOCUMENT, &Options::default()).api.unwrap());
        router.below("/before").below(prefix)
    }

    /// Checks the target that a request is routed with; `None` where it is not found.
    fn check(prefix: &str, target: &str, expected: Option<&str>) {
        let (router, request) = (router(prefix), http::Request::get(target).body(Bytes::new()).unwrap());
        let found = router.find_operations(&request).ok();
        assert_eq!(found.as_ref().map(|found| found.target), expected, "{target} below `{prefix}`");
    }

    #[test]
    fn a_path_is_found_below_prefix_and_base_path() {
        check("", "/pets?a=1", Some("/pets?a=1"));
        check("", "/v2/pets", Some("/pets"));
        check("", "/v2/beta/pets", Some("/pets"));
        check("", "/v1/pets", None);
        check("/a", "/a/pets", Some("/pets"));
        check("/a", "/a/v2/pets", Some("/pets"));
        check("/a", "/v2/pets", None);
    }

    #[test]
    fn a_target_loses_its_prefix_and_on_demand_its_base_path() {
        let router = router("/a");
        assert_eq!(router.strip_base_path("/a/v2/pets", false), "/v2/pets");
        assert_eq!(router.strip_base_path("/a/v2/pets", true), "/pets");
        assert_eq!(router.strip_base_path("/a/v2/beta/pets", true), "/pets");
        assert_eq!(router.strip_base_path("/other", true), "/other");
    }
}

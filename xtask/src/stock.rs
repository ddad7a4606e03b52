//! `cargo xtask stock DOCUMENT...`: checks that the records a mock shows agree with each other, and counts what was checked by
//! kind. It knows the mock by its responses, and the collections by `descant_mock::state::describe_collections`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use descant_contract::{Completeness, Credentials, RequestBuilder};
use descant_mock::state::describe_collections;
use descant_mock::{Mock, Settings, respond};
use descant_model::api::Api;
use descant_model::load::{Options, load};
use serde_json::Value;
use xtask::voices::request;

/// The number of records of a list whose details are read.
const DETAILS: usize = 5;
/// Pairs of folded names of which the first member is at most the second, in one object.
const PAIRS: [(&str, &str); 16] = [
    ("createdat", "updatedat"),
    ("created", "updated"),
    ("created", "modified"),
    ("createdat", "lastloginat"),
    ("startdate", "enddate"),
    ("startat", "endat"),
    ("start", "end"),
    ("from", "to"),
    ("validfrom", "validto"),
    ("checkin", "checkout"),
    ("min", "max"),
    ("minprice", "maxprice"),
    ("placedat", "shippedat"),
    ("shippedat", "deliveredat"),
    ("subtotal", "total"),
    ("birthdate", "createdat"),
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The documents
    #[arg(required = true)]
    documents: Vec<PathBuf>,
    /// The seed of the records
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print every violation, not only the first of each kind
    #[arg(long)]
    all: bool,
}

/// The checks of a kind: their number, and the violations.
#[derive(Default)]
struct Kind {
    checked: usize,
    violations: Vec<String>,
}

/// What was found, by kind.
#[derive(Default)]
struct Findings(BTreeMap<&'static str, Kind>);

impl Findings {
    fn check(&mut self, kind: &'static str, holds: bool, violation: impl FnOnce() -> String) {
        let kind = self.0.entry(kind).or_default();
        kind.checked += 1;
        kind.violations.extend((!holds).then(violation));
    }

    fn print(&self, all: bool) {
        for (name, Kind { checked, violations }) in &self.0 {
            println!("    {name:16} {checked:6} checked {:6} violated", violations.len());
            let shown = if all { violations.len() } else { 1 };
            violations.iter().take(shown).for_each(|violation| println!("        {violation}"));
        }
    }

    fn violated(&self) -> usize {
        self.0.values().map(|kind| kind.violations.len()).sum()
    }
}

/// Runs the command: the counts of each document; exit 1 on any violation.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mut violated = 0;
    for path in &args.documents {
        match document(path, args.seed) {
            Ok(findings) => {
                println!("{}: {} violated", path.display(), findings.violated());
                findings.print(args.all);
                violated += findings.violated();
            }
            Err(reason) => println!("{}: skipped: {reason}", path.display()),
        }
    }
    println!("{} documents, {violated} violations", args.documents.len());
    ExitCode::from(u8::from(violated > 0))
}

fn document(path: &Path, seed: u64) -> Result<Findings, String> {
    let api = load(path, &Options::default()).api.ok_or("it has errors")?;
    let api = Arc::new(api);
    let mock = Mock::new(api.clone(), Settings::default().with_seed(seed));
    let credentials = Credentials::made_up(&api);
    let builder = RequestBuilder::new(&api, &credentials, seed);
    let mut checker =
        Checker { api: &api, mock, builder, keys: BTreeMap::new(), findings: Findings::default() };
    checker.run();
    Ok(checker.findings)
}

struct Checker<'a> {
    api: &'a Api,
    mock: Mock,
    builder: RequestBuilder<'a>,
    /// The identities of the records of each open collection, by the noun for one of them.
    keys: BTreeMap<String, Vec<String>>,
    findings: Findings,
}

/// A collection with the operations that read it.
struct Collection {
    path: String,
    identity: String,
    list: Option<(usize, String)>,
    /// The query parameter for the size of a page.
    limit: Option<String>,
    read: Option<(usize, String)>,
}

impl Checker<'_> {
    fn run(&mut self) {
        let collections = self.collections();
        let mut lists = Vec::new();
        for collection in collections.iter().filter(|one| !one.path.contains('{')) {
            let Some((items, response)) = self.list(collection, "") else { continue };
            let noun = collection.path.rsplit('/').next().map(|segment| fold(segment.trim_end_matches('s')));
            // Where paths identify by `name`, keys refer to `id`.
            let named = |item| [&collection.identity, "id"].map(|name| Value::get(item, name));
            let ids = items.iter().flat_map(named).flatten().map(plain).collect();
            self.keys.extend(noun.map(|noun| (noun, ids)));
            lists.push((collection, items, response));
        }
        for (collection, items, response) in &lists {
            self.envelope(collection, items.len(), response);
            for item in items {
                self.object(item, &collection.path);
            }
            for item in items.iter().take(DETAILS) {
                self.detail(collection, item);
            }
        }
        for nested in collections.iter().filter(|one| one.path.matches('{').count() == 1) {
            self.nested(nested);
        }
    }

    fn collections(&self) -> Vec<Collection> {
        let described = describe_collections(self.api);
        let one = |one: &Value| {
            let operation = |role: &str| {
                let operations = one.get("operations")?.as_array()?.iter();
                let path = one.get("path")?.as_str()?;
                let is_own = |key: &str| {
                    key.split(' ').nth(1).is_some_and(|raw| raw.trim_end_matches('/').starts_with(path))
                };
                let mut found = operations.filter(|part| part.get("role") == Some(&Value::from(role)));
                let part =
                    found.find(|part| part.get("operation").and_then(Value::as_str).is_some_and(is_own))?;
                let key = part.get("operation")?.as_str()?;
                let index = self.api.operations.iter().position(|operation| operation.key() == key)?;
                Some((index, part.get("at")?.as_str()?.to_owned()))
            };
            let parts = one.get("operations")?.as_array().into_iter().flatten();
            let limit =
                parts.filter_map(|part| part.pointer("/paging/limit")?.as_str()).next().map(str::to_owned);
            Some(Collection {
                limit,
                path: one.get("path")?.as_str()?.to_owned(),
                identity: one.get("identity")?.as_str()?.to_owned(),
                list: operation("list"),
                read: operation("read"),
            })
        };
        described.as_array().into_iter().flatten().filter_map(one).collect()
    }

    /// Returns the records of a list with the whole response; `parent` takes the place of the path's parameter.
    fn list(&mut self, collection: &Collection, parent: &str) -> Option<(Vec<Value>, Value)> {
        let (operation, at) = collection.list.as_ref()?;
        let sizes = [100, 50, 30].map(Some).into_iter().chain([None]);
        let response =
            sizes.filter(|size| size.is_none() || collection.limit.is_some()).find_map(|size| {
                let limit = collection.limit.as_deref().zip(size);
                self.get(*operation, &[parent], limit)
            })?;
        let items = response.pointer(at)?.as_array()?.clone();
        Some((items, response))
    }

    /// Sends a GET of an operation with values for its path's parameters; `None` unless it succeeds with JSON.
    fn get(&self, operation: usize, values: &[&str], limit: Option<(&str, u32)>) -> Option<Value> {
        let (_, mut wire) = self.builder.call(operation, Completeness::Required).ok()?;
        let raw = &self.api.operations.get(operation)?.path.raw;
        let (mut path, mut values) = (String::new(), values.iter());
        for piece in raw.split('{') {
            match piece.split_once('}') {
                Some((_, rest)) => path.extend([*values.next()?, rest]),
                None => path.push_str(piece),
            }
        }
        let query = wire.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let others = query
            .split('&')
            .filter(|pair| limit.is_none_or(|(name, _)| !pair.starts_with(&format!("{name}="))));
        let size = limit.map(|(name, size)| format!("{name}={size}"));
        let pairs: Vec<String> =
            others.filter(|pair| !pair.is_empty()).map(str::to_owned).chain(size).collect();
        wire.target = if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) };
        let response = respond(&self.mock, &request(&wire).ok()?);
        let value = response.status().is_success().then(|| serde_json::from_slice(response.body()).ok());
        value.flatten()
    }

    /// The item of the list is the item of its identity.
    fn detail(&mut self, collection: &Collection, item: &Value) {
        let Some((operation, at)) = &collection.read else { return };
        let Some(id) = item.get(&collection.identity).map(plain) else { return };
        if id.contains(['/', '?', '#', ' ', '%']) || !id.is_ascii() {
            return;
        }
        let Some(response) = self.get(*operation, &[&id], None) else { return };
        let detail = response.pointer(at).cloned().unwrap_or_default();
        let both =
            item.as_object().into_iter().flatten().filter_map(|(name, a)| Some((name, a, detail.get(name)?)));
        let differing: Vec<_> = both.filter(|(_, a, b)| a != b).map(|(name, ..)| name.as_str()).collect();
        self.findings.check("list = detail", differing.is_empty(), || {
            format!("{}/{id} differs in {}", collection.path, differing.join(", "))
        });
    }

    /// A record below a parent names that parent.
    fn nested(&mut self, collection: &Collection) {
        let above = collection.path.split("/{").next().unwrap_or_default();
        let noun = fold(above.rsplit('/').next().unwrap_or_default().trim_end_matches('s'));
        let parameter = collection.path.split(['{', '}']).nth(1).map(fold).unwrap_or_default();
        let Some(parent) = self.keys.get(&noun).and_then(|ids| ids.first()).cloned() else { return };
        let Some((items, _)) = self.list(collection, &parent) else { return };
        let names = [parameter, format!("{noun}id")];
        for (name, value) in items.iter().filter_map(Value::as_object).flatten() {
            let folded = fold(name);
            let is_echo = folded != "id" && folded.len() > 2 && names.contains(&folded) && !value.is_null();
            if is_echo && (value.is_string() || value.is_number()) && folded.ends_with("id") {
                self.findings.check("echoes", plain(value) == parent, || {
                    format!("{}: `{name}` is {value}, not {parent}", collection.path)
                });
            }
        }
    }

    /// Totals and further pages are true.
    fn envelope(&mut self, collection: &Collection, shown: usize, response: &Value) {
        let mut members = Vec::new();
        collect(response, &mut members, 0);
        for (name, value) in members {
            match (fold(&name).as_str(), &value) {
                ("total" | "totalcount" | "totalitems", Value::Number(total)) => {
                    let total = total.as_u64().unwrap_or_default();
                    self.findings.check("envelopes", total >= shown as u64 && total <= 1_000, || {
                        format!("{}: {name} is {total}, and {shown} are shown", collection.path)
                    });
                }
                ("hasmore" | "hasnext" | "hasnextpage", Value::Bool(more)) => {
                    self.findings.check("envelopes", !more || shown > 0, || {
                        format!("{}: {name} of no items", collection.path)
                    });
                }
                _ => {}
            }
        }
    }

    /// Pairs are in order, and keys name records, in an object and in those within it.
    fn object(&mut self, value: &Value, place: &str) {
        let Some(members) = value.as_object() else {
            return value.as_array().into_iter().flatten().for_each(|item| self.object(item, place));
        };
        let folded: BTreeMap<String, &Value> =
            members.iter().map(|(name, value)| (fold(name), value)).collect();
        for (first, second) in PAIRS {
            if let Some((a, b)) = folded.get(first).zip(folded.get(second))
                && let Some(in_order) = in_order(a, b)
            {
                self.findings.check("pairs", in_order, || format!("{place}: {first} {a}, {second} {b}"));
            }
        }
        for (name, value) in &folded {
            let known = name.strip_suffix("id").and_then(|noun| self.keys.get(noun));
            if let Some(ids) = known.filter(|ids| !ids.is_empty() && (value.is_string() || value.is_number()))
            {
                let resolves = ids.contains(&plain(value));
                self.findings.check("keys resolve", resolves, || format!("{place}: {name} is {value}"));
            }
        }
        members
            .values()
            .filter(|value| value.is_object() || value.is_array())
            .for_each(|value| self.object(value, place));
    }
}

/// Whether two values of the same kind are in order; `None` for values that have none.
fn in_order(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.as_f64()? <= b.as_f64()?),
        (Value::String(a), Value::String(b)) if a.len() >= 10 => {
            let is_date = |text: &str| text.as_bytes().get(4) == Some(&b'-');
            (is_date(a) && is_date(b)).then(|| a.get(..10) <= b.get(..10) && (a.len() != b.len() || a <= b))
        }
        _ => None,
    }
}

/// Collects the members of objects that are not in lists.
fn collect(value: &Value, members: &mut Vec<(String, Value)>, depth: usize) {
    for (name, value) in value.as_object().into_iter().flatten().filter(|_| depth < 4) {
        members.push((name.clone(), value.clone()));
        collect(value, members, depth + 1);
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

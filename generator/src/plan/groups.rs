//! Which module an operation, and what only it needs, stands in: a module a tag where a document is large.
//!
//! A tag is how the author divided the document, so it divides the code. Where there are no tags, or nearly everything
//! has the same one, the first segment of the path that says something does.

use std::collections::{BTreeMap, HashSet};

use proc_macro2::Ident;

use descant_model::api::{self, Api};

use super::Plan;
use super::docs::Docs;
use super::http::{Body, Content, Operation, PartContent};
use super::items::{GroupId, ItemId, Type};
use super::names::{Case, Scope, spell};
use super::settled::Settled;
use crate::Parts;
use crate::settings::Modules;

/// A document with more operations is divided: 80 methods with their documentation are some 2,000 lines.
const LARGE: usize = 80;

/// Segments of a path that fewer operations have make no module of their own.
const FEW: usize = 3;

/// The names of the modules that other operations are in, and of files that some systems do not admit.
const OTHER: &str = "other";
const RESERVED: [&str; 20] = [
    "aux",
    "axum",
    "checks",
    "client",
    "com1",
    "con",
    "core",
    "crate",
    "descant_runtime",
    "lib",
    "lpt1",
    "mod",
    "nul",
    "operations",
    "prn",
    "rt",
    "security",
    "server",
    "std",
    "types",
];

/// Operations that stand together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: GroupId,
    /// What the author calls it.
    pub(crate) title: String,
    pub(crate) docs: Docs,
    pub(crate) module: Ident,
    /// The part of the server's trait.
    pub(crate) service: Ident,
    /// The function that adds its routes.
    pub(crate) routes: Ident,
}

/// Whether a document is divided: as the settings say, else as before, else by its size.
pub(super) fn layout(api: &Api, modules: Modules, settled: &mut Settled<'_>) -> Modules {
    let large = api.operations.len() > LARGE;
    match modules {
        Modules::Auto
            if settled.decided("document", "modules", if large { "tags" } else { "one" }) == "tags" =>
        {
            Modules::Tags
        }
        Modules::Auto => Modules::One,
        chosen => chosen,
    }
}

/// Divides a large document: the groups in the order of the alphabet, and which one each operation is in.
pub(super) fn divide(
    api: &Api,
    modules: Modules,
    scope: &mut Scope,
    settled: &mut Settled<'_>,
) -> (Vec<Group>, Vec<Option<GroupId>>) {
    let whole = || (Vec::new(), vec![None; api.operations.len()]);
    if modules != Modules::Tags {
        return whole();
    }
    // An operation stays where it was.
    let texts = texts(api).into_iter().zip(&api.operations);
    let texts: Vec<String> =
        texts.map(|(text, operation)| settled.decided("modules", &operation.key(), &text)).collect();
    let keys: Vec<String> = texts.iter().map(|text| spell(text, Case::Snake)).collect();
    let found: BTreeMap<&str, &str> =
        keys.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).rev().collect();
    if found.len() < 2 {
        return whole();
    }
    let mut scope_of_modules = Scope::with(RESERVED);
    let groups = found.values().enumerate().map(|(index, text)| Group {
        id: GroupId(index),
        title: (*text).to_owned(),
        docs: docs(api, text),
        module: scope_of_modules.name(text, Case::Snake),
        service: scope.name(&format!("{} api", without_api(text)), Case::Pascal),
        routes: scope.name(&format!("{text} routes"), Case::Snake),
    });
    let groups = groups.collect();
    let group = |key: &String| found.keys().position(|known| known == key).map(GroupId);
    let of_operations = keys.iter().map(group).collect();
    (groups, of_operations)
}

/// For each operation what its group is called after: its tag, else its path.
fn texts(api: &Api) -> Vec<String> {
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    let tags: Vec<Option<&str>> = api.operations.iter().map(tag).collect();
    tags.iter().flatten().for_each(|tag| *users.entry(tag).or_default() += 1);
    let most = users.values().copied().max().unwrap_or_default();
    let telling = most > 0 && most * 4 <= api.operations.len() * 3;
    let segments = segments(api);
    let of_path = |segment: &Option<&str>| segment.unwrap_or(OTHER).to_owned();
    if telling {
        let pairs = tags.iter().zip(&segments);
        pairs.map(|(tag, segment)| tag.map_or_else(|| of_path(segment), str::to_owned)).collect()
    } else {
        let mut users: BTreeMap<&str, usize> = BTreeMap::new();
        segments.iter().flatten().for_each(|segment| *users.entry(segment).or_default() += 1);
        let many = |segment: &&str| users.get(segment).is_some_and(|count| *count >= FEW);
        segments.iter().map(|segment| of_path(&segment.filter(many))).collect()
    }
}

fn tag(operation: &api::Operation) -> Option<&str> {
    let tag = operation.tags.first()?;
    tag.contains(|c: char| c.is_alphanumeric()).then_some(tag)
}

/// For each operation the first segment of its path that says what it is about: no parameter, no version, and not what
/// all paths begin with.
fn segments(api: &Api) -> Vec<Option<&str>> {
    let paths: Vec<Vec<&str>> = api
        .operations
        .iter()
        .map(|operation| operation.path.raw.split('/').filter(|part| !part.is_empty()).collect())
        .collect();
    let first = paths.first().map_or(&[][..], Vec::as_slice);
    let common = first.iter().enumerate().take_while(|(index, part)| {
        paths.iter().all(|path| path.get(*index) == Some(part) && path.len() > index + 1)
    });
    let common = common.count();
    let telling = |part: &&str| !part.contains('{') && !is_version(part);
    paths.iter().map(|path| path.iter().skip(common).copied().find(telling)).collect()
}

fn is_version(part: &str) -> bool {
    let digits = part.trim_start_matches(['v', 'V']);
    part == "api" || !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The name of a tag without an `API` at its end, which its trait has anyway.
fn without_api(text: &str) -> &str {
    let cut = text.len().saturating_sub(4);
    match text.get(cut..) {
        Some(end) if end.eq_ignore_ascii_case(" api") => text.get(..cut).unwrap_or(text),
        _ => text,
    }
}

fn docs(api: &Api, text: &str) -> Docs {
    let mut docs = Docs::new(text);
    if let Some(tag) = api.tags.iter().find(|tag| tag.name == *text) {
        docs.add_some(tag.summary.as_deref());
        docs.add_some(tag.description.as_deref());
    }
    docs
}

/// Puts each type, body and struct of headers into the only group that needs it; what several need stays outside.
pub(super) fn settle(plan: &mut Plan) {
    let mut items: Vec<Users> = vec![Users::Nobody; plan.items.len()];
    let mut forms = vec![Users::Nobody; plan.forms.len()];
    let mut choices = vec![Users::Nobody; plan.choices.len()];
    let mut headers = vec![Users::Nobody; plan.headers.len()];
    for group in plan.groups.iter().map(|group| group.id) {
        let mut found = Vec::new();
        for operation in plan.operations.iter().filter(|operation| operation.group == Some(group)) {
            let used = Used::by(operation);
            used.forms(plan).for_each(|index| add(&mut forms, index, group));
            used.choices.iter().for_each(|index| add(&mut choices, *index, group));
            used.headers.iter().for_each(|index| add(&mut headers, *index, group));
            used.types(plan).into_iter().for_each(|ty| ty.mentions(&mut found));
        }
        for id in reached(plan, found) {
            add(&mut items, id.0, group);
        }
    }
    plan.items.iter_mut().zip(items).for_each(|(item, users)| item.group = users.only());
    plan.forms.iter_mut().zip(forms).for_each(|(form, users)| form.group = users.only());
    plan.choices.iter_mut().zip(choices).for_each(|(choice, users)| choice.group = users.only());
    plan.headers.iter_mut().zip(headers).for_each(|(headers, users)| headers.group = users.only());
}

/// Marks the types whose values are made by hand: those of requests where there is a client, of answers where there is a
/// server; all where there is neither.
pub(super) fn settle_built(plan: &mut Plan, parts: Parts) {
    let mut used = Used::default();
    for operation in &plan.operations {
        parts.client.then(|| used.request(operation));
        parts.server.then(|| used.answers(operation));
    }
    for operation in plan.webhooks.iter().chain(&plan.callbacks) {
        used.request(operation);
        used.answers(operation);
    }
    let mut found = Vec::new();
    used.types(plan).into_iter().for_each(|ty| ty.mentions(&mut found));
    let built = reached(plan, found);
    let all = !parts.client && !parts.server;
    plan.items
        .iter_mut()
        .enumerate()
        .for_each(|(index, item)| item.built = all || built.contains(&ItemId(index)));
}

/// The groups that use something.
#[derive(Clone, Copy)]
enum Users {
    Nobody,
    One(GroupId),
    Several,
}

fn add(users: &mut [Users], index: usize, group: GroupId) {
    users.get_mut(index).into_iter().for_each(|users| users.add(group));
}

impl Users {
    fn add(&mut self, group: GroupId) {
        *self = match *self {
            Users::Nobody => Users::One(group),
            Users::One(known) if known == group => return,
            _ => Users::Several,
        };
    }

    fn only(self) -> Option<GroupId> {
        match self {
            Users::One(group) => Some(group),
            _ => None,
        }
    }
}

/// What an operation's own definitions name.
#[derive(Default)]
pub(crate) struct Used<'p> {
    types: Vec<&'p Type>,
    pub(crate) choices: Vec<usize>,
    pub(crate) headers: Vec<usize>,
}

impl<'p> Used<'p> {
    pub(crate) fn by(operation: &'p Operation) -> Self {
        let mut used = Used::default();
        used.request(operation);
        used.answers(operation);
        used
    }

    fn request(&mut self, operation: &'p Operation) {
        self.types.extend(operation.parameters.iter().map(|parameter| &parameter.ty));
        operation.body.iter().for_each(|body| self.body(body));
    }

    fn answers(&mut self, operation: &'p Operation) {
        for answer in &operation.answers {
            answer.body.iter().for_each(|body| self.body(body));
            self.headers.extend(answer.headers);
        }
    }

    fn body(&mut self, body: &'p Body) {
        match &body.content {
            Content::One(media) => self.types.push(&media.ty),
            Content::Choice(index) => self.choices.push(*index),
        }
    }

    /// The types of parameters and bodies.
    fn bodies(&self, plan: &'p Plan) -> Vec<&'p Type> {
        let choices = self.choices.iter().filter_map(|index| plan.choices.get(*index));
        let of_choices = choices.flat_map(|choice| choice.branches.iter().map(|(_, media)| &media.ty));
        self.types.iter().copied().chain(of_choices).collect()
    }

    /// The structs of multipart bodies.
    fn forms(&self, plan: &'p Plan) -> impl Iterator<Item = usize> {
        let form = |ty: &Type| if let Type::Form(index) = ty { Some(*index) } else { None };
        self.bodies(plan).into_iter().filter_map(form)
    }

    /// The types of all of these.
    pub(crate) fn types(&self, plan: &'p Plan) -> Vec<&'p Type> {
        let parts = self.forms(plan).filter_map(|index| plan.forms.get(index)).flat_map(|form| &form.fields);
        let of_parts = parts.filter_map(|part| match &part.content {
            PartContent::Value(ty, _) => Some(ty),
            PartContent::File { .. } => None,
        });
        let headers = self.headers.iter().filter_map(|index| plan.headers.get(*index));
        let of_headers = headers.flat_map(|headers| headers.fields.iter().map(|field| &field.ty));
        self.bodies(plan).into_iter().chain(of_parts).chain(of_headers).collect()
    }
}

fn reached(plan: &Plan, mut open: Vec<ItemId>) -> HashSet<ItemId> {
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if let (true, Some(item)) = (seen.insert(id), plan.item(id)) {
            open.extend(item.mentions());
        }
    }
    seen
}

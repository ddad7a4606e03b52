//! Every decision about the output: which types there are, what they and everything else are called.
//!
//! Nothing after this invents or alters an identifier.

pub(crate) mod accounts;
mod asserted;
pub(crate) mod checks;
mod cycles;
mod default_ids;
mod dispatch;
pub(crate) mod docs;
mod example;
pub(crate) mod groups;
pub(crate) mod http;
pub(crate) mod items;
pub(crate) mod links;
pub(crate) mod names;
pub(crate) mod node;
mod nullable;
mod numbers;
mod operations;
mod outgoing;
pub(crate) mod prose;
mod security;
mod servers;
mod settled;
pub(crate) mod shapes;
mod sides;
mod sizes;
mod text_shapes;
mod types;
mod unions;
mod values;
mod written;

use std::collections::{HashMap, HashSet};

use descant_model::api::{Api, Definition, SchemaName};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::schema::Direction;

use proc_macro2::Ident;

use crate::formats::{self, Dependency};
use crate::settings::{Config, Pick};
use crate::{Lock, Parts, Settings};
use accounts::{Accounts, Kept};
use checks::{Check, Checks};
use docs::Docs;
use groups::{Group, Used};
use http::{Body, Choice, Content, Form, Headers, Operation, PartContent, Scheme, Security, Servers};
use items::GroupId;
use items::{Item, ItemId, ItemKind, Type};
use names::{Case, Scope, spell};
use operations::Planner;
use security::Securities;
use servers::OwnServers;
use settled::{Asked, Named, Settled};
use shapes::Shape;
use types::{Draft, DraftName, Types};
use written::Written;

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Of the whole crate.
    pub(crate) docs: Docs,
    pub(crate) items: Vec<Item>,
    /// The modules of a large document, in their order; empty where one module holds all.
    pub(crate) groups: Vec<Group>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) webhooks: Vec<Operation>,
    pub(crate) callbacks: Vec<Operation>,
    /// Enums over the representations of a body.
    pub(crate) choices: Vec<Choice>,
    /// Structs of multipart bodies.
    pub(crate) forms: Vec<Form>,
    /// What a server checks of bodies.
    pub(crate) checks: Vec<Check>,
    /// How bodies that are not JSON are written.
    pub(crate) shapes: Vec<Check>,
    /// Structs of response headers.
    pub(crate) headers: Vec<Headers>,
    pub(crate) schemes: Vec<Scheme>,
    /// What operations ask for.
    pub(crate) securities: Vec<Security>,
    /// Links that the client can follow.
    pub(crate) links: Vec<links::Link>,
    /// What became of the constraints of schemas.
    pub(crate) accounts: Accounts,
    /// The server's trait.
    pub(crate) service: Ident,
    /// The type parameter for what implements the trait: no type's or trait's name.
    pub(crate) implementor: Ident,
    /// The document's, then those of operations that have their own.
    pub(crate) servers: Vec<Servers>,
    /// Whether anything writes answers: a server, or contract tests.
    pub(crate) writes_answers: bool,
    /// Whether types can be compared.
    pub(crate) compared: bool,
}

impl Plan {
    /// Decides everything; what is left out, or may not be what was meant, is in the diagnostics.
    pub(crate) fn new(api: &Api, settings: &Settings) -> (Plan, Lock, Diagnostics) {
        let mut types = Types::new(&api.schemas, settings);
        let mut planner = Planner {
            types: &mut types,
            api,
            scope: Scope::with(SERVER_NAMES),
            shared: operations::Shared::default(),
            forms: Vec::new(),
            checks: Checks::new(&api.schemas),
            written: Written::new(&api.schemas),
            securities: Securities::default(),
            servers: OwnServers::new(api),
            outgoing: false,
        };
        let modules = groups::layout(api, settings.config.modules, &mut planner.types.settled);
        let (groups, of_operations) =
            groups::divide(api, modules, &mut planner.scope, &mut planner.types.settled);
        let mut operations = planner.operations(&of_operations);
        let (mut webhooks, mut callbacks) = match settings.parts.webhooks {
            true => (planner.webhooks(), planner.callbacks()),
            false => (Vec::new(), Vec::new()),
        };
        let Planner { mut scope, shared, forms, checks, written, securities, servers, .. } = planner;
        for value in checks.checked.iter().filter(|_| settings.parts.server) {
            types.accounts.note(value, Kept::Checked);
        }
        let checks = checks.finish(operations.iter_mut().chain(&mut webhooks).chain(&mut callbacks));
        if settings.parts.types && !settings.config.picks() {
            types.components();
        }
        let Types { mut drafts, mut diagnostics, accounts, mut settled, .. } = types;
        cycles::break_all(&mut drafts);
        sizes::bound(&mut drafts);
        let items = name(drafts, &default_ids::short_names(api), &mut settled);
        let (choices, headers) = shared.finish(&items, &mut scope, &mut settled);
        unused(api, &settings.config, &settled, &mut diagnostics);
        let links = match settings.parts.client {
            true => links::links(api, &operations, &headers, &mut diagnostics),
            false => Vec::new(),
        };
        let securities = securities.finish();
        let mut plan = Plan {
            docs: crate_docs(api),
            items,
            groups,
            operations,
            webhooks,
            callbacks,
            choices,
            forms,
            checks,
            shapes: written.finish(),
            headers,
            schemes: security::schemes(api, &securities),
            securities,
            links,
            accounts,
            service: service(&settings.name, &mut scope),
            implementor: scope.name("A", Case::Pascal),
            servers: servers.finish(),
            writes_answers: settings.parts.server || settings.parts.contract,
            compared: settings.parts.types,
        };
        groups::settle(&mut plan);
        groups::settle_built(&mut plan, settings.parts);
        (plan, settled.into_lock(), diagnostics)
    }

    /// The parts that there is something of: where nothing can be called, there is no client.
    pub(crate) fn parts(&self, settings: &Settings) -> Parts {
        let Parts { client, server, webhooks, types, contract, stub } = settings.parts;
        let called = !self.operations.is_empty();
        let any = called || !self.webhooks.is_empty();
        Parts {
            client: any && client,
            server: any && server,
            webhooks,
            types,
            contract: called && client && contract,
            stub: called && client && server && stub,
        }
    }

    /// The constant of what an operation asks for; `None` where it asks for nothing.
    pub(crate) fn asks(&self, operation: &Operation) -> Option<&Ident> {
        let security = self.securities.get(operation.security)?;
        (!security.alternatives.iter().all(Vec::is_empty)).then_some(&security.name)
    }

    /// Whether any of some operations asks for a credential.
    pub(crate) fn any_asks(&self, operations: &[Operation]) -> bool {
        operations.iter().any(|operation| self.asks(operation).is_some())
    }

    /// The group of an id that this plan gave out.
    pub(crate) fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The operations of a group, in the document's order; those of none where there are no groups.
    pub(crate) fn operations_of(&self, group: Option<GroupId>) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| operation.group == group)
    }

    /// Whether a link is of an answer of a group's operation.
    pub(crate) fn stands_in(&self, link: &links::Link, group: Option<GroupId>) -> bool {
        self.operations.get(link.of.0).is_some_and(|operation| operation.group == group)
    }

    /// The crates that types of the settings come from.
    pub(crate) fn dependencies(&self) -> Vec<&'static Dependency> {
        let of_items = self.items.iter().flat_map(Item::types);
        let of_operations = self.operations.iter().flat_map(|operation| Used::by(operation).types(self));
        let mut found = Vec::new();
        for ty in of_items.chain(of_operations) {
            ty.each(&mut |ty| {
                if let Type::Foreign(path) = ty {
                    found.extend(formats::dependency(path));
                }
            });
        }
        found.sort_by_key(|dependency| dependency.name);
        found.dedup();
        found
    }

    /// Whether a server has patterns with back-references.
    pub(crate) fn backtracks(&self) -> bool {
        let operations = self.operations.iter().chain(&self.webhooks).chain(&self.callbacks);
        let of_parameters = operations.flat_map(|operation| &operation.parameters).map(|one| &one.shape);
        let of_parts =
            self.forms.iter().flat_map(|form| &form.fields).filter_map(|part| match &part.content {
                PartContent::Value(_, shape) => Some(shape),
                PartContent::File { .. } => None,
            });
        let of_bodies = self.checks.iter().chain(&self.shapes).map(|check| &check.shape);
        of_parameters.chain(of_parts).chain(of_bodies).any(Shape::backtracks)
    }

    /// The item of an id that this plan gave out.
    pub(crate) fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.get(id.0)
    }

    /// What a type is behind its aliases.
    pub(crate) fn resolved<'p>(&'p self, ty: &'p Type) -> &'p Type {
        let mut ty = ty;
        for _ in 0..self.items.len() {
            let Type::Item(id) = ty else { break };
            let Some(ItemKind::Alias(target)) = self.item(*id).map(|item| &item.kind) else { break };
            ty = target;
        }
        ty
    }

    /// A type without the aliases of items in it.
    pub(crate) fn plain(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        ty.each_item_mut(&mut |id| {
            if let Type::Item(target) = self.resolved(&Type::Item(*id)) {
                *id = *target;
            }
        });
        ty
    }

    /// A type without aliases; `None` where that is huge.
    pub(crate) fn expanded(&self, ty: &Type) -> Option<Type> {
        const MOST: usize = 100;
        fn expand(plan: &Plan, ty: &mut Type, left: &mut usize) -> Option<()> {
            *left = left.checked_sub(1)?;
            *ty = plan.resolved(ty).clone();
            ty.parts_mut().iter_mut().try_for_each(|part| expand(plan, part, left))
        }
        let mut ty = ty.clone();
        expand(self, &mut ty, &mut { MOST })?;
        Some(ty)
    }

    /// What a newtype of a text or number holds.
    pub(crate) fn newtype_of<'p>(&'p self, ty: &'p Type) -> Option<&'p Type> {
        let Type::Item(id) = self.resolved(ty) else { return None };
        match &self.item(*id)?.kind {
            ItemKind::Newtype(inner) if inner.is_plain() => Some(inner),
            _ => None,
        }
    }

    /// Whether a server of the document has an HTTPS URL.
    pub(crate) fn needs_tls(&self) -> bool {
        let mut servers = self.servers.iter().flat_map(|servers| servers.servers.iter());
        servers.any(|server| server.url.starts_with("https:") || server.url.starts_with('{'))
    }

    /// Whether a body comes and goes piece by piece, so that it is there only once.
    pub(crate) fn streams(&self, body: &Body) -> bool {
        match &body.content {
            Content::One(media) => media.streams(),
            Content::Choice(index) => {
                let branches = self.choices.get(*index).map_or(&[][..], |choice| &choice.branches);
                branches.iter().any(|(_, media)| media.streams())
            }
        }
    }

    /// The documentation of what is of a type; none where the type's own says the same.
    pub(crate) fn docs_of<'p>(&self, docs: &'p Docs, ty: &Type) -> Option<&'p Docs> {
        let mut ty = ty;
        while let Type::Option(inner) | Type::Boxed(inner) = ty {
            ty = inner;
        }
        let Type::Item(id) = ty else { return Some(docs) };
        let said = self.item(*id).is_some_and(|item| item.docs.lines().eq(docs.lines()));
        (!said).then_some(docs)
    }

    /// Whether a type is any JSON value, perhaps by another name.
    pub(crate) fn is_any(&self, ty: &Type) -> bool {
        *self.resolved(ty) == Type::Any
    }
}

/// Reports the renames, replacements and formats that nothing in the document answers to.
fn unused(api: &Api, config: &Config, settled: &Settled<'_>, diagnostics: &mut Diagnostics) {
    for rename in settled.unused(config) {
        let message = format!("Nothing is called `{}`, so nothing is renamed `{}`", rename.text, rename.name);
        diagnostics.push(Diagnostic::new(Code::SettingsUnused, message, &rename.origin));
    }
    let is_there = |name: &str| {
        let mut schemas = api.schemas.entries.iter();
        schemas.any(|schema| matches!(&schema.name, SchemaName::Component(known) if known == name))
    };
    for replacement in config.replacements.iter().filter(|one| !is_there(&one.component)) {
        let message = format!("There is no schema `{}` to replace", replacement.component);
        diagnostics.push(Diagnostic::new(Code::SettingsUnused, message, &replacement.origin));
    }
    let is_paged = |pick: &Pick| api.operations.iter().any(|operation| pick.admits(operation));
    for pages in config.pages.iter().filter(|one| !is_paged(&one.operation)) {
        let message = "No operation answers to this";
        diagnostics.push(Diagnostic::new(Code::SettingsUnused, message, &pages.operation.origin));
    }
    for choice in config.formats.iter().filter(|choice| !has_format(api, &choice.format)) {
        let message = format!("No schema has the format `{}`", choice.format);
        diagnostics.push(Diagnostic::new(Code::SettingsUnused, message, &choice.origin));
    }
}

/// Whether any schema has such a format.
fn has_format(api: &Api, format: &str) -> bool {
    let mut schemas = api.schemas.entries.iter().flat_map(|definition| definition.schema.within());
    schemas.any(|schema| schema.format().is_some_and(|one| one == format))
}

/// What the server's module imports.
const SERVER_NAMES: [&str; 10] = [
    "Builder",
    "CheckCredentials",
    "Context",
    "Credentials",
    "HandlerResult",
    "Paths",
    "Receiver",
    "Sender",
    "Service",
    "Unimplemented",
];

/// The name of the server's trait.
fn service(name: &str, scope: &mut Scope) -> Ident {
    let imported = SERVER_NAMES.contains(&spell(name, Case::Pascal).as_str());
    if imported { scope.name(&format!("{name} api"), Case::Pascal) } else { scope.name(name, Case::Pascal) }
}

/// Settles what items are called: components first, then what stands inside them. An item that the lock knows by several
/// names has them all.
fn name(drafts: Vec<Draft>, short: &HashMap<&str, &str>, settled: &mut Settled<'_>) -> Vec<Item> {
    let mut scope = Scope::default();
    let mut names: Vec<Option<Named>> = drafts.iter().map(|_| None).collect();
    let asked = asked(&drafts, short, settled);
    for of_components in [true, false] {
        let is_wanted = |index: &usize| {
            drafts.get(*index).is_some_and(|one| matches!(one.name, DraftName::Component(_)) == of_components)
        };
        let indices: Vec<usize> = (0..drafts.len()).filter(is_wanted).collect();
        let wanted: Vec<Asked> = indices.iter().filter_map(|index| asked.get(*index).cloned()).collect();
        let found = settled.kept(&mut scope, "types", &wanted, Case::Pascal, true);
        for (index, name) in indices.into_iter().zip(found) {
            if let Some(slot) = names.get_mut(index) {
                *slot = Some(name);
            }
        }
    }
    let mut items = Vec::new();
    let mut aliases = Vec::new();
    let item = |name, docs, kind| Item { name, docs, kind, group: None, built: false };
    for (draft, named) in drafts.into_iter().zip(names) {
        let Some(named) = named else { continue };
        let target = Type::Item(ItemId(items.len()));
        let also = named.also.into_iter();
        aliases.extend(also.map(|name| item(name, Docs::default(), ItemKind::Alias(target.clone()))));
        items.push(item(named.name, draft.docs, draft.kind));
    }
    items.extend(aliases);
    items
}

/// What items would be called if no name stood twice. Where a schema is one type for the client to write and another
/// for the server, the client's is called `input`; the server's `output`, where the client's was there first.
fn asked(drafts: &[Draft], short: &HashMap<&str, &str>, settled: &Settled<'_>) -> Vec<Asked> {
    let text = |draft: &Draft| match &draft.name {
        DraftName::Component(name) => default_ids::short_body(name, short).unwrap_or_else(|| name.clone()),
        DraftName::Place(words) => words.join(" "),
    };
    let of_side = |side: Direction| drafts.iter().filter(move |draft| draft.side == Some(side));
    let answered: HashSet<String> = of_side(Direction::Response).map(text).collect();
    let first = |draft: &Draft| {
        let name = spell(&text(draft), Case::Pascal);
        draft.keys.iter().any(|key| settled.known("types", key) == Some(name.as_str()))
    };
    let first: HashSet<String> = of_side(Direction::Request).filter(|draft| first(draft)).map(text).collect();
    let asked = drafts.iter().map(|draft| {
        let text = text(draft);
        let text = match draft.side {
            Some(Direction::Request) if answered.contains(&text) && !first.contains(&text) => {
                format!("{text} input")
            }
            Some(Direction::Response) if first.contains(&text) => format!("{text} output"),
            _ => text,
        };
        Asked { keys: draft.keys.clone(), text }
    });
    asked.collect()
}

/// What a person calls a schema.
fn component_name(schema: &Definition) -> String {
    match &schema.name {
        SchemaName::Component(name) => name.clone(),
        SchemaName::Path(words) => words.last().cloned().unwrap_or_default(),
    }
}

fn crate_docs(api: &Api) -> Docs {
    let mut docs = Docs::new(&format!("{} {}", api.info.title, api.info.version));
    docs.add_some(api.info.summary.as_deref());
    docs.add_some(api.info.description.as_deref());
    docs
}

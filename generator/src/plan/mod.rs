//! Every decision about the output: which types there are, what they and everything else are called.
//!
//! Nothing after this invents or alters an identifier.

mod bodies;
mod cycles;
mod dispatch;
pub(crate) mod docs;
pub(crate) mod http;
pub(crate) mod items;
pub(crate) mod names;
mod node;
mod omissions;
mod operations;
mod prose;
mod security;
pub(crate) mod shapes;
mod sides;
mod types;
mod unions;
mod values;

use std::collections::HashSet;

use descant_model::api::{Api, Schema, SchemaName};
use descant_model::diagnostic::Diagnostics;

use proc_macro2::Ident;

use crate::{Parts, Settings};
use bodies::Shared;
use docs::Docs;
use http::{Choice, Content, Headers, Media, Operation, Scheme, Security};
use items::{Item, ItemId, Type};
use names::{Case, Scope};
use operations::Planner;
use security::Securities;
use types::{Draft, DraftName, Side, Types};

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Of the whole crate.
    pub(crate) docs: Docs,
    pub(crate) items: Vec<Item>,
    pub(crate) operations: Vec<Operation>,
    /// Enums over the representations of a body.
    pub(crate) choices: Vec<Choice>,
    /// Structs of response headers.
    pub(crate) headers: Vec<Headers>,
    pub(crate) schemes: Vec<Scheme>,
    /// What operations ask for.
    pub(crate) securities: Vec<Security>,
    /// The server's trait.
    pub(crate) service: Ident,
    /// Base URLs, their variables at their defaults.
    pub(crate) servers: Vec<String>,
}

impl Plan {
    /// Decides everything; what is left out, or may not be what was meant, is in the diagnostics.
    pub(crate) fn new(api: &Api, settings: &Settings) -> (Plan, Diagnostics) {
        let mut types = Types::new(&api.schemas);
        let mut planner = Planner {
            types: &mut types,
            api,
            scope: Scope::default(),
            shared: Shared::default(),
            securities: Securities::default(),
        };
        let operations = planner.operations();
        let Planner { mut scope, shared, securities, .. } = planner;
        let (choices, headers) = shared.finish(&mut scope);
        types.components();
        let Types { mut drafts, mut diagnostics, .. } = types;
        omissions::report(api, &mut diagnostics);
        cycles::break_all(&mut drafts);
        let plan = Plan {
            docs: crate_docs(api),
            items: name(drafts),
            operations,
            choices,
            headers,
            schemes: security::schemes(api),
            securities: securities.finish(),
            service: Scope::default().name(&settings.name, Case::Pascal),
            servers: servers(api),
        };
        (plan, diagnostics)
    }

    /// The parts that there is something of: where nothing can be called, there is no client.
    pub(crate) fn parts(&self, settings: &Settings) -> Parts {
        let Parts { client, server, contract } = settings.parts;
        let any = !self.operations.is_empty();
        Parts { client: any && client, server: any && server, contract: any && client && contract }
    }

    /// Every representation of every body.
    pub(crate) fn media(&self) -> impl Iterator<Item = &Media> {
        let bodies = self.operations.iter().flat_map(|operation| {
            operation.body.iter().chain(operation.answers.iter().filter_map(|answer| answer.body.as_ref()))
        });
        let single = bodies.filter_map(|body| match &body.content {
            Content::One(media) => Some(media),
            Content::Choice(_) => None,
        });
        let chosen = self.choices.iter().flat_map(|choice| &choice.branches);
        single.chain(chosen.map(|(_, media)| media))
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
            let Some(items::ItemKind::Alias(target)) = self.item(*id).map(|item| &item.kind) else { break };
            ty = target;
        }
        ty
    }

    /// Whether a type is any JSON value, perhaps by another name.
    pub(crate) fn is_any(&self, ty: &Type) -> bool {
        *self.resolved(ty) == Type::Any
    }
}

/// Settles what items are called: components first, then what stands inside them.
fn name(drafts: Vec<Draft>) -> Vec<Item> {
    let mut scope = Scope::default();
    let mut names = vec![None; drafts.len()];
    let texts = texts(&drafts);
    for of_components in [true, false] {
        let (indices, texts): (Vec<usize>, Vec<String>) = drafts
            .iter()
            .zip(&texts)
            .enumerate()
            .filter(|(_, (draft, _))| matches!(draft.name, DraftName::Component(_)) == of_components)
            .map(|(index, (_, text))| (index, text.clone()))
            .unzip();
        for (index, name) in indices.into_iter().zip(scope.names(&texts, Case::Pascal)) {
            if let Some(slot) = names.get_mut(index) {
                *slot = Some(name);
            }
        }
    }
    let named = drafts.into_iter().zip(names);
    named.filter_map(|(draft, name)| Some(Item { name: name?, docs: draft.docs, kind: draft.kind })).collect()
}

/// What items would be called if no name stood twice. Where a schema is one type for the client to write and another
/// for the server, the client's is called `input`.
fn texts(drafts: &[Draft]) -> Vec<String> {
    let text = |draft: &Draft| match &draft.name {
        DraftName::Component(name) => name.clone(),
        DraftName::Place(words) => words.join(" "),
    };
    let response = drafts.iter().filter(|draft| draft.side == Side::Response);
    let taken: HashSet<String> = response.map(text).collect();
    let texts = drafts.iter().map(|draft| match text(draft) {
        text if draft.side == Side::Request && taken.contains(&text) => format!("{text} input"),
        text => text,
    });
    texts.collect()
}

/// What a person calls a schema.
fn component_name(schema: &Schema) -> String {
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

fn servers(api: &Api) -> Vec<String> {
    let servers = api.servers.iter().map(|server| {
        let mut url = server.url.clone();
        for (name, variable) in &server.variables {
            url = url.replace(&format!("{{{name}}}"), &variable.default);
        }
        url
    });
    servers.collect()
}

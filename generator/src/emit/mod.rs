//! A plan as Rust source. Nothing here can fail, and every identifier comes from the plan.

mod arguments;
mod client;
mod contract;
mod links;
mod operations;
mod outgoing;
mod package;
mod page;
mod pages;
mod security;
mod server;
mod stub;
mod success;
mod table;
mod types;
mod usage;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Plan;
use crate::plan::docs::Docs;
use crate::plan::groups::{Group, Used};
use crate::plan::http::Operation;
use crate::plan::items::GroupId;
use crate::{Layout, Settings};

pub(crate) use package::{manifest, needed};
use page::{Import, Page, beside, doc, file_doc, line, print};

/// One of the modules below the root; a large document's has a module for each group inside it.
struct Half {
    name: &'static str,
    prose: &'static str,
    /// The groups' modules can be named from outside; all they define can be named without them, too.
    public: bool,
    imports: fn(&Plan, Option<GroupId>) -> Vec<Import>,
    items: fn(&Plan, Option<GroupId>) -> Vec<TokenStream>,
    /// What holds the groups' modules together.
    root: fn(&Plan) -> Vec<TokenStream>,
}

const TYPES: Half = Half {
    name: "types",
    prose: "The types of the document's schemas.",
    public: true,
    imports: |plan, group| {
        let names = types::borrowed(plan, group);
        vec![Import::Runtime, Import::Names(quote!(super), names)]
    },
    items: types::types,
    root: |_| Vec::new(),
};

const OPERATIONS: Half = Half {
    name: "operations",
    prose: "What the operations may be given, and what they answer.",
    public: true,
    imports: |plan, group| {
        let shared = Import::Planned(quote!(super), shared(plan, group));
        let shapes = Import::Module(beside(group, "shapes"), "shapes");
        vec![Import::Runtime, shared, types_module(group), shapes]
    },
    items: operations::operations,
    root: |_| Vec::new(),
};

const SECURITY: Half = Half {
    name: "security",
    prose: "What operations ask for, and what may be presented.",
    public: true,
    imports: |_, _| vec![Import::Runtime, Import::Used(quote!(rt::security), &["Security"])],
    items: |_, _| Vec::new(),
    root: security::security,
};

const CLIENT: Half = Half {
    name: "client",
    prose: "The client: a method an operation.",
    public: false,
    imports: |plan, group| {
        let mut imports = vec![
            Import::Runtime,
            Import::Used(
                quote!(rt::client),
                &["Call", "Config", "Core", "CredentialSource", "Error", "Server"],
            ),
            operations_module(plan, group),
            Import::Planned(beside(group, "security"), securities(plan)),
            types_module(group),
            Import::Module(beside(group, "shapes"), "shapes"),
        ];
        let servers = plan.servers.iter().map(|servers| servers.name.clone()).collect();
        imports.extend(group.map(|_| Import::Used(quote!(super), &["Client"])));
        imports.extend(group.map(|_| Import::Planned(quote!(super), servers)));
        imports
    },
    items: client::methods,
    root: client::client,
};

const CONTRACT: Half = Half {
    name: "contract",
    prose: "Calls an operation by its name, with values in place of typed arguments.",
    public: false,
    imports: |plan, group| {
        vec![
            Import::Runtime,
            Import::Used(quote!(rt::client), &["Error"]),
            Import::Used(quote!(rt::contract), &["Calling", "Input", "Outcome"]),
            Import::Used(beside(group, "client"), &["Client"]),
            operations_module(plan, group),
            types_module(group),
        ]
    },
    items: contract::calls,
    root: contract::contract,
};

const SERVER: Half = Half {
    name: "server",
    prose: "The server: a trait with a method an operation, and the routes to it.",
    public: true,
    imports: |plan, group| {
        const NAMES: [&str; 5] = ["Builder", "Context", "HandlerResult", "Service", "Unimplemented"];
        let checks = if group.is_some() { &["CheckCredentials"][..] } else { &[] };
        vec![
            Import::Runtime,
            Import::Used(quote!(rt::server), &NAMES),
            Import::Used(quote!(super), checks),
            operations_module(plan, group),
            Import::Planned(beside(group, "security"), presented(plan)),
            types_module(group),
            Import::Module(beside(group, "checks"), "checks"),
            Import::Module(beside(group, "shapes"), "shapes"),
        ]
    },
    items: server::server,
    root: server::root,
};

const STUB: Half = Half {
    name: "stub",
    prose: "A server whose answers come from elsewhere, and a client for it.",
    public: false,
    imports: |plan, group| {
        // The runtime's are of that name as well.
        let asks = plan.any_asks(&plan.operations).then(|| quote::format_ident!("Credentials"));
        vec![
            Import::Runtime,
            Import::Used(quote!(rt::client), &["Error"]),
            Import::Used(quote!(rt::server), &["Context", "HandlerResult"]),
            Import::Used(beside(group, "client"), &["Client"]),
            Import::Planned(beside(group, "security"), asks.into_iter().collect()),
            Import::Module(beside(group, "server"), "server"),
            operations_module(plan, group),
        ]
    },
    items: |_, _| Vec::new(),
    root: stub::stub,
};

const CHECKS: Half = Half {
    name: "checks",
    prose: "What the server checks of JSON bodies before their types are read.",
    public: false,
    imports: |_, _| vec![Import::Runtime],
    items: server::checks,
    root: |_| Vec::new(),
};

const SHAPES: Half = Half {
    name: "shapes",
    prose: "How bodies that are not JSON write what the types hold.",
    public: false,
    imports: |_, _| vec![Import::Runtime],
    items: operations::shapes,
    root: |_| Vec::new(),
};

/// Every module by its path without `.rs`, the root among them.
pub(crate) fn modules(plan: &Plan, settings: &Settings) -> Vec<(String, String)> {
    let parts = plan.parts(settings);
    let root = if settings.layout == Layout::Module { "mod" } else { "lib" };
    let mut modules = vec![(root.to_owned(), package::root(plan, settings))];
    let called = !plan.operations.is_empty();
    let any = called || !plan.webhooks.is_empty();
    for (wanted, half) in [
        (true, TYPES),
        (any, OPERATIONS),
        (any, SECURITY),
        (called && parts.client, CLIENT),
        (parts.contract, CONTRACT),
        (called && parts.server, SERVER),
        (parts.stub, STUB),
        (parts.server && !plan.checks.is_empty(), CHECKS),
        (!plan.shapes.is_empty(), SHAPES),
    ] {
        if wanted {
            half.write(plan, &mut modules);
        }
    }
    for (name, operations) in [("webhooks", &plan.webhooks), ("callbacks", &plan.callbacks)] {
        if !operations.is_empty() {
            write_outgoing(plan, settings, (name, operations), &mut modules);
        }
    }
    modules
}

/// The module of webhooks or callbacks: what they carry, and in modules of their own who sends and who receives them.
fn write_outgoing(
    plan: &Plan,
    settings: &Settings,
    (name, operations): (&str, &[Operation]),
    modules: &mut Vec<(String, String)>,
) {
    let parts = plan.parts(settings);
    let crated = settings.layout != Layout::Module;
    let mut declarations = TokenStream::new();
    for (wanted, feature, module, prose, imports, items) in [
        (
            parts.client,
            "client",
            "sender",
            format!("Who sends {name}."),
            Import::Used(quote!(rt::client), &["Call", "Config", "Core", "Error"]),
            outgoing::sender as fn(&Plan, &[Operation]) -> Vec<TokenStream>,
        ),
        (
            parts.server,
            "server",
            "receiver",
            format!("Who receives {name}."),
            Import::Used(quote!(rt::server), &["Context", "HandlerResult", "Service", "Unimplemented"]),
            outgoing::receiver,
        ),
    ] {
        if !wanted {
            continue;
        }
        let gate = crated.then(|| quote!(#[cfg(feature = #feature)]));
        let ident = quote::format_ident!("{module}");
        declarations.extend(quote!(#gate pub mod #ident;));
        let own = operations.iter().flat_map(|one| one.call.iter().chain([&one.response]));
        let own = own.cloned().collect();
        let imports = vec![
            Import::Runtime,
            imports,
            Import::Any(quote!(super), own),
            shared_types(plan, quote!(super::super::operations)),
            Import::Planned(quote!(super::super::security), presented(plan)),
            Import::Module(quote!(super::super::types), "types"),
            Import::Module(quote!(super::super::checks), "checks"),
            Import::Module(quote!(super::super::shapes), "shapes"),
        ];
        let page = Page { docs: Docs::new(&prose), imports, items: items(plan, operations) };
        modules.push((format!("{name}/{module}"), page.print()));
    }
    let imports = vec![
        Import::Runtime,
        shared_types(plan, quote!(super::operations)),
        Import::Module(quote!(super::types), "types"),
        Import::Module(quote!(super::shapes), "shapes"),
    ];
    let items = std::iter::once(declarations).chain(outgoing::types(plan, operations)).collect();
    let prose = format!("The {name} of the API: what they carry, and what answers them.");
    modules.push((name.to_owned(), Page { docs: Docs::new(&prose), imports, items }.print()));
}

impl Half {
    fn write(&self, plan: &Plan, modules: &mut Vec<(String, String)>) {
        let mut inside: Vec<&Group> = Vec::new();
        for group in &plan.groups {
            let items = (self.items)(plan, Some(group.id));
            if items.is_empty() {
                continue;
            }
            let imports = (self.imports)(plan, Some(group.id));
            let page = Page { docs: group.docs.clone(), imports, items };
            let module = group.module.to_string();
            modules.push((format!("{}/{}", self.name, module.trim_start_matches("r#")), page.print()));
            inside.push(group);
        }
        let mut items: Vec<TokenStream> = self.declarations(&inside).into_iter().collect();
        items.extend((self.root)(plan));
        items.extend((self.items)(plan, None));
        let page = Page { docs: Docs::new(self.prose), imports: (self.imports)(plan, None), items };
        modules.push((self.name.to_owned(), page.print()));
    }

    fn declarations(&self, groups: &[&Group]) -> Option<TokenStream> {
        let names: Vec<&Ident> = groups.iter().map(|group| &group.module).collect();
        let declarations = match self.public {
            true => quote!(#(pub mod #names;)* #(pub use #names::*;)*),
            false => quote!(#(mod #names;)*),
        };
        (!names.is_empty()).then_some(declarations)
    }
}

/// What an operation's module takes from the one around it.
fn shared(plan: &Plan, group: Option<GroupId>) -> Vec<Ident> {
    let mut names: Vec<&Ident> = Vec::new();
    for operation in plan.operations_of(group).filter(|_| group.is_some()) {
        let used = Used::by(operation);
        let choices = used.choices.iter().filter_map(|index| plan.choices.get(*index));
        names.extend(choices.filter(|choice| choice.group != group).map(|choice| &choice.name));
        let headers = used.headers.iter().filter_map(|index| plan.headers.get(*index));
        names.extend(headers.filter(|headers| headers.group != group).map(|headers| &headers.name));
    }
    names.sort();
    names.dedup();
    names.into_iter().cloned().collect()
}

/// What bodies and answers of several operations have in common.
fn shared_types(plan: &Plan, module: TokenStream) -> Import {
    let names = plan.choices.iter().map(|one| &one.name).chain(plan.headers.iter().map(|one| &one.name));
    let names = names.chain(plan.forms.iter().map(|one| &one.name));
    Import::Planned(module, names.cloned().collect())
}

fn operations_module(plan: &Plan, group: Option<GroupId>) -> Import {
    let own = plan.operations.iter().flat_map(|one| one.call.iter().chain([&one.response]));
    let shared = plan.choices.iter().map(|one| &one.name).chain(plan.headers.iter().map(|one| &one.name));
    let shared = shared.chain(plan.forms.iter().map(|one| &one.name));
    Import::Any(beside(group, "operations"), own.chain(shared).cloned().collect())
}

/// What may be presented, and what operations ask for.
fn presented(plan: &Plan) -> Vec<Ident> {
    std::iter::once(quote::format_ident!("Credentials")).chain(securities(plan)).collect()
}

/// The constants of what operations ask for.
fn securities(plan: &Plan) -> Vec<Ident> {
    plan.securities.iter().map(|security| security.name.clone()).collect()
}

fn types_module(group: Option<GroupId>) -> Import {
    Import::Module(beside(group, "types"), "types")
}

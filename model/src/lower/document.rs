//! Lowers the objects of the whole document: info, servers, tags.

use std::sync::Arc;

use super::view::View;
use crate::api::{Info, Operation, Server, ServerVariable, Tag};

pub(super) fn info(document: View<'_>) -> Info {
    let Some(info) = document.get("info") else { return Info::default() };
    Info {
        title: info.text("title").unwrap_or_default(),
        version: info.text("version").unwrap_or_default(),
        summary: info.text("summary"),
        description: info.text("description"),
    }
}

/// The servers of a document, path item or operation; `None` where it states none.
pub(super) fn servers(view: View<'_>) -> Option<Arc<[Server]>> {
    let servers: Arc<[Server]> = view.list("servers").filter_map(server).collect();
    (!servers.is_empty()).then_some(servers)
}

/// Returns the default server, `/` (OAS 4.8.1).
pub(super) fn default_servers() -> Arc<[Server]> {
    Arc::from([Server { url: "/".to_owned(), ..Server::default() }])
}

fn server(view: View<'_>) -> Option<Server> {
    let variables = view.map("variables").map(|(name, variable)| {
        let default = variable.text("default");
        let values = variable.texts("enum");
        let default = default.or_else(|| values.first().cloned()).unwrap_or_default();
        (name.to_owned(), ServerVariable { default, values, description: variable.text("description") })
    });
    Some(Server {
        url: view.text("url")?,
        name: view.text("name"),
        description: view.text("description"),
        variables: variables.collect(),
    })
}

/// Returns declared tags, then undeclared tags of operations.
pub(super) fn tags(document: View<'_>, operations: &[Operation]) -> Vec<Tag> {
    let declared = document.list("tags").filter_map(|tag| {
        Some(Tag {
            name: tag.text("name")?,
            summary: tag.text("summary"),
            description: tag.text("description"),
            parent: tag.text("parent"),
            kind: tag.text("kind"),
        })
    });
    let named = operations.iter().flat_map(|operation| &operation.tags);
    let named = named.map(|name| Tag { name: name.clone(), ..Tag::default() });
    let mut seen = std::collections::HashSet::new();
    declared.chain(named).filter(|tag| seen.insert(tag.name.clone())).collect()
}

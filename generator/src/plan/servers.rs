//! Where operations are sent: the document's servers, and those that operations or paths have of their own.

use std::sync::Arc;

use descant_model::api::{self, Api};

use super::http::Servers;
use super::names::{Case, Scope};

/// Each list once; the first is the document's.
pub(super) struct OwnServers {
    known: Vec<(String, Arc<[api::Server]>)>,
}

impl OwnServers {
    pub(super) fn new(api: &Api) -> Self {
        OwnServers { known: vec![("servers".to_owned(), Arc::clone(&api.servers))] }
    }

    /// The index of an operation's servers; `None` where they are the document's.
    pub(super) fn add(&mut self, operation: &api::Operation, words: &str) -> Option<usize> {
        let index = self.known.iter().position(|(_, known)| *known == operation.servers);
        let index = index.unwrap_or_else(|| {
            self.known.push((format!("{words} servers"), Arc::clone(&operation.servers)));
            self.known.len() - 1
        });
        (index > 0).then_some(index)
    }

    /// Names them.
    pub(super) fn finish(self) -> Vec<Servers> {
        let texts: Vec<String> = self.known.iter().map(|(words, _)| words.clone()).collect();
        let names = Scope::default().names(&texts, Case::Constant);
        let lists = names.into_iter().zip(self.known);
        lists.map(|(name, (_, servers))| Servers { name, servers }).collect()
    }
}

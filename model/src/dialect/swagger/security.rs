//! Converts 2.0's security definitions, and its three fields for servers.

use super::{Fields, Upgrade};
use crate::references::FileNode;

impl Upgrade<'_> {
    /// Returns `None` for values that are not schemes of 2.0.
    pub(super) fn scheme(&mut self, scheme: FileNode) -> Option<FileNode> {
        let scheme = self.resolved(scheme)?;
        match self.str(scheme, "type")? {
            "basic" => {
                let mut fields = self.kept(scheme, &["description"]);
                fields.push(("type".to_owned(), self.text(scheme, "http")));
                fields.push(("scheme".to_owned(), self.text(scheme, "basic")));
                Some(self.object(scheme, fields))
            }
            "oauth2" => {
                let flow = match self.str(scheme, "flow")? {
                    "application" => "clientCredentials",
                    "accessCode" => "authorizationCode",
                    "implicit" => "implicit",
                    "password" => "password",
                    _ => return None,
                };
                let inner = self.kept(scheme, &["authorizationUrl", "tokenUrl", "scopes"]);
                let inner = inner.into_iter().filter(|(key, _)| !key.starts_with("x-")).collect();
                let flows = vec![(flow.to_owned(), self.object(scheme, inner))];
                let mut fields = self.kept(scheme, &["type", "description"]);
                fields.push(("flows".to_owned(), self.object(scheme, flows)));
                Some(self.object(scheme, fields))
            }
            _ => Some(scheme),
        }
    }

    /// `host`, `basePath` and the `schemes` of a place as `servers`; nothing where none of them is stated.
    pub(super) fn servers(&mut self, at: FileNode, schemes: FileNode) -> Fields {
        let host = self.str(self.document, "host").unwrap_or_default().to_owned();
        let base = self.str(self.document, "basePath").unwrap_or_default().to_owned();
        let base = if base.is_empty() || base.starts_with('/') { base } else { format!("/{base}") };
        let schemes = self.texts(schemes, "schemes");
        let urls: Vec<String> = match (host.is_empty(), schemes.is_empty()) {
            (true, _) if base.is_empty() => return Fields::new(),
            (true, _) => vec![base],
            (false, true) => vec![format!("https://{host}{base}")],
            (false, false) => schemes.iter().map(|scheme| format!("{scheme}://{host}{base}")).collect(),
        };
        let servers = urls.iter().map(|url| {
            let fields = vec![("url".to_owned(), self.text(at, url))];
            self.object(at, fields)
        });
        let servers = servers.collect();
        vec![("servers".to_owned(), self.array(at, servers))]
    }
}

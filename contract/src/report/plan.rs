//! What a run would do, for people.

use std::fmt::Write;

use descant_model::api::Api;
use indexmap::IndexMap;

use crate::case::CaseKind;
use crate::derive::TestPlan;
use crate::resource::Resource;

impl TestPlan {
    /// Returns the resources with their operations, the number of cases by operation and kind, and what is left out.
    pub fn human(&self, api: &Api) -> String {
        let mut text = String::new();
        for resource in &self.resources {
            text.push_str(&self.resource(api, resource));
        }
        let key =
            |index: usize| api.operations.get(index).map(|operation| operation.key()).unwrap_or_default();
        let mut cases: IndexMap<usize, IndexMap<CaseKind, usize>> = IndexMap::new();
        for case in &self.cases {
            *cases.entry(case.operation).or_default().entry(case.kind).or_default() += 1;
        }
        for (operation, kinds) in &cases {
            let kinds =
                kinds.iter().map(|(kind, count)| format!("{} {count}", kind.as_str())).collect::<Vec<_>>();
            let _ = writeln!(text, "{}: {}", key(*operation), kinds.join(", "));
        }
        for left in &self.left_out {
            let _ =
                writeln!(text, "left out, {} ({}): {}", key(left.operation), left.kind.as_str(), left.reason);
        }
        let _ = writeln!(
            text,
            "{} cases, and the scenarios of {} resources",
            self.cases.len(),
            self.resources.len()
        );
        text
    }

    fn resource(&self, api: &Api, resource: &Resource) -> String {
        let key = |index: Option<usize>| index.and_then(|index| api.operations.get(index)).map(|it| it.key());
        let Resource { create, list, read, replace, modify, delete, .. } = resource;
        let roles = [
            ("create", create),
            ("list", list),
            ("read", read),
            ("replace", replace),
            ("modify", modify),
            ("delete", delete),
        ];
        let mut text = format!("resource {}: `{}` from", resource.item, resource.parameter());
        text.push_str(match (create, list) {
            (Some(_), _) => " the answer to its creation",
            (None, Some(_)) => " the list",
            (None, None) => " the run",
        });
        for parent in resource.parents.iter().filter_map(|parent| self.resources.get(*parent)) {
            let _ = write!(text, ", `{}` from {}", parent.parameter(), parent.item);
        }
        text.push('\n');
        for (role, operation) in roles {
            if let Some(key) = key(*operation) {
                let _ = writeln!(text, "  {role}: {key}");
            }
        }
        text
    }
}

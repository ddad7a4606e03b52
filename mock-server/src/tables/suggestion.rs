//! The nearest of some names to one that does not exist.

use descant_model::api::Api;

use super::rules::Rule;

/// The least similarity of a suggestion, from 0 to 1 (Jaro-Winkler).
const LIKENESS: f64 = 0.84;
/// The names that are compared, and their length: more take longer than a suggestion is worth.
const MAX_NAMES: usize = 10_000;
const MAX_LENGTH: usize = 300;

/// Returns the name that is most similar to the wanted one, if any is similar.
pub(crate) fn closest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if wanted.len() > MAX_LENGTH {
        return None;
    }
    let names = names.take(MAX_NAMES).filter(|name| name.len() <= MAX_LENGTH);
    let rated = names.map(|name| (strsim::jaro_winkler(wanted, name), name));
    let near = rated.filter(|(likeness, _)| *likeness >= LIKENESS);
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

/// Returns why a rule is for no operation of a document: its name is unknown. `None` where it is for one, or for all.
pub(crate) fn unknown_operation(api: &Api, rule: &Rule) -> Option<String> {
    let wanted = rule.operation.as_str();
    let keys: Vec<String> = api.operations.iter().map(|operation| operation.key()).collect();
    let ids = api.operations.iter().filter_map(|operation| operation.id.as_deref());
    let mut names = keys.iter().map(String::as_str).chain(ids);
    if wanted == "*" || names.clone().any(|name| name == wanted) {
        return None;
    }
    let hint =
        closest(wanted, &mut names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Some(format!("a rule is for `{wanted}`, which the document does not have{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &str, expected: Option<&str>) {
        let names = ["GET /pets", "GET /pets/{petId}", "POST /pets", "getPet", "listPets"];
        assert_eq!(closest(wanted, names.into_iter()), expected, "{wanted}");
    }

    #[test]
    fn similar_names_are_suggested() {
        check("getPets", Some("getPet"));
        check("GET /pet", Some("GET /pets"));
        check("listPest", Some("listPets"));
        check("frobnicate", None);
        check("", None);
        check(&"x".repeat(1_000_000), None);
    }
}

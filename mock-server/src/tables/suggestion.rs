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

/// Returns the path template that a path without an operation resembles most; parameters resemble any segment.
pub(crate) fn closest_path<'n>(path: &str, templates: &'n [String]) -> Option<&'n str> {
    if path.len() > MAX_LENGTH {
        return None;
    }
    let segments: Vec<&str> = path.split('/').collect();
    let filled = |template: &str| -> Vec<String> {
        let own = template.split('/').enumerate().map(|(index, own)| match segments.get(index) {
            Some(sent) if own.starts_with('{') => (*sent).to_owned(),
            _ => own.to_owned(),
        });
        own.collect()
    };
    let candidates = templates.iter().take(MAX_NAMES).filter(|template| template.len() <= MAX_LENGTH);
    let rated =
        candidates.map(|template| (strsim::jaro_winkler(path, &filled(template).join("/")), template));
    let near = rated.filter(|(likeness, _)| *likeness >= LIKENESS);
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, template)| template.as_str())
}

/// Returns why a rule is for no operation of a document, or sends no webhook of it: the name is unknown. `None` where it is for
/// one, or for all.
pub(crate) fn unknown_operation(api: &Api, rule: &Rule) -> Option<String> {
    let webhooks = || api.webhooks.iter().map(|webhook| webhook.path.raw.as_str());
    let mut sent = rule.answers.iter().filter_map(|directive| directive.webhook.as_deref());
    if let Some(wanted) = sent.find(|wanted| !webhooks().any(|known| known == *wanted)) {
        let hint = closest(wanted, webhooks()).map(|name| format!("; did you mean `{name}`?"));
        let hint = hint.unwrap_or_default();
        return Some(format!("a rule sends the webhook `{wanted}`, which the document does not have{hint}"));
    }
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

    fn check_path(path: &str, expected: Option<&str>) {
        let templates = ["/products", "/products/{id}", "/orders/{id}/lines"].map(str::to_owned);
        assert_eq!(closest_path(path, &templates), expected, "{path}");
    }

    #[test]
    fn similar_paths_are_suggested() {
        check_path("/prodcts", Some("/products"));
        check_path("/product/7", Some("/products/{id}"));
        check_path("/orders/1/line", Some("/orders/{id}/lines"));
        check_path("/", None);
        check_path("/unrelated", None);
        check_path(&"/x".repeat(1_000_000), None);
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

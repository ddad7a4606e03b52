//! Customary names of query parameters that page and sort lists.

use descant_model::api::{Location, Operation, Paging, Parameter};

/// Names of the maximum number of items of a page, folded.
pub const LIMITS: &[&str] =
    &["limit", "perpage", "pagesize", "size", "maxresults", "first", "top", "count", "take"];
/// Names of the number of items before the page, folded.
pub const OFFSETS: &[&str] = &["offset", "skip", "start", "startindex"];
/// Names of the number of the page, folded.
pub const PAGES: &[&str] = &["page", "pagenumber", "pageindex"];
/// Names of the cursor that the page begins after, folded.
pub const CURSORS: &[&str] = &[
    "cursor",
    "after",
    "startingafter",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "continuationtoken",
    "marker",
];
/// Names of the property to sort by, folded.
pub const SORTS: &[&str] = &["sort", "sortby", "orderby", "order"];

/// Returns a name without case and separators: `pet_id`, `petId` and `pet-id` are equal.
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Returns the parameters that page and sort a list, by their names.
pub fn paging(operation: &Operation) -> Paging {
    let named = |names: &[&str]| query(operation).find(|one| names.contains(&fold(&one.name).as_str()));
    let named = |names| named(names).map(|parameter| parameter.name.clone());
    Paging {
        limit: named(LIMITS),
        offset: named(OFFSETS),
        page: named(PAGES),
        cursor: named(CURSORS),
        sort: named(SORTS),
    }
}

/// The query parameters of an operation.
pub(crate) fn query(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let parameters = operation.parameters.iter().map(|parameter| &**parameter);
    parameters.filter(|parameter| parameter.location == Location::Query)
}

//! Filters and pages of a list, by the document's own query parameters: those that it states, else those whose names say
//! what they do.

use descant_model::api::{Api, Location, Operation, Paging, Parameter, StateSettings};
use indexmap::IndexMap;
use serde_json::Value;

use super::shape::fold;

/// Items of a page where the request asks for none of its own.
const PAGE: usize = 100;

const LIMITS: &[&str] =
    &["limit", "perpage", "pagesize", "size", "maxresults", "first", "top", "count", "take"];
const OFFSETS: &[&str] = &["offset", "skip", "start", "startindex"];
const PAGES: &[&str] = &["page", "pagenumber", "pageindex"];
const CURSORS: &[&str] = &["cursor", "after", "startingafter", "pagetoken", "nexttoken", "marker"];
const SORTS: &[&str] = &["sort", "sortby", "orderby", "order"];

/// Which query parameters cut, sort and filter a list.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub paging: Paging,
    /// By parameter the property that must equal it.
    pub filters: IndexMap<String, String>,
    /// Whether pages count from 0, as the document's own parameter does.
    pub from_zero: bool,
}

impl Selection {
    /// What an operation states, else what the names of its parameters say; `properties` are those of an item.
    pub(super) fn new(api: &Api, operation: &Operation, stated: &StateSettings, properties: &[&str]) -> Self {
        let query: Vec<&Parameter> = operation
            .parameters
            .iter()
            .map(|parameter| &**parameter)
            .filter(|parameter| parameter.location == Location::Query)
            .collect();
        let named = |names: &[&str]| {
            let found = query.iter().find(|parameter| names.contains(&fold(&parameter.name).as_str()));
            found.map(|parameter| parameter.name.clone())
        };
        let paging = stated.paging.clone().unwrap_or_else(|| Paging {
            limit: named(LIMITS),
            offset: named(OFFSETS),
            page: named(PAGES),
            cursor: named(CURSORS),
            sort: named(SORTS),
        });
        let cuts = [&paging.limit, &paging.offset, &paging.page, &paging.cursor, &paging.sort];
        let others = query.iter().filter(|one| !cuts.iter().any(|cut| cut.as_ref() == Some(&one.name)));
        let filters = stated.filters.clone().unwrap_or_else(|| {
            let filter = |parameter: &&Parameter| {
                let is_it = |name: &&&str| fold(name) == fold(&parameter.name);
                Some((parameter.name.clone(), (*properties.iter().find(is_it)?).to_owned()))
            };
            others.filter_map(filter).collect()
        });
        let page = query.iter().find(|parameter| paging.page.as_ref() == Some(&parameter.name));
        let schema = page.and_then(|page| api.schemas.schema(page.schema?));
        let default = schema.and_then(|schema| schema.default_value()?.as_u64());
        let minimum = schema.and_then(|schema| schema.minimum()?.as_u64());
        Self { from_zero: default == Some(0) || minimum == Some(0), paging, filters }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    /// Of all items that the filters admit.
    pub(super) total: usize,
    /// What a cursor parameter takes to go on; `None` at the end.
    pub(super) next: Option<String>,
}

/// Filters, sorts and cuts.
pub(super) fn select(
    items: &IndexMap<String, Value>,
    query: &IndexMap<String, Value>,
    selection: &Selection,
) -> Page {
    let Selection { paging, filters, .. } = selection;
    let wanted: Vec<_> = filters.iter().filter_map(|(name, to)| Some((to, query.get(name)?))).collect();
    let admitted = |item: &Value| wanted.iter().all(|(property, wanted)| admits(item, property, wanted));
    let mut found: Vec<(&String, &Value)> = items.iter().filter(|(_, item)| admitted(item)).collect();
    if let Some(by) = text(query, &paging.sort) {
        sort(&mut found, &by);
    }
    let limit = number(query, &paging.limit).unwrap_or(PAGE as u64).min(10_000) as usize;
    let skip = match text(query, &paging.cursor) {
        Some(after) => found.iter().position(|(id, _)| **id == after).map_or(0, |at| at + 1),
        None => skip(query, selection, limit),
    };
    let total = found.len();
    let page: Vec<_> = found.into_iter().skip(skip).take(limit).collect();
    let more = skip.saturating_add(page.len()) < total;
    let next = page.last().filter(|_| more).map(|(id, _)| (*id).clone());
    Page { items: page.into_iter().map(|(_, item)| item.clone()).collect(), total, next }
}

fn skip(query: &IndexMap<String, Value>, selection: &Selection, limit: usize) -> usize {
    let first = u64::from(!selection.from_zero);
    let offset = number(query, &selection.paging.offset);
    let page = number(query, &selection.paging.page);
    let page = page.map(|page| page.saturating_sub(first).saturating_mul(limit as u64));
    usize::try_from(offset.or(page).unwrap_or(0)).unwrap_or(usize::MAX)
}

/// Whether a filter leaves an item in; one that lacks the property passes.
fn admits(item: &Value, name: &str, wanted: &Value) -> bool {
    let Some(property) = property(item, name) else { return true };
    match (property, wanted) {
        (Value::Array(has), Value::Array(wanted)) => {
            wanted.iter().all(|one| has.iter().any(|h| same(h, one)))
        }
        (Value::Array(has), one) => has.iter().any(|h| same(h, one)),
        (has, Value::Array(any)) => any.iter().any(|one| same(has, one)),
        (Value::Object(_), _) => true,
        (has, one) => same(has, one),
    }
}

fn property<'a>(item: &'a Value, name: &str) -> Option<&'a Value> {
    let wanted = fold(name);
    item.as_object()?.iter().find(|(name, _)| fold(name) == wanted).map(|(_, value)| value)
}

/// Equal as text, for a query has no types of its own; an object is equal to what any of its members is.
fn same(has: &Value, wanted: &Value) -> bool {
    match has {
        Value::Object(members) => members.values().any(|member| plain(member) == plain(wanted)),
        has => plain(has) == plain(wanted),
    }
}

/// A scalar as it stands in a path or a query.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Sorts by a property; `-name` and `name:desc` and `name desc` turn the order round.
fn sort(items: &mut [(&String, &Value)], by: &str) {
    let descending = by.starts_with('-') || by.to_ascii_lowercase().ends_with("desc");
    let name = by.trim_start_matches(['-', '+']).split([':', ' ', ',']).next().unwrap_or_default();
    items.sort_by(|(_, a), (_, b)| {
        let order = compare(property(a, name), property(b, name));
        if descending { order.reverse() } else { order }
    });
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal)
        }
        (a, b) => a.map(plain).cmp(&b.map(plain)),
    }
}

fn text(query: &IndexMap<String, Value>, name: &Option<String>) -> Option<String> {
    query.get(name.as_ref()?).filter(|value| value.is_string() || value.is_number()).map(plain)
}

fn number(query: &IndexMap<String, Value>, name: &Option<String>) -> Option<u64> {
    query.get(name.as_ref()?)?.as_u64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_sorts_and_pages_by_the_names_of_parameters() {
        let items =
            json!([{"n": 1, "tag": "a"}, {"n": 2, "tag": "b"}, {"n": 3, "tag": "a"}, {"n": 4, "tag": "a"}]);
        let items: IndexMap<String, Value> =
            items.as_array().unwrap().iter().map(|item| (plain(&item["n"]), item.clone())).collect();
        let cases = [
            (json!({}), vec![1, 2, 3, 4], 4, None),
            (json!({"tag": "a"}), vec![1, 3, 4], 3, None),
            (json!({"tag": ["a", "b"], "sort": "-n"}), vec![4, 3, 2, 1], 4, None),
            (json!({"tag": "a", "limit": 2}), vec![1, 3], 3, Some("3")),
            (json!({"tag": "a", "per_page": 2, "page": 2}), vec![4], 3, None),
            (json!({"offset": 3}), vec![4], 4, None),
            (json!({"limit": 1, "after": "2"}), vec![3], 4, Some("3")),
            (json!({"page": u64::MAX}), vec![], 4, None),
        ];
        let name = |name: &str| Some(name.to_owned());
        for (query, expected, total, next) in cases {
            let query: IndexMap<String, Value> = serde_json::from_value(query).unwrap();
            let limit = if query.contains_key("per_page") { name("per_page") } else { name("limit") };
            let paging = Paging {
                limit,
                offset: name("offset"),
                page: name("page"),
                cursor: name("after"),
                sort: name("sort"),
            };
            let filters = IndexMap::from([("tag".to_owned(), "tag".to_owned())]);
            let page = select(&items, &query, &Selection { paging, filters, from_zero: false });
            let numbers: Vec<u64> = page.items.iter().map(|item| item["n"].as_u64().unwrap()).collect();
            assert_eq!((numbers, page.total, page.next.as_deref()), (expected, total, next), "{query:?}");
        }
    }
}

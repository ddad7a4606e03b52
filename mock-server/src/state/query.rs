//! Filtering, sorting and paging of lists, by the document's own query parameters: as stated, else by customary names.

use std::borrow::Cow;

use descant_exchange::names::{CURSORS, LIMITS, OFFSETS, PAGES, SORTS, fold, paging};
use descant_model::api::{Api, Location, Operation, Paging, Parameter, StateSettings};
use indexmap::IndexMap;
use serde_json::Value;

use super::condition::{Bound, Condition, bounded, is_search};
use crate::vocabulary::value_path::plain;

/// The size of a page where neither request nor document has one.
const PAGE: usize = 100;
/// The number of items of a page, or of a list without parameters for pages.
const MOST: usize = 10_000;

/// The query parameters that page, sort and filter a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// The parameters for paging and sorting.
    pub paging: Paging,
    /// The property that must equal each parameter.
    pub filters: IndexMap<String, String>,
    /// The parameters that search all texts.
    pub searches: Vec<String>,
    /// The property that each parameter bounds.
    pub bounds: IndexMap<String, (String, Bound)>,
    /// The properties of an item, by which callers filter.
    pub properties: Vec<String>,
    /// Whether pages are numbered from 0, as the document's parameter is.
    pub from_zero: bool,
    /// The default size of a page, by the parameter's default.
    pub usual: Option<usize>,
    /// The greatest number of items of the list, by its schema.
    pub most: Option<usize>,
}

impl Selection {
    /// Reads the selection that an operation states, or infers it from the names of its parameters; `properties` are those of
    /// an item.
    pub(super) fn new(api: &Api, operation: &Operation, stated: &StateSettings, properties: &[&str]) -> Self {
        let query: Vec<&Parameter> = operation
            .parameters
            .iter()
            .map(|parameter| &**parameter)
            .filter(|parameter| parameter.location == Location::Query)
            .collect();
        let paging = stated.paging.clone().unwrap_or_else(|| paging(operation));
        let cuts = [&paging.limit, &paging.offset, &paging.page, &paging.cursor, &paging.sort];
        let others = query.iter().filter(|one| !cuts.iter().any(|cut| cut.as_ref() == Some(&one.name)));
        let filters = stated.filters.clone().unwrap_or_else(|| {
            let filter = |parameter: &&Parameter| {
                let is_it = |name: &&&str| fold(name) == fold(&parameter.name);
                Some((parameter.name.clone(), (*properties.iter().find(is_it)?).to_owned()))
            };
            others.clone().filter_map(filter).collect()
        });
        let rest = || {
            let is_filter = |one: &&&Parameter| filters.contains_key(&one.name);
            others.clone().filter(move |one| !is_filter(one)).map(|one| one.name.clone())
        };
        let searches: Vec<String> = rest().filter(|name| is_search(name)).collect();
        let bound = |name: String| Some((name.clone(), bounded(&name, properties)?));
        let bounds: IndexMap<_, _> = rest().filter_map(bound).collect();
        let schema = |name: &Option<String>| {
            let parameter = query.iter().find(|parameter| name.as_ref() == Some(&parameter.name))?;
            api.schemas.schema(parameter.schema?)
        };
        let default = |name| schema(name).and_then(|schema| schema.default_value()?.as_u64());
        let minimum = schema(&paging.page).and_then(|schema| schema.minimum()?.as_u64());
        let from_zero = default(&paging.page) == Some(0) || minimum == Some(0);
        let usual = default(&paging.limit).and_then(|usual| usize::try_from(usual).ok());
        let usual = usual.filter(|usual| *usual > 0);
        let properties = properties.iter().map(|name| (*name).to_owned()).collect();
        Self { from_zero, usual, most: None, paging, filters, searches, bounds, properties }
    }
}

/// The items of a collection to return, and their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Properties with the values that they must equal.
    pub filters: Vec<(String, Value)>,
    /// Further conditions that they must meet.
    pub conditions: Vec<Condition>,
    /// The property to sort by; `-name`, `name:desc` and `name desc` reverse the order. `None`: as created.
    pub sort: Option<String>,
    /// The start of the page.
    pub start: Start,
    /// The size of the page.
    pub limit: usize,
}

/// The start of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// After a number of items.
    At(usize),
    /// After the item of an identity; at the first item where no item has it.
    After(String),
}

impl Default for Start {
    fn default() -> Self {
        Self::At(0)
    }
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The items with their identities.
    pub items: Vec<(String, Value)>,
    /// The number of items that the filters admit.
    pub total: usize,
    /// The number of those before the page.
    pub skipped: usize,
}

impl Page {
    /// Whether items follow the page.
    pub fn has_more(&self) -> bool {
        self.skipped.saturating_add(self.items.len()) < self.total
    }
}

impl Query {
    /// Whether the query neither filters nor sorts: then a backend can read the page alone.
    pub fn is_plain(&self) -> bool {
        self.filters.is_empty() && self.conditions.is_empty() && self.sort.is_none()
    }

    /// Selects the page from all items in the order of their creation. Borrowed items of the page are cloned.
    pub fn select<'i>(&self, items: impl Iterator<Item = (Cow<'i, str>, Cow<'i, Value>)>) -> Page {
        let items = items.filter(|(id, item)| self.admits(item) || self.is_mark(id));
        match &self.sort {
            None => self.cut(items),
            Some(by) => {
                let mut all: Vec<_> = items.collect();
                sort(&mut all, by);
                self.cut(all.into_iter())
            }
        }
    }

    fn admits(&self, item: &Value) -> bool {
        self.filters.iter().all(|(property, wanted)| admits(item, property, wanted))
            && self.conditions.iter().all(|condition| condition.admits(item))
    }

    /// Whether the page begins after an item.
    fn is_mark(&self, id: &str) -> bool {
        matches!(&self.start, Start::After(mark) if mark == id)
    }

    /// Keeps at most two pages meanwhile: the first, and the page after the mark.
    fn cut<'i>(&self, items: impl Iterator<Item = (Cow<'i, str>, Cow<'i, Value>)>) -> Page {
        let from = if let Start::At(from) = self.start { from } else { 0 };
        let mut kept = Vec::new();
        let (mut total, mut skipped) = (0, from);
        for (id, item) in items {
            let is_mark = self.is_mark(&id);
            if !is_mark || self.admits(&item) {
                if total >= skipped && kept.len() < self.limit && !is_mark {
                    kept.push((id, item));
                }
                total += 1;
            }
            if is_mark {
                kept.clear();
                skipped = total;
            }
        }
        let items = kept.into_iter().map(|(id, item)| (id.into_owned(), item.into_owned())).collect();
        Page { items, total, skipped: skipped.min(total) }
    }
}

impl Selection {
    /// Returns the query of a call.
    pub(super) fn query(&self, parameters: &IndexMap<String, Value>) -> Query {
        let filter = |(name, to): (&String, &String)| Some((to.clone(), parameters.get(name)?.clone()));
        let limit = self.limit(parameters);
        let start = match text(parameters, &self.paging.cursor) {
            Some(after) => Start::After(after),
            None => Start::At(self.skip(parameters, limit)),
        };
        let searched = self.searches.iter().filter_map(|name| parameters.get(name));
        let searched = searched.map(plain).filter(|text| !text.is_empty()).map(Condition::Contains);
        let within = self.bounds.iter().filter_map(|(name, (property, bound))| {
            let (property, bound, value) = (property.clone(), *bound, parameters.get(name)?.clone());
            Some(Condition::Within { property, bound, value })
        });
        Query {
            conditions: searched.chain(within).collect(),
            filters: self.filters.iter().filter_map(filter).collect(),
            sort: text(parameters, &self.paging.sort),
            start,
            limit,
        }
    }

    /// Whether a query parameter pages, sorts or filters the list.
    pub(super) fn uses(&self, name: &String) -> bool {
        let Paging { limit, offset, page, cursor, sort } = &self.paging;
        [limit, offset, page, cursor, sort].iter().any(|known| known.as_ref() == Some(name))
            || self.filters.contains_key(name)
            || self.searches.contains(name)
            || self.bounds.contains_key(name)
    }

    /// Whether a query parameter has a customary name of paging, sorting or filtering, but no effect on the list.
    pub(super) fn ignores(&self, name: &String) -> bool {
        let folded = fold(name);
        let is_customary = [LIMITS, OFFSETS, PAGES, CURSORS, SORTS].concat().contains(&folded.as_str());
        let properties: Vec<&str> = self.properties.iter().map(String::as_str).collect();
        let is_filter = || properties.iter().any(|property| fold(property) == folded);
        let is_meant = is_customary || is_filter() || is_search(name) || bounded(name, &properties).is_some();
        is_meant && !self.uses(name)
    }

    /// Returns the parameters with the properties that they bound.
    pub(super) fn bounded(&self) -> IndexMap<&str, &str> {
        self.bounds.iter().map(|(name, (property, _))| (name.as_str(), property.as_str())).collect()
    }

    /// Whether the list has no parameter for other pages.
    pub(super) fn is_whole(&self) -> bool {
        let Paging { limit, offset, page, cursor, .. } = &self.paging;
        [limit, offset, page, cursor].iter().all(|parameter| parameter.is_none())
    }

    fn limit(&self, parameters: &IndexMap<String, Value>) -> usize {
        let usual = if self.is_whole() { MOST } else { self.usual.unwrap_or(PAGE) };
        let limit = number(parameters, &self.paging.limit).unwrap_or(usual as u64);
        usize::try_from(limit).unwrap_or(MOST).min(self.most.unwrap_or(MOST)).min(MOST)
    }

    fn skip(&self, parameters: &IndexMap<String, Value>, limit: usize) -> usize {
        let offset = number(parameters, &self.paging.offset);
        let page = number(parameters, &self.paging.page);
        let page = page.map(|page| page.saturating_sub(self.first_page()).saturating_mul(limit as u64));
        usize::try_from(offset.or(page).unwrap_or(0)).unwrap_or(usize::MAX)
    }

    /// Returns the number of the first page.
    pub(super) fn first_page(&self) -> u64 {
        u64::from(!self.from_zero)
    }
}

/// Whether a filter admits an item; an item without the property is admitted.
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

/// Whether two values are equal as text, as a query has no types; an object equals what any of its members does.
fn same(has: &Value, wanted: &Value) -> bool {
    match has {
        Value::Object(members) => members.values().any(|member| plain(member) == plain(wanted)),
        has => plain(has) == plain(wanted),
    }
}

/// Sorts by a property; `-name`, `name:desc` and `name desc` reverse the order.
fn sort(items: &mut [(Cow<'_, str>, Cow<'_, Value>)], by: &str) {
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
        let items = items.as_array().unwrap();
        let cases = [
            (json!({}), vec![1, 2, 3, 4], 4, None),
            (json!({"tag": "a"}), vec![1, 3, 4], 3, None),
            (json!({"tag": ["a", "b"], "sort": "-n"}), vec![4, 3, 2, 1], 4, None),
            (json!({"tag": "a", "limit": 2}), vec![1, 3], 3, Some("3")),
            (json!({"tag": "a", "per_page": 2, "page": 2}), vec![4], 3, None),
            (json!({"offset": 3}), vec![4], 4, None),
            (json!({"limit": 1, "after": "2"}), vec![3], 4, Some("3")),
            (json!({"tag": "a", "after": "2"}), vec![3, 4], 3, None),
            (json!({"sort": "-n", "after": "3"}), vec![2, 1], 4, None),
            (json!({"limit": 2, "after": "none"}), vec![1, 2], 4, Some("2")),
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
            let asked = Selection { paging, filters, ..Selection::default() }.query(&query);
            let all = items.iter().map(|item| (Cow::Owned(plain(&item["n"])), Cow::Borrowed(item)));
            let page = asked.select(all);
            let numbers: Vec<u64> = page.items.iter().map(|(_, item)| item["n"].as_u64().unwrap()).collect();
            let after = page.items.last().filter(|_| page.has_more()).map(|(id, _)| id.as_str());
            assert_eq!((numbers, page.total, after), (expected, total, next), "{query:?}");
        }
    }
}

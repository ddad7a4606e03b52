//! The part of a list that a response shows, and the members of its envelope that describe it: totals, page numbers,
//! links.

use descant_model::api::Paging;
use serde_json::{Map, Value};

use super::query::{Page, Query, Selection, Start};
use crate::vocabulary::value_path::{ValuePath, fold};

/// The depth of members of the envelope that describe pages.
const DEPTH: usize = 4;

/// The part of a list that a response shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The number of items, by the filters of the call.
    pub(crate) total: u64,
    /// The number of items before the first that is shown.
    pub(crate) skipped: u64,
    /// The number of items that are shown.
    pub(crate) shown: u64,
    /// The size of a page.
    pub(crate) limit: u64,
    /// The number of the page, counted as the document does; `None` where pages have no numbers.
    pub(crate) page: Option<u64>,
    /// The value of the cursor parameter for the next page.
    pub(crate) cursor: Option<String>,
    /// The targets of other pages by relation: `next`, `prev`, `first`, `last`, `self`.
    pub(crate) links: Vec<(&'static str, String)>,
}

/// The value of a member for the next page, where there is none.
#[derive(Clone, Copy)]
enum Ending {
    Null,
    Absent,
    Empty,
}

impl Listed {
    pub(super) fn new(page: &Page, query: &Query, selection: &Selection, target: &str) -> Self {
        let natural = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let limit = natural(query.limit);
        let has_numbers = selection.paging.page.is_some() || selection.paging.offset.is_some();
        let number = natural(page.skipped).checked_div(limit).filter(|_| has_numbers);
        let mut listed = Self {
            total: natural(page.total),
            skipped: natural(page.skipped),
            shown: natural(page.items.len()),
            limit,
            page: number.map(|number| number.saturating_add(selection.first_page())),
            cursor: page.items.last().filter(|_| page.has_more()).map(|(id, _)| id.clone()),
            links: Vec::new(),
        };
        if !selection.is_whole() {
            listed.links = listed.links(&selection.paging, selection.first_page(), target);
        }
        if let Start::After(_) = query.start {
            listed.page = None;
        }
        listed
    }

    /// Whether items follow those that are shown.
    pub(crate) fn has_more(&self) -> bool {
        self.skipped.saturating_add(self.shown) < self.total
    }

    /// Returns the number for a member or header field by its folded name, where the name means one.
    pub(crate) fn number(&self, folded: &str) -> Option<u64> {
        match folded {
            "total" | "totalcount" | "totalitems" | "totalresults" | "totalrecords" | "totalelements"
            | "count" => Some(self.total),
            "page" | "pagenumber" | "currentpage" | "pageindex" => self.page,
            "limit" | "perpage" | "pagesize" | "itemsperpage" => Some(self.limit),
            "offset" | "skip" | "startindex" => Some(self.skipped),
            "totalpages" | "pages" | "pagecount" => Some(self.pages()),
            _ => None,
        }
    }

    fn pages(&self) -> u64 {
        self.total.div_ceil(self.limit.max(1)).max(1)
    }

    /// Returns the targets of other pages, by the list's parameters.
    fn links(&self, paging: &Paging, first: u64, target: &str) -> Vec<(&'static str, String)> {
        let by_page = paging.page.as_deref().map(|name| (name, true));
        let numbered = by_page.or(paging.offset.as_deref().map(|name| (name, false)));
        let to = |skipped: u64| {
            let (name, is_page) = numbered?;
            let number = if is_page { skipped.checked_div(self.limit)? + first } else { skipped };
            Some(with(target, name, &number.to_string()))
        };
        let after = |id: &String| Some(with(target, paging.cursor.as_deref()?, id));
        let next = self.has_more().then(|| to(self.skipped + self.shown)).flatten();
        let next = next.or_else(|| self.cursor.as_ref().and_then(after));
        let previous = (self.skipped > 0).then(|| to(self.skipped.saturating_sub(self.limit))).flatten();
        let all = [
            ("self", Some(target.to_owned())),
            ("first", to(0)),
            ("prev", previous),
            ("next", next),
            ("last", to((self.pages() - 1).saturating_mul(self.limit))),
        ];
        all.into_iter().filter_map(|(relation, target)| Some((relation, target?))).collect()
    }

    /// Sets the members of an envelope that describe its list: those that exist, with the kind that they have. Without a
    /// next page its member may have to be null, absent or empty, by the schema: each variant is returned.
    pub(super) fn annotate(&self, envelope: &Value, list: &ValuePath) -> Vec<Value> {
        let mut annotated = Vec::new();
        for ending in [Ending::Null, Ending::Absent, Ending::Empty] {
            let mut value = envelope.clone();
            if let Some(envelope) = value.as_object_mut() {
                self.fill(envelope, list, ending, 0);
            }
            if !annotated.contains(&value) {
                annotated.push(value);
            }
        }
        annotated
    }

    fn fill(&self, envelope: &mut Map<String, Value>, list: &[String], ending: Ending, depth: usize) {
        let mut absent = Vec::new();
        for (name, value) in envelope.iter_mut() {
            let within = list.split_first().filter(|(first, _)| *first == name).map(|(_, rest)| rest);
            if within.is_some_and(<[String]>::is_empty) || depth >= DEPTH {
                continue;
            }
            let folded = fold(name);
            match value {
                Value::Object(link) if self.is_relation(&folded) && link.contains_key("href") => {
                    match (self.link(&folded), link.get_mut("href")) {
                        (Some(target), Some(href)) => *href = Value::from(target),
                        _ => absent.push(name.clone()),
                    }
                }
                Value::Object(inner) => self.fill(inner, within.unwrap_or_default(), ending, depth + 1),
                Value::Number(_) => {
                    value.clone_from(&self.number(&folded).map_or_else(|| value.clone(), Value::from));
                }
                Value::Bool(flag) => match folded.as_str() {
                    "hasmore" | "hasnext" | "hasnextpage" => *flag = self.has_more(),
                    "hasprevious" | "hasprev" | "haspreviouspage" => *flag = self.skipped > 0,
                    _ => {}
                },
                Value::String(_) | Value::Null => match (self.text(&folded, value), ending) {
                    (None, _) => {}
                    (Some(Some(text)), _) => *value = Value::from(text),
                    (Some(None), Ending::Null) => *value = Value::Null,
                    (Some(None), Ending::Absent) => absent.push(name.clone()),
                    (Some(None), Ending::Empty) => *value = Value::from(""),
                },
                Value::Array(_) => {}
            }
        }
        absent.iter().for_each(|name| _ = envelope.shift_remove(name));
    }

    fn is_relation(&self, folded: &str) -> bool {
        matches!(folded, "next" | "prev" | "previous" | "first" | "last" | "self")
    }

    fn link(&self, folded: &str) -> Option<&str> {
        let relation = if folded == "previous" { "prev" } else { folded };
        self.links.iter().find(|(known, _)| *known == relation).map(|(_, target)| target.as_str())
    }

    /// Returns the value of a member that links to another page: `None` where it links to none, `Some(None)` where that page
    /// does not exist.
    fn text(&self, folded: &str, value: &Value) -> Option<Option<String>> {
        let is_target = |text: &str| text.contains(['/', '?']);
        match folded {
            "nextcursor" | "nexttoken" | "nextpagetoken" | "cursor" => Some(self.cursor.clone()),
            "next" if value.as_str().is_some_and(|text| !is_target(text)) && self.cursor.is_some() => {
                Some(self.cursor.clone())
            }
            "nexturl" | "nextlink" | "nextpageurl" => Some(self.link("next").map(str::to_owned)),
            "prevurl" | "previousurl" | "prevlink" => Some(self.link("prev").map(str::to_owned)),
            relation if self.is_relation(relation) => Some(self.link(relation).map(str::to_owned)),
            _ => None,
        }
    }
}

/// Returns a target with another value of a query parameter.
fn with(target: &str, name: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other != name);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(others).append_pair(name, value);
    format!("{path}?{}", query.finish())
}

//! How a client gets the next page of a list: as the document states, else where its names leave no doubt.

use std::fmt;

use descant_model::api::{
    Api, ExampleValue, Header, Operation, PageSettings, PagedBy, ParameterEncoding, Response, SchemaId,
    Schemas, StatusPattern, Style,
};
use descant_model::schema::{Kinds, Schema};
use descant_runtime::media::MediaKind;

use crate::names::{self, fold};

/// The names of the members from a value to a part of it; empty for the value itself.
type Path = Vec<String>;

/// The pages of an operation's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// How the next page is requested.
    pub next: Next,
    /// The position of the list in the body.
    pub items: Path,
    /// The position of the flag in the body that says whether there are further pages.
    pub more: Option<Path>,
}

/// How the next page is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A query parameter takes the cursor at a position in the body.
    Cursor { parameter: String, at: Path },
    /// A query parameter takes the member at a position in the last item.
    Last { parameter: String, at: Path },
    /// A query parameter takes the number of items before the page.
    Offset { parameter: String },
    /// A query parameter takes the number of the page.
    Page { parameter: String, first: u64 },
    /// The URL stands in the header `Link`, with the relation `next` (RFC 8288).
    LinkHeader,
    /// The URL stands at a position in the body.
    Url { at: Path },
}

impl fmt::Display for Next {
    /// Prints what a reader of a report needs: `cursor: after from /next_cursor`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::Cursor { parameter, at } => write!(f, "cursor: {parameter} from {}", pointer(at)),
            Next::Last { parameter, at } => write!(f, "last: {parameter} from {}", pointer(at)),
            Next::Offset { parameter } => write!(f, "offset: {parameter}"),
            Next::Page { parameter, first } => write!(f, "page: {parameter} from {first}"),
            Next::LinkHeader => f.write_str("link: header"),
            Next::Url { at } => write!(f, "link: {}", pointer(at)),
        }
    }
}

/// Returns a position as a JSON pointer (RFC 6901).
pub fn pointer(path: &[String]) -> String {
    path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

impl Pages {
    /// Returns the pages of an operation whose success is a list in JSON: as stated, else inferred; `None` where the list is
    /// whole, or its document leaves a doubt.
    pub fn of(api: &Api, operation: &Operation, stated: Option<&PageSettings>) -> Option<Self> {
        let nothing = PageSettings::default();
        let stated = stated.unwrap_or(&nothing);
        if stated.by == Some(PagedBy::None) || stated == &nothing && operation.method != "GET" {
            return None;
        }
        let (response, body) = success(operation)?;
        let envelope = Envelope::new(&api.schemas, body)?;
        let items = stated.items.clone().or_else(|| envelope.list(operation))?;
        let more = stated.more.clone().or_else(|| envelope.flag());
        let reading =
            Reading { api, operation, response, envelope, stated, has_more: more.is_some(), items: &items };
        Some(Self { next: reading.next()?, items, more })
    }
}

/// Returns the first documented success with the schema of its JSON.
fn success(operation: &Operation) -> Option<(&Response, SchemaId)> {
    let is_success =
        |status: &StatusPattern| matches!(status, StatusPattern::Code(200..=299) | StatusPattern::Range(2));
    let (_, response) = operation
        .responses
        .iter()
        .filter(|(status, _)| is_success(status))
        .min_by_key(|(status, _)| *status)?;
    let mut content = response.content.iter();
    let (_, media) = content.find(|(media_type, _)| MediaKind::of(media_type) == MediaKind::Json)?;
    Some((response, media.schema?))
}

/// The members of a response's body, two levels of them.
struct Envelope<'a> {
    schemas: &'a Schemas,
    body: &'a Schema,
    members: Vec<(Path, &'a Schema)>,
}

/// The number of members of the second level that are looked at.
const MOST: usize = 1_000;
/// The names of lists in an envelope, folded; the first that exists is the list.
const LISTS: [&str; 8] = ["data", "items", "results", "records", "entries", "values", "content", "value"];
/// The names of flags for further pages, folded.
const FLAGS: [&str; 3] = ["hasmore", "hasnext", "hasnextpage"];

impl<'a> Envelope<'a> {
    fn new(schemas: &'a Schemas, body: SchemaId) -> Option<Self> {
        let body = schemas.schema(body)?;
        let mut members = Vec::new();
        for (name, schema) in schemas.properties(body) {
            members.push((vec![name.to_owned()], schema));
        }
        let below = members.iter().flat_map(|(path, schema)| {
            let inner = schemas.properties(schema).into_iter();
            inner.map(|(name, schema)| ([path.as_slice(), &[name.to_owned()]].concat(), schema))
        });
        let below: Vec<_> = below.take(MOST).collect();
        members.extend(below);
        Some(Self { schemas, body, members })
    }

    /// Returns the position of the one list: the body, its only list, that of a customary name, or that which the path names.
    fn list(&self, operation: &Operation) -> Option<Path> {
        if self.items(self.body).is_some() {
            return Some(Vec::new());
        }
        (1..=2).find_map(|depth| {
            let of_depth = self.members.iter().filter(|(path, _)| path.len() == depth);
            let lists: Vec<&Path> =
                of_depth.filter(|(_, schema)| self.items(schema).is_some()).map(|(path, _)| path).collect();
            let named = |name: &str| {
                let mut named = lists.iter().filter(|path| folded(path) == name);
                named.next().copied().filter(|_| named.next().is_none())
            };
            let last = operation.path.raw.rsplit('/').next().unwrap_or_default();
            let found = LISTS.iter().find_map(|name| named(name)).or_else(|| named(&fold(last)));
            found.or(lists.first().copied().filter(|_| lists.len() == 1)).cloned()
        })
    }

    fn flag(&self) -> Option<Path> {
        let flags = FLAGS.iter().find_map(|name| self.named(name, Kinds::BOOLEAN));
        flags.map(|(path, _)| path.clone())
    }

    /// Returns the only member of a folded name and a kind.
    fn named(&self, name: &str, kinds: Kinds) -> Option<(&Path, &'a Schema)> {
        let is_it = |(path, schema): &&(Path, &'a Schema)| {
            folded(path) == name && self.kinds(schema).intersects(kinds)
        };
        let mut found = self.members.iter().filter(is_it);
        let (path, schema) = found.next()?;
        found.next().is_none().then_some((path, schema))
    }

    fn items(&self, schema: &'a Schema) -> Option<&'a Schema> {
        self.schemas.family(schema, true).into_iter().find_map(Schema::items).map(|items| &**items)
    }

    /// The kinds that a schema states; none where it states none.
    fn kinds(&self, schema: &'a Schema) -> Kinds {
        kinds(self.schemas, schema)
    }
}

fn kinds(schemas: &Schemas, schema: &Schema) -> Kinds {
    let family = schemas.family(schema, true).into_iter();
    family.filter_map(Schema::kinds).fold(Kinds::NONE, |all, kinds| all.or(*kinds))
}

fn folded(path: &Path) -> String {
    path.last().map(|name| fold(name)).unwrap_or_default()
}

/// What tells how the next page is requested.
struct Reading<'a> {
    api: &'a Api,
    operation: &'a Operation,
    response: &'a Response,
    envelope: Envelope<'a>,
    stated: &'a PageSettings,
    has_more: bool,
    items: &'a [String],
}

impl Reading<'_> {
    fn next(&self) -> Option<Next> {
        match self.stated.by {
            Some(PagedBy::Cursor) => self.cursor(),
            Some(PagedBy::Last) => self.last(),
            Some(PagedBy::Offset) => self.offset(),
            Some(PagedBy::Page) => self.page(),
            Some(PagedBy::Link) => self.url().or(Some(Next::LinkHeader)),
            Some(PagedBy::None) => None,
            None if self.links_next() => Some(Next::LinkHeader),
            None => {
                let ways = [Self::url, Self::cursor, Self::last, Self::page, Self::offset];
                ways.iter().find_map(|way| way(self))
            }
        }
    }

    /// The parameter of a kind: as stated, else of a customary name; one value of a form-style query.
    fn parameter(&self, names: &[&str], wanted: Kinds) -> Option<(String, Option<&Schema>)> {
        let is_it = |name: &str| match &self.stated.parameter {
            Some(stated) => stated == name,
            None => names.contains(&fold(name).as_str()),
        };
        let parameter = names::query(self.operation).find(|parameter| is_it(&parameter.name))?;
        let is_form = matches!(parameter.encoding, ParameterEncoding::Style { style: Style::Form, .. });
        let schema = parameter.schema.and_then(|schema| self.api.schemas.schema(schema));
        let kinds = schema.map_or(Kinds::NONE, |schema| kinds(&self.api.schemas, schema));
        (is_form && (kinds.is_empty() || kinds.intersects(wanted))).then(|| (parameter.name.clone(), schema))
    }

    fn cursor(&self) -> Option<Next> {
        let scalar = Kinds::STRING.or(Kinds::INTEGER);
        let (parameter, _) = self.parameter(names::CURSORS, scalar)?;
        let at = self.stated.next.clone().or_else(|| self.cursor_member(&fold(&parameter), scalar))?;
        Some(Next::Cursor { parameter, at })
    }

    /// The member with the cursor of a parameter: `next_cursor` for `cursor`.
    fn cursor_member(&self, parameter: &str, scalar: Kinds) -> Option<Path> {
        let own = format!("next{parameter}");
        let is_next = parameter.starts_with("next") || parameter.starts_with("continuation");
        let same = is_next.then_some(parameter);
        let usual = ["nextcursor", "nextpagetoken", "nexttoken", "nextpage", "next", "endcursor", "lastid"];
        let names = [own.as_str()].into_iter().chain(same).chain(usual);
        let mut found = names.filter_map(|name| self.envelope.named(name, scalar));
        found.find(|(_, schema)| !self.is_url(schema)).map(|(path, _)| path.clone())
    }

    /// `starting_after` with the identity of the last item, where a flag says whether there is more.
    fn last(&self) -> Option<Next> {
        let (parameter, _) = self.parameter(&["startingafter"], Kinds::STRING.or(Kinds::INTEGER))?;
        let id = || {
            let list = self.envelope.members.iter().find(|(path, _)| path == self.items);
            let item = self.envelope.items(list.map_or(self.envelope.body, |(_, schema)| schema))?;
            let has_id = self.envelope.schemas.properties(item).contains_key("id");
            (self.has_more && has_id).then(|| vec!["id".to_owned()])
        };
        Some(Next::Last { parameter, at: self.stated.next.clone().or_else(id)? })
    }

    fn offset(&self) -> Option<Next> {
        let (parameter, _) = self.parameter(&["offset", "skip"], Kinds::INTEGER)?;
        Some(Next::Offset { parameter })
    }

    /// The first page is what the parameter's default or minimum says: some services count from 0.
    fn page(&self) -> Option<Next> {
        let (parameter, schema) = self.parameter(names::PAGES, Kinds::INTEGER)?;
        let default = || schema?.default_value()?.as_u64();
        let minimum = || schema?.minimum()?.as_u64();
        let first = default().or_else(minimum).filter(|first| *first <= 1);
        let first = self.stated.first.or(first)?;
        Some(Next::Page { parameter, first })
    }

    /// A member with the next page's URL: `next` of the format `uri`, `links.next`, `next_page_url`.
    fn url(&self) -> Option<Next> {
        if let Some(at) = &self.stated.next {
            return self.stated.by.is_some().then(|| Next::Url { at: at.clone() });
        }
        let names =
            ["nexturl", "nextlink", "nextpageurl", "nextpagelink", "nextpageuri", "nexturi", "odatanextlink"];
        let named = names.iter().find_map(|name| self.envelope.named(name, Kinds::STRING));
        let next = || {
            let mut found =
                ["next", "nextpage"].iter().filter_map(|name| self.envelope.named(name, Kinds::STRING));
            found.find(|(path, schema)| {
                path.len() == 2 && path.first().is_some_and(|parent| fold(parent) == "links")
                    || self.is_url(schema)
            })
        };
        named.or_else(next).map(|(path, _)| Next::Url { at: path.clone() })
    }

    /// Whether a text is a URL, by its format or description.
    fn is_url(&self, schema: &Schema) -> bool {
        self.envelope.schemas.family(schema, true).into_iter().any(|schema| {
            let format = schema.format().map(String::as_str);
            let description = schema.description().map(|text| text.to_lowercase()).unwrap_or_default();
            matches!(format, Some("uri" | "uri-reference" | "url")) || description.contains("url")
        })
    }

    /// Whether the response documents a header `Link` that leads to the next page.
    fn links_next(&self) -> bool {
        let mut headers = self.response.headers.iter();
        let link = headers.find(|(name, _)| name.eq_ignore_ascii_case("link"));
        link.is_some_and(|(_, header)| self.names_next(header))
    }

    fn names_next(&self, header: &Header) -> bool {
        let schema = header.schema.and_then(|schema| self.api.schemas.schema(schema));
        let examples = header.examples.iter().filter_map(|example| match &example.value {
            ExampleValue::Data(value) => value.as_str(),
            ExampleValue::Serialized(text) => Some(text.as_str()),
            ExampleValue::External(_) => None,
        });
        let of_schema = schema.into_iter().flat_map(|schema| {
            let example = schema.examples().into_iter().flatten().filter_map(|value| value.as_str());
            example.chain(schema.description().map(String::as_str))
        });
        let mut texts = header.description.as_deref().into_iter().chain(examples).chain(of_schema);
        texts.any(|text| text.contains("next"))
    }
}

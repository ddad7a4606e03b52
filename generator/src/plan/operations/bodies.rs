//! Bodies: which codec a media type has, which type that makes, and the enum where there are several.
//!
//! Answers with the same headers, or the same choice of representations, share one type.

use indexmap::IndexMap;
use proc_macro2::Ident;

use descant_model::api::{Encoding, MediaType, SchemaId};
use descant_model::schema::Direction;
use descant_runtime::media::{MediaKind, essence};

use super::Planner;
use crate::plan::docs::Docs;
use crate::plan::http::{Body, Choice, Codec, Content, Form, Headers, Media, Parameter, Part, PartContent};
use crate::plan::items::{Field, Item, Presence, Type};
use crate::plan::names::{Case, Scope};
use crate::plan::node::Node;
use crate::plan::prose::code;
use crate::plan::settled::{Asked, Settled};
use crate::plan::shapes::Shape;
use crate::plan::text_shapes;
use crate::plan::types::Types;

/// What several answers may have in common.
#[derive(Default)]
pub(in crate::plan) struct Shared {
    choices: IndexMap<String, Vec<(Ident, Media)>>,
    headers: IndexMap<String, Users>,
}

/// Headers with who uses them: what they are called is settled when all users are known.
struct Users {
    what: Vec<Parameter>,
    /// The users, and what it is to each of them.
    words: Vec<String>,
    word: String,
}

impl Users {
    fn new(what: Vec<Parameter>, word: &str) -> Self {
        Users { what, words: Vec::new(), word: word.to_owned() }
    }

    /// What it is called after: its only user, or what it is to all of them.
    fn asked(&self) -> Asked {
        let of = |words: &String| format!("{words} {} headers", self.word);
        let keys = self.words.iter().map(of);
        match self.words.as_slice() {
            [only] => Asked { text: of(only), keys: keys.collect() },
            _ => {
                let keys = keys.chain([shared_key(&self.word, &self.what)]).collect();
                Asked { keys, text: format!("{} headers", self.word) }
            }
        }
    }
}

/// What the lock calls headers that several answers have.
fn shared_key(word: &str, fields: &[Parameter]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    format!("{word} headers: {}", names.join(", "))
}

impl Shared {
    /// The struct of some headers. Answers share it if they have the same; those that had their own keep them.
    pub(in crate::plan) fn headers(
        &mut self,
        fields: Vec<Parameter>,
        words: &str,
        word: &str,
        types: &Types<'_>,
    ) -> usize {
        let parts: Vec<_> = fields
            .iter()
            .map(|field| (&field.name, &field.key, field.required, types.plain(&field.ty), &field.codec))
            .collect();
        let shared = shared_key(word, &fields);
        let own = types.settled.known("headers", &format!("{words} {word} headers"));
        let known = own.or_else(|| types.settled.known("headers", &shared));
        let key = format!("{word} {known:?} {parts:?}");
        let entry = self.headers.entry(key);
        let index = entry.index();
        entry.or_insert_with(|| Users::new(fields, word)).words.push(words.to_owned());
        index
    }

    fn choice(&mut self, branches: Vec<(Ident, Media)>) -> usize {
        let parts: Vec<_> = branches
            .iter()
            .map(|(name, media)| (name, &media.media_types, media.codec, &media.ty, media.shape))
            .collect();
        let key = format!("{parts:?}");
        let entry = self.choices.entry(key);
        let index = entry.index();
        entry.or_insert(branches);
        index
    }

    /// Settles all names. A choice is called after what it holds, whoever has it: `PetBody`.
    pub(in crate::plan) fn finish(
        self,
        items: &[Item],
        scope: &mut Scope,
        settled: &mut Settled<'_>,
    ) -> (Vec<Choice>, Vec<Headers>) {
        let texts: Vec<_> = self.choices.values().map(|branches| choice_texts(items, branches)).collect();
        let before = |[_, full]: &[String; 2]| settled.again(scope, "bodies", full, Case::Pascal);
        let known: Vec<Option<Ident>> = texts.iter().map(before).collect();
        let choices = self.choices.into_values().zip(texts).zip(known).map(|((branches, texts), known)| {
            let name = known.unwrap_or_else(|| scope.first(&texts, Case::Pascal));
            texts.last().into_iter().for_each(|full| settled.remember("bodies", full, &name));
            let docs = Docs::new(&format!("A body by its media type: {}.", listed(&branches)));
            Choice { name, docs, branches, group: None }
        });
        let choices = choices.collect();
        let asked: Vec<Asked> = self.headers.values().map(Users::asked).collect();
        let names = settled.kept(scope, "headers", &asked, Case::Pascal, true);
        let headers = self.headers.into_values().zip(names).zip(asked).map(|((users, named), asked)| {
            asked.keys.iter().for_each(|key| settled.remember("headers", key, &named.name));
            let docs = Docs::new(&format!("The headers of an answer `{}`.", users.word));
            Headers { name: named.name, docs, fields: users.what, group: None }
        });
        (choices, headers.collect())
    }
}

/// What a choice would like to be called, and what it is called if that is taken.
fn choice_texts(items: &[Item], branches: &[(Ident, Media)]) -> [String; 2] {
    let forms: Vec<String> = branches.iter().map(|(name, _)| name.to_string()).collect();
    let forms = forms.join(" or ");
    match branches.iter().find_map(|(_, media)| held(items, &media.ty)) {
        // An inline schema is called after its place, a body.
        Some(held) if held.ends_with("Body") => [held.clone(), format!("{held} {forms}")],
        Some(held) if forms.starts_with(&held) => [format!("{held} body"), format!("{forms} body")],
        Some(held) => [format!("{held} body"), format!("{held} {forms} body")],
        None => [format!("{forms} body"), format!("{forms} body")],
    }
}

/// What a type is about: the item in it, and whether it is a list or a map of them.
fn held(items: &[Item], ty: &Type) -> Option<String> {
    match ty {
        Type::Item(id) => items.get(id.0).map(|item| item.name.to_string()),
        Type::Option(inner) | Type::Boxed(inner) | Type::Items(inner) => held(items, inner),
        Type::List(inner) => held(items, inner).map(|name| format!("{name} list")),
        Type::Map(inner) => held(items, inner).map(|name| format!("{name} map")),
        _ => None,
    }
}

/// The media types in words.
fn listed(branches: &[(Ident, Media)]) -> String {
    let names: Vec<String> = branches
        .iter()
        .flat_map(|(_, media)| &media.media_types)
        .map(|name| format!("`{}`", name.replace('`', "")))
        .collect();
    names.join(", ")
}

impl<'a> Planner<'_, 'a> {
    /// A body by its media types; `None` where it has none.
    pub(in crate::plan) fn body(
        &mut self,
        content: &'a IndexMap<String, MediaType>,
        place: [&str; 2],
        side: Direction,
    ) -> Option<Body> {
        let mut media: Vec<Media> = Vec::new();
        for (name, content) in content {
            let mut one = self.media(name, content, place, side);
            // What only its media type tells apart stays apart.
            let apart =
                matches!(one.codec, Codec::Shaped | Codec::Multipart | Codec::Stream | Codec::Content);
            let same = |known: &&mut Media| known.codec == one.codec && known.ty == one.ty && !apart;
            match media.iter_mut().find(same) {
                Some(known) => known.media_types.push(name.clone()),
                None => {
                    one.shape = self.shape(&one, content, place);
                    media.push(one);
                }
            }
        }
        // Bytes are bytes: that which they are goes beside them.
        if media.len() > 1 && media.iter().all(|one| matches!(one.codec, Codec::Stream | Codec::Content)) {
            let media_types = media.into_iter().flat_map(|one| one.media_types).collect();
            media = vec![Media { media_types, codec: Codec::Content, ty: Type::Content, shape: None }];
        }
        let content = match media.len() {
            0 => return None,
            1 => Content::One(media.pop()?),
            _ => {
                let first =
                    |media: &Media| media.media_types.first().map_or_else(String::new, |one| media_word(one));
                let texts: Vec<String> = media.iter().map(first).collect();
                let names = Scope::default().names(&texts, Case::Variant);
                Content::Choice(self.shared.choice(names.into_iter().zip(media).collect()))
            }
        };
        Some(Body { docs: Docs::default(), required: true, content, checks: Vec::new() })
    }

    /// The constraints of a request's JSON or text, by media type.
    pub(in crate::plan) fn checks(
        &mut self,
        content: &'a IndexMap<String, MediaType>,
        words: &str,
    ) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for (name, content) in content {
            match (self.codec(name, content), content.schema) {
                (Codec::Json | Codec::Text, Some(id)) => {
                    found.push((name.clone(), self.checks.add(id, words)))
                }
                (Codec::Shaped | Codec::Multipart, Some(id)) => self.checks.account(id),
                _ => {}
            }
        }
        found
    }

    fn media(&mut self, name: &str, content: &'a MediaType, place: [&str; 2], side: Direction) -> Media {
        let words = || place.map(str::to_owned).to_vec();
        let codec = self.codec(name, content);
        let form = content.schema.filter(|_| codec == Codec::Multipart);
        let (codec, ty) = match (codec, content.schema) {
            (Codec::Multipart, _) => match form.and_then(|id| self.form(id, content, words(), side)) {
                Some(form) => (codec, Type::Form(form)),
                None => (Codec::Shaped, self.value(content.schema, words(), side)),
            },
            (Codec::Stream, _) => (codec, Type::Body),
            (Codec::Content, _) => (codec, Type::Content),
            (Codec::Text, _) => (codec, Type::String),
            (Codec::Lines | Codec::Data | Codec::Events, _) => (codec, self.items(content, words(), side)),
            (Codec::Json | Codec::Shaped, schema) => (codec, self.value(schema, words(), side)),
        };
        Media { media_types: vec![name.to_owned()], codec, ty, shape: None }
    }

    fn value(&mut self, schema: Option<SchemaId>, words: Vec<String>, side: Direction) -> Type {
        schema.map_or(Type::Any, |id| self.types.at(id, words, side))
    }

    /// A stream of what `itemSchema` says; before 3.2, of the items of the list that `schema` says, or of what it says.
    fn items(&mut self, content: &'a MediaType, mut words: Vec<String>, side: Direction) -> Type {
        words.extend(content.item_schema.map(|_| "item".to_owned()));
        let ty = self.value(content.item_schema.or(content.schema), words, side);
        Type::Items(match self.types.resolved(&ty) {
            Type::List(item) if content.item_schema.is_none() => item,
            _ => ty.into(),
        })
    }

    /// The struct of a multipart body; `None` where it has no files, so that a JSON object's struct will do.
    fn form(
        &mut self,
        id: SchemaId,
        content: &'a MediaType,
        words: Vec<String>,
        side: Direction,
    ) -> Option<usize> {
        let shape = text_shapes::form(self.types.schemas, id, &content.encoding);
        let shapes = shape
            .object
            .as_ref()
            .filter(|object| object.properties.iter().any(|(_, shape)| shape.is_file()))?;
        let keys = shapes.properties.iter().map(|(key, _)| key.as_str());
        let more = match shapes.additional.as_deref() {
            Some(more) if more.is_binary() => Some(Scope::with(keys).name("more", Case::Snake)),
            Some(more) if !more.is_text() => return None,
            _ => None,
        };
        let (docs, fields) = self.types.properties(id, words.clone(), side)?;
        let part = |mut field: Field| {
            let shape = shapes.properties.iter().find(|(key, _)| *key == field.key).map(|(_, shape)| shape);
            let held = match shape {
                Some(shape) if shape.is_file() => {
                    let encoding = content.encoding.get(&field.key);
                    field.docs.add_some(encoding.and_then(part_headers).as_deref());
                    PartContent::File { many: !shape.is_binary(), media_type: shape.content_type() }
                }
                shape => {
                    let ty = if let Type::Option(inner) = field.ty { *inner } else { field.ty };
                    PartContent::Value(ty, shape.cloned().unwrap_or_else(Shape::text).of_part())
                }
            };
            let required = field.presence == Presence::Required;
            Part { name: field.name, key: field.key, docs: field.docs, required, content: held }
        };
        let is_unread = |(key, shape): &&(String, Shape)| {
            !shape.is_file() && !fields.iter().any(|field| field.key == *key)
        };
        let unread = shapes.properties.iter().filter(is_unread).cloned();
        let unread = unread.map(|(key, shape)| (key, shape.of_part())).collect();
        let fields = fields.into_iter().map(part).collect();
        let name = self.scope.name(&words.join(" "), Case::Pascal);
        self.forms.push(Form { name, docs, fields, unread, more, group: None });
        Some(self.forms.len() - 1)
    }

    /// The shape of a body that only it makes readable.
    fn shape(&mut self, media: &Media, content: &MediaType, [words, word]: [&str; 2]) -> Option<usize> {
        let id = content.schema.filter(|_| media.codec == Codec::Shaped)?;
        let form = media.media_types.first().map_or_else(String::new, |one| media_word(one));
        let mut shape = text_shapes::form(self.types.schemas, id, &content.encoding);
        if media.media_types.iter().any(|name| MediaKind::of(name) == MediaKind::Multipart) {
            shape.properties_mut().for_each(|(_, part)| *part = std::mem::take(part).of_part());
        }
        let is_document = form.to_ascii_lowercase().ends_with("xml");
        Some(self.written.add(id, shape, &format!("{words} {word} {form}"), is_document))
    }

    /// Chooses the codec by the kind that the runtime reads a media type as, and by its schema.
    fn codec(&self, media_type: &str, content: &MediaType) -> Codec {
        let schema = content.schema.and_then(|id| self.types.schemas.schema(id));
        let format = schema.and_then(|schema| Node::read(self.types.schemas, &[schema.into()]).format);
        let is_range = media_type.contains('*');
        match (MediaKind::of(media_type), content.schema) {
            _ if format == Some("binary") && is_range => Codec::Content,
            _ if format == Some("binary") => Codec::Stream,
            (MediaKind::Form | MediaKind::Xml, Some(_)) => Codec::Shaped,
            (MediaKind::Multipart, Some(_)) => Codec::Multipart,
            (MediaKind::Json, _) => Codec::Json,
            (MediaKind::JsonLines, _) => Codec::Lines,
            (MediaKind::EventStream, _) => self.events(content),
            (MediaKind::Text | MediaKind::Xml, _) if !is_range => Codec::Text,
            // A text says by its Content-Type how it is written; all else is JSON.
            (_, Some(id)) if is_any(media_type) => match text_shapes::shape(self.types.schemas, id).is_text()
            {
                true => Codec::Shaped,
                false => Codec::Json,
            },
            (MediaKind::Text, _) => Codec::Text,
            _ if is_range => Codec::Content,
            _ => Codec::Stream,
        }
    }

    /// An item that has `data` is the event itself (OAS 3.2); else it is what the data holds.
    fn events(&self, content: &MediaType) -> Codec {
        let shape =
            content.item_schema.or(content.schema).map(|id| text_shapes::shape(self.types.schemas, id));
        let item = shape.as_ref().map(|shape| shape.items.as_deref().unwrap_or(shape));
        match item {
            Some(item) if !item.has("data") => Codec::Data,
            _ => Codec::Events,
        }
    }
}

/// Whether a media type is a range that JSON and texts are part of.
fn is_any(media_type: &str) -> bool {
    ["*/*", "application/*"].contains(&essence(media_type))
}

/// A line on the headers of a file's part.
fn part_headers(encoding: &Encoding) -> Option<String> {
    let names: Vec<String> = encoding.headers.keys().map(|name| code(name)).collect();
    (!names.is_empty()).then(|| format!("Its part may have the headers {}.", names.join(", ")))
}

/// What a representation is called: `application/vnd.api+json; charset=utf-8` after what stands behind the slash.
fn media_word(media_type: &str) -> String {
    let essence = essence(media_type);
    match essence {
        "*/*" => "Any".to_owned(),
        "application/x-www-form-urlencoded" => "Form".to_owned(),
        "multipart/form-data" => "Multipart".to_owned(),
        "application/octet-stream" => "Bytes".to_owned(),
        "application/problem+json" => "Problem".to_owned(),
        "text/plain" => "Text".to_owned(),
        "text/event-stream" => "Events".to_owned(),
        _ => essence.rsplit('/').next().filter(|word| *word != "*").unwrap_or(essence).to_owned(),
    }
}

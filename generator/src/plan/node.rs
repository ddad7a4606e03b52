//! What a schema says, all in one place: `allOf` and `$ref` followed, overlaps put together.
//!
//! The unit of reading is a *conjunction*: schemas that hold at once. `allOf`, and a `$ref` with siblings, only make a
//! conjunction longer, so nothing is ever rewritten.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use descant_model::api::{SchemaId, Schemas};
use descant_model::schema::{Discriminator, Keyword, Kinds, Role, Schema};

static ANYTHING: Schema = Schema::Boolean(true);

/// Conjunctions longer than this are cut: only documents that mean harm have them.
const MAX_MEMBERS: usize = 1000;

/// One schema of a conjunction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) schema: &'a Schema,
    /// Without its `oneOf` and `anyOf`: a branch that includes its own union means the union's properties.
    pub(super) bare: bool,
}

impl<'a> From<&'a Schema> for Member<'a> {
    fn from(schema: &'a Schema) -> Self {
        Self { schema, bare: false }
    }
}

/// A `oneOf` or `anyOf`.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) keyword: &'a Keyword,
    pub(super) branches: &'a [Schema],
    pub(super) discriminator: Option<&'a Discriminator>,
}

/// What a document calls a value of an `enum`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    pub(super) value: &'a Value,
    pub(super) name: Option<&'a str>,
    pub(super) description: Option<&'a str>,
}

/// What a conjunction says.
#[derive(Clone, Debug, Default)]
pub(super) struct Node<'a> {
    /// As `type` says; all where it says nothing.
    pub(super) kinds: Kinds,
    /// Whether any member has keywords of objects, of arrays, of strings.
    pub(super) hints: Kinds,
    pub(super) properties: IndexMap<&'a str, Vec<Member<'a>>>,
    pub(super) required: IndexSet<&'a str>,
    /// `additionalProperties` (and `patternProperties`) that are schemas; all must hold.
    pub(super) additional: Vec<Member<'a>>,
    /// Some member says `additionalProperties: false`.
    pub(super) closed: bool,
    /// The names that every member with `additionalProperties: false` and without patterns has among its own properties:
    /// no member opens what another closes (JSON Schema Core 10.3.2.3). `None` where there is no such member.
    pub(super) enclosed: Option<IndexSet<&'a str>>,
    /// Some member says `additionalProperties` or `patternProperties` that admits something.
    pub(super) open: bool,
    pub(super) items: Vec<Member<'a>>,
    /// All that `prefixItems` says is there, and nothing else: `minItems`, and `items: false` or `maxItems`.
    pub(super) prefix_only: bool,
    pub(super) prefix: &'a [Schema],
    /// `enum` and `const`.
    pub(super) values: Option<Vec<&'a Value>>,
    /// What the document calls them.
    pub(super) labels: Vec<Label<'a>>,
    pub(super) format: Option<&'a str>,
    pub(super) groups: Vec<Group<'a>>,
    pub(super) discriminator: Option<&'a Discriminator>,
    pub(super) title: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) default: Option<&'a Value>,
    pub(super) examples: &'a [Value],
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    /// Nothing satisfies it (`false`).
    pub(super) never: bool,
    /// Whether a string stands for bytes.
    pub(super) binary: bool,
    /// Keywords of all members that restrict a value, or say how XML writes it.
    pub(super) bounds: Vec<&'a Keyword>,
    min_items: u64,
    max_items: Option<u64>,
    /// `items: false`.
    pub(super) items_false: bool,
}

impl<'a> Node<'a> {
    /// Puts a conjunction together.
    pub(super) fn read(schemas: &'a Schemas, members: &[Member<'a>]) -> Node<'a> {
        let mut node = Node::anything();
        let mut seen = IndexSet::new();
        // A stack that gives the members in their order: what stands further out is read first, so its prose wins.
        let mut open: Vec<Member<'a>> = members.iter().rev().copied().collect();
        while let Some(member) = open.pop() {
            node.never |= member.schema.is_false();
            let more = node.add(schemas, member, &mut seen);
            open.extend(more.into_iter().rev());
            if seen.len() > MAX_MEMBERS || open.len() > MAX_MEMBERS {
                break;
            }
        }
        let prefix = node.prefix.len() as u64;
        let is_closed = node.items_false || node.max_items.is_some_and(|max| max <= prefix);
        node.prefix_only = prefix > 0 && is_closed && node.min_items >= prefix;
        node
    }

    /// The kinds that are meant: where `type` is missing, what the other keywords are about.
    pub(super) fn effective_kinds(&self) -> Kinds {
        const TEXT: [&str; 8] = ["byte", "date", "date-time", "email", "ipv4", "ipv6", "uri", "uuid"];
        if let Some(values) = &self.values {
            let of_values =
                values.iter().fold(Kinds::NONE, |kinds, value| kinds.or(Kinds::as_written(value)));
            return if self.kinds.intersects(of_values) { of_values.and(self.kinds) } else { of_values };
        }
        match self.hints {
            _ if self.kinds != Kinds::ANY => self.kinds,
            hints if hints.intersects(Kinds::OBJECT) => Kinds::OBJECT,
            hints if hints.intersects(Kinds::ANY) => hints,
            _ if self.format.is_some_and(|format| TEXT.contains(&format)) => Kinds::STRING,
            _ => Kinds::ANY,
        }
    }

    /// The kinds that it admits by its own words, without a guess.
    pub(super) fn admitted(&self) -> Kinds {
        let of_value =
            |value: &&Value| if value.is_number() { Kinds::NUMBER } else { Kinds::as_written(value) };
        let of_values = self.values.as_ref().filter(|values| !values.is_empty());
        let of_values = of_values.map(|values| values.iter().map(of_value).fold(Kinds::NONE, Kinds::or));
        self.kinds.and(of_values.unwrap_or(Kinds::ANY))
    }

    /// Returns a keyword's values in all members.
    pub(super) fn stated<T: ?Sized>(
        &self,
        keyword: fn(&'a Keyword) -> Option<&'a T>,
    ) -> impl Iterator<Item = (&'a Keyword, &'a T)> {
        self.bounds.iter().filter_map(move |bound| Some((*bound, keyword(bound)?)))
    }

    /// Returns the `unevaluatedProperties: false` that comes to the same as `additionalProperties: false` of all
    /// members.
    pub(super) fn sealed(&self) -> Option<&'a Keyword> {
        use Keyword::{AdditionalProperties, AnyOf, DependentSchemas, If, OneOf, PatternProperties};
        let alone = !self.bounds.iter().any(|bound| {
            matches!(bound, AdditionalProperties(_) | PatternProperties(_))
                || matches!(bound, OneOf(_) | AnyOf(_) | If(_) | DependentSchemas(_))
        });
        let mut stated = self.stated(Keyword::unevaluated_properties);
        stated.find(|(_, schema)| alone && schema.is_false()).map(|(keyword, _)| keyword)
    }

    fn anything() -> Self {
        Node { kinds: Kinds::ANY, ..Node::default() }
    }

    /// Adds one schema's own keywords; answers with the schemas that hold together with it.
    fn add(
        &mut self,
        schemas: &'a Schemas,
        Member { schema, bare }: Member<'a>,
        seen: &mut IndexSet<SchemaId>,
    ) -> Vec<Member<'a>> {
        for keyword in schema.keywords() {
            self.add_keyword(keyword);
            if restricts(keyword) || matches!(keyword, Keyword::Xml(_)) {
                self.bounds.push(keyword);
            }
        }
        self.add_labels(schema);
        self.binary |= schema.is_binary();
        self.add_patterns(schema);
        self.enclose(schema);
        if !bare {
            self.add_groups(schema);
        }
        let mut more = Vec::new();
        if let Some(id) = schema.reference().filter(|id| seen.insert(**id)) {
            more.extend(schemas.schema(*id).map(|schema| Member { schema, bare }));
        }
        more.extend(schema.parts().iter().map(|part| included(schemas, part, bare)));
        more
    }

    fn add_keyword(&mut self, keyword: &'a Keyword) {
        match keyword {
            Keyword::Type(kinds) => self.kinds = self.kinds.and(*kinds),
            Keyword::Const(constant) => self.add_values(vec![&**constant]),
            Keyword::Enum(values) => self.add_values(values.iter().collect()),
            Keyword::Format(format) => self.format = self.format.or(Some(format)),
            Keyword::Title(text) => self.title = self.title.or(said(text)),
            Keyword::Description(text) => self.description = self.description.or(said(text)),
            Keyword::Default(value) => self.default = self.default.or(Some(&**value)),
            Keyword::Examples(values) if self.examples.is_empty() => self.examples = values,
            Keyword::Deprecated(is_set) => self.deprecated |= is_set,
            Keyword::ReadOnly(is_set) => self.read_only |= is_set,
            Keyword::WriteOnly(is_set) => self.write_only |= is_set,
            Keyword::Discriminator(one) => self.discriminator = self.discriminator.or(Some(&**one)),
            Keyword::MinLength(_)
            | Keyword::MaxLength(_)
            | Keyword::Pattern(_)
            | Keyword::ContentEncoding(_)
            | Keyword::ContentMediaType(_) => self.hints = self.hints.or(Kinds::STRING),
            Keyword::Properties(_)
            | Keyword::AdditionalProperties(_)
            | Keyword::PatternProperties(_)
            | Keyword::Required(_)
            | Keyword::PropertyNames(_) => self.add_object(keyword),
            Keyword::Items(_)
            | Keyword::PrefixItems(_)
            | Keyword::MinItems(_)
            | Keyword::MaxItems(_)
            | Keyword::UniqueItems(_) => self.add_array(keyword),
            // What only checks read, from the bounds.
            Keyword::Minimum(_)
            | Keyword::Maximum(_)
            | Keyword::ExclusiveMinimum(_)
            | Keyword::ExclusiveMaximum(_)
            | Keyword::MultipleOf(_)
            | Keyword::Contains(_)
            | Keyword::MinContains(_)
            | Keyword::MaxContains(_)
            | Keyword::UnevaluatedItems(_)
            | Keyword::UnevaluatedProperties(_)
            | Keyword::MinProperties(_)
            | Keyword::MaxProperties(_)
            | Keyword::DependentRequired(_)
            | Keyword::DependentSchemas(_)
            | Keyword::Not(_)
            | Keyword::Xml(_) => {}
            // What makes the conjunction longer, or its groups.
            Keyword::Ref(_) | Keyword::AllOf(_) | Keyword::AnyOf(_) | Keyword::OneOf(_) => {}
            // What no type can say.
            Keyword::If(_) | Keyword::Then(_) | Keyword::Else(_) | Keyword::ContentSchema(_) => {}
            Keyword::DynamicRef(_) | Keyword::DynamicAnchor(_) => {}
            Keyword::Examples(_) | Keyword::Nullable(_) | Keyword::Other(_) => {}
            // Read together with the values.
            Keyword::ValueNames(_) | Keyword::EnumNames(_) | Keyword::ValueDescriptions(_) => {}
        }
    }

    /// What the document calls its values: lists beside `enum`, which have as many items.
    fn add_labels(&mut self, schema: &'a Schema) {
        let Some(values) = schema.values() else { return };
        let beside = |list: Option<&'a Vec<Value>>| list.filter(|list| list.len() == values.len());
        let names = beside(schema.value_names()).or_else(|| beside(schema.enum_names()));
        let prose = beside(schema.value_descriptions());
        if names.is_none() && prose.is_none() {
            return;
        }
        let text = |list: Option<&'a Vec<Value>>, index: usize| said(list?.get(index)?.as_str()?);
        let labels = values.iter().enumerate().map(|(index, value)| Label {
            value,
            name: text(names, index),
            description: text(prose, index),
        });
        self.labels.extend(labels);
    }

    fn add_values(&mut self, values: Vec<&'a Value>) {
        match &mut self.values {
            Some(known) => {
                let values: HashSet<&Value> = values.into_iter().collect();
                known.retain(|value| values.contains(value));
            }
            None if values.is_empty() => {}
            none => *none = Some(values),
        }
    }

    fn add_object(&mut self, keyword: &'a Keyword) {
        self.hints = self.hints.or(Kinds::OBJECT);
        match keyword {
            Keyword::Properties(properties) => {
                for (name, schema) in properties.iter() {
                    self.properties.entry(name).or_default().push(schema.into());
                }
            }
            Keyword::Required(names) => self.required.extend(names.iter().map(String::as_str)),
            Keyword::AdditionalProperties(schema) => {
                self.closed |= schema.is_false();
                self.open |= !schema.is_false();
                if !schema.keywords().is_empty() {
                    self.additional.push((&**schema).into());
                }
            }
            _ => {}
        }
    }

    /// Adds `patternProperties`, which counts as `additionalProperties` where there is one pattern and nothing else.
    fn add_patterns(&mut self, schema: &'a Schema) {
        let Some(patterns) = schema.pattern_properties() else { return };
        self.open = true;
        match patterns.values().next() {
            Some(schema) if patterns.len() == 1 && self.closed => self.additional.push(schema.into()),
            _ => self.additional.push((&ANYTHING).into()),
        }
    }

    /// Notes which names a closed schema leaves: those of its own properties alone.
    fn enclose(&mut self, schema: &'a Schema) {
        let is_closed = schema.additional_properties().is_some_and(|schema| schema.is_false());
        if !is_closed || schema.pattern_properties().is_some() {
            return;
        }
        let own = schema.properties().into_iter().flat_map(|properties| properties.keys());
        let own: IndexSet<&str> = own.map(String::as_str).collect();
        match &mut self.enclosed {
            Some(names) => names.retain(|name| own.contains(name)),
            none => *none = Some(own),
        }
    }

    fn add_array(&mut self, keyword: &'a Keyword) {
        self.hints = self.hints.or(Kinds::ARRAY);
        match keyword {
            Keyword::Items(items) if items.is_false() => self.items_false = true,
            Keyword::Items(items) => self.items.push((&**items).into()),
            Keyword::PrefixItems(prefix) if self.prefix.is_empty() => self.prefix = prefix,
            Keyword::MinItems(min) => self.min_items = self.min_items.max(*min),
            Keyword::MaxItems(max) => self.max_items = self.max_items.or(Some(*max)),
            _ => {}
        }
    }

    fn add_groups(&mut self, schema: &'a Schema) {
        let discriminator = schema.discriminator().map(|one| &**one);
        let group = |keyword: &'a Keyword| {
            let branches = keyword.one_of().map(|one| &**one).or(keyword.any_of().map(Vec::as_slice))?;
            Some(Group { keyword, branches, discriminator })
        };
        let mut groups: Vec<Group<'a>> = schema.keywords().iter().filter_map(group).collect();
        groups.sort_by_key(|group| matches!(group.keyword, Keyword::AnyOf(_)));
        self.groups.extend(groups);
    }
}

/// Whether a keyword restricts values by itself, references and `allOf` apart: those only lead to keywords that do.
pub(crate) fn restricts(keyword: &Keyword) -> bool {
    match keyword {
        Keyword::Properties(_) | Keyword::Ref(_) | Keyword::DynamicRef(_) | Keyword::AllOf(_) => false,
        // They say something with `if` alone.
        Keyword::Then(_) | Keyword::Else(_) => false,
        other => other.role() != Role::Annotation,
    }
}

/// A text that is not blank.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A member of an `allOf`: without its branches where one of them includes it in turn.
fn included<'a>(schemas: &'a Schemas, part: &'a Schema, bare: bool) -> Member<'a> {
    let target = part.reference().and_then(|id| Some((*id, schemas.schema(*id)?)));
    let circular = target.is_some_and(|(id, schema)| {
        let mut branches = schema.alternatives();
        branches.any(|branch| includes(schemas, branch, id))
    });
    Member { schema: part, bare: bare || circular }
}

/// Whether a schema is, or includes by `allOf`, another.
pub(super) fn includes(schemas: &Schemas, schema: &Schema, id: SchemaId) -> bool {
    let mut seen = IndexSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if let Some(target) = schema.reference() {
            if *target == id {
                return true;
            }
            if seen.insert(*target) {
                open.extend(schemas.schema(*target));
            }
        }
        open.extend(schema.parts());
    }
    false
}

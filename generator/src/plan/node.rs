//! What a schema says, all in one place: `allOf` and `$ref` followed, overlaps put together.
//!
//! The unit of reading is a *conjunction*: schemas that hold at once. `allOf`, and a `$ref` with siblings, only make a
//! conjunction longer, so nothing is ever rewritten.

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value};

use descant_model::api::{SchemaId, Schemas};

static ANYTHING: Value = Value::Bool(true);

/// The keywords of [`Node::bounds`].
pub(super) const BOUNDS: [&str; 35] = [
    "type",
    "enum",
    "const",
    "format",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "prefixItems",
    "items",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "oneOf",
    "anyOf",
    "not",
    "if",
    "xml",
];

/// Conjunctions longer than this are cut: only documents that mean harm have them.
const MAX_MEMBERS: usize = 1000;

/// One schema of a conjunction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) value: &'a Value,
    /// Without its `oneOf` and `anyOf`: a branch that includes its own union means the union's properties.
    pub(super) bare: bool,
}

impl<'a> From<&'a Value> for Member<'a> {
    fn from(value: &'a Value) -> Self {
        Self { value, bare: false }
    }
}

/// The kinds of value that a schema admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Default for Kinds {
    fn default() -> Self {
        Kinds::ALL
    }
}

impl Kinds {
    pub(super) const NULL: Kinds = Kinds(1);
    pub(super) const BOOLEAN: Kinds = Kinds(2);
    pub(super) const INTEGER: Kinds = Kinds(4);
    /// Numbers that are no integers; `number` admits both.
    pub(super) const FRACTION: Kinds = Kinds(8);
    pub(super) const STRING: Kinds = Kinds(16);
    pub(super) const ARRAY: Kinds = Kinds(32);
    pub(super) const OBJECT: Kinds = Kinds(64);
    pub(super) const NUMBER: Kinds = Kinds(4 | 8);
    pub(super) const ALL: Kinds = Kinds(127);

    pub(super) fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub(super) fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(super) fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds that `type` names; an unknown name is any kind.
    fn named(name: &str) -> Kinds {
        match name {
            "null" => Kinds::NULL,
            "boolean" => Kinds::BOOLEAN,
            "integer" => Kinds::INTEGER,
            "number" => Kinds::NUMBER,
            "string" => Kinds::STRING,
            "array" => Kinds::ARRAY,
            "object" => Kinds::OBJECT,
            _ => Kinds::ALL,
        }
    }

    /// More than one kind, an integer and a fraction being one.
    pub(super) fn is_broad(self) -> bool {
        self.0.count_ones() > 1 && self != Kinds::NUMBER
    }

    /// The kind of a value.
    pub(super) fn of(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(number) if number.is_f64() => Kinds::FRACTION,
            Value::Number(_) => Kinds::INTEGER,
            Value::String(_) => Kinds::STRING,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }
}

/// A `oneOf` or `anyOf`.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) keyword: &'static str,
    pub(super) branches: Vec<&'a Value>,
    pub(super) discriminator: Option<&'a Value>,
}

/// What a conjunction says.
#[derive(Clone, Debug)]
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
    /// Some member says `additionalProperties` or `patternProperties` that admits something.
    pub(super) open: bool,
    pub(super) items: Vec<Member<'a>>,
    /// `items: false` behind `prefixItems`, or `maxItems` that admits no more.
    pub(super) prefix_only: bool,
    pub(super) prefix: Vec<&'a Value>,
    /// `enum` and `const`.
    pub(super) values: Option<Vec<&'a Value>>,
    pub(super) format: Option<&'a str>,
    pub(super) groups: Vec<Group<'a>>,
    pub(super) discriminator: Option<&'a Value>,
    pub(super) title: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) default: Option<&'a Value>,
    pub(super) examples: &'a [Value],
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    /// Nothing satisfies it (`false`).
    pub(super) never: bool,
    /// Keywords of all members that bound a value, or say how XML writes it.
    pub(super) bounds: Vec<(&'a str, &'a Value)>,
    max_items: Option<u64>,
    items_false: bool,
}

impl<'a> Node<'a> {
    /// Puts a conjunction together.
    pub(super) fn read(schemas: &'a Schemas, members: &[Member<'a>]) -> Node<'a> {
        let mut node = Node::anything();
        let mut seen = IndexSet::new();
        // A stack that gives the members in their order: what stands further out is read first, so its prose wins.
        let mut open: Vec<Member<'a>> = members.iter().rev().copied().collect();
        while let Some(member) = open.pop() {
            match member.value {
                Value::Bool(admits) => node.never |= !admits,
                Value::Object(keywords) => {
                    let more = node.add(schemas, keywords, member.bare, &mut seen);
                    open.extend(more.into_iter().rev());
                }
                _ => {}
            }
            if seen.len() > MAX_MEMBERS || open.len() > MAX_MEMBERS {
                break;
            }
        }
        let prefix = node.prefix.len() as u64;
        node.prefix_only =
            prefix > 0 && (node.items_false || node.max_items.is_some_and(|max| max <= prefix));
        node
    }

    /// The kinds that are meant: where `type` is missing, what the other keywords are about.
    pub(super) fn effective_kinds(&self) -> Kinds {
        const TEXT: [&str; 8] = ["byte", "date", "date-time", "email", "ipv4", "ipv6", "uri", "uuid"];
        if let Some(values) = &self.values {
            let of_values = values.iter().fold(Kinds(0), |kinds, value| kinds.or(Kinds::of(value)));
            return if self.kinds.has(of_values) { of_values.and(self.kinds) } else { of_values };
        }
        match self.hints {
            _ if self.kinds != Kinds::ALL => self.kinds,
            hints if hints.has(Kinds::OBJECT) => Kinds::OBJECT,
            hints if hints.has(Kinds::ALL) => hints,
            _ if self.format.is_some_and(|format| TEXT.contains(&format)) => Kinds::STRING,
            _ => Kinds::ALL,
        }
    }

    /// The kinds that it admits by its own words, without a guess.
    pub(super) fn admitted(&self) -> Kinds {
        let of_value = |value: &&Value| if value.is_number() { Kinds::NUMBER } else { Kinds::of(value) };
        let of_values = self.values.as_ref().filter(|values| !values.is_empty());
        let of_values = of_values.map(|values| values.iter().map(of_value).fold(Kinds(0), Kinds::or));
        self.kinds.and(of_values.unwrap_or(Kinds::ALL))
    }

    /// The values of a keyword in all members.
    pub(super) fn stated(&self, keyword: &str) -> impl Iterator<Item = &'a Value> {
        self.bounds.iter().filter(move |(key, _)| *key == keyword).map(|(_, value)| *value)
    }

    /// The `unevaluatedProperties: false` that comes to the same as `additionalProperties: false` of all members.
    pub(super) fn sealed(&self) -> Option<&'a Value> {
        const EVALUATING: [&str; 6] =
            ["additionalProperties", "patternProperties", "oneOf", "anyOf", "if", "dependentSchemas"];
        let alone = EVALUATING.iter().all(|keyword| self.stated(keyword).next().is_none());
        self.stated("unevaluatedProperties").find(|value| alone && *value == &Value::Bool(false))
    }

    fn anything() -> Self {
        Node {
            kinds: Kinds::ALL,
            hints: Kinds(0),
            properties: IndexMap::new(),
            required: IndexSet::new(),
            additional: Vec::new(),
            closed: false,
            open: false,
            items: Vec::new(),
            prefix_only: false,
            prefix: Vec::new(),
            values: None,
            format: None,
            groups: Vec::new(),
            discriminator: None,
            title: None,
            description: None,
            default: None,
            examples: &[],
            deprecated: false,
            read_only: false,
            write_only: false,
            never: false,
            bounds: Vec::new(),
            max_items: None,
            items_false: false,
        }
    }

    /// Adds one schema's own keywords; answers with the schemas that hold together with it.
    fn add(
        &mut self,
        schemas: &'a Schemas,
        keywords: &'a Map<String, Value>,
        bare: bool,
        seen: &mut IndexSet<SchemaId>,
    ) -> Vec<Member<'a>> {
        self.add_annotations(keywords);
        self.add_kinds(keywords);
        self.add_object(keywords);
        self.add_array(keywords);
        self.bounds.extend(
            keywords.iter().filter(|(key, _)| BOUNDS.contains(&key.as_str())).map(|(k, v)| (k.as_str(), v)),
        );
        if !bare {
            self.add_groups(keywords);
        }
        let mut more = Vec::new();
        let target = keywords.get("$ref").and_then(Value::as_str).and_then(|r| schemas.target(r));
        if let Some((_, target)) = target.filter(|(id, _)| seen.insert(*id)) {
            more.push(Member { value: &target.value, bare });
        }
        for part in list(keywords, "allOf") {
            more.push(included(schemas, part, bare));
        }
        more
    }

    fn add_annotations(&mut self, keywords: &'a Map<String, Value>) {
        let text =
            |key: &str| keywords.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let flag = |key: &str| keywords.get(key).and_then(Value::as_bool).unwrap_or(false);
        self.title = self.title.or_else(|| text("title"));
        self.description = self.description.or_else(|| text("description"));
        self.default = self.default.or_else(|| keywords.get("default"));
        if self.examples.is_empty() {
            self.examples = list(keywords, "examples");
        }
        self.deprecated |= flag("deprecated");
        self.read_only |= flag("readOnly");
        self.write_only |= flag("writeOnly");
        self.discriminator = self.discriminator.or_else(|| keywords.get("discriminator"));
    }

    fn add_kinds(&mut self, keywords: &'a Map<String, Value>) {
        match keywords.get("type") {
            Some(Value::String(name)) => self.kinds = self.kinds.and(Kinds::named(name)),
            Some(Value::Array(names)) => {
                let named = names.iter().filter_map(Value::as_str).map(Kinds::named);
                self.kinds = self.kinds.and(named.fold(Kinds(0), Kinds::or));
            }
            _ => {}
        }
        self.format = self.format.or_else(|| keywords.get("format").and_then(Value::as_str));
        let constant = keywords.get("const").map(|value| vec![value]);
        let listed = keywords.get("enum").and_then(Value::as_array).map(|values| values.iter().collect());
        for values in [constant, listed].into_iter().flatten() {
            let values: Vec<&Value> = values;
            match &mut self.values {
                Some(known) => known.retain(|value| values.contains(value)),
                None if values.is_empty() => {}
                none => *none = Some(values),
            }
        }
        const STRING: [&str; 5] =
            ["pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"];
        if STRING.iter().any(|key| keywords.contains_key(*key)) {
            self.hints = self.hints.or(Kinds::STRING);
        }
    }

    fn add_object(&mut self, keywords: &'a Map<String, Value>) {
        const OBJECT: [&str; 5] =
            ["properties", "additionalProperties", "patternProperties", "required", "propertyNames"];
        if OBJECT.iter().any(|key| keywords.contains_key(*key)) {
            self.hints = self.hints.or(Kinds::OBJECT);
        }
        if let Some(Value::Object(properties)) = keywords.get("properties") {
            for (name, value) in properties {
                self.properties.entry(name).or_default().push(value.into());
            }
        }
        self.required.extend(list(keywords, "required").iter().filter_map(Value::as_str));
        match keywords.get("additionalProperties") {
            Some(Value::Bool(false)) => self.closed = true,
            Some(Value::Bool(true)) => self.open = true,
            Some(value @ Value::Object(schema)) => {
                self.open = true;
                if !schema.is_empty() {
                    self.additional.push(value.into());
                }
            }
            _ => {}
        }
        if let Some(Value::Object(patterns)) = keywords.get("patternProperties") {
            self.open = true;
            match patterns.values().next() {
                Some(value) if patterns.len() == 1 && self.closed => self.additional.push(value.into()),
                _ => self.additional.push((&ANYTHING).into()),
            }
        }
    }

    fn add_array(&mut self, keywords: &'a Map<String, Value>) {
        const ARRAY: [&str; 5] = ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"];
        if ARRAY.iter().any(|key| keywords.contains_key(*key)) {
            self.hints = self.hints.or(Kinds::ARRAY);
        }
        match keywords.get("items") {
            Some(Value::Bool(false)) => self.items_false = true,
            Some(items) => self.items.push(items.into()),
            None => {}
        }
        if self.prefix.is_empty() {
            self.prefix.extend(list(keywords, "prefixItems"));
        }
        self.max_items = self.max_items.or_else(|| keywords.get("maxItems").and_then(Value::as_u64));
    }

    fn add_groups(&mut self, keywords: &'a Map<String, Value>) {
        for key in ["oneOf", "anyOf"] {
            let branches: Vec<&Value> = list(keywords, key).iter().collect();
            if !branches.is_empty() {
                self.groups.push(Group {
                    keyword: key,
                    branches,
                    discriminator: keywords.get("discriminator"),
                });
            }
        }
    }
}

/// The items of an array under a key.
fn list<'a>(keywords: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    keywords.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A member of an `allOf`: without its branches where one of them includes it in turn.
fn included<'a>(schemas: &'a Schemas, part: &'a Value, bare: bool) -> Member<'a> {
    let target = part.get("$ref").and_then(Value::as_str).and_then(|reference| schemas.target(reference));
    let circular = target.is_some_and(|(id, schema)| {
        ["oneOf", "anyOf"].iter().any(|key| {
            let branches = schema.value.get(key).and_then(Value::as_array);
            branches.is_some_and(|branches| branches.iter().any(|branch| includes(schemas, branch, id)))
        })
    });
    Member { value: part, bare: bare || circular }
}

/// Whether a schema is, or includes by `allOf`, another.
pub(super) fn includes(schemas: &Schemas, value: &Value, id: SchemaId) -> bool {
    let mut seen = IndexSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if let Some((target, schema)) =
            value.get("$ref").and_then(Value::as_str).and_then(|r| schemas.target(r))
        {
            if target == id {
                return true;
            }
            if seen.insert(target) {
                open.push(&schema.value);
            }
        }
        open.extend(value.get("allOf").and_then(Value::as_array).into_iter().flatten());
    }
    false
}

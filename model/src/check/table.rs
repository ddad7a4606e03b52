//! The types of the table of OpenAPI's objects: the fields of each object by version. The table itself is in
//! `objects` and `schema`, with one entry per object of the specification; `walk` compares a document with it.

use crate::check::Version;
use crate::tree::NodeKind;

/// A set of OpenAPI versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versions(u8);

/// Every version.
pub(crate) const ALL: Versions = Versions(0b1111);
/// 2.0 only.
pub(crate) const V2: Versions = Versions(0b0001);
/// 3.0 only.
pub(crate) const V30: Versions = Versions(0b0010);
/// 3.1 only.
pub(crate) const V31: Versions = Versions(0b0100);
/// 3.2 only.
pub(crate) const V32: Versions = Versions(0b1000);
/// 2.0 and 3.0.
pub(crate) const V2_30: Versions = Versions(0b0011);
/// 3.0 and 3.1.
pub(crate) const V30_31: Versions = Versions(0b0110);
/// All versions except 3.2.
pub(crate) const TO_31: Versions = Versions(0b0111);
/// 3.0 and later.
pub(crate) const V3: Versions = Versions(0b1110);
/// 3.1 and later.
pub(crate) const FROM_31: Versions = Versions(0b1100);
/// No version of OpenAPI: a form of an older JSON Schema.
pub(crate) const OLDER: Versions = NONE;
const NONE: Versions = Versions(0);

impl Versions {
    /// Whether a version is of the set.
    pub(crate) fn has(self, version: Version) -> bool {
        let single = match version {
            Version::V2 => V2,
            Version::V30 => V30,
            Version::V31 => V31,
            Version::V32 => V32,
        };
        self.0 & single.0 != 0
    }

    /// `OpenAPI 2.0`, `OpenAPI 3.1 and later`: for messages.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            V2 => "OpenAPI 2.0",
            V30 => "OpenAPI 3.0",
            V31 => "OpenAPI 3.1",
            V32 => "OpenAPI 3.2",
            V2_30 => "OpenAPI 2.0 and 3.0",
            V30_31 => "OpenAPI 3.0 and 3.1",
            TO_31 => "OpenAPI up to 3.1",
            V3 => "OpenAPI 3.0 and later",
            FROM_31 => "OpenAPI 3.1 and later",
            OLDER => "an older JSON Schema",
            _ => "OpenAPI",
        }
    }
}

/// The expected value at a place.
#[derive(Debug)]
pub(crate) enum Expect {
    Any,
    Text,
    Flag,
    Number,
    /// A positive number.
    Positive,
    /// A non-negative integer.
    Count,
    /// One of these strings.
    Word(&'static [&'static str]),
    List(&'static Expect),
    /// A non-empty list.
    Filled(&'static Expect),
    /// An object with arbitrary keys.
    Map(Keys, &'static Expect),
    Object(Object),
    /// The first alternative that admits the value's kind.
    Either(&'static [&'static Expect]),
}

/// An object of the specification.
#[derive(Debug)]
pub(crate) struct Object {
    /// `an operation`: for messages.
    pub(crate) name: &'static str,
    pub(crate) vocabulary: Vocabulary,
    fields: &'static [Field],
    /// Fields shared with other objects.
    more: &'static [Field],
    /// Whether any of its fields is needed: schemas have many fields, of which none is.
    needs: bool,
    /// Pairs of fields that exclude each other.
    pub(crate) apart: &'static [(&'static str, &'static str)],
    /// The values of arbitrary keys, if the object has them.
    pub(crate) rest: Option<(Keys, &'static Expect)>,
    pub(crate) cost: Cost,
    /// Whether a boolean may replace the object.
    pub(crate) or_flag: bool,
}

/// The scope of an error inside an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Only the faulty value.
    Value,
    /// This object and its parent.
    Part,
    /// Only this object.
    Whole,
}

/// The vocabulary of an object's fields, which decides the codes of its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    OpenApi,
    Schema,
    Descant,
}

/// The form of a map's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Anything.
    Free,
    /// A path template.
    Path,
    /// A status code, a range of them or `default`.
    Status,
    /// A runtime expression.
    Expression,
    /// The name of a component.
    Component,
    /// A media type or range.
    MediaType,
    /// An HTTP method in its exact case.
    Method,
    /// The name of a header.
    Header,
}

impl Keys {
    /// A key as it may be.
    pub(crate) fn sample(self) -> &'static str {
        match self {
            Keys::Free | Keys::Component => "name",
            Keys::Path => "/pets",
            Keys::Status => "'200'",
            Keys::Expression => "'{$request.body#/url}'",
            Keys::MediaType => "application/json",
            Keys::Method => "PROPFIND",
            Keys::Header => "X-Total",
        }
    }

    /// Whether `x-` keys are extensions here, rather than keys like any other.
    pub(crate) fn has_extensions(self) -> bool {
        matches!(self, Keys::Path | Keys::Status | Keys::Expression)
    }
}

/// A field of an object. A field whose value differs between versions has one entry for each form.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) versions: Versions,
    pub(crate) expect: &'static Expect,
    /// Required: the object has no meaning without it.
    must: Versions,
    /// Required by the specification, but the intent is clear without it.
    should: Versions,
    /// A descriptive field: only the field is left out because of a fault in it.
    pub(crate) prose: bool,
}

/// The necessity of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    No,
    Should,
    Must,
}

/// An optional field.
pub(crate) const fn field(name: &'static str, versions: Versions, expect: &'static Expect) -> Field {
    Field { name, versions, expect, must: NONE, should: NONE, prose: false }
}

/// An optional field that is for people alone.
pub(crate) const fn prose(name: &'static str, versions: Versions, expect: &'static Expect) -> Field {
    Field { prose: true, ..field(name, versions, expect) }
}

impl Field {
    /// Returns the field as required.
    pub(crate) const fn must(self, versions: Versions) -> Self {
        Field { must: versions, ..self }
    }

    /// Returns the field as required by the specification only.
    pub(crate) const fn should(self, versions: Versions) -> Self {
        Field { should: versions, ..self }
    }

    /// Returns the necessity of the field in a version.
    pub(crate) fn need(&self, version: Version) -> Need {
        match (self.must.has(version), self.should.has(version)) {
            (true, _) => Need::Must,
            (false, true) => Need::Should,
            (false, false) => Need::No,
        }
    }
}

/// An object of OpenAPI.
pub(crate) const fn object(name: &'static str, fields: &'static [Field]) -> Object {
    Object {
        name,
        vocabulary: Vocabulary::OpenApi,
        fields,
        more: &[],
        needs: any_needed(fields),
        apart: &[],
        rest: None,
        cost: Cost::Value,
        or_flag: false,
    }
}

/// Whether a version needs any of some fields.
const fn any_needed(fields: &[Field]) -> bool {
    let mut rest = fields;
    while let [field, others @ ..] = rest {
        if field.must.0 != NONE.0 || field.should.0 != NONE.0 {
            return true;
        }
        rest = others;
    }
    false
}

impl Object {
    /// The same object, an error in which costs it and what it is part of.
    pub(crate) const fn part(self) -> Self {
        Object { cost: Cost::Part, ..self }
    }

    /// The same object, an error in which costs just itself.
    pub(crate) const fn whole(self) -> Self {
        Object { cost: Cost::Whole, ..self }
    }

    /// The same object, other keys of which are the document's choice.
    pub(crate) const fn rest(self, keys: Keys, expect: &'static Expect) -> Self {
        Object { rest: Some((keys, expect)), ..self }
    }

    /// The same object with more fields.
    pub(crate) const fn and(self, more: &'static [Field]) -> Self {
        Object { needs: self.needs || any_needed(more), more, ..self }
    }

    /// The same object, of each pair of which it may have one.
    pub(crate) const fn apart(self, pairs: &'static [(&'static str, &'static str)]) -> Self {
        Object { apart: pairs, ..self }
    }

    /// The same object with fields of another vocabulary.
    pub(crate) const fn of(self, vocabulary: Vocabulary) -> Self {
        Object { vocabulary, ..self }
    }

    /// The same object, or a boolean.
    pub(crate) const fn or_flag(self) -> Self {
        Object { or_flag: true, ..self }
    }

    /// Returns the field of a key in a version.
    pub(crate) fn find(&self, key: &str, version: Version) -> Found {
        let mut other = None;
        for field in self.fields() {
            if field.name == key {
                if field.versions.has(version) {
                    return Found::Here(field);
                }
                other = Some(field);
            }
        }
        other.map_or(Found::Nowhere, Found::Elsewhere)
    }

    /// The names of its fields in a version.
    pub(crate) fn names(&self, version: Version) -> impl Iterator<Item = &'static str> {
        self.fields().filter(move |f| f.versions.has(version)).map(|f| f.name)
    }

    /// Returns the fields that a version requires, with their necessity.
    pub(crate) fn needed(&self, version: Version) -> impl Iterator<Item = (&'static Field, Need)> + use<> {
        let fields = self.needs.then(|| self.fields()).into_iter().flatten();
        fields.map(move |field| (field, field.need(version))).filter(|(_, need)| *need != Need::No)
    }

    /// Returns the fields in the forms of all versions.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().chain(self.more)
    }
}

/// The result of [`Object::find`].
pub(crate) enum Found {
    /// A field of this version.
    Here(&'static Field),
    /// A field of other versions only.
    Elsewhere(&'static Field),
    Nowhere,
}

impl Expect {
    /// Whether a value of this kind is allowed, without checking its content.
    pub(crate) fn fits(&self, kind: &NodeKind) -> bool {
        match (self, kind) {
            (Expect::Any, _)
            | (Expect::Text, NodeKind::String(_))
            | (Expect::Flag, NodeKind::Bool(_))
            | (Expect::Number, NodeKind::Number(_))
            | (Expect::List(_), NodeKind::Array(_))
            | (Expect::Map(..) | Expect::Object(_), NodeKind::Object(_)) => true,
            (Expect::Count, NodeKind::Number(text)) => is_count(text),
            (Expect::Positive, NodeKind::Number(text)) => text.parse::<f64>().is_ok_and(|n| n > 0.0),
            (Expect::Word(words), NodeKind::String(text)) => words.contains(&&**text),
            (Expect::Filled(_), NodeKind::Array(items)) => !items.is_empty(),
            (Expect::Object(object), NodeKind::Bool(_)) => object.or_flag,
            (Expect::Either(options), _) => options.iter().any(|o| o.fits(kind)),
            _ => false,
        }
    }
    /// Whether the expected value contains further values.
    pub(crate) fn is_container(&self) -> bool {
        match self {
            Expect::List(_) | Expect::Filled(_) | Expect::Map(..) | Expect::Object(_) => true,
            Expect::Either(options) => options.iter().any(|option| option.is_container()),
            _ => false,
        }
    }

    /// `an object`, `a string`: for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Expect::Any => "a value",
            Expect::Text | Expect::Word(_) => "a string",
            Expect::Flag => "a boolean",
            Expect::Number => "a number",
            Expect::Positive => "a number above zero",
            Expect::Count => "an integer, zero or above",
            Expect::List(_) => "an array",
            Expect::Filled(_) => "an array with something in it",
            Expect::Map(..) => "an object",
            Expect::Object(object) => object.name,
            Expect::Either([first, ..]) => first.describe(),
            Expect::Either([]) => "nothing",
        }
    }
}

/// Whether a number as written is an integer, zero or above: `5`, `5.0` and `5e3` are (JSON Schema Core 6.3).
fn is_count(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
        || text.parse::<f64>().is_ok_and(|n| n >= 0.0 && n.fract() == 0.0)
}

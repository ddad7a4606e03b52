//! What a value may be, as the runtime's tables have it (`descant_runtime::param::Shape`), and what bounds it.

use proc_macro2::Ident;
use serde_json::{Number, Value};

use descant_model::api::SchemaId;
use descant_model::schema::{Keyword, Kinds, XmlNode};
use descant_runtime::pattern::Pattern;

use super::asserted::ASSERTED;
use super::node::{Member, Node};
use super::numbers;

/// What a shape has beyond so many schemas is text.
pub(super) const MAX_SCHEMAS: usize = 2000;

/// What a text may be.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    /// The scalars, by their names in the runtime's `shape!`.
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) items: Option<Box<Shape>>,
    pub(crate) object: Option<Object>,
    /// What bounds it, and how it is written.
    pub(crate) facets: Vec<Facet>,
    /// The schema that it is, if it is one and nothing else.
    pub(crate) origin: Option<SchemaId>,
    /// That it is the shape of another static.
    pub(crate) named: Option<Named>,
    /// The kinds that the schema admits by its own words.
    pub(super) admits: Kinds,
    /// That it tells alternatives apart, so that its kinds count where it is only checked.
    pub(super) tells: bool,
    /// That it is of JSON, whose values have kinds of their own: everything that it says is checked.
    pub(super) whole: bool,
}

/// The shape of a schema that stands for itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Named {
    /// Before names are settled.
    Index(usize),
    Static(Ident),
}

/// `descant_runtime::param::Facet`, by its name there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Facet {
    Flag(&'static str),
    Number(&'static str, f64),
    Count(&'static str, usize),
    Text(&'static str, String),
    Texts(&'static str, Vec<String>),
    Integers(&'static str, Vec<i64>),
    /// A whole number that no float is.
    Whole(&'static str, i128),
    /// Texts, each with what it stands for.
    Tag(String, Vec<(String, usize)>),
    /// Other shapes, and the pattern of names that they are about.
    Shapes(&'static str, Option<String>, Vec<Shape>),
    Encoded(descant_runtime::param::Encoding),
}

impl Facet {
    /// Whether it lists values.
    pub(super) fn is_list(&self) -> bool {
        matches!(
            self,
            Facet::Texts("OneOf" | "OneOfValues", _) | Facet::Text("Const", _) | Facet::Integers(..)
        )
    }

    /// The shapes that it holds.
    pub(super) fn shapes(&self) -> &[Shape] {
        if let Facet::Shapes(_, _, shapes) = self { shapes } else { &[] }
    }

    pub(super) fn shapes_mut(&mut self) -> &mut [Shape] {
        if let Facet::Shapes(_, _, shapes) = self { shapes } else { &mut [] }
    }
}

/// The properties of a shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    pub(crate) properties: Vec<(String, Shape)>,
    /// Of properties that are not named.
    pub(crate) additional: Option<Box<Shape>>,
}

impl Shape {
    /// Any text.
    pub(crate) fn text() -> Shape {
        Shape { kinds: vec!["string"], ..Shape::default() }
    }

    /// Whether the value is a string and can be nothing else.
    pub(crate) fn is_text(&self) -> bool {
        self.kinds == ["string"] && self.items.is_none() && self.object.is_none() && !self.is_binary()
    }

    /// The shape of a part of a multipart body: it may be JSON, so that one without a type may be anything.
    pub(super) fn of_part(self) -> Shape {
        match self.admits == Kinds::ANY && self.is_text() {
            true => Shape { kinds: vec!["any"], ..self },
            false => self,
        }
    }

    /// Any value at all.
    pub(crate) fn anything() -> Shape {
        Shape { kinds: vec!["any"], ..Shape::default() }
    }

    /// The shape without what bounds its values: of several branches only one need hold.
    pub(super) fn unbound(mut self) -> Shape {
        self.origin = None;
        self.facets.retain(|facet| match facet {
            Facet::Flag(name) => {
                matches!(*name, "Binary" | "Exact" | "Wide" | "MayBeEmpty") || name.starts_with("Xml")
            }
            Facet::Text(name, _) => !matches!(*name, "Const" | "Pattern" | "Format"),
            Facet::Encoded(_) => true,
            _ => false,
        });
        self.items = self.items.map(|items| items.unbound().into());
        if let Some(object) = &mut self.object {
            for (_, property) in &mut object.properties {
                *property = std::mem::take(property).unbound();
            }
            object.additional = object.additional.take().map(|more| more.unbound().into());
        }
        self
    }

    /// Its items and properties.
    pub(super) fn inner(&self) -> impl Iterator<Item = &Shape> {
        let properties = self.object.iter().flat_map(|object| {
            object.properties.iter().map(|(_, shape)| shape).chain(object.additional.as_deref())
        });
        properties.chain(self.items.as_deref())
    }

    pub(super) fn properties_mut(&mut self) -> impl Iterator<Item = &mut (String, Shape)> {
        self.object.iter_mut().flat_map(|object| &mut object.properties)
    }

    /// Whether it, or one in it, has a pattern with back-references.
    pub(super) fn backtracks(&self) -> bool {
        let backtracks = |facet: &Facet| match facet {
            Facet::Text("Pattern", source) | Facet::Shapes("Matching", Some(source), _) => {
                Pattern::parse(source).is_some_and(|pattern| pattern.needs_backtracking())
            }
            _ => false,
        };
        self.facets.iter().any(backtracks)
            || self.facets.iter().flat_map(Facet::shapes).chain(self.inner()).any(Shape::backtracks)
    }

    /// Whether it says nothing of the kind of a value.
    pub(super) fn is_untyped(&self) -> bool {
        self.named.is_none() && self.admits == Kinds::ANY && self.inner().next().is_none()
    }

    /// Whether it says nothing at all.
    pub(super) fn admits_all(&self) -> bool {
        self.is_untyped() && self.facets.is_empty()
    }

    /// Whether it is an object with such a property.
    pub(crate) fn has(&self, property: &str) -> bool {
        self.object.iter().any(|object| object.properties.iter().any(|(key, _)| key == property))
    }

    /// Whether it is bytes as they are.
    pub(crate) fn is_binary(&self) -> bool {
        self.facets.contains(&Facet::Flag("Binary"))
    }

    /// The media type of its part, where the document states one.
    pub(crate) fn content_type(&self) -> Option<String> {
        let stated = self.facets.iter().find_map(|facet| match facet {
            Facet::Text("ContentType", stated) => stated.split(',').next(),
            _ => None,
        });
        stated.map(str::trim).filter(|first| !first.contains('*')).map(str::to_owned)
    }

    /// Whether it is a file, or a list of them.
    pub(crate) fn is_file(&self) -> bool {
        self.is_binary() || self.items.as_ref().is_some_and(|items| items.is_binary())
    }

    pub(super) fn add(&mut self, other: Shape) {
        self.origin = None;
        for kind in other.kinds {
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
        self.items = self.items.take().or(other.items);
        match (&mut self.object, other.object) {
            (Some(own), Some(other)) => {
                for (name, shape) in other.properties {
                    match own.properties.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, known)) => known.add(shape),
                        None => own.properties.push((name, shape)),
                    }
                }
                own.additional = own.additional.take().or(other.additional);
            }
            (own @ None, other) => *own = other,
            _ => {}
        }
    }
}

/// The schema that a conjunction is, if it is one and nothing else.
pub(super) fn reference(members: &[Member<'_>]) -> Option<SchemaId> {
    let [Member { schema, bare: false }] = members else { return None };
    schema.as_reference()
}

/// What bounds a value; what has no finite or sensible value says nothing.
/// `any_kind`: listed values bind values of other kinds, too.
pub(super) fn constraints(node: &Node<'_>, any_kind: bool) -> Vec<Facet> {
    let mut facets: Vec<Facet> = node.bounds.iter().filter_map(|keyword| bound(keyword)).collect();
    facets.extend(numbers::is_wide(node).then_some(Facet::Flag("Wide")));
    for keyword in &node.bounds {
        match keyword {
            Keyword::Const(value) => facets.push(Facet::Text("Const", value.to_string())),
            Keyword::Enum(values) if any_kind && !values.is_empty() => facets.push(listed_whole(values)),
            Keyword::Enum(values) => facets.extend(listed(values)),
            _ => {}
        }
    }
    facets
}

/// The values of an `enum`: by kind where there are only texts, integers and null, so that they read well.
fn listed(values: &[Value]) -> Vec<Facet> {
    let texts: Vec<String> = values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
    let integers: Vec<i64> = values.iter().filter_map(|value| value.as_i64()).collect();
    let nulls = values.iter().filter(|value| value.is_null()).count();
    if texts.len() + integers.len() + nulls < values.len() {
        return vec![listed_whole(values)];
    }
    let texts = (!texts.is_empty()).then_some(Facet::Texts("OneOf", texts));
    let integers = (!integers.is_empty()).then_some(Facet::Integers("OneOfIntegers", integers));
    texts.into_iter().chain(integers).collect()
}

/// The values of an `enum`, whatever they are.
fn listed_whole(values: &[Value]) -> Facet {
    Facet::Texts("OneOfValues", values.iter().map(ToString::to_string).collect())
}

/// What bounds a value, and how it is written.
pub(super) fn facets(node: &Node<'_>) -> Vec<Facet> {
    let mut facets = constraints(node, false);
    if node.binary {
        facets.push(Facet::Flag("Binary"));
    }
    if numbers::is_exact(node) {
        facets.push(Facet::Flag("Exact"));
    }
    let required: Vec<String> = node.required.iter().map(|key| (*key).to_owned()).collect();
    if !required.is_empty() {
        facets.push(Facet::Texts("Required", required));
    }
    for (_, xml) in node.stated(Keyword::xml) {
        let texts = [("XmlName", &xml.name), ("XmlNamespace", &xml.namespace), ("XmlPrefix", &xml.prefix)];
        facets.extend(texts.into_iter().filter_map(|(name, text)| Some(Facet::Text(name, text.clone()?))));
        facets.extend((xml.node == XmlNode::Attribute).then_some(Facet::Flag("XmlAttribute")));
        facets.extend(xml.wrapped.then_some(Facet::Flag("XmlWrapped")));
    }
    facets
}

/// Returns what a keyword bounds; `None` where it has no sensible value, or where its check is no facet of one value.
pub(super) fn bound(keyword: &Keyword) -> Option<Facet> {
    let count = |name, count: &u64| Some(Facet::Count(name, usize::try_from(*count).ok()?));
    match keyword {
        Keyword::Minimum(n) => number("Minimum", n),
        Keyword::ExclusiveMinimum(n) => number("ExclusiveMinimum", n),
        Keyword::Maximum(n) => number("Maximum", n),
        Keyword::ExclusiveMaximum(n) => number("ExclusiveMaximum", n),
        Keyword::MultipleOf(n) => number("MultipleOf", n).filter(|_| n.as_f64().is_some_and(|n| n > 0.0)),
        Keyword::MinLength(n) => count("MinLength", n),
        Keyword::MaxLength(n) => count("MaxLength", n),
        Keyword::MinItems(n) => count("MinItems", n),
        Keyword::MaxItems(n) => count("MaxItems", n),
        Keyword::MinProperties(n) => count("MinProperties", n),
        Keyword::MaxProperties(n) => count("MaxProperties", n),
        Keyword::Pattern(source) => Some(Facet::Text("Pattern", pattern(source)?)),
        Keyword::UniqueItems(unique) => unique.then_some(Facet::Flag("UniqueItems")),
        Keyword::Format(name) => {
            let name = ASSERTED.iter().find(|known| **known == name.as_str())?;
            Some(Facet::Text("Format", (*name).to_owned()))
        }
        // Listed values and kinds are read by their own rules.
        Keyword::Enum(_) | Keyword::Const(_) | Keyword::Type(_) => None,
        // Checks of whole objects and arrays, and of other schemas (`checks::applied`).
        Keyword::Items(_)
        | Keyword::PrefixItems(_)
        | Keyword::Contains(_)
        | Keyword::MinContains(_)
        | Keyword::MaxContains(_)
        | Keyword::UnevaluatedItems(_)
        | Keyword::Properties(_)
        | Keyword::PatternProperties(_)
        | Keyword::AdditionalProperties(_)
        | Keyword::UnevaluatedProperties(_)
        | Keyword::PropertyNames(_)
        | Keyword::Required(_)
        | Keyword::DependentRequired(_)
        | Keyword::DependentSchemas(_)
        | Keyword::Ref(_)
        | Keyword::DynamicRef(_)
        | Keyword::AllOf(_)
        | Keyword::AnyOf(_)
        | Keyword::OneOf(_)
        | Keyword::Not(_)
        | Keyword::If(_)
        | Keyword::Then(_)
        | Keyword::Else(_) => None,
        Keyword::ContentEncoding(_) | Keyword::ContentMediaType(_) | Keyword::ContentSchema(_) => None,
        Keyword::DynamicAnchor(_) | Keyword::Title(_) | Keyword::Description(_) | Keyword::Default(_) => None,
        Keyword::Examples(_) | Keyword::Deprecated(_) | Keyword::ReadOnly(_) | Keyword::WriteOnly(_) => None,
        Keyword::Xml(_) | Keyword::Nullable(_) | Keyword::Discriminator(_) | Keyword::Other(_) => None,
        Keyword::ValueNames(_) | Keyword::EnumNames(_) | Keyword::ValueDescriptions(_) => None,
    }
}

/// A bound of numbers: a double, where it is one.
fn number(name: &'static str, bound: &Number) -> Option<Facet> {
    let number = bound.as_f64().filter(|number| number.is_finite())?;
    let whole = bound.as_i64().map(i128::from).or(bound.as_u64().map(i128::from));
    #[allow(clippy::cast_possible_truncation)] // a 64-bit number, rounded
    match whole.filter(|whole| *whole != number as i128) {
        Some(whole) => whole_bound(name, whole),
        None => Some(Facet::Number(name, number)),
    }
}

/// A bound that no float is. What is so large and not whole JSON cannot say.
fn whole_bound(name: &str, bound: i128) -> Option<Facet> {
    match name {
        "Minimum" => Some(Facet::Whole("MinimumInteger", bound)),
        "ExclusiveMinimum" => Some(Facet::Whole("MinimumInteger", bound + 1)),
        "Maximum" => Some(Facet::Whole("MaximumInteger", bound)),
        "ExclusiveMaximum" => Some(Facet::Whole("MaximumInteger", bound - 1)),
        _ => None,
    }
}

/// Whether a server checks a pattern without a further feature.
pub(super) fn is_linear(source: &str) -> bool {
    Pattern::parse(source).is_some_and(|pattern| !pattern.needs_backtracking())
}

/// A pattern as it is written, where the runtime can match it.
pub(super) fn pattern(source: &str) -> Option<String> {
    Pattern::parse(source).map(|_| source.to_owned())
}

/// The scalars among kinds, by their names in the runtime's `shape!`.
pub(super) fn scalars(kinds: Kinds) -> Vec<&'static str> {
    let named = [
        (Kinds::FRACTION, "number"),
        (Kinds::INTEGER, "integer"),
        (Kinds::BOOLEAN, "boolean"),
        (Kinds::STRING, "string"),
        (Kinds::NULL, "null"),
    ];
    let is_number = kinds.intersects(Kinds::FRACTION);
    let named = named
        .into_iter()
        .filter(|(kind, _)| kinds.intersects(*kind) && !(is_number && *kind == Kinds::INTEGER));
    named.map(|(_, name)| name).collect()
}

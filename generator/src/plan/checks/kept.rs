//! Which shapes can refuse a value that has the right type, and what of them that takes: all else is left out.

use std::collections::{BTreeSet, HashMap};

use descant_model::api::Schemas;
use descant_model::schema::Kinds;
use proc_macro2::Ident;

use super::{Check, Checks};
use crate::plan::http::Operation;
use crate::plan::names::{Case, Scope};
use crate::plan::node::Node;
use crate::plan::shapes::{Facet, Named, Object, Shape, scalars};

type Indices = BTreeSet<usize>;

/// What the branches of a schema's unions ask of a value that comes as text.
pub(in crate::plan) fn unions<'a>(schemas: &'a Schemas, node: &Node<'a>, depth: usize) -> Vec<Facet> {
    let mut checks = Checks { of_text: true, ..Checks::new(schemas) };
    let mut shape = Shape::anything();
    checks.add_unions(node, &mut shape, depth);
    pruned(shape, &Indices::new(), &HashMap::new()).facets
}

impl Checks<'_> {
    /// Names the schemas that constrain something, and the alternatives to them; leaves out all others.
    pub(in crate::plan) fn finish<'o>(
        self,
        operations: impl Iterator<Item = &'o mut Operation>,
    ) -> Vec<Check> {
        let mut binding = Indices::new();
        // What is referred to mostly stands behind: from the end, a chain of references takes one round.
        loop {
            let before = binding.len();
            for (index, (_, shape)) in self.known.iter().enumerate().rev() {
                if !binding.contains(&index) && binds(shape, &binding) {
                    binding.insert(index);
                }
            }
            if binding.len() == before {
                break;
            }
        }
        let kept: Vec<usize> = self.kept(&binding).into_iter().collect();
        let places: HashMap<usize, usize> = kept
            .iter()
            .enumerate()
            .filter(|(_, old)| binding.contains(old))
            .map(|(new, old)| (*old, new))
            .collect();
        for checks in operations.filter_map(|operation| operation.body.as_mut()).map(|body| &mut body.checks)
        {
            checks.retain_mut(|(_, index)| places.get(index).map(|place| *index = *place).is_some());
        }
        let shapes = self.known.into_iter().enumerate().filter(|(index, _)| kept.contains(index));
        let (texts, shapes): (Vec<String>, Vec<Shape>) = shapes.map(|(_, known)| known).unzip();
        let names = Scope::default().names(&texts, Case::Constant);
        let by_index: HashMap<usize, Ident> = kept.iter().copied().zip(names.iter().cloned()).collect();
        let checks = names.into_iter().zip(shapes);
        checks.map(|(name, shape)| Check { name, shape: pruned(shape, &binding, &by_index) }).collect()
    }

    /// The shapes that bind, and those that are alternatives to something that does.
    fn kept(&self, binding: &Indices) -> Indices {
        let mut kept = binding.clone();
        let mut open: Vec<usize> = binding.iter().copied().collect();
        while let Some(index) = open.pop() {
            let Some((_, shape)) = self.known.get(index) else { continue };
            let mut found = Vec::new();
            alternatives(shape, binding, &mut found);
            open.extend(found.into_iter().filter(|index| kept.insert(*index)));
        }
        kept
    }
}

/// The schemas among the alternatives in a shape, and the one that it is.
fn alternatives(shape: &Shape, binding: &Indices, found: &mut Vec<usize>) {
    if let Some(Named::Index(index)) = shape.named {
        found.extend((shape.tells || binding.contains(&index)).then_some(index));
    }
    let facets = shape.facets.iter().filter(|facet| shape.tells || facet_binds(facet, binding));
    let of_facets = facets.flat_map(Facet::shapes);
    let inner = shape.inner().filter(|inner| binds(inner, binding));
    of_facets.chain(inner).for_each(|inner| alternatives(inner, binding, found));
}

/// Whether anything of a shape can refuse a value: of JSON any kind or facet, of text what goes beyond the type.
fn binds(shape: &Shape, binding: &Indices) -> bool {
    let named = matches!(shape.named, Some(Named::Index(index)) if binding.contains(&index));
    let says = shape.named.is_none() && (shape.admits != Kinds::ANY || !shape.facets.is_empty());
    named
        || shape.whole && says
        || shape.facets.iter().any(|facet| facet_binds(facet, binding))
        || shape.inner().any(|shape| binds(shape, binding))
}

fn facet_binds(facet: &Facet, binding: &Indices) -> bool {
    match facet {
        Facet::Texts("Required", _) | Facet::Tag(..) => false,
        // Types tell branches apart, where they have any.
        Facet::Shapes("AnyOf" | "Union", _, branches) => {
            branches.iter().all(Shape::is_untyped) || branches.iter().any(|branch| binds(branch, binding))
        }
        Facet::Shapes("Matching" | "Prefix", _, shapes) => shapes.iter().any(|shape| binds(shape, binding)),
        _ => true,
    }
}

/// A shape without what binds nothing; the names of a closed object's properties stay, and what tells alternatives apart.
fn pruned(mut shape: Shape, binding: &Indices, names: &HashMap<usize, Ident>) -> Shape {
    if let Some(Named::Index(index)) = shape.named.take() {
        let is_kept = binding.contains(&index) || shape.tells;
        if let Some(name) = names.get(&index).filter(|_| is_kept) {
            return Shape { named: Some(Named::Static(name.clone())), ..Shape::anything() };
        }
    }
    let closed = shape.facets.contains(&Facet::Flag("Closed"));
    let stays = |shape: &Shape| shape.tells || binds(shape, binding);
    let keep = |shape: Shape| match stays(&shape) {
        true => pruned(shape, binding, names),
        false => Shape::anything(),
    };
    let is_pattern = |facet: &Facet| matches!(facet, Facet::Shapes("Matching", ..));
    let unions = shape.facets.iter().filter(|facet| matches!(facet, Facet::Shapes("AnyOf" | "Union", ..)));
    let keeps_unions = shape.tells || unions.into_iter().any(|facet| facet_binds(facet, binding));
    let is_tagged = shape.facets.contains(&Facet::Flag("Tagged"));
    shape.facets.retain(|facet| match facet {
        Facet::Texts("Required", _) => true,
        Facet::Tag(..) => keeps_unions || is_tagged,
        facet => shape.tells || closed && is_pattern(facet) || facet_binds(facet, binding),
    });
    for facet in &mut shape.facets {
        let of_inner = matches!(facet, Facet::Shapes("Matching" | "Prefix", ..));
        for inner in facet.shapes_mut() {
            let shape = std::mem::take(inner);
            *inner = if of_inner { keep(shape) } else { pruned(shape, binding, names) };
        }
    }
    shape.items = shape.items.filter(|items| stays(items)).map(|items| keep(*items).into());
    if let Some(object) = &mut shape.object {
        object.properties.retain(|(_, shape)| closed || stays(shape));
        for (_, property) in &mut object.properties {
            *property = keep(std::mem::take(property));
        }
        object.additional =
            object.additional.take().filter(|more| stays(more)).map(|more| keep(*more).into());
    }
    let says = |object: &Object| closed || !object.properties.is_empty() || object.additional.is_some();
    shape.object = shape.object.filter(says);
    if shape.tells { of_own_kinds(shape) } else { shape }
}

/// A shape that names the kinds which its schema admits.
fn of_own_kinds(mut shape: Shape) -> Shape {
    let admits = shape.admits;
    if admits == Kinds::ANY || !admits.intersects(Kinds::ANY) {
        return shape;
    }
    shape.kinds = scalars(admits);
    let items = admits
        .intersects(Kinds::ARRAY)
        .then(|| shape.items.take().unwrap_or_else(|| Shape::anything().into()));
    let object = admits.intersects(Kinds::OBJECT).then(|| shape.object.take().unwrap_or_default());
    Shape { items, object, ..shape }
}

//! Columns of related concepts, `relationship[concept].property` over several hops: their meaning in an ontology, and
//! the query that joins them to the rows of a concept.

use indexmap::IndexMap;

use super::ontology::{Ontology, Relationship};

/// The maximum number of hops of a column.
const MAX_HOPS: usize = 8;
/// The maximum number of levels of a transitive relationship.
const MAX_LEVELS: u32 = 10;
/// The property of a transitive relationship that tells how many levels were traversed.
const LEVEL: &str = "_transitivity_level";

/// A column of a related concept.
#[derive(Clone, Debug)]
pub(crate) struct Path<'a> {
    hops: Vec<Hop<'a>>,
    column: String,
}

#[derive(Clone, Debug)]
struct Hop<'a> {
    relationship: &'a Relationship,
    /// The concept at its start.
    concept: &'a str,
    /// The levels of `relationship[concept*levels]`.
    levels: Option<u32>,
    /// The column's text up to here, in lower case.
    prefix: String,
}

/// Whether a column is one of a related concept.
pub(crate) fn is_path(column: &str) -> bool {
    column.contains("].") || column.contains("]_")
}

impl<'a> Path<'a> {
    /// Returns what a column means for a concept; `None` if the ontology has no such relationship or property.
    pub(crate) fn parse(ontology: &'a Ontology, concept: &'a str, column: &str) -> Option<Self> {
        let column = column.replace(&format!("]{LEVEL}"), &format!("].{LEVEL}"));
        let (measure, column) = match column.get(..8) {
            Some(prefix) if prefix.eq_ignore_ascii_case("measure.") => ("measure.", column.get(8..)?),
            _ => ("", column.as_str()),
        };
        let mut parts: Vec<&str> = column.split("].").collect();
        let property = format!("{measure}{}", parts.pop()?);
        let mut path = Self { hops: Vec::new(), column: property };
        let (mut here, mut prefix) = (ontology.concept(concept)?.0, String::new());
        for part in parts {
            let (name, target) = part.split_once('[')?;
            let (target, levels) = match target.split_once('*') {
                Some((target, levels)) => (target, Some(levels.parse().ok()?)),
                None => (target, None),
            };
            let relationship = ontology.concept(here)?.1.relationship(name)?;
            let target = ontology.concept(target)?.0;
            let fits =
                target == relationship.target || ontology.lineage(target).contains(&&*relationship.target);
            let levels_fit =
                levels.is_none_or(|levels| relationship.transitive && (1..=MAX_LEVELS).contains(&levels));
            if !fits || !levels_fit || path.hops.len() == MAX_HOPS {
                return None;
            }
            prefix = format!("{prefix}{}].", part.to_lowercase());
            path.hops.push(Hop { relationship, concept: here, levels, prefix: prefix.clone() });
            here = target;
        }
        let last = path.hops.last()?;
        let is_level = path.column.eq_ignore_ascii_case(LEVEL) && last.levels.is_some();
        (is_level || ontology.concept(here)?.1.has_column(&path.column)).then_some(path)
    }
}

/// Returns the query for the rows of a concept with these related columns, each named as it was written.
pub(crate) fn joined(concept: &str, paths: &IndexMap<String, Path<'_>>) -> String {
    let mut numbers: IndexMap<&str, usize> = IndexMap::new();
    let (mut columns, mut joins) = (vec!["t0.*".to_owned()], String::new());
    for (name, path) in paths {
        let mut source = 0;
        for hop in &path.hops {
            let next = numbers.len() + 1;
            let number = *numbers.entry(&hop.prefix).or_insert_with(|| {
                joins.push_str(&hop.join(source, next));
                next
            });
            source = number;
        }
        let is_level = path.column.eq_ignore_ascii_case(LEVEL);
        let column =
            if is_level { format!("l{source}.level") } else { format!("t{source}.{}", quoted(&path.column)) };
        columns.push(format!("{column} AS {}", quoted(name)));
    }
    format!("SELECT {} FROM {} t0{joins}", columns.join(", "), quoted(concept))
}

impl Hop<'_> {
    fn join(&self, source: usize, number: usize) -> String {
        let Relationship { target, source: from, key, through, .. } = self.relationship;
        let (from, key, target) = (quoted(from), quoted(key), quoted(target));
        if let Some(levels) = self.levels {
            let (pairs, link) = (self.pairs(), format!("l{number}"));
            return format!(
                " LEFT JOIN (WITH RECURSIVE pair(a, b) AS ({pairs}), walk(a, b, level) AS (SELECT a, b, 1 FROM pair \
                 UNION ALL SELECT walk.a, pair.b, walk.level + 1 FROM walk JOIN pair ON pair.a = walk.b \
                 WHERE walk.level < {levels}) SELECT a, b, level FROM walk) {link} ON {link}.a = t{source}.entity_id \
                 LEFT JOIN {target} t{number} ON t{number}.entity_id = {link}.b"
            );
        }
        match through {
            Some([table, here, there]) => {
                let (table, here, there) = (quoted(&format!("#{table}")), quoted(here), quoted(there));
                format!(
                    " LEFT JOIN {table} l{number} ON l{number}.{here} = t{source}.entity_id \
                     LEFT JOIN {target} t{number} ON t{number}.entity_id = l{number}.{there}"
                )
            }
            None => format!(" LEFT JOIN {target} t{number} ON t{number}.{key} = t{source}.{from}"),
        }
    }

    /// Returns the query for the pairs of related entities.
    fn pairs(&self) -> String {
        let Relationship { target, source, key, .. } = self.relationship;
        format!(
            "SELECT s.entity_id, t.entity_id FROM {} s JOIN {} t ON t.{} = s.{}",
            quoted(self.concept),
            quoted(target),
            quoted(key),
            quoted(source)
        )
    }
}

/// Quotes a name for SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

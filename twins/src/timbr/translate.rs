//! Translates a query in Timbr's SQL for the embedded database: names of concepts, related columns, functions.
//!
//! A relationship is joined to the table reference whose columns name it, and to no other, since a join multiplies rows.

use std::ops::ControlFlow;

use indexmap::IndexMap;
use sqlparser::ast::{
    Expr, Ident, ObjectName, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableAlias,
    TableFactor, TableWithJoins, VisitMut, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::QueryError;
use super::functions::{self, Moment};
use super::ontology::Ontology;
use super::path::{self, Path, is_path};
use super::system;

/// Timbr's schemas. All of them know the same concepts and views here.
pub(crate) const SCHEMAS: [&str; 4] = ["timbr", "dtimbr", "vtimbr", "etimbr"];
/// The maximum depth of subqueries, parentheses and function calls.
const MAX_DEPTH: usize = 50;
/// The maximum size of a translated query, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A query for the embedded database.
#[derive(Clone, Debug)]
pub(crate) struct Translated {
    pub(crate) sql: String,
    /// The property from which a column of the result comes, as far as known; `None` for a computed value.
    pub(crate) columns: IndexMap<String, Option<String>>,
    /// What is read: tables, and the relationships joined to them.
    pub(crate) plan: Vec<String>,
}

/// Translates the tokens of a query.
pub(crate) fn translate(
    ontology: &Ontology,
    tokens: Vec<Token>,
    moment: &Moment,
) -> Result<Translated, QueryError> {
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(MAX_DEPTH).with_tokens(tokens);
    let mut query = parser.parse_query()?;
    let next = parser.peek_token().token;
    if next != Token::EOF {
        return Err(QueryError(format!("Syntax error: unexpected {next}.")));
    }
    let mut translator = Translator { ontology, moment, frames: Vec::new(), columns: None, plan: Vec::new() };
    if let ControlFlow::Break(error) = query.visit(&mut translator) {
        return Err(error);
    }
    let sql = query.to_string();
    if sql.len() > MAX_BYTES {
        return Err(QueryError("The query is too long.".to_owned()));
    }
    Ok(Translated { sql, columns: translator.columns.unwrap_or_default(), plan: translator.plan })
}

impl From<ParserError> for QueryError {
    fn from(error: ParserError) -> Self {
        Self(match error {
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
                format!("Syntax error: {text}.")
            }
            ParserError::RecursionLimitExceeded => "The query is nested too deeply.".to_owned(),
        })
    }
}

struct Translator<'a> {
    ontology: &'a Ontology,
    moment: &'a Moment,
    frames: Vec<Frame<'a>>,
    /// The columns of the outermost query.
    columns: Option<IndexMap<String, Option<String>>>,
    plan: Vec<String>,
}

/// The names that a query or one branch of a `UNION` introduces.
#[derive(Default)]
struct Frame<'a> {
    tables: Vec<Table<'a>>,
    /// The common table expressions, in lower case.
    expressions: Vec<String>,
    /// Whether it belongs to a query whose body is one `SELECT`.
    is_query: bool,
    is_entered: bool,
}

/// A table reference, in the order of the text.
struct Table<'a> {
    alias: String,
    kind: Kind<'a>,
    /// The related columns in use, by their names in lower case.
    paths: IndexMap<String, Path<'a>>,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Concept(&'a str),
    /// A view or a system table.
    Known(&'a str),
    /// A subquery or a common table expression.
    Other,
}

type Flow = ControlFlow<QueryError>;

impl VisitorMut for Translator<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        let names = query.with.iter().flat_map(|with| &with.cte_tables);
        let expressions = names.map(|one| one.alias.name.value.to_lowercase()).collect();
        self.frames.push(Frame { expressions, ..Frame::default() });
        if let SetExpr::Select(select) = &mut *query.body {
            self.enter(select)?;
            if let Some(frame) = self.frames.last_mut() {
                frame.is_query = true;
            }
        }
        Flow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        match self.frames.last_mut() {
            Some(frame) if frame.is_query && !frame.is_entered => frame.is_entered = true,
            _ => {
                self.frames.push(Frame { is_entered: true, ..Frame::default() });
                self.enter(select)?;
            }
        }
        Flow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> Flow {
        if self.frames.last().is_some_and(|frame| !frame.is_query) {
            self.leave(select)?;
        }
        Flow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> Flow {
        match &mut *query.body {
            SetExpr::Select(select) => self.leave(select)?,
            _ => _ = self.frames.pop(),
        }
        Flow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        let names = match expr {
            Expr::Identifier(name) => vec![name.clone()],
            Expr::CompoundIdentifier(names) => names.clone(),
            _ => return Flow::Continue(()),
        };
        let mut names = normal(names);
        if let Some(column) = names.last().filter(|name| is_path(&name.value)) {
            let alias = names.first().filter(|_| names.len() > 1).map(|name| name.value.clone());
            let column = column.value.clone();
            self.relate(alias.as_deref(), &column)?;
        }
        *expr = match names.len() {
            1 => names.pop().map_or_else(|| expr.clone(), Expr::Identifier),
            _ => Expr::CompoundIdentifier(names),
        };
        Flow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        match functions::rewrite(expr, self.ontology, self.moment) {
            Ok(()) => Flow::Continue(()),
            Err(error) => Flow::Break(error),
        }
    }

    /// A name in double quotes is never a string.
    fn pre_visit_ident(&mut self, name: &mut Ident) -> Flow {
        if name.quote_style.is_some() {
            name.quote_style = Some('`');
        }
        Flow::Continue(())
    }
}

impl<'a> Translator<'a> {
    /// Resolves the tables of a `SELECT`, and names its columns as they are written.
    fn enter(&mut self, select: &mut Select) -> Flow {
        for factor in factors(&mut select.from) {
            let table = self.table(factor)?;
            if let Kind::Concept(name) | Kind::Known(name) = table.kind {
                self.plan.push(format!("Scan {name}"));
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.tables.push(table);
            }
        }
        let mut projection = Vec::new();
        for item in std::mem::take(&mut select.projection) {
            self.project(item, &mut projection);
        }
        if self.columns.is_none() {
            self.columns = Some(projection.iter().filter_map(column).collect());
        }
        select.projection = projection;
        Flow::Continue(())
    }

    /// Resolves a table reference, and replaces it by the name in the embedded database.
    fn table(&self, factor: &mut TableFactor) -> ControlFlow<QueryError, Table<'a>> {
        let refuse = |text: String| ControlFlow::Break(QueryError(text));
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let parts: Vec<String> = name
                    .0
                    .iter()
                    .map(|part| part.as_ident().map(|ident| ident.value.clone()))
                    .collect::<Option<_>>()
                    .unwrap_or_default();
                let Some((last, schemas)) = parts.split_last() else {
                    return refuse("Table functions are not supported.".to_owned());
                };
                let is_expression = schemas.is_empty()
                    && self.frames.iter().any(|frame| frame.expressions.contains(&last.to_lowercase()));
                let kind = if is_expression {
                    Kind::Other
                } else {
                    match resolve(self.ontology, schemas, last) {
                        Some(kind) => kind,
                        None => return refuse(unknown(&parts.join("."))),
                    }
                };
                let shown = alias.as_ref().map_or_else(|| last.clone(), |alias| alias.name.value.clone());
                if let Kind::Concept(known) | Kind::Known(known) = kind {
                    *name = ObjectName::from(Ident::with_quote('`', known));
                    alias.get_or_insert_with(|| named(last));
                }
                ControlFlow::Continue(Table { alias: shown, kind, paths: IndexMap::new() })
            }
            TableFactor::Derived { alias, .. } => {
                let alias = alias.as_ref().map(|alias| alias.name.value.clone()).unwrap_or_default();
                ControlFlow::Continue(Table { alias, kind: Kind::Other, paths: IndexMap::new() })
            }
            _ => refuse("Only tables, views and subqueries can be read.".to_owned()),
        }
    }

    /// Adds a column, or those of a wildcard, each with its name as written.
    fn project(&self, item: SelectItem, projection: &mut Vec<SelectItem>) {
        let tables = self.frames.last().map(|frame| frame.tables.as_slice()).unwrap_or_default();
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let name = match &expr {
                    Expr::Identifier(name) => name.value.clone(),
                    Expr::CompoundIdentifier(names) => {
                        normal(names.clone()).pop().map(|name| name.value).unwrap_or_default()
                    }
                    expr => expr.to_string(),
                };
                projection.push(SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('`', name) });
            }
            SelectItem::Wildcard(options) => {
                if tables.iter().any(|table| table.alias.is_empty()) {
                    projection.push(SelectItem::Wildcard(options));
                } else {
                    tables.iter().for_each(|table| self.expand(table, projection));
                }
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                let last = name.0.last().and_then(|part| Some(part.as_ident()?.value.as_str()));
                let found = tables
                    .iter()
                    .find(|table| last.is_some_and(|last| table.alias.eq_ignore_ascii_case(last)));
                match found {
                    Some(table) => self.expand(table, projection),
                    None => projection.push(SelectItem::QualifiedWildcard(
                        SelectItemQualifiedWildcardKind::ObjectName(name),
                        options,
                    )),
                }
            }
            other => projection.push(other),
        }
    }

    /// Adds the columns of a table.
    fn expand(&self, table: &Table<'a>, projection: &mut Vec<SelectItem>) {
        let alias = Ident::with_quote('`', &table.alias);
        let columns: Vec<&str> = match table.kind {
            Kind::Concept(name) => self
                .ontology
                .concept(name)
                .map(|(_, concept)| concept.columns().collect())
                .unwrap_or_default(),
            Kind::Known(name) => match self.ontology.view(name) {
                Some((_, view)) => view.properties.keys().map(String::as_str).collect(),
                None => system::columns(name).map(|(column, _)| column).collect(),
            },
            Kind::Other => {
                let name = SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(alias));
                projection.push(SelectItem::QualifiedWildcard(name, Default::default()));
                return;
            }
        };
        projection.extend(columns.into_iter().map(|column| {
            let name = Ident::with_quote('`', column);
            let expr = Expr::CompoundIdentifier(vec![alias.clone(), name.clone()]);
            SelectItem::ExprWithAlias { expr, alias: name }
        }));
    }

    /// Notes a related column at the table that it belongs to, from the innermost query outwards.
    fn relate(&mut self, alias: Option<&str>, column: &str) -> Flow {
        let unknown =
            || ControlFlow::Break(QueryError(format!("There is no column with the name {column}.")));
        for frame in self.frames.iter_mut().rev() {
            let mut has_other = false;
            for table in &mut frame.tables {
                if alias.is_some_and(|alias| !alias.eq_ignore_ascii_case(&table.alias)) {
                    continue;
                }
                let Kind::Concept(concept) = table.kind else {
                    has_other = true;
                    continue;
                };
                if let Some(path) = Path::parse(self.ontology, concept, column) {
                    if table.paths.insert(column.to_lowercase(), path).is_none() {
                        self.plan.push(format!("Join {column} to {concept}"));
                    }
                    return Flow::Continue(());
                }
                if alias.is_some() {
                    return unknown();
                }
            }
            let is_union = frame.tables.is_empty() && !frame.is_query;
            if has_other || is_union {
                return Flow::Continue(());
            }
        }
        unknown()
    }

    /// Replaces the tables of a `SELECT` whose related columns are used by a query that joins them.
    fn leave(&mut self, select: &mut Select) -> Flow {
        let tables = self.frames.pop().map(|frame| frame.tables).unwrap_or_default();
        for (factor, table) in factors(&mut select.from).into_iter().zip(tables) {
            let (Kind::Concept(concept), false) = (table.kind, table.paths.is_empty()) else { continue };
            let joined = path::joined(concept, &table.paths);
            let parsed = Parser::new(&GenericDialect {})
                .try_with_sql(&joined)
                .and_then(|mut parser| parser.parse_query());
            match parsed {
                Ok(subquery) => {
                    let alias = Some(named(&table.alias));
                    *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
                }
                Err(error) => return ControlFlow::Break(error.into()),
            }
        }
        Flow::Continue(())
    }
}

/// Returns the tables and subqueries of a `FROM`, in the order of the text.
fn factors(from: &mut [TableWithJoins]) -> Vec<&mut TableFactor> {
    let mut pending: Vec<&mut TableFactor> = Vec::new();
    for one in from.iter_mut().rev() {
        pending.extend(one.joins.iter_mut().rev().map(|join| &mut join.relation));
        pending.push(&mut one.relation);
    }
    let mut found = Vec::new();
    while let Some(factor) = pending.pop() {
        match factor {
            TableFactor::NestedJoin { table_with_joins, .. } => {
                let TableWithJoins { relation, joins } = &mut **table_with_joins;
                pending.extend(joins.iter_mut().rev().map(|join| &mut join.relation));
                pending.push(relation);
            }
            factor => found.push(factor),
        }
    }
    found
}

/// Returns what a name of a table stands for.
fn resolve<'a>(ontology: &'a Ontology, schemas: &[String], name: &str) -> Option<Kind<'a>> {
    let is_known = |schema: &String| SCHEMAS.iter().any(|known| known.eq_ignore_ascii_case(schema));
    if schemas.len() > 1 || !schemas.iter().all(is_known) {
        return None;
    }
    let concept = || ontology.concept(name).map(|(name, _)| Kind::Concept(name));
    let view = || ontology.view(name).map(|(name, _)| Kind::Known(name));
    concept().or_else(view).or_else(|| system::table(name).map(Kind::Known))
}

/// States that a table is not known.
pub(crate) fn unknown(name: &str) -> String {
    format!("There is no concept or view with the name {name}.")
}

/// Drops the schema of a column's name, and joins `measure` to what follows.
fn normal(mut names: Vec<Ident>) -> Vec<Ident> {
    if names.len() > 2 && names.first().is_some_and(|first| SCHEMAS.contains(&&*first.value.to_lowercase())) {
        names.remove(0);
    }
    if let [.., first, last] = names.as_slice()
        && first.value.eq_ignore_ascii_case("measure")
    {
        let joined = Ident::with_quote('`', format!("measure.{}", last.value));
        names.truncate(names.len() - 2);
        names.push(joined);
    }
    names
}

fn named(alias: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::with_quote('`', alias), columns: Vec::new(), at: None }
}

/// Returns the name of a column, and the property from which it comes.
fn column(item: &SelectItem) -> Option<(String, Option<String>)> {
    let SelectItem::ExprWithAlias { expr, alias } = item else { return None };
    let property = match expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
        _ => None,
    };
    Some((alias.value.clone(), property))
}

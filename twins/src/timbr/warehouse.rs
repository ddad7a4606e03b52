//! Answers SQL: statements that describe an ontology, and queries over its rows.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use indexmap::IndexMap;
use sqlparser::tokenizer::Token;

use super::QueryError;
use super::coffee::time;
use super::database::{Database, Rows};
use super::functions::Moment;
use super::lexer::lex;
use super::ontology::{Environment, Ontology};
use super::statements::{self, Statement, plan};
use super::translate::translate;

/// The rows of a query, with the property from which each column comes; `None` for a computed value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) rows: Rows,
    pub(crate) properties: IndexMap<String, Option<String>>,
}

/// The ontologies with their databases, each opened by its first query.
pub(crate) struct Warehouse {
    pub(crate) environment: Environment,
    databases: IndexMap<String, OnceLock<Result<Database, QueryError>>>,
}

impl Warehouse {
    /// Returns the sample environment.
    pub(crate) fn samples() -> Self {
        let environment = Environment::samples();
        let databases = environment.ontologies.keys().map(|name| (name.clone(), OnceLock::new())).collect();
        Self { environment, databases }
    }

    /// Returns an ontology by its name.
    pub(crate) fn ontology(&self, name: &str) -> Option<&Ontology> {
        self.environment.ontologies.get(name)
    }

    /// Answers SQL of a user.
    pub(crate) fn run(&self, ontology: &str, sql: &str, user: &str) -> Result<Answer, QueryError> {
        let unknown = || QueryError(format!("There is no ontology with the name {ontology}."));
        let known = self.ontology(ontology).ok_or_else(unknown)?;
        let database = self.databases.get(ontology).ok_or_else(unknown)?;
        let database = database
            .get_or_init(|| Database::open(&self.environment, ontology, now()))
            .as_ref()
            .map_err(Clone::clone)?;
        let moment = Moment { now: time(now()), user: user.to_owned() };
        let tokens = lex(sql)?;
        if tokens.is_empty() {
            return Err(QueryError("The query is empty.".to_owned()));
        }
        match statements::read(known, &tokens).transpose()? {
            None => query(known, database, tokens, &moment),
            Some(Statement::Query(sql)) => query(known, database, lex(&sql)?, &moment),
            Some(Statement::Rows(rows)) => Ok(Answer { rows, properties: IndexMap::new() }),
            Some(Statement::Explain(tokens)) => {
                let translated = translate(known, tokens, &moment)?;
                database.run(&format!("SELECT * FROM ({}) LIMIT 0", translated.sql))?;
                Ok(Answer { rows: plan(&translated.plan), properties: IndexMap::new() })
            }
        }
    }
}

fn query(
    ontology: &Ontology,
    database: &Database,
    tokens: Vec<Token>,
    moment: &Moment,
) -> Result<Answer, QueryError> {
    let translated = translate(ontology, tokens, moment)?;
    Ok(Answer { rows: database.run(&translated.sql)?, properties: translated.columns })
}

/// Returns the seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

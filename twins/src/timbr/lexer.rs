//! Splits SQL into tokens, and bounds them before anything is parsed.

use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Word};

use super::QueryError;

/// The maximum size of the SQL, in bytes.
const MAX_BYTES: usize = 1 << 16;
/// The maximum number of operators: each deepens the tree of an expression by one.
const MAX_OPERATORS: usize = 500;

/// Returns the tokens of one statement without comments. `made_order[order].amount` is one word, quoted or not.
pub(crate) fn lex(sql: &str) -> Result<Vec<Token>, QueryError> {
    if sql.len() > MAX_BYTES {
        return Err(QueryError("The query is too long.".to_owned()));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql)
        .tokenize()
        .map_err(|error| QueryError(format!("Syntax error: {}.", error.message)))?;
    let mut tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    while tokens.last() == Some(&Token::SemiColon) {
        tokens.pop();
    }
    if tokens.contains(&Token::SemiColon) {
        return Err(QueryError("Only one statement can be run.".to_owned()));
    }
    if tokens.iter().filter(|token| is_operator(token)).count() > MAX_OPERATORS {
        return Err(QueryError(format!("The query has more than {MAX_OPERATORS} operators.")));
    }
    Ok(merged(&tokens))
}

/// Whether a token combines expressions or queries.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::XOR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::ILIKE
                | Keyword::IN
                | Keyword::BETWEEN
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::COLLATE
                | Keyword::AT
        ),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::LBracket
        | Token::RBracket => false,
        _ => true,
    }
}

/// Joins the tokens of each name of a related column to one word.
fn merged(tokens: &[Token]) -> Vec<Token> {
    let mut merged = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        match related(rest) {
            Some((name, used)) => {
                let word = Word { value: name, quote_style: Some('`'), keyword: Keyword::NoKeyword };
                merged.push(Token::Word(word));
                rest = rest.get(used..).unwrap_or_default();
            }
            None => {
                merged.push(first.clone());
                rest = after;
            }
        }
    }
    merged
}

/// Returns the name of a related column at the start of the tokens, and the number of tokens.
fn related(tokens: &[Token]) -> Option<(String, usize)> {
    let (mut name, mut used) = (String::new(), 0);
    loop {
        let rest = tokens.get(used..)?;
        if let Some((hop, length)) = hop(rest) {
            name.push_str(&hop);
            used += length;
            match tokens.get(used) {
                Some(Token::Period) => name.push('.'),
                // The level of a transitive relationship: `reports_to[person*3]_transitivity_level`.
                Some(Token::Word(word)) if word.value.starts_with("_transitivity") => {
                    name.push_str(&word.value);
                    return Some((name, used + 1));
                }
                _ => return None,
            }
            used += 1;
        } else if let (false, Some(Token::Word(word))) = (name.is_empty(), rest.first()) {
            name.push_str(&word.value);
            return Some((name, used + 1));
        } else {
            return None;
        }
    }
}

/// Returns `relationship[concept]` or `relationship[concept*3]` at the start of the tokens.
fn hop(tokens: &[Token]) -> Option<(String, usize)> {
    let (prefix, rest, used) = match tokens {
        [Token::Tilde, rest @ ..] => ("~", rest, 1),
        _ => ("", tokens, 0),
    };
    match rest {
        [Token::Word(name), Token::LBracket, Token::Word(target), Token::RBracket, ..] => {
            Some((format!("{prefix}{}[{}]", name.value, target.value), used + 4))
        }
        [
            Token::Word(name),
            Token::LBracket,
            Token::Word(target),
            Token::Mul,
            Token::Number(levels, _),
            Token::RBracket,
            ..,
        ] => Some((format!("{prefix}{}[{}*{levels}]", name.value, target.value), used + 6)),
        _ => None,
    }
}

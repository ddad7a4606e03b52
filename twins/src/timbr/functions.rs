//! Functions, casts and intervals of Timbr's SQL, rewritten to those of the embedded database.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Interval,
    Value, visit_expressions_mut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

use super::QueryError;
use super::ontology::Ontology;

/// The moment of a query, and who asks.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// `2026-01-19 09:12:00`, UTC.
    pub(crate) now: String,
    pub(crate) user: String,
}

/// The functions with their arguments and what they become.
const FUNCTIONS: [(&str, usize, &str); 46] = [
    ("year", 1, "CAST(strftime('%Y', $1) AS INTEGER)"),
    ("quarter", 1, "(CAST(strftime('%m', $1) AS INTEGER) + 2) / 3"),
    ("month", 1, "CAST(strftime('%m', $1) AS INTEGER)"),
    ("week", 1, "CAST(strftime('%V', $1) AS INTEGER)"),
    ("weekofyear", 1, "CAST(strftime('%V', $1) AS INTEGER)"),
    ("day", 1, "CAST(strftime('%d', $1) AS INTEGER)"),
    ("dayofmonth", 1, "CAST(strftime('%d', $1) AS INTEGER)"),
    ("dayofyear", 1, "CAST(strftime('%j', $1) AS INTEGER)"),
    ("dayofweek", 1, "CAST(strftime('%w', $1) AS INTEGER) + 1"),
    ("hour", 1, "CAST(strftime('%H', $1) AS INTEGER)"),
    ("minute", 1, "CAST(strftime('%M', $1) AS INTEGER)"),
    ("second", 1, "CAST(strftime('%S', $1) AS INTEGER)"),
    ("to_date", 1, "date($1)"),
    ("to_timestamp", 1, "datetime($1)"),
    ("timestamp", 1, "datetime($1)"),
    ("last_day", 1, "date($1, 'start of month', '+1 month', '-1 day')"),
    ("unix_timestamp", 1, "CAST(strftime('%s', $1) AS INTEGER)"),
    ("from_unixtime", 1, "datetime($1, 'unixepoch')"),
    ("datediff", 2, "CAST(julianday(date($1)) - julianday(date($2)) AS INTEGER)"),
    ("date_add", 2, "date($1, $2 || ' days')"),
    ("date_sub", 2, "date($1, (0 - $2) || ' days')"),
    ("add_months", 2, "date($1, $2 || ' months')"),
    ("nvl", 2, "ifnull($1, $2)"),
    ("if", 3, "iif($1, $2, $3)"),
    ("left", 2, "substr($1, 1, $2)"),
    ("right", 2, "substr($1, 0 - $2)"),
    ("locate", 2, "instr($2, $1)"),
    ("char_length", 1, "length($1)"),
    ("character_length", 1, "length($1)"),
    ("len", 1, "length($1)"),
    ("ucase", 1, "upper($1)"),
    ("lcase", 1, "lower($1)"),
    ("initcap", 1, "upper(substr($1, 1, 1)) || lower(substr($1, 2))"),
    ("pow", 2, "power($1, $2)"),
    ("isnull", 1, "($1 IS NULL)"),
    ("isnotnull", 1, "($1 IS NOT NULL)"),
    ("greatest", 2, "max($1, $2)"),
    ("least", 2, "min($1, $2)"),
    ("greatest", 3, "max($1, $2, $3)"),
    ("least", 3, "min($1, $2, $3)"),
    ("count_if", 1, "sum(iif($1, 1, 0))"),
    ("any_value", 1, "min($1)"),
    ("first", 1, "min($1)"),
    ("approx_count_distinct", 1, "count(DISTINCT $1)"),
    ("collect_list", 1, "group_concat($1)"),
    ("mean", 1, "avg($1)"),
];

/// The permitted functions of the database: those without randomness, files or large memory.
pub(crate) const PERMITTED: [&str; 57] = [
    "abs",
    "avg",
    "ceil",
    "ceiling",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "cume_dist",
    "date",
    "datetime",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "glob",
    "group_concat",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "ln",
    "log",
    "log10",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "power",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "time",
    "total",
    "trim",
    "trunc",
    "unicode",
    "upper",
];

/// The first day or moment of the unit in which a moment lies.
const TRUNCATED: [(&str, &str); 7] = [
    ("year", "date($1, 'start of year')"),
    ("quarter", "date($1, 'start of month', '-' || ((strftime('%m', $1) - 1) % 3) || ' months')"),
    ("month", "date($1, 'start of month')"),
    ("week", "date($1, 'weekday 0', '-6 days')"),
    ("day", "date($1)"),
    ("hour", "strftime('%Y-%m-%d %H:00:00', $1)"),
    ("minute", "strftime('%Y-%m-%d %H:%M:00', $1)"),
];

/// The letters of a date pattern, longest first, and what they become.
const PATTERNS: [(&str, &str); 16] = [
    ("yyyy", "%Y"),
    ("YYYY", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("DD", "%d"),
    ("HH", "%H"),
    ("hh", "%I"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("D", "%j"),
    ("a", "%p"),
    ("u", "%u"),
    ("%i", "%M"),
    ("%s", "%S"),
    ("%T", "%H:%M:%S"),
    ("%y", "%Y"),
];

/// Rewrites one expression whose parts are rewritten already.
///
/// # Errors
/// Names a function that there is not.
pub(crate) fn rewrite(expr: &mut Expr, ontology: &Ontology, moment: &Moment) -> Result<(), QueryError> {
    let replaced = match &*expr {
        Expr::Function(function) => call(function, ontology, moment),
        Expr::Extract { field, expr, .. } => named(&field.to_string(), &[(**expr).clone()]),
        Expr::Position { expr, r#in } => template("instr($2, $1)", &[(**expr).clone(), (**r#in).clone()]),
        Expr::TypedString(typed) => Some(Expr::Value(typed.value.clone())),
        Expr::ILike { negated, any, expr, pattern, escape_char } => Some(Expr::Like {
            negated: *negated,
            any: *any,
            expr: expr.clone(),
            pattern: pattern.clone(),
            escape_char: escape_char.clone(),
        }),
        Expr::Cast { expr, data_type, .. } => cast(expr, data_type),
        Expr::BinaryOp { left, op, right } => binary(left, op, right, ontology),
        _ => None,
    };
    match (replaced, &*expr) {
        (Some(replaced), _) => *expr = replaced,
        (None, Expr::Function(function)) => {
            let name = function.name.to_string();
            if !PERMITTED.contains(&name.trim_matches('`').to_lowercase().as_str()) {
                return Err(QueryError(format!("There is no function with the name {name}.")));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Rewrites arithmetic: quotients are exact, and intervals move dates.
fn binary(left: &Expr, op: &BinaryOperator, right: &Expr, ontology: &Ontology) -> Option<Expr> {
    let sign = match op {
        BinaryOperator::Divide => return template("(1.0 * ($1)) / ($2)", &[left.clone(), right.clone()]),
        BinaryOperator::Plus => 1,
        BinaryOperator::Minus => -1,
        _ => return None,
    };
    match (left, right) {
        (_, Expr::Interval(interval)) => moved(left, sign, interval, ontology),
        (Expr::Interval(interval), _) if sign == 1 => moved(right, 1, interval, ontology),
        _ => None,
    }
}

fn moved(date: &Expr, sign: i64, interval: &Interval, ontology: &Ontology) -> Option<Expr> {
    let text = match &*interval.value {
        Expr::Value(value) => value.value.clone().into_string(),
        _ => None,
    };
    // `INTERVAL '30 days'` has its unit in the text.
    let (amount, unit) =
        match (&interval.leading_field, text.as_deref().and_then(|text| text.split_once(' '))) {
            (Some(field), _) => ((*interval.value).clone(), field.to_string()),
            (None, Some((amount, unit))) => {
                (expression(&amount.parse::<i64>().ok()?.to_string())?, unit.to_owned())
            }
            (None, None) => return None,
        };
    let unit = unit.to_lowercase();
    let (factor, unit) = match unit.trim_end_matches('s') {
        "week" => (7, "day"),
        "quarter" => (3, "month"),
        unit @ ("year" | "month" | "day" | "hour" | "minute" | "second") => (1, unit),
        _ => return None,
    };
    let is_day = matches!(unit, "year" | "month" | "day") && is_date(date, ontology);
    let function = if is_day { "date" } else { "datetime" };
    template(&format!("{function}($1, ({} * $2) || ' {unit}s')", sign * factor), &[date.clone(), amount])
}

/// Whether an expression is a date without a time.
fn is_date(expr: &Expr, ontology: &Ontology) -> bool {
    match expr {
        Expr::Value(value) => value.value.clone().into_string().is_some_and(|text| text.len() == 10),
        Expr::Function(function) => function.name.to_string().eq_ignore_ascii_case("date"),
        Expr::Identifier(name) => ontology.property(&name.value).is_some_and(|one| one.kind == "date"),
        Expr::CompoundIdentifier(names) => {
            names.last().and_then(|name| ontology.property(&name.value)).is_some_and(|one| one.kind == "date")
        }
        Expr::Nested(inner) => matches!(&**inner, Expr::Function(_)) && is_date(inner, ontology),
        _ => false,
    }
}

fn cast(expr: &Expr, data_type: &DataType) -> Option<Expr> {
    let name = data_type.to_string().to_lowercase();
    let name = name.split(['(', ' ']).next().unwrap_or_default();
    let text = match name {
        "date" => "date($1)",
        "timestamp" | "datetime" => "datetime($1)",
        "varchar" | "char" | "string" | "text" | "nvarchar" | "character" => "CAST($1 AS TEXT)",
        "int" | "integer" | "bigint" | "smallint" | "tinyint" | "boolean" | "bool" | "long" => {
            "CAST($1 AS INTEGER)"
        }
        "decimal" | "numeric" | "float" | "double" | "real" => "CAST($1 AS REAL)",
        _ => return None,
    };
    template(text, std::slice::from_ref(expr))
}

fn call(function: &Function, ontology: &Ontology, moment: &Moment) -> Option<Expr> {
    let name = function.name.to_string().to_lowercase();
    let arguments = arguments(&function.args)?;
    match (name.trim_matches('`'), arguments.as_slice()) {
        ("now" | "current_timestamp" | "localtimestamp", []) => text(&moment.now),
        ("current_date" | "curdate", []) => text(moment.now.get(..10)?),
        ("timbr_username" | "current_user", []) => text(&moment.user),
        ("date_format", [date, pattern]) => {
            template(&format!("strftime('{}', $1)", pattern_of(pattern)?), std::slice::from_ref(date))
        }
        ("date_trunc" | "trunc", [first, second]) => {
            let (unit, date) = if name == "trunc" { (second, first) } else { (first, second) };
            let unit = literal(unit)?.to_lowercase();
            template(TRUNCATED.iter().find(|(name, _)| *name == unit)?.1, std::slice::from_ref(date))
        }
        ("date_add" | "date_sub", [date, Expr::Interval(interval)]) => {
            moved(date, if name == "date_add" { 1 } else { -1 }, interval, ontology)
        }
        (name, arguments) => named(name, arguments),
    }
}

/// Returns what a function of the table becomes.
fn named(name: &str, arguments: &[Expr]) -> Option<Expr> {
    let fits = |(known, count, _): &&(&str, usize, &str)| {
        known.eq_ignore_ascii_case(name) && *count == arguments.len()
    };
    template(FUNCTIONS.iter().find(fits)?.2, arguments)
}

/// Returns the arguments of a function if each is an expression.
fn arguments(arguments: &FunctionArguments) -> Option<Vec<Expr>> {
    match arguments {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
                _ => None,
            })
            .collect(),
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => value.value.clone().into_string(),
        Expr::Identifier(name) => Some(name.value.clone()),
        _ => None,
    }
}

/// Converts the pattern of `date_format`, `yyyy-MM-dd` or `%Y-%m-%d`; `None` for a quote.
fn pattern_of(pattern: &Expr) -> Option<String> {
    let pattern = literal(pattern)?;
    let with_percents = pattern.contains('%');
    let (mut rest, mut converted) = (pattern.as_str(), String::new());
    while let Some(first) = rest.chars().next() {
        let known = PATTERNS
            .iter()
            .find(|(letters, _)| rest.starts_with(letters) && letters.starts_with('%') == with_percents);
        match known {
            Some((letters, specifier)) => {
                converted.push_str(specifier);
                rest = rest.get(letters.len()..).unwrap_or_default();
            }
            None if first == '\'' => return None,
            // A specifier such as `%m` keeps its letter.
            None => {
                let length = if first == '%' {
                    rest.chars().take(2).map(char::len_utf8).sum()
                } else {
                    first.len_utf8()
                };
                converted.push_str(rest.get(..length)?);
                rest = rest.get(length..).unwrap_or_default();
            }
        }
    }
    (!converted.contains('\'')).then_some(converted)
}

fn text(value: &str) -> Option<Expr> {
    Some(Expr::value(Value::SingleQuotedString(value.to_owned())))
}

fn expression(sql: &str) -> Option<Expr> {
    Parser::new(&GenericDialect {}).try_with_sql(sql).ok()?.parse_expr().ok()
}

/// Returns an expression with `$1`, `$2` … replaced.
fn template(sql: &str, arguments: &[Expr]) -> Option<Expr> {
    let mut expr = expression(sql)?;
    let _ = visit_expressions_mut(&mut expr, |part: &mut Expr| {
        if let Expr::Value(value) = part
            && let Value::Placeholder(name) = &value.value
            && let Some(number) = name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok())
            && let Some(argument) = number.checked_sub(1).and_then(|at| arguments.get(at))
        {
            *part = enclosed(argument.clone());
        }
        ControlFlow::<()>::Continue(())
    });
    Some(enclosed(expr))
}

/// Encloses an expression whose operators could bind to those around it.
fn enclosed(expr: Expr) -> Expr {
    match expr {
        Expr::Value(_)
        | Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Function(_)
        | Expr::Cast { .. }
        | Expr::Subquery(_)
        | Expr::Nested(_) => expr,
        _ => Expr::Nested(Box::new(expr)),
    }
}

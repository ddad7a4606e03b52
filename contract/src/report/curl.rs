//! The `curl` line that makes a call again. Secrets stand in it as `$NAME`.

use super::Report;
use crate::case::{Call, Input, Step};
use crate::credentials::MARK;
use crate::exchange::{Exchange, HttpRequest};
use crate::expression::evaluate;
use crate::wire::{self, BASE64, UPPER_CASE};

/// The line for a call; `exchanges` are those of its case, which it may take values from.
pub fn curl(report: &Report<'_>, call: &Call, exchanges: &[Exchange]) -> String {
    match wire::encode(report.api, call, &report.credentials.redacted(), exchanges) {
        Ok(wire) => line(&wire, &report.base, &report.credentials.variables()),
        Err(reason) => format!("(no curl line: {reason})"),
    }
}

/// Returns the lines that make the calls of a case again; what an answer names is taken from it: `ID1=$(curl … | jq …)`.
pub(super) fn script(report: &Report<'_>, steps: &[Step], exchanges: &[Exchange]) -> Vec<String> {
    let mut variables = report.credentials.variables();
    let mut lines = Vec::new();
    let tried = steps.iter().take(exchanges.len().max(1));
    for (at, step) in tried.enumerate() {
        let wire = wire::encode(report.api, &step.call, &report.credentials.redacted(), exchanges);
        let mut wire = match wire {
            Ok(wire) => wire,
            Err(reason) => {
                lines.push(format!("(no curl line: {reason})"));
                continue;
            }
        };
        for (_, _, input) in &step.call.parameters {
            if let Input::Link { step, expression } = input
                && let Some(value) = exchanges.get(*step).and_then(|exchange| evaluate(expression, exchange))
            {
                wire.target = named(&wire.target, &value, *step + 1);
            }
        }
        let line = line(&wire, &report.base, &variables);
        lines.push(match links(steps, at) {
            Some(expression) => {
                variables.push(format!("ID{}", at + 1));
                format!("ID{}=$({} | {})", at + 1, line.replacen("curl -i", "curl -si", 1), taken(expression))
            }
            None => line,
        });
    }
    lines
}

/// The expression by which later steps take something from a step.
fn links(steps: &[Step], at: usize) -> Option<&str> {
    let inputs = steps.iter().flat_map(|step| &step.call.parameters).map(|(_, _, input)| input);
    let mut links = inputs.filter_map(|input| match input {
        Input::Link { step, expression } if *step == at => Some(expression.as_str()),
        _ => None,
    });
    links.next()
}

/// A target in which the segment of a value is a variable.
fn named(target: &str, value: &serde_json::Value, number: usize) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let segments = path.split('/').map(|segment| match segment == text {
        true => format!("{MARK}ID{number}{MARK}"),
        false => segment.to_owned(),
    });
    let path = segments.collect::<Vec<_>>().join("/");
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

/// The filter that takes what an expression finds from the output of `curl -si`.
fn taken(expression: &str) -> String {
    match expression.strip_prefix("$response.body#/") {
        Some(pointer) => {
            let path = pointer
                .split('/')
                .map(|segment| format!("[\"{}\"]", segment.replace('"', "")))
                .collect::<String>();
            format!("sed '1,/^\\r*$/d' | jq -r {}", quoted(&format!(".{path}"), &[]))
        }
        None => r"sed -n 's|^[Ll]ocation:.*/\([^/?#[:space:]]\{1,\}\).*|\1|p'".to_owned(),
    }
}

/// A text in which `$NAME` stands for each secret.
pub(super) fn plain(text: &str) -> String {
    let part = |(at, part): (usize, &str)| match at % 2 {
        0 => part.to_owned(),
        _ => format!("${{{}}}", part.strip_prefix(BASE64).unwrap_or(part)),
    };
    text.split(MARK).enumerate().map(part).collect()
}

fn line(wire: &HttpRequest, base: &str, variables: &[String]) -> String {
    let quoted = |text: &str| quoted(text, variables);
    let mut words = vec!["curl -i".to_owned()];
    match wire.method.as_str() {
        "GET" if wire.body.is_none() => {}
        "HEAD" => words.push("-I".to_owned()),
        method => words.push(format!("-X {}", quoted(method))),
    }
    words.push(quoted(&format!("{base}{}", wire.target)));
    for (name, value) in &wire.headers {
        // curl takes `Name;` for a header without a value.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        words.push(format!("-H {}", quoted(&header)));
    }
    if let Some(body) = &wire.body {
        words.push(match std::str::from_utf8(body) {
            // `--data-binary @x` would send the file x.
            Ok(text) if text.starts_with('@') => format!("--data-raw {}", quoted(text)),
            Ok(text) => format!("--data-binary {}", quoted(text)),
            Err(_) => format!("--data-binary @- # {} bytes that are not text", body.len()),
        });
    }
    words.join(" ")
}

/// A word of a shell line: all of it in single quotes, so that no text of a document is read by the shell, but for
/// the variables that stand for secrets.
fn quoted(text: &str, variables: &[String]) -> String {
    let mut word = String::new();
    for (at, part) in text.split(MARK).enumerate() {
        let expansion = part.strip_prefix(BASE64).unwrap_or(part);
        let name = expansion.strip_suffix(UPPER_CASE).or(expansion.trim_end_matches('?').strip_suffix('%'));
        let name = name.unwrap_or(expansion);
        let known = at % 2 == 1 && variables.iter().any(|variable| variable == name);
        let expanded = if name == expansion { format!("${name}") } else { format!("${{{expansion}}}") };
        word.push_str(&match known {
            true if expansion == part => format!("\"{expanded}\""),
            true => format!("\"$(printf %s \"{expanded}\" | base64 | tr -d '\\n')\""),
            false if part.is_empty() => String::new(),
            false => format!("'{}'", part.replace('\'', r"'\''")),
        });
    }
    if word.is_empty() { "''".to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stand_ins_of_known_secrets_are_read_by_the_shell() {
        let check =
            |text: &str, expected: &str| assert_eq!(quoted(text, &["KEY".to_owned()]), expected, "{text:?}");
        check("plain", "'plain'");
        check("", "''");
        check("it's $(rm -rf ~) `x` $HOME", r"'it'\''s $(rm -rf ~) `x` $HOME'");
        check("Authorization: Bearer \u{1}KEY\u{1}", "'Authorization: Bearer '\"$KEY\"");
        check("\u{1}KEY\u{1}-wrong", "\"$KEY\"'-wrong'");
        check("\u{1}KEY%?\u{1}", "\"${KEY%?}\"");
        check("\u{1}PATH\u{1}", "'PATH'");
        check("\u{1}base64 KEY\u{1}", "\"$(printf %s \"$KEY\" | base64 | tr -d '\\n')\"");
    }

    #[test]
    fn a_body_never_names_a_file() {
        let wire = HttpRequest {
            method: "POST".into(),
            target: "/a".into(),
            body: Some("@/etc/passwd".into()),
            ..HttpRequest::default()
        };
        assert_eq!(line(&wire, "http://h", &[]), "curl -i -X 'POST' 'http://h/a' --data-raw '@/etc/passwd'");
    }
}

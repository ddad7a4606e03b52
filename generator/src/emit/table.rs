//! How the tables of the runtime's macros are laid out: one line where it fits, else a line an entry, or as many names
//! to a line as fit.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// As in `rustfmt.toml`s that one meets: rustfmt leaves the tables of macros as they are.
const WIDTH: usize = 100;

/// An invocation with braces: `rt::object! { Pet { id, name } optional { tag } }`.
pub(super) fn print(path: &str, tokens: TokenStream) -> String {
    let flat = format!("{path}! {{ {} }}\n", flat(tokens.clone()));
    if flat.len() <= WIDTH && !flat.contains("#[doc") {
        return flat;
    }
    let sections = sections(tokens);
    let mut text = format!("{path}! {{");
    match sections.as_slice() {
        [only] => {
            text.push(' ');
            section(only, 0, 0, ",", &mut text);
            text.push_str(" }\n");
        }
        several => {
            for part in several {
                text.push_str("\n    ");
                section(part, 4, WIDTH - 4, ",", &mut text);
            }
            text.push_str("\n}\n");
        }
    }
    text
}

/// Splits behind every group in braces.
fn sections(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut sections = vec![Vec::new()];
    for token in tokens {
        let ends = matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        sections.last_mut().into_iter().for_each(|last| last.push(token.clone()));
        if ends {
            sections.push(Vec::new());
        }
    }
    sections.retain(|section| !section.is_empty());
    sections
}

/// What is longer than `room` is broken at its last group, and before if what stands there is too long as well; the
/// entries end in `end`.
fn section(tokens: &[TokenTree], indent: usize, room: usize, end: &str, text: &mut String) {
    let line = flat(tokens.iter().cloned().collect());
    let last = tokens.iter().enumerate().rev().find_map(|(at, token)| match token {
        TokenTree::Group(group) if !is_type(group) => Some((at, group)),
        _ => None,
    });
    let Some((at, group)) = last.filter(|_| line.len() > room) else { return text.push_str(&line) };
    let (head, rest) = (tokens.get(..at).unwrap_or_default(), tokens.get(at + 1..).unwrap_or_default());
    let after_sign = matches!(head.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&');
    let after_key = matches!(head.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let (open, close) = match group.delimiter() {
        Delimiter::Brace => (" {", '}'),
        Delimiter::Bracket if after_sign => ("[", ']'),
        Delimiter::Bracket => (" [", ']'),
        Delimiter::Parenthesis | Delimiter::None => ("(", ')'),
    };
    section(head, indent, WIDTH.max(room), end, text);
    text.push_str(if after_key { " " } else { "" });
    let glued = head.is_empty() || after_key;
    text.push_str(if glued { open.trim_start() } else { open });
    entries(group, indent + 4, text);
    text.truncate(text.trim_end_matches(',').len());
    text.push_str(if group.stream().is_empty() { "" } else { end });
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
    let rest = flat(rest.iter().cloned().collect());
    text.push_str(if rest.is_empty() || rest.starts_with(',') { "" } else { " " });
    text.push_str(&rest);
}

/// Rows stand on lines of their own; names and pairs share them.
fn entries(group: &Group, indent: usize, text: &mut String) {
    let entries = split(group.stream());
    let rows = entries.iter().flatten().any(is_of_row);
    let starts: String = format!("\n{}", " ".repeat(indent));
    let mut column = usize::MAX;
    for entry in entries {
        let (docs, entry) = documented(&entry);
        docs.iter().for_each(|line| text.push_str(&format!("{starts}///{line}")));
        let line = flat(entry.iter().cloned().collect());
        if rows || column.saturating_add(line.len() + 2) > WIDTH {
            text.push_str(&starts);
            // Macros match a row to its end: no comma may be its last.
            section(entry, indent, WIDTH.saturating_sub(indent + 1), "", text);
            column = indent + line.len() + 1;
        } else {
            text.push(' ');
            text.push_str(&line);
            column += line.len() + 2;
        }
        text.push(',');
    }
}

/// The lines of an entry's documentation, and the entry without it.
fn documented(entry: &[TokenTree]) -> (Vec<String>, &[TokenTree]) {
    let (mut docs, mut rest) = (Vec::new(), entry);
    while let [TokenTree::Punct(sign), TokenTree::Group(attribute), behind @ ..] = rest {
        let literal = attribute.stream().into_iter().nth(2).map(|literal| syn::parse2(literal.into()));
        let (Some(Ok::<syn::LitStr, _>(line)), '#') = (literal, sign.as_char()) else { break };
        docs.push(line.value());
        rest = behind;
    }
    (docs, rest)
}

/// A type stands in a group without delimiters, and is not taken apart.
fn is_type(group: &Group) -> bool {
    group.delimiter() == Delimiter::None
}

fn is_of_row(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => !is_type(group),
        TokenTree::Punct(punct) => punct.as_char() == '>',
        _ => false,
    }
}

/// Splits at commas.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let parts = tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    parts.filter(|part| !part.is_empty()).map(<[TokenTree]>::to_vec).collect()
}

/// All on one line, spaces where a person puts them.
fn flat(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut glued = true;
    let mut before_colon = false;
    for token in tokens {
        let is_path = std::mem::replace(&mut before_colon, false);
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                text.push_str(if glued { "" } else { " " });
                text.push_str(&tight(group.stream()));
                glued = false;
            }
            TokenTree::Group(group) => {
                let spaced = group.delimiter() != Delimiter::Parenthesis;
                text.push_str(if spaced && !glued { " " } else { "" });
                text.push_str(&flat_group(&group));
                glued = false;
            }
            TokenTree::Punct(punct) => {
                let joint = punct.spacing() == Spacing::Joint;
                before_colon = punct.as_char() == ':' && joint;
                let (before, mut after) = spaces(punct.as_char(), joint);
                after |= punct.as_char() == ':' && !joint && !is_path;
                text.push_str(if before && !glued { " " } else { "" });
                text.push(punct.as_char());
                glued = joint || !after;
                if !glued {
                    text.push(' ');
                    glued = true;
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                text.push_str(if glued { "" } else { " " });
                text.push_str(&token.to_string());
                glued = false;
            }
        }
    }
    text.trim_end().to_owned()
}

fn flat_group(group: &Group) -> String {
    enclosed(group, flat(group.stream()).trim_end_matches(','))
}

fn enclosed(group: &Group, inner: &str) -> String {
    match (group.delimiter(), inner) {
        (Delimiter::Brace, "") => "{}".to_owned(),
        (Delimiter::Brace, inner) => format!("{{ {inner} }}"),
        (Delimiter::Bracket, inner) => format!("[{inner}]"),
        (Delimiter::Parenthesis | Delimiter::None, inner) => format!("({inner})"),
    }
}

/// A type, which stands in a group without delimiters.
fn tight(tokens: TokenStream) -> String {
    let mut text = String::new();
    for token in tokens {
        let between_words = text.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        match token {
            TokenTree::Group(group) => text.push_str(&enclosed(&group, &tight(group.stream()))),
            TokenTree::Punct(punct) if punct.as_char() == ',' => text.push_str(", "),
            TokenTree::Ident(ident) if between_words => text.push_str(&format!(" {ident}")),
            token => text.push_str(&token.to_string()),
        }
    }
    text
}

/// Whether there is a space before and behind a sign; two dots are told from one by being joint.
fn spaces(sign: char, joint: bool) -> (bool, bool) {
    match sign {
        ',' => (false, true),
        ':' | '?' => (false, false),
        '-' => (joint, false),
        '&' | '@' => (true, false),
        '.' => (joint, false),
        _ => (true, true),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group};
    use quote::quote;

    fn check(tokens: proc_macro2::TokenStream, expected: &str) {
        assert_eq!(super::print("rt::t", tokens), expected.trim_start());
    }

    #[test]
    fn documentation_stands_above_its_entry() {
        check(
            quote!(ListCall -> ListResponse { #[doc = " The most items."] limit: i64 = query "limit" FORM }),
            r#"
rt::t! { ListCall -> ListResponse {
    /// The most items.
    limit: i64 = query "limit" FORM,
} }
"#,
        );
    }

    #[test]
    fn tables_read_as_if_written_by_hand() {
        check(
            quote!(Pet { id, r#type = "type" } optional { tag, } ..extra),
            "rt::t! { Pet { id, r#type = \"type\" } optional { tag } ..extra }\n",
        );
        let [text, map] = [quote!(impl Into<String>), quote!(rt::Map<(i64, Vec<&'static str>)>)]
            .map(|ty| Group::new(Delimiter::None, ty));
        check(
            quote!(Pet { id: #text, r#type: #map = "type" }),
            "rt::t! { Pet { id: impl Into<String>, r#type: rt::Map<(i64, Vec<&'static str>)> = \"type\" } }\n",
        );
        check(
            quote!(ListResponse { 200 => Ok { json, headers }, 404 => NotFound(text "text/plain" | "text/html"),
                default => Default(status, shaped "application/xml" as SHAPE) }),
            r#"
rt::t! { ListResponse {
    200 => Ok { json, headers },
    404 => NotFound(text "text/plain" | "text/html"),
    default => Default(status, shaped "application/xml" as SHAPE),
} }
"#,
        );
        check(
            quote!(Answer { 200 => Ok { choice "application/json" | "application/vnd.example.diff+json" |
                "application/vnd.example.patch", headers }, 404 => NotFound }),
            r#"
rt::t! { Answer {
    200 => Ok {
        choice "application/json" | "application/vnd.example.diff+json" | "application/vnd.example.patch",
        headers
    },
    404 => NotFound,
} }
"#,
        );
        check(
            quote!(Kind { Aaaaaaaaaaaaaaaaaaaaa = "a", Bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb = "b", Cccccccccccccccccc = "c",
                ..Other }),
            r#"
rt::t! { Kind {
    Aaaaaaaaaaaaaaaaaaaaa = "a", Bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb = "b", Cccccccccccccccccc = "c",
    ..Other,
} }
"#,
        );
        check(
            quote!(static PET(XmlName = "pet") { "id": integer, "kind": (string, OneOf(&["aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"])), "tags": ([@TAG], XmlWrapped), "status":
                (string, OneOf(&["available", "pending"])), .. rt::any }),
            r#"
rt::t! { static PET(XmlName = "pet") {
    "id": integer,
    "kind": (
        string,
        OneOf(&["aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"])
    ),
    "tags": ([@TAG], XmlWrapped),
    "status": (string, OneOf(&["available", "pending"])),
    ..rt::any,
} }
"#,
        );
        check(
            quote!(Get { q = query("q", FORM.reserved(), array | [string, min(-1)]), body = body(json "application/json"),
                long = header("x-long", SIMPLE, string) }),
            r#"
rt::t! { Get {
    q = query("q", FORM.reserved(), array | [string, min(-1)]),
    body = body(json "application/json"),
    long = header("x-long", SIMPLE, string),
} }
"#,
        );
    }
}

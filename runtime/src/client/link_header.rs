//! The header `Link` (RFC 8288).

use http::HeaderMap;
use http::header::LINK;

/// Returns the target of the first link with the relation `next`.
pub(super) fn next(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(LINK).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(links).find(|link| link.is_next).map(|link| link.target.to_owned())
}

struct Link<'t> {
    target: &'t str,
    is_next: bool,
}

/// Returns the links of a line: targets in angle brackets, each with parameters whose values may be quoted.
fn links(line: &str) -> impl Iterator<Item = Link<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let end = unquoted(after, ',').unwrap_or(after.len());
        let (parameters, others) = after.split_at(end);
        rest = others;
        Some(Link { target, is_next: relations(parameters).any(|one| one.eq_ignore_ascii_case("next")) })
    })
}

/// Returns the relation types of a link: the words of its first `rel` (RFC 8288, 3.3).
fn relations(parameters: &str) -> impl Iterator<Item = &str> {
    let mut rest = parameters;
    let mut all = std::iter::from_fn(move || {
        rest = rest.trim_start().strip_prefix(';')?;
        let (parameter, others) = rest.split_at(unquoted(rest, ';').unwrap_or(rest.len()));
        rest = others;
        Some(parameter.split_once('=').unwrap_or((parameter, "")))
    });
    let rel = all.find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
    rel.map_or("", |(_, value)| value.trim().trim_matches('"')).split_ascii_whitespace()
}

/// Returns the position of a character outside quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        let found = !quoted && c == wanted;
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        found.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found() {
        let check = |lines: &[&str], found: Option<&str>| {
            let mut headers = HeaderMap::new();
            lines.iter().for_each(|line| _ = headers.append(LINK, line.parse().unwrap()));
            assert_eq!(next(&headers).as_deref(), found, "{lines:?}");
        };
        check(
            &[r#"<https://x/?page=2>; rel="next", <https://x/?page=9>; rel="last""#],
            Some("https://x/?page=2"),
        );
        check(
            &["<?page=1>; rel=prev", "<?page=3,4>;title=\"a, b; rel=\\\"x\";REL=\"last NEXT\""],
            Some("?page=3,4"),
        );
        check(&["</a>; rel=prev; rel=next"], None);
        check(&["</a>; rev=next", "</b", "b>; rel=next", "<", ""], None);
        check(&[], None);
    }
}

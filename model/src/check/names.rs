//! Names of a document in messages: quoted, cut where they are long, and what was probably meant by a wrong one.

/// The maximum length of a document's text in messages.
const MAX_NAME: usize = 60;

/// A text of the document in backquotes, cut where it is long.
pub(crate) fn named(text: &str) -> String {
    match text.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// The name that was probably meant by a key.
pub(crate) fn suggest(key: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    if key.len() > MAX_NAME {
        return None;
    }
    let fold = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
    let folded = fold(key);
    let most = |name: &str| name.len().min(key.len()) / 3;
    // Measuring a distance takes long; where lengths differ by more, so do the texts.
    let near = names.filter(|name| name.len().abs_diff(folded.len()) <= most(name) + 1);
    let close = near.map(|name| (strsim::osa_distance(&folded, &fold(name)), name)).min_by_key(|(d, _)| *d);
    close.filter(|(distance, name)| *distance <= most(name)).map(|(_, name)| name)
}

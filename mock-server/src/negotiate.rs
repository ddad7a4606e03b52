//! Which representation a caller gets: `runtime` weighs the types, and here a documented range becomes one type.

use std::borrow::Cow;

use descant_runtime::media;
use descant_runtime::problem::MEDIA_TYPE as PROBLEM_JSON;

/// The best of what is offered, as an index, and the type to send it as: an offered range becomes a type that the caller
/// names, else its usual one, which stands beside it. `None`: the caller accepts none of them.
pub(crate) fn choose<'o>(
    accept: Option<&str>,
    mut offered: impl Iterator<Item = (&'o str, &'o str)>,
) -> Option<(usize, Cow<'o, str>)> {
    if accept.is_none() {
        let (offer, usual) = offered.next()?;
        return Some((0, media::offer(offer, usual, None)));
    }
    let offers = offered.map(|(offer, usual)| media::offer(offer, usual, accept));
    let mut offers: Vec<Cow<'o, str>> = offers.collect();
    let index = media::negotiate(accept, &offers.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    (index < offers.len()).then(|| (index, offers.swap_remove(index)))
}

/// Whether the caller names types, and neither a range nor problem details: then an error has to be of one of them.
pub(crate) fn is_particular(accept: &str) -> bool {
    media::accepted(accept).all(|name| !name.contains('*') && !name.eq_ignore_ascii_case(PROBLEM_JSON))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accept: Option<&str>, offers: &[&str], expected: Option<(usize, &str)>) {
        let usual: Vec<_> = offers.iter().map(|offer| media::concrete(offer, false)).collect();
        let chosen = choose(accept, offers.iter().zip(&usual).map(|(offer, usual)| (*offer, usual.as_ref())));
        assert_eq!(
            chosen.as_ref().map(|(at, name)| (*at, name.as_ref())),
            expected,
            "{accept:?} of {offers:?}"
        );
    }

    #[test]
    fn a_range_becomes_a_type() {
        check(None, &["*/*"], Some((0, "application/json")));
        check(None, &[], None);
        check(Some("image/webp, image/*;q=0.5"), &["image/*"], Some((0, "image/webp")));
        check(Some("text/*"), &["text/*"], Some((0, "text/plain")));
        check(Some("text/csv;q=0.5"), &["application/json", "text/*"], Some((1, "text/csv")));
        check(Some("font/*"), &["font/*"], Some((0, "font/woff2")));
        check(Some("haptics/*"), &["haptics/*"], Some((0, "haptics/octet-stream")));
        check(Some("text/html"), &["image/*"], None);
        check(Some("application/json"), &["application/*+json"], Some((0, "application/json")));
    }

    #[test]
    fn who_is_particular() {
        assert!(is_particular("application/json, text/csv;q=0.5"));
        assert!(!is_particular("application/json, */*;q=0.1"));
        assert!(!is_particular("application/json, application/problem+json"));
    }
}

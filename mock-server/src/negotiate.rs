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
        return Some((0, one_of(offered.next()?, None)));
    }
    let mut offers: Vec<Cow<'o, str>> = offered.map(|offer| one_of(offer, accept)).collect();
    let index = media::negotiate(accept, &offers.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
    (index < offers.len()).then(|| (index, offers.swap_remove(index)))
}

/// Whether the caller names types, and neither a range nor problem details: then an error has to be of one of them.
pub(crate) fn is_particular(accept: &str) -> bool {
    types(accept).all(|name| !name.contains('*') && !name.eq_ignore_ascii_case(PROBLEM_JSON))
}

/// A type of a range: one that the caller names, else the usual one.
fn one_of<'o>((offer, usual): (&'o str, &'o str), accept: Option<&str>) -> Cow<'o, str> {
    if !offer.contains('*') {
        return offer.into();
    }
    let mut named = types(accept.unwrap_or_default()).filter(|name| !name.contains('*'));
    named.find(|name| media::matches(offer, name)).map_or(usual.into(), |name| name.to_owned().into())
}

/// The types and ranges of an `Accept` header, without their parameters.
fn types(accept: &str) -> impl Iterator<Item = &str> {
    let names = accept.split(',').map(|member| member.split(';').next().unwrap_or_default().trim());
    names.filter(|name| name.contains('/'))
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

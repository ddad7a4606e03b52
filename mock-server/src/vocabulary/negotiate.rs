//! Content negotiation (RFC 9110, 12.5.1) over documented media types. `runtime` weighs the types; a documented range is
//! resolved to one type here.

use std::borrow::Cow;

use descant_runtime::media;
use descant_runtime::problem::MEDIA_TYPE as PROBLEM_JSON;

/// Returns the index of the best offer, and the media type to send it as. Each offer has a type or range, and the usual
/// type of the range, which is the fallback where the caller names none. `None` where the caller accepts no offer.
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

/// Whether an `Accept` header field names types alone, and not problem details: then an error must be of one of them.
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
    fn particular_callers() {
        assert!(is_particular("application/json, text/csv;q=0.5"));
        assert!(!is_particular("application/json, */*;q=0.1"));
        assert!(!is_particular("application/json, application/problem+json"));
    }
}

//! Addresses of the network: mail, hosts, IP, URIs.

use std::net::{Ipv4Addr, Ipv6Addr};

use fluent_uri::{Iri, IriRef, Uri, UriRef};

pub(super) fn is_email(text: &str) -> bool {
    is_mailbox(text, is_hostname)
}

pub(super) fn is_idn_email(text: &str) -> bool {
    is_mailbox(text, is_idn_hostname)
}

/// RFC 5321 §4.1.2: a local part at a domain or at the literal of an address.
fn is_mailbox(text: &str, is_domain: fn(&str) -> bool) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let literal = domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']'));
    let is_reachable = match literal.map(|address| (address, address.strip_prefix("IPv6:"))) {
        Some((_, Some(address))) => is_ipv6(address),
        Some((address, None)) => is_ipv4(address),
        None => is_domain(domain),
    };
    let is_plain = text.is_ascii() && literal.is_none() && is_dot_string(local);
    is_reachable && (is_plain || email_address::EmailAddress::is_valid(text))
}

/// A local part as nearly all are: atoms between dots, 64 octets in all (RFC 5321 §4.1.2 and §4.5.3.1.1).
fn is_dot_string(local: &str) -> bool {
    let is_atext = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet);
    let mut atoms = local.as_bytes().split(|octet| *octet == b'.');
    local.len() <= 64 && atoms.all(|atom| !atom.is_empty() && atom.iter().copied().all(is_atext))
}

/// RFC 1123 §2.1: labels of letters, digits and inner hyphens, 63 octets each, 253 in all.
pub(super) fn is_hostname(text: &str) -> bool {
    let mut labels = text.as_bytes().split(|octet| *octet == b'.');
    text.len() <= 253 && labels.all(|label| is_label(label, |octet| octet.is_ascii_alphanumeric()))
}

/// RFC 5890, without its tables of characters and contexts: whatever is beyond ASCII passes.
pub(super) fn is_idn_hostname(text: &str) -> bool {
    let dots = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
    let is_letter = |octet: u8| !octet.is_ascii() || octet.is_ascii_alphanumeric();
    text.len() <= 253 && text.split(dots).all(|label| is_label(label.as_bytes(), is_letter))
}

fn is_label(label: &[u8], is_letter: impl Fn(u8) -> bool) -> bool {
    // `--` in third place marks an encoded label, of which `xn--` is the only kind (RFC 5891 §4.2.3.1).
    let is_encoded = || label.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"xn"));
    let is_foreign = label.get(2..4) == Some(b"--") && !is_encoded();
    (1..=63).contains(&label.len())
        && !label.starts_with(b"-")
        && !label.ends_with(b"-")
        && !is_foreign
        && label.iter().all(|octet| *octet == b'-' || is_letter(*octet))
}

pub(super) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_uri(text: &str) -> bool {
    Uri::parse(text).is_ok()
}

pub(super) fn is_uri_reference(text: &str) -> bool {
    UriRef::parse(text).is_ok()
}

pub(super) fn is_iri(text: &str) -> bool {
    Iri::parse(text).is_ok()
}

pub(super) fn is_iri_reference(text: &str) -> bool {
    IriRef::parse(text).is_ok()
}

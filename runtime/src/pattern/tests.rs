//! Patterns on texts, and what they may cost.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Found, Pattern};

fn find(pattern: &str, text: &str) -> Found {
    Pattern::parse(pattern).expect(pattern).find(text)
}

#[test]
fn patterns_are_found() {
    for (pattern, found, not_found) in [
        (r"^\d+$", &["12"][..], &["1a", "", "٣"][..]),
        (r"^\u0041$", &["A"], &["B"]),
        (r"^[\w-]+$", &["a-b"], &["ä"]),
        (r"\/x", &["a/x"], &["x"]),
        (r"^\cA$", &["\u{1}"], &["A"]),
        (r"\bcat\b", &["a cat", "cat", "äcatä"], &["concat", "cats"]),
        (r"\Bcat", &["concat"], &["cat", "a cat"]),
        (r"(?m)^b$", &["a\nb\nc", "b"], &["ab"]),
        ("^(?:ab|a)(?:c|bcd)$", &["abc", "ac", "abbcd", "abcd"], &["ab"]),
        ("^a{2,4}$", &["aa", "aaaa"], &["a", "aaaaa"]),
        ("^(a{2}){2,}$", &["aaaa", "aaaaaa"], &["aa", "aaaaa"]),
        ("", &["", "x"], &[]),
        (r"^[\p{Alnum}_]\p{Print}+$", &["a b"], &["-b"]),
        (r"^\p{Lu}\p{L}*$", &["Éa"], &["éa"]),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", &["aB3456789"], &["ab3456789", "aB34567", "aBcdefghi"]),
        ("(?=.*a)(?=.*b).*$", &["xxab", "ba"], &["aaa", ""]),
        ("^(?!.*foo)", &["bar"], &["a foo"]),
        ("^(?:(?!foo).)*$", &["fobar"], &["a foo b"]),
        ("(?<!x)y$", &["ay", "y"], &["xy"]),
        (r"^(?!.*\.\.)[a-z.]+(?<!\.)$", &["a.b"], &["a..b", "a."]),
        ("^(?=(a+)+b)[a-z]+$", &["aab"], &["aac"]),
        ("(?<=^a+)b", &["aab"], &["cb", "b"]),
        ("^(?=a(?!b(?=c)))", &["abd", "a"], &["abc"]),
        ("a(?=b|$)", &["xa", "ab"], &["ac"]),
        (r"^(?:(?=a)a)*b$", &["aab", "b"], &["ac"]),
        (r"(?<=\d{2})x", &["12x"], &["1x"]),
    ] {
        found.iter().for_each(|text| assert_eq!(find(pattern, text), Found::Yes, "{pattern} on {text}"));
        not_found.iter().for_each(|text| assert_eq!(find(pattern, text), Found::No, "{pattern} on {text}"));
    }
}

#[test]
fn what_is_no_pattern_is_refused() {
    for pattern in ["(", "(?=", "[b-a]", "(?<=a", "^(a{9999}){9999}$"] {
        assert!(Pattern::parse(pattern).is_none(), "{pattern}");
    }
}

#[test]
#[cfg(feature = "backtracking")]
fn back_references_are_followed_within_limits() {
    assert_eq!(find(r"^(['\x22]).*\1$", "'a'"), Found::Yes);
    assert_eq!(find(r"^(['\x22]).*\1$", "'a\""), Found::No);
    assert_eq!(find(r"(?!x)^(a|b)\1$", "aa"), Found::Yes);
    assert_eq!(find(r"(\w+)\s+\1", &"a".repeat(40_000)), Found::No, "no text of the wider pattern");
    assert_eq!(find(r"(a+)+\1b", &"a ".repeat(20_000)), Found::No);
    assert_eq!(find(r"^(a+)+\1b", &format!("{}cb", "a".repeat(5_000))), Found::Undecided);
    assert!(Pattern::parse(r"(a)\1").unwrap().needs_backtracking());
    assert!(!Pattern::parse("(?=a)").unwrap().needs_backtracking());
}

/// The parts of texts that make an automaton or a backtracker work.
const PIECES: [&str; 4] = ["a", "aB3-", "foo \u{e9}", "ba\n."];
const HARD: [&str; 16] = [
    "(?=.*a)(?=.*b).*$",
    r"^(?=.*[A-Z])(?=.*\d).{8,}$",
    "^(x+)+$",
    "^([a-z]+)*$",
    "(?!.*foo)bar",
    "(?<!x)y$",
    r"^(?!.*\.\.)[a-z.]+(?<!\.)$",
    "^(?=(a+)+b)[a-z]+$",
    r"(\w+)\s+\1",
    "(a|b)*a(a|b){18}c",
    "^(?:(?!foo).)*$",
    r"\p{L}{1,300}\d",
    "(.*)(.*)(.*)(.*)(.*)[^.]$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?=(?=(?=.*a).*b).*c)z",
    "^[a-z]{10000}$",
];

/// Steps are what is bounded; time is looked at generously, as tests run unoptimised beside each other.
#[test]
fn no_text_takes_long() {
    for pattern in HARD {
        let pattern = Pattern::parse(pattern).unwrap();
        for piece in PIECES {
            for length in [40_000, 1 << 18] {
                let text = piece.repeat(length / piece.len());
                let start = Instant::now();
                let found = pattern.find(&text);
                let taken = start.elapsed();
                assert!(
                    taken < Duration::from_secs(4),
                    "{} on {piece:?}: {found:?}: {taken:?}",
                    pattern.source()
                );
            }
        }
    }
}

#[test]
fn every_usual_pattern_is_decided_on_long_texts() {
    for pattern in HARD.into_iter().filter(|pattern| !pattern.contains('\\') || pattern.starts_with('^')) {
        for piece in ["a", "aB3-", "foo "] {
            let text = piece.repeat(100_000 / piece.len());
            if pattern.contains("{18}") && piece == "aB3-" {
                continue;
            }
            assert_ne!(find(pattern, &text), Found::Undecided, "{pattern} on {piece:?}");
        }
    }
}

/// Patterns by ECMA-262 and by `fancy-regex` alike.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(&["a", "b", "[ab]", "[^a]", ".", "^", "$", r"\b", r"\B", "c?", "(?:)"][..])
            .prop_map(str::to_owned)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            (inner.clone(), prop::sample::select(&["*", "+", "?", "{2}", "{1,3}", "*?"][..]))
                .prop_map(|(a, many)| format!("(?:{a}){many}")),
            inner.clone().prop_map(|a| format!("(?={a})")),
            inner.clone().prop_map(|a| format!("(?!{a})")),
            prop::sample::select(&["(?<=a)", "(?<!b)", "(?<=ab)", "(?<!^a)"][..]).prop_map(str::to_owned),
        ]
    })
}

#[cfg(feature = "backtracking")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// `fancy-regex` is the referee.
    #[test]
    fn it_finds_what_a_backtracker_finds(pattern in pattern(), texts in prop::collection::vec("[abc\n ]{0,8}", 4)) {
        let words = pattern.replace(r"\b", r"(?-u:\b)").replace(r"\B", r"(?-u:\B)");
        let Ok(referee) = fancy_regex::Regex::new(&words) else { return Ok(()) };
        let own = Pattern::parse(&pattern).expect(&pattern);
        for text in texts {
            let Ok(expected) = referee.is_match(&text) else { continue };
            let expected = if expected { Found::Yes } else { Found::No };
            prop_assert_eq!(own.find(&text), expected, "{} on {:?}", pattern, text);
        }
    }
}

//! Any bytes as YAML and as JSON: what comes is a tree or a finding.
#![no_main]

use descant_model::diagnostic::Diagnostics;
use descant_model::parse;
use descant_model::source::Sources;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for name in ["document.yaml", "document.json"] {
        let mut diagnostics = Diagnostics::default();
        let (_, tree) = parse::parse(&mut Sources::default(), name, None, bytes.to_vec(), &mut diagnostics);
        assert!(tree.is_some() || diagnostics.has_errors(), "nothing was read, and nothing was said");
    }
});

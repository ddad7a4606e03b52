//! `cargo xtask tidy`: what the repository's shape must keep to, each rule with its reason. A test runs it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Longer files usually hold two subjects.
const MAX_FILE_LINES: usize = 500;
/// Longer functions cannot be read at one glance.
const MAX_FUNCTION_LINES: usize = 80;
/// Longer pages are not read.
const MAX_PAGE_LINES: &[(&str, usize)] = &[("README.md", 150), ("ARCHITECTURE.md", 200)];

/// Which of our crates a crate's manifest may name (DESIGN: "who may import whom"); a crate that is not here may
/// name any.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("runtime", &[]),
    ("schema", &[]),
    ("generator", &["descant-model"]),
    ("mock-server", &["descant-model", "descant-runtime", "descant-schema"]),
    ("contract", &["descant-model", "descant-runtime", "descant-schema"]),
];

/// Module paths that must not be named under a folder, with the reason.
const MUST_NOT_NAME: &[(&str, &str, &str)] = &[
    ("generator/src/emit", "descant_model::load", "emit turns a plan into tokens; documents end before plan"),
    ("model/src/lower", "crate::parse", "lower reads the graph, not text"),
    ("model/src/check", "crate::lower", "check speaks of the document, not of the model"),
    ("model/src/render", "crate::lower", "rendering knows findings and sources alone"),
];

/// One breach of a rule.
struct Breach {
    path: PathBuf,
    line: usize,
    rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.rule)
    }
}

/// Runs the command.
pub(crate) fn run() -> ExitCode {
    let breaches = breaches(&crate::root());
    for breach in &breaches {
        eprintln!("{breach}");
    }
    if breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every breach in the tree, in the order of paths.
fn breaches(root: &Path) -> Vec<Breach> {
    let mut found = Vec::new();
    for path in files(root) {
        let relative = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = relative.to_string_lossy().replace('\\', "/");
        let mut report = |line, rule| found.push(Breach { path: relative.clone(), line, rule });
        if name.ends_with(".rs") && !name.starts_with("generated/") {
            check_source(&name, &text, &mut report);
        } else if name.ends_with("Cargo.toml") {
            check_manifest(&name, &text, &mut report);
        } else if let Some((_, most)) = MAX_PAGE_LINES.iter().find(|(page, _)| *page == name) {
            let lines = text.lines().count();
            if lines > *most {
                report(*most, format!("{lines} lines, {most} at most: longer pages are not read"));
            }
        }
    }
    found
}

/// Every file of the tree that git could track, in order.
fn files(root: &Path) -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(root).hidden(false).filter_entry(|e| e.file_name() != ".git").build();
    let mut paths: Vec<_> = walk.filter_map(Result::ok).map(ignore::DirEntry::into_path).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
}

/// The rules for a hand-written source file.
fn check_source(name: &str, text: &str, report: &mut impl FnMut(usize, String)) {
    if !text.starts_with("//!") {
        report(1, "opens without `//!`: a file says first what it decides".into());
    }
    let own = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let lines = own.lines().count();
    if lines > MAX_FILE_LINES && !name.contains("/tests/") {
        report(
            lines,
            format!("{lines} lines without tests, {MAX_FILE_LINES} at most: it usually holds two subjects"),
        );
    }
    for (folder, module, reason) in MUST_NOT_NAME {
        let named = text.lines().position(|line| name.starts_with(folder) && line.contains(module));
        if let Some(line) = named {
            report(line + 1, format!("names `{module}`: {reason}"));
        }
    }
    match syn::parse_file(text) {
        Ok(file) => Functions { report }.visit_file(&file),
        Err(error) => report(error.span().start().line, format!("does not parse: {error}")),
    }
}

/// Reports functions that are too long.
struct Functions<'a, F> {
    report: &'a mut F,
}

impl<F: FnMut(usize, String)> Functions<'_, F> {
    fn check(&mut self, name: &syn::Ident, body: &syn::Block) {
        let (start, end) = (body.span().start().line, body.span().end().line);
        let lines = end - start + 1;
        if lines > MAX_FUNCTION_LINES {
            (self.report)(start, format!("`{name}` has {lines} lines, {MAX_FUNCTION_LINES} at most"));
        }
    }
}

impl<'ast, F: FnMut(usize, String)> Visit<'ast> for Functions<'_, F> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.check(&item.sig.ident, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.check(&item.sig.ident, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

/// The rules for a manifest: versions stand once, in the workspace; crates import only whom they may.
fn check_manifest(name: &str, text: &str, report: &mut impl FnMut(usize, String)) {
    let Some(member) = name.strip_suffix("/Cargo.toml") else { return };
    if member.starts_with("fuzz") {
        return;
    }
    let allowed = MAY_IMPORT.iter().find(|(folder, _)| *folder == member).map(|(_, allowed)| *allowed);
    let mut section = "";
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            section = line.trim();
            continue;
        }
        let Some((dependency, value)) = line.split_once('=').filter(|_| section.ends_with("dependencies]"))
        else {
            continue;
        };
        let dependency = dependency.trim().trim_end_matches(".workspace");
        // A crate may ask for its own features in its tests.
        if !line.contains("workspace") && !line.contains("path = \".\"") {
            report(
                index + 1,
                format!("`{dependency}` is pinned here ({}): versions stand once", value.trim()),
            );
        }
        let ours = dependency.starts_with("descant-") && section == "[dependencies]";
        if ours && allowed.is_some_and(|allowed| !allowed.contains(&dependency)) {
            report(index + 1, format!("`{member}` must not depend on `{dependency}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let breaches: Vec<String> = breaches(&crate::root()).iter().map(Breach::to_string).collect();
        assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
    }

    #[test]
    fn each_rule_finds_its_breach() {
        let mut rules = Vec::new();
        let long = format!("fn long() {{\n{}}}\n", "    ();\n".repeat(81));
        check_source("generator/src/emit/a.rs", &format!("use descant_model::load;\n{long}"), &mut |_, r| {
            rules.push(r)
        });
        check_manifest("model/Cargo.toml", "[dependencies]\nserde = \"1\"\n", &mut |_, r| rules.push(r));
        check_manifest("model/Cargo.toml", "[dependencies]\ndescant-schema.workspace = true", &mut |_, r| {
            rules.push(r)
        });
        let expected = [
            "opens without",
            "names `descant_model::load`",
            "`long` has 83 lines",
            "pinned here",
            "must not",
        ];
        for (rule, expected) in rules.iter().zip(expected) {
            assert!(rule.contains(expected), "{rule} is not about {expected}");
        }
        assert_eq!(rules.len(), expected.len());
    }
}

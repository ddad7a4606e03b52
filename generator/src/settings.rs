//! `descant.toml`: what a user decides about the output. `docs/generated-code.md` says what each key means.
//!
//! A key that is not known, a value that cannot be, and a setting that nothing of the document answers to are findings
//! with a place, as those of a document are.

use std::io;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use descant_model::api::{Operation, PageSettings, PagedBy};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::source::{FileId, Origin, Sources, Span};

use crate::{Runtime, formats};

/// What a user decides about the output.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(crate) renames: Vec<Rename>,
    pub(crate) replacements: Vec<Replacement>,
    pub(crate) include: Vec<Pick>,
    pub(crate) exclude: Vec<Pick>,
    pub(crate) formats: Vec<FormatChoice>,
    pub(crate) pages: Vec<PagesOf>,
    pub(crate) modules: Modules,
    /// Where the runtime comes from.
    pub runtime: Option<Runtime>,
}

/// Whether a document is divided into modules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Modules {
    /// Where it is large.
    #[default]
    Auto,
    One,
    Tags,
}

/// A name in place of the one that would be made.
#[derive(Clone, Debug)]
pub(crate) struct Rename {
    pub(crate) what: Renamed,
    pub(crate) text: String,
    pub(crate) name: String,
    pub(crate) origin: Origin,
}

/// What is renamed; a field and a variant belong to a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Renamed {
    Type,
    Operation,
    Field(String),
    Variant(String),
}

/// A Rust type in place of a component's.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    pub(crate) component: String,
    pub(crate) path: String,
    pub(crate) origin: Origin,
}

/// A Rust type for a format of strings.
#[derive(Clone, Debug)]
pub(crate) struct FormatChoice {
    pub(crate) format: String,
    pub(crate) path: String,
    pub(crate) origin: Origin,
}

/// How the pages of an operation's list follow each other.
#[derive(Clone, Debug)]
pub(crate) struct PagesOf {
    pub(crate) operation: Pick,
    pub(crate) settings: PageSettings,
}

/// Operations that are to be there, or not.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    by: By,
    text: String,
    pub(crate) origin: Origin,
}

#[derive(Clone, Copy, Debug)]
enum By {
    Id,
    Tag,
    Path,
}

impl Pick {
    pub(crate) fn admits(&self, operation: &Operation) -> bool {
        match self.by {
            By::Id => operation.id.as_deref() == Some(&self.text) || operation.key() == self.text,
            By::Tag => operation.tags.contains(&self.text),
            By::Path => matches_glob(&self.text, &operation.path.raw),
        }
    }
}

/// Whether a text is what a pattern says; `*` stands for any characters. Linear in the text for each star.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The name of the file of settings that lies beside a document.
const CONFIG_FILE: &str = "descant.toml";

impl Config {
    /// Reads the settings that a user chose, else those beside the document, where there are any. The file is added to
    /// the sources, so that findings can show it.
    ///
    /// # Errors
    /// Where a file cannot be read, or one that was chosen is not there.
    pub fn read(
        document: &Path,
        chosen: Option<&Path>,
        sources: &mut Sources,
    ) -> io::Result<(Config, Diagnostics)> {
        let beside = document.with_file_name(CONFIG_FILE);
        let path = chosen.unwrap_or(&beside);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if chosen.is_none() && error.kind() == io::ErrorKind::NotFound => {
                return Ok((Config::default(), Diagnostics::default()));
            }
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        };
        let file = sources.add(path.display().to_string(), path.canonicalize().ok(), text.clone().into());
        Ok(Config::parse(&text, file))
    }

    /// Reads the settings in a text; what is wrong with them is in the diagnostics.
    pub fn parse(text: &str, file: FileId) -> (Config, Diagnostics) {
        let mut reader = Reader { file, config: Config::default(), diagnostics: Diagnostics::default() };
        match DeTable::parse(text) {
            Ok(table) => reader.document(table.get_ref()),
            Err(error) => {
                let span = error.span().unwrap_or_default();
                reader.report(Code::SettingsInvalid, error.message(), span, "");
            }
        }
        (reader.config, reader.diagnostics)
    }

    /// Whether some operations are left out by choice.
    pub(crate) fn picks(&self) -> bool {
        !self.include.is_empty() || !self.exclude.is_empty()
    }

    /// Whether an operation is to be in the output.
    pub(crate) fn keeps(&self, operation: &Operation) -> bool {
        let admits = |pick: &Pick| pick.admits(operation);
        (self.include.is_empty() || self.include.iter().any(admits)) && !self.exclude.iter().any(admits)
    }
}

type Table<'t> = DeTable<'t>;

/// The keys of the file.
const SETTINGS: [&str; 9] =
    ["rename", "replace", "include", "exclude", "formats", "pages", "modules", "runtime", "test"];

struct Reader {
    file: FileId,
    config: Config,
    diagnostics: Diagnostics,
}

impl Reader {
    fn document(&mut self, table: &Table<'_>) {
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("rename", DeValue::Table(table)) => self.renames(table),
                ("replace", DeValue::Table(table)) => self.replacements(table),
                ("include", DeValue::Table(table)) => {
                    let picks = self.picks(table, "include");
                    self.config.include.extend(picks);
                }
                ("exclude", DeValue::Table(table)) => {
                    let picks = self.picks(table, "exclude");
                    self.config.exclude.extend(picks);
                }
                ("formats", DeValue::Table(table)) => self.formats(table),
                ("pages", DeValue::Table(table)) => self.pages(table),
                // That of `descant test`.
                ("test", DeValue::Table(_)) => {}
                ("modules", DeValue::String(text)) => match text.as_ref() {
                    "auto" => self.config.modules = Modules::Auto,
                    "one" => self.config.modules = Modules::One,
                    "tags" => self.config.modules = Modules::Tags,
                    _ => self.invalid("`modules` is `auto`, `one` or `tags`", value, "modules"),
                },
                ("runtime", DeValue::String(text)) => {
                    self.config.runtime = Runtime::parse(text);
                    if self.config.runtime.is_none() {
                        let message = "`runtime` is `registry`, `path:DIR`, `git:URL` or `vendored`";
                        self.invalid(message, value, "runtime");
                    }
                }
                ("rename" | "replace" | "include" | "exclude" | "formats" | "pages" | "test", _) => {
                    self.invalid("a table is expected", value, key.get_ref());
                }
                ("modules" | "runtime", _) => self.invalid("a string is expected", value, key.get_ref()),
                (name, _) => self.unknown(key, name, &SETTINGS),
            }
        }
    }

    fn renames(&mut self, table: &Table<'_>) {
        for (kind, value) in table {
            let name = kind.get_ref().as_ref();
            let DeValue::Table(names) = value.get_ref() else {
                self.invalid("a table of names is expected", value, &format!("rename.{name}"));
                continue;
            };
            if !["types", "operations", "fields", "variants"].contains(&name) {
                self.unknown(kind, name, &["types", "operations", "fields", "variants"]);
                continue;
            }
            for (from, to) in names {
                let pointer = format!("rename.{name}.{}", from.get_ref());
                self.rename(name, from, to, &pointer);
            }
        }
    }

    fn rename(
        &mut self,
        kind: &str,
        from: &Spanned<std::borrow::Cow<'_, str>>,
        to: &Spanned<DeValue<'_>>,
        pointer: &str,
    ) {
        let name = to.get_ref().as_str().filter(|name| syn::parse_str::<syn::Ident>(name).is_ok());
        let Some(name) = name else {
            return self.invalid("a Rust identifier that is no keyword is expected", to, pointer);
        };
        let from_text = component(from.get_ref());
        let owned = || from_text.split_once('.').map(|(owner, text)| (owner.to_owned(), text.to_owned()));
        let (what, text) = match kind {
            "types" => (Renamed::Type, from_text.clone()),
            "operations" => (Renamed::Operation, from_text.clone()),
            _ => {
                let Some((owner, text)) = owned() else {
                    return self.invalid("`Component.name` is expected as the key", to, pointer);
                };
                (if kind == "fields" { Renamed::Field(owner) } else { Renamed::Variant(owner) }, text)
            }
        };
        let origin = self.origin(from.span(), pointer);
        self.config.renames.push(Rename { what, text, name: name.to_owned(), origin });
    }

    fn replacements(&mut self, table: &Table<'_>) {
        for (key, value) in table {
            let pointer = format!("replace.{}", key.get_ref());
            match value.get_ref().as_str().filter(|path| formats::is_path(path)) {
                Some(path) => {
                    let (component, path) = (component(key.get_ref()), path.to_owned());
                    let origin = self.origin(key.span(), &pointer);
                    self.config.replacements.push(Replacement { component, path, origin });
                }
                None => self.invalid("the path of a Rust type is expected", value, &pointer),
            }
        }
    }

    fn picks(&mut self, table: &Table<'_>, name: &str) -> Vec<Pick> {
        let mut picks = Vec::new();
        for (key, value) in table {
            let by = match key.get_ref().as_ref() {
                "operations" => By::Id,
                "tags" => By::Tag,
                "paths" => By::Path,
                other => {
                    self.unknown(key, other, &["operations", "tags", "paths"]);
                    continue;
                }
            };
            let pointer = format!("{name}.{}", key.get_ref());
            let DeValue::Array(texts) = value.get_ref() else {
                self.invalid("an array of strings is expected", value, &pointer);
                continue;
            };
            for text in texts.iter() {
                match text.get_ref().as_str() {
                    Some(one) => {
                        let origin = self.origin(text.span(), &pointer);
                        picks.push(Pick { by, text: one.to_owned(), origin });
                    }
                    None => self.invalid("a string is expected", text, &pointer),
                }
            }
        }
        picks
    }

    fn formats(&mut self, table: &Table<'_>) {
        for (key, value) in table {
            let format = key.get_ref().as_ref();
            let pointer = format!("formats.{format}");
            match value.get_ref().as_str().and_then(|choice| formats::path(format, choice)) {
                Some(path) => {
                    let (format, path) = (format.to_owned(), path.to_owned());
                    let origin = self.origin(key.span(), &pointer);
                    self.config.formats.push(FormatChoice { format, path, origin });
                }
                None => {
                    let choices = formats::choices(format).join("`, `");
                    let message = format!(
                        "`{format}` is `{choices}`, or the path of a type of your own (`crate::Type`)"
                    );
                    self.invalid(&message, value, &pointer);
                }
            }
        }
    }

    fn pages(&mut self, table: &Table<'_>) {
        const KEYS: [&str; 6] = ["by", "parameter", "next", "items", "more", "first"];
        for (key, value) in table {
            let pointer = format!("pages.{}", key.get_ref());
            let DeValue::Table(stated) = value.get_ref() else {
                self.invalid("a table is expected", value, &pointer);
                continue;
            };
            let mut settings = PageSettings::default();
            for (name, value) in stated {
                let text = value.get_ref().as_str();
                let position = || text.filter(|text| text.is_empty() || text.starts_with('/')).map(names);
                let known = match name.get_ref().as_ref() {
                    "by" => set(&mut settings.by, text.and_then(PagedBy::named)),
                    "parameter" => set(&mut settings.parameter, text.map(str::to_owned)),
                    "next" => set(&mut settings.next, position()),
                    "items" => set(&mut settings.items, position()),
                    "more" => set(&mut settings.more, position()),
                    "first" => {
                        let number =
                            value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
                        set(&mut settings.first, number)
                    }
                    other => {
                        self.unknown(name, other, &KEYS);
                        continue;
                    }
                };
                if !known {
                    let words = PagedBy::NAMES.join("`, `");
                    let message = format!(
                        "`by` is `{words}`; `parameter` a name; `first` a number; all others JSON pointers"
                    );
                    self.invalid(&message, value, &pointer);
                }
            }
            let (text, origin) = (key.get_ref().to_string(), self.origin(key.span(), &pointer));
            self.config.pages.push(PagesOf { operation: Pick { by: By::Id, text, origin }, settings });
        }
    }

    fn unknown(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, name: &str, known: &[&str]) {
        let message = format!("`{name}` is no setting");
        let help = format!("the settings here are `{}`", known.join("`, `"));
        let origin = self.origin(key.span(), name);
        self.diagnostics.push(Diagnostic::new(Code::SettingsUnknown, message, &origin).help(help));
    }

    fn invalid(&mut self, message: &str, value: &Spanned<DeValue<'_>>, pointer: &str) {
        self.report(Code::SettingsInvalid, message, value.span(), pointer);
    }

    fn report(&mut self, code: Code, message: &str, span: std::ops::Range<usize>, pointer: &str) {
        let origin = self.origin(span, pointer);
        self.diagnostics.push(Diagnostic::new(code, message, &origin));
    }

    fn origin(&self, span: std::ops::Range<usize>, pointer: &str) -> Origin {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { file: self.file, start: offset(span.start), end: offset(span.end) };
        Origin { span, pointer: pointer.into() }
    }
}

/// Sets a value that could be read; returns whether it could.
fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let is_valid = value.is_some();
    *slot = value;
    is_valid
}

/// The names of a JSON pointer (RFC 6901).
fn names(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

/// The name of a component, and what is behind it, whether written as a name (`Pet.id`) or as a pointer
/// (`#/components/schemas/Pet/properties/id`).
fn component(text: &str) -> String {
    let Some(rest) = text.strip_prefix("#/components/schemas/") else { return text.to_owned() };
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    match rest.split_once("/properties/") {
        Some((owner, field)) => format!("{}.{}", unescaped(owner), unescaped(field)),
        None => unescaped(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("/pets", "/pets", true),
            ("/pets", "/pets/1", false),
            ("/pets/*", "/pets/{id}/toys", true),
            ("*/toys", "/pets/{id}/toys", true),
            ("/a*b*c", "/a--b--c", true),
            ("/a*b*c", "/a--c--b", false),
            ("*", "", true),
            ("/ab*b", "/ab", false),
        ] {
            assert_eq!(matches_glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    /// The codes of what is wrong, each with the text that it points at.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let (_, diagnostics) = Config::parse(text, FileId(0));
        let found: Vec<(&str, &str)> = diagnostics
            .iter()
            .map(|found| (found.code.as_str(), &text[found.span.start as usize..found.span.end as usize]))
            .collect();
        assert_eq!(found, expected, "of {text}");
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        check(
            "modules = 'tags'\nruntime = 'vendored'\n[formats]\nuuid = 'uuid'\ndate = 'crate::Date'\n",
            &[],
        );
        check("module = 'one'\n", &[("settings-unknown", "module")]);
        check("modules = 'two'\n", &[("settings-invalid", "'two'")]);
        check("runtime = 'elsewhere'\n", &[("settings-invalid", "'elsewhere'")]);
        check(
            "[rename.types]\nPet = 'my pet'\nDog = 'type'\n",
            &[("settings-invalid", "'my pet'"), ("settings-invalid", "'type'")],
        );
        check("[rename]\nfiles = {}\n", &[("settings-unknown", "files")]);
        check("[rename.fields]\nid = 'x'\n", &[("settings-invalid", "'x'")]);
        check("[formats]\nuuid = 'jiff'\n", &[("settings-invalid", "'jiff'")]);
        check("[replace]\nMoney = 'crate::'\n", &[("settings-invalid", "'crate::'")]);
        check("[exclude]\ntags = 'x'\n", &[("settings-invalid", "'x'")]);
        check("[pages]\nlistPets = {by = 'page', parameter = 'p', first = 0, items = ''}\n", &[]);
        check(
            "[pages]\na = {by = 'leaf', next = 'x'}\nb = {size = 1}\nc = 1\n",
            &[
                ("settings-invalid", "'leaf'"),
                ("settings-invalid", "'x'"),
                ("settings-unknown", "size"),
                ("settings-invalid", "1"),
            ],
        );
        check("[x\n", &[("settings-invalid", "")]);
    }
}

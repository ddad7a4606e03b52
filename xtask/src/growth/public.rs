//! The public items of generated files, and what two versions of them have in common.

use std::collections::BTreeMap;
use std::fmt;

use descant_generator::output::File;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, ImplItem, Item, Pat, ReturnType, TraitItem, Visibility};

/// Public items by their paths. Modules of tags are left out of a path: their items are re-exported.
#[derive(Debug, Default)]
pub(super) struct Public {
    items: BTreeMap<String, Shape>,
}

/// What of an item its users name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// Fields and variants, with their types.
    Parts {
        kind: &'static str,
        parts: BTreeMap<String, String>,
    },
    /// Arguments in their order, and the result.
    Function {
        arguments: Vec<(String, String)>,
        result: String,
    },
    Alias(String),
    /// A constant, a trait.
    Name,
}

const EQUAL: &str = "equal inline schemas that differ now";

/// A difference that a caller notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Vanished,
    Changed,
    /// Listed in `docs/generated-code.md`.
    Listed(&'static str),
}

#[derive(Debug)]
pub(super) struct Break {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Vanished => write!(f, "vanished {}", self.text),
            Kind::Changed => write!(f, "changed  {}", self.text),
            Kind::Listed(why) => write!(f, "listed   {} ({why})", self.text),
        }
    }
}

impl Public {
    /// Reads Rust files; anything else has no items.
    pub(super) fn read(files: &[File]) -> Result<Public, String> {
        let mut public = Public::default();
        for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
            let module = file.path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default();
            if ["checks", "shapes", "contract", "mod", "lib"].contains(&module) {
                continue;
            }
            let parsed = syn::parse_file(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
            let mut part = String::from(module);
            // Webhooks and callbacks have senders and receivers.
            if let Some(inner) = ["sender", "receiver"].iter().find(|name| file.path.contains(**name)) {
                part = format!("{part}::{inner}");
            }
            parsed.items.iter().for_each(|item| public.item(&part, item));
        }
        Ok(public)
    }

    fn item(&mut self, module: &str, item: &Item) {
        match item {
            Item::Struct(one) if is_public(&one.vis) => {
                let fields = one.fields.iter().filter(|field| is_public(&field.vis));
                let parts = fields.map(|field| {
                    let name = field.ident.as_ref().map_or_else(|| "0".to_owned(), ToString::to_string);
                    (name, text(&field.ty))
                });
                self.add(module, &one.ident, Shape::Parts { kind: "struct", parts: parts.collect() });
            }
            Item::Enum(one) if is_public(&one.vis) => {
                let parts =
                    one.variants.iter().map(|variant| (variant.ident.to_string(), text(&variant.fields)));
                self.add(module, &one.ident, Shape::Parts { kind: "enum", parts: parts.collect() });
            }
            Item::Type(one) if is_public(&one.vis) => {
                self.add(module, &one.ident, Shape::Alias(text(&one.ty)))
            }
            Item::Const(one) if is_public(&one.vis) => self.add(module, &one.ident, Shape::Name),
            Item::Static(one) if is_public(&one.vis) => self.add(module, &one.ident, Shape::Name),
            Item::Fn(one) if is_public(&one.vis) => self.add(module, &one.sig.ident, function(&one.sig)),
            Item::Trait(one) if is_public(&one.vis) => {
                self.add(module, &one.ident, Shape::Name);
                for part in &one.items {
                    if let TraitItem::Fn(method) = part {
                        self.add(&format!("{module}::trait"), &method.sig.ident, function(&method.sig));
                    }
                }
            }
            Item::Impl(one) if one.trait_.is_none() => {
                let owner = format!("{module}::{}", text(&one.self_ty));
                for part in &one.items {
                    if let ImplItem::Fn(method) = part
                        && is_public(&method.vis)
                    {
                        self.add(&owner, &method.sig.ident, function(&method.sig));
                    }
                }
            }
            Item::Macro(one) => self.table(module, &one.mac),
            _ => {}
        }
    }

    fn add(&mut self, owner: &str, name: &impl ToString, shape: Shape) {
        self.items.insert(format!("{owner}::{}", name.to_string()), shape);
    }

    /// A constructor's arguments, or the methods of a call, from a table of the runtime.
    fn table(&mut self, module: &str, table: &syn::Macro) {
        let kind = table.path.segments.last().map(|one| one.ident.to_string()).unwrap_or_default();
        let mut tokens = table.tokens.clone().into_iter();
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        let group = tokens.find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        });
        let rows = group.map(rows).unwrap_or_default();
        match kind.as_str() {
            "object" | "multipart" => {
                let arguments: Vec<_> = rows.into_iter().filter(|(_, ty)| !ty.is_empty()).collect();
                if !arguments.is_empty() {
                    let shape = Shape::Function { arguments, result: name.to_string() };
                    self.items.insert(format!("{module}::{name}::new"), shape);
                }
            }
            "call" => {
                let parts = rows.into_iter().collect();
                self.add(module, &name, Shape::Parts { kind: "call", parts });
            }
            _ => {}
        }
    }

    /// What users of `self` notice when they get `later`.
    pub(super) fn breaks(&self, later: &Public) -> Vec<Break> {
        let mut found = Vec::new();
        for (path, shape) in &self.items {
            match later.items.get(path) {
                Some(new) => self.compare(path, shape, new, later, &mut found),
                None if later.constructs(path, shape, &mut found) => {}
                None => found.push(Break { kind: Kind::Vanished, text: path.clone() }),
            }
        }
        found
    }

    /// Whether a constructor is that of a type that its owner is an alias of.
    fn constructs(&self, path: &str, old: &Shape, found: &mut Vec<Break>) -> bool {
        let Some(owner) = path.strip_suffix("::new") else { return false };
        let Some(Shape::Alias(target)) = self.items.get(owner) else { return false };
        let Some(new) = self.items.get(&format!("{}::new", qualified(path, target))) else { return false };
        let (Shape::Function { arguments, .. }, Shape::Function { arguments: now, result }) = (old, new)
        else {
            return false;
        };
        let old = Shape::Function { arguments: arguments.clone(), result: result.clone() };
        let new = Shape::Function { arguments: now.clone(), result: result.clone() };
        self.compare(path, &old, &new, self, found);
        true
    }

    fn compare(&self, path: &str, old: &Shape, new: &Shape, later: &Public, found: &mut Vec<Break>) {
        match (old, new) {
            (Shape::Parts { kind, parts }, Shape::Parts { kind: now, parts: new }) => {
                if kind != now {
                    let why = "a schema with a discriminator gets its first branch";
                    found.push(listed(format!("{path}: {kind} -> {now}"), why));
                    return;
                }
                for (name, ty) in parts {
                    match new.get(name) {
                        None => found.push(Break { kind: Kind::Vanished, text: format!("{path}.{name}") }),
                        Some(now) if name == "Other" && now.is_empty() && ty == "(String)" => {
                            found.push(listed(format!("{path}.{name}"), "an enum gets a value `other`"));
                        }
                        Some(now) => later.same(&format!("{path}.{name}"), ty, now, found),
                    }
                }
            }
            (Shape::Function { arguments, result }, Shape::Function { arguments: new, result: now }) => {
                later.same(&format!("{path} ->"), result, now, found);
                let mut rest = new.iter();
                for (name, ty) in arguments {
                    match rest.find(|(known, _)| known == name) {
                        Some((_, now)) => later.same(&format!("{path}({name})"), ty, now, found),
                        None => found.push(Break { kind: Kind::Changed, text: format!("{path}({name})") }),
                    }
                }
                if new.len() > arguments.len() {
                    found.push(listed(path.to_owned(), "one more required property"));
                }
            }
            (Shape::Alias(ty), Shape::Alias(now)) if !self.items.contains_key(&qualified(path, ty)) => {
                later.same(path, ty, now, found);
            }
            (Shape::Alias(ty), Shape::Alias(now)) => {
                if later.resolved(ty) != later.resolved(now) {
                    found.push(listed(format!("{path}: {ty} -> {now}"), EQUAL));
                }
            }
            // An alias of a type is that type.
            (_, Shape::Alias(target)) => match later.items.get(&qualified(path, target)) {
                Some(new) => self.compare(path, old, new, later, found),
                None => found.push(Break { kind: Kind::Changed, text: format!("{path} -> {target}") }),
            },
            (Shape::Alias(target), _) if self.items.contains_key(&qualified(path, target)) => {
                found.push(listed(path.to_owned(), EQUAL));
            }
            (old, new) if old == new => {}
            (_, _) => found.push(Break { kind: Kind::Changed, text: path.to_owned() }),
        }
    }

    /// Compares two types, each as these items have it.
    fn same(&self, path: &str, old: &str, new: &str, found: &mut Vec<Break>) {
        let (was, is) = (self.resolved(old), self.resolved(new));
        if was == is {
            return;
        }
        let flat = |ty: &str| ty.replace("Box < ", "").replace(" >", "");
        let sided = is.replace("Input", "").replace("Output", "");
        let kind = if flat(&was) == flat(&is) {
            Kind::Listed("a large or recursive value moves to the heap")
        } else if was == sided {
            Kind::Listed("a schema gets its first readOnly or writeOnly property")
        } else {
            Kind::Changed
        };
        found.push(Break { kind, text: format!("{path}: {old} -> {new}") });
    }

    /// A type with the aliases in it replaced.
    fn resolved(&self, ty: &str) -> String {
        let spaced = |c: char| if "(){}".contains(c) { format!(" {c} ") } else { c.to_string() };
        let spaced: String = ty.chars().map(spaced).collect();
        let mut words: Vec<&str> = spaced.split_whitespace().collect();
        let is_end = |word: Option<&&str>| word.is_some_and(|word| [">", ")", "}"].contains(word));
        for at in (0..words.len()).rev() {
            if words.get(at) == Some(&",") && is_end(words.get(at + 1)) {
                words.remove(at);
            }
        }
        let mut ty = words.join(" ").replace("types :: ", "");
        for _ in 0..8 {
            let words = ty.split(' ').map(|word| match self.items.get(&format!("types::{word}")) {
                Some(Shape::Alias(target)) => target.replace("types :: ", ""),
                _ => match self.items.get(&format!("operations::{word}")) {
                    Some(Shape::Alias(target)) => target.clone(),
                    _ => word.to_owned(),
                },
            });
            let next = words.collect::<Vec<_>>().join(" ");
            if next == ty {
                break;
            }
            ty = next;
        }
        ty
    }
}

fn listed(text: String, why: &'static str) -> Break {
    Break { kind: Kind::Listed(why), text }
}

/// The path of what an alias beside `path` names.
fn qualified(path: &str, target: &str) -> String {
    let module = path.split("::").next().unwrap_or_default();
    format!("{module}::{}", target.trim_start_matches("super :: "))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn text(tokens: &impl ToTokens) -> String {
    let mut plain = TokenStream::new();
    for token in tokens.to_token_stream() {
        plain.extend([without_docs(token)]);
    }
    plain.to_string()
}

/// A token without the attributes in it.
fn without_docs(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    let mut tokens = TokenStream::new();
    let mut inner = group.stream().into_iter().peekable();
    while let Some(token) = inner.next() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#') {
            inner.next();
            continue;
        }
        tokens.extend([without_docs(token)]);
    }
    proc_macro2::Group::new(group.delimiter(), tokens).into()
}

fn function(signature: &syn::Signature) -> Shape {
    let arguments = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Receiver(_) => None,
        FnArg::Typed(typed) => {
            let Pat::Ident(name) = &*typed.pat else { return Some((String::new(), text(&typed.ty))) };
            Some((name.ident.to_string(), text(&typed.ty)))
        }
    });
    let result = match &signature.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, ty) => text(ty),
    };
    Shape::Function { arguments: arguments.collect(), result }
}

/// The rows of a table, `name: type = ..`, each with its type; empty where it has none.
fn rows(tokens: TokenStream) -> Vec<(String, String)> {
    let mut rows: Vec<Vec<TokenTree>> = vec![Vec::new()];
    let mut depth = 0i32;
    let mut skip = false;
    for token in tokens {
        if std::mem::take(&mut skip) {
            continue;
        }
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '#' => {
                    skip = true;
                    continue;
                }
                '<' => depth += 1,
                '>' => depth -= 1,
                ',' if depth == 0 => {
                    rows.push(Vec::new());
                    continue;
                }
                _ => {}
            }
        }
        rows.last_mut().into_iter().for_each(|row| row.push(token.clone()));
    }
    let row = |row: Vec<TokenTree>| {
        let mut tokens = row.into_iter();
        let name = tokens.next()?.to_string();
        let typed = matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        let ty =
            tokens.take_while(|token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == '='));
        let ty: TokenStream = ty.collect();
        Some((name, if typed { ty.to_string() } else { String::new() }))
    };
    rows.into_iter().filter_map(row).collect()
}

//! A pattern as a graph of steps (Thompson's construction), for texts that are read forwards or backwards.

use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::syntax;

/// The most steps of one pattern: counted repetitions are written out, and those in each other multiply.
const MAX_STEPS: usize = 40_000;

/// What holds at a position between two characters, as bits.
pub(super) mod at {
    pub(in super::super) const START: u64 = 1;
    pub(in super::super) const END: u64 = 1 << 1;
    pub(in super::super) const LINE_START: u64 = 1 << 2;
    pub(in super::super) const LINE_END: u64 = 1 << 3;
    /// A word character before.
    pub(in super::super) const WORD_BEFORE: u64 = 1 << 4;
    /// A word character behind.
    pub(in super::super) const WORD_AFTER: u64 = 1 << 5;

    /// The bit of a look-around.
    pub(in super::super) fn look(index: usize) -> u64 {
        1 << (8 + index)
    }
}

/// A set of characters: ranges of code points, in order.
pub(super) type Set = Box<[(u32, u32)]>;

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Takes a character of a set.
    Take(u32, u32),
    Either(u32, u32),
    /// Goes on where any of some bits hold, or where none does.
    Assert {
        any: u64,
        is_negative: bool,
        next: u32,
    },
    /// Goes on where exactly one of the two word bits holds, or where both or none do.
    Boundary {
        is_negative: bool,
        next: u32,
    },
    Match,
}

/// A graph of steps.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) start: u32,
    /// Whether a match begins at the text's start alone.
    pub(super) is_anchored: bool,
}

/// Compiles the parts of one pattern, which share their sets.
#[derive(Default)]
pub(super) struct Compiler {
    pub(super) sets: Vec<Set>,
    known: HashMap<Set, u32>,
    /// Whether any part asks for words, or for lines.
    pub(super) has_words: bool,
    pub(super) has_lines: bool,
    steps: Vec<Step>,
    is_backwards: bool,
    /// Steps of all parts.
    count: usize,
    /// Which of the look-around groups are negative.
    pub(super) negative: Vec<bool>,
}

impl Compiler {
    /// Compiles a part; `None` where the pattern is too large.
    pub(super) fn program(&mut self, hir: &Hir, is_backwards: bool) -> Option<Program> {
        self.is_backwards = is_backwards;
        let end = self.add(Step::Match)?;
        let start = self.hir(hir, end)?;
        let is_anchored = !is_backwards && hir.properties().look_set_prefix().contains(Look::Start);
        Some(Program { steps: std::mem::take(&mut self.steps), start, is_anchored })
    }

    fn add(&mut self, step: Step) -> Option<u32> {
        self.count += 1;
        if self.count > MAX_STEPS {
            return None;
        }
        self.steps.push(step);
        u32::try_from(self.steps.len() - 1).ok()
    }

    /// Adds the steps of `hir`, which lead to `next`, and returns the first. The parser bounds the depth.
    fn hir(&mut self, hir: &Hir, next: u32) -> Option<u32> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                let mut characters: Vec<char> = text.chars().collect();
                // The last character to be read leads on.
                if !self.is_backwards {
                    characters.reverse();
                }
                characters
                    .into_iter()
                    .try_fold(next, |next, c| self.take([(c.into(), c.into())].into(), next))
            }
            HirKind::Class(class) => self.take(ranges(class), next),
            HirKind::Look(look) => self.assertion(*look, next),
            HirKind::Repetition(repetition) => self.repetition(repetition, next),
            HirKind::Capture(capture) => match capture.name.as_deref().and_then(syntax::mark) {
                Some(index) => {
                    let is_negative = self.negative.get(index).copied().unwrap_or_default();
                    self.add(Step::Assert { any: at::look(index), is_negative, next })
                }
                None => self.hir(&capture.sub, next),
            },
            HirKind::Concat(parts) if self.is_backwards => {
                parts.iter().try_fold(next, |next, part| self.hir(part, next))
            }
            HirKind::Concat(parts) => parts.iter().rev().try_fold(next, |next, part| self.hir(part, next)),
            HirKind::Alternation(ways) => {
                let (last, others) = ways.split_last()?;
                let last = self.hir(last, next)?;
                others.iter().rev().try_fold(last, |rest, way| {
                    let way = self.hir(way, next)?;
                    self.add(Step::Either(way, rest))
                })
            }
        }
    }

    fn take(&mut self, set: Set, next: u32) -> Option<u32> {
        let index = match self.known.get(&set) {
            Some(index) => *index,
            None => {
                let index = u32::try_from(self.sets.len()).ok()?;
                self.sets.push(set.clone());
                self.known.insert(set, index);
                index
            }
        };
        self.add(Step::Take(index, next))
    }

    fn repetition(&mut self, repetition: &Repetition, next: u32) -> Option<u32> {
        let mut next = next;
        match repetition.max {
            None => {
                let again = self.add(Step::Match)?;
                let body = self.hir(&repetition.sub, again)?;
                *self.steps.get_mut(again as usize)? = Step::Either(body, next);
                next = again;
            }
            Some(max) => {
                let end = next;
                for _ in repetition.min..max {
                    let body = self.hir(&repetition.sub, next)?;
                    next = self.add(Step::Either(body, end))?;
                }
            }
        }
        (0..repetition.min).try_fold(next, |next, _| self.hir(&repetition.sub, next))
    }

    /// Words are ASCII's, as ECMA-262 has them without the flags `u` and `i` together.
    fn assertion(&mut self, look: Look, next: u32) -> Option<u32> {
        let holds = |any| Step::Assert { any, is_negative: false, next };
        let step = match look {
            Look::Start => holds(at::START),
            Look::End => holds(at::END),
            Look::StartLF | Look::StartCRLF => holds(at::LINE_START),
            Look::EndLF | Look::EndCRLF => holds(at::LINE_END),
            Look::WordAscii | Look::WordUnicode => Step::Boundary { is_negative: false, next },
            Look::WordAsciiNegate | Look::WordUnicodeNegate => Step::Boundary { is_negative: true, next },
            // ECMA-262 has no half boundaries.
            _ => return None,
        };
        self.has_words |= matches!(step, Step::Boundary { .. });
        self.has_lines |= matches!(look, Look::StartLF | Look::StartCRLF | Look::EndLF | Look::EndCRLF);
        self.add(step)
    }
}

fn ranges(class: &Class) -> Set {
    match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    }
}

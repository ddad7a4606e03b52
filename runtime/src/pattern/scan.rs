//! Matches a pattern by automata that are built as texts need them, within a budget.
//!
//! Each look-around group is settled first, for every position of the text: a look-ahead by reading the text backwards, a
//! look-behind forwards. The pattern itself then asks at each position which of them hold, as it asks whether the text
//! begins there. Each part reads the text once, so that the time is linear in it; only a state that is met for the first
//! time costs more, and all of that comes out of one budget.

use std::collections::HashMap;
use std::sync::{Mutex, TryLockError};

use super::program::{Compiler, Program, Set, Step, at};
use super::syntax::Parsed;
use super::{Budget, Found};

/// Entries of the tables of one part before it begins anew.
const MAX_ENTRIES: usize = 1 << 20;
/// Entries that are kept from one text to the next.
const KEPT_ENTRIES: usize = 1 << 13;
/// Characters that one set of rules tells apart, at most.
const MAX_LETTERS: usize = 8_192;

/// A pattern ready to be matched.
#[derive(Debug)]
pub(super) struct Machine {
    whole: Part,
    /// In the order in which they can be settled.
    looks: Vec<(bool, Part)>,
    alphabet: Alphabet,
    has_words: bool,
    has_lines: bool,
}

/// A program, and what of its automaton was built for earlier texts.
#[derive(Debug)]
struct Part {
    program: Program,
    tables: Mutex<Option<Box<Tables>>>,
}

impl Machine {
    /// `None` where the pattern is too large.
    pub(super) fn new(parsed: &Parsed) -> Option<Self> {
        let negative = parsed.looks.iter().map(|look| look.is_negative).collect();
        let mut compiler = Compiler::default();
        compiler.negative = negative;
        let mut looks = Vec::new();
        for look in &parsed.looks {
            looks.push((look.is_ahead, Part::new(compiler.program(&look.body, look.is_ahead)?)));
        }
        let whole = Part::new(compiler.program(&parsed.whole, false)?);
        let alphabet = Alphabet::new(&compiler.sets)?;
        let Compiler { has_words, has_lines, .. } = compiler;
        Some(Self { whole, looks, alphabet, has_words, has_lines })
    }

    pub(super) fn find(&self, text: &str, budget: &mut Budget) -> Found {
        match self.search(text, budget) {
            Some(true) => Found::Yes,
            Some(false) => Found::No,
            None => Found::Undecided,
        }
    }

    /// Whether it is found; `None` where the budget is spent before.
    fn search(&self, text: &str, budget: &mut Budget) -> Option<bool> {
        let letters: Vec<u16> = text.chars().map(|c| self.alphabet.letter(c)).collect();
        let mut contexts = self.contexts(text, letters.len());
        for (index, (is_ahead, part)) in self.looks.iter().enumerate() {
            let mut places = Vec::new();
            let mut scan = Scan { alphabet: &self.alphabet, letters: &letters, contexts: &contexts, budget };
            scan.run(part, *is_ahead, |place| {
                places.push(place);
                true
            })?;
            for place in places {
                if let Some(context) = contexts.varied.get_mut(place) {
                    *context |= at::look(index);
                }
            }
        }
        let mut is_found = false;
        let mut scan = Scan { alphabet: &self.alphabet, letters: &letters, contexts: &contexts, budget };
        scan.run(&self.whole, false, |_| {
            is_found = true;
            false
        })?;
        Some(is_found)
    }

    /// What holds at each position, look-around apart.
    fn contexts(&self, text: &str, length: usize) -> Contexts {
        let mut contexts = Contexts { varied: Vec::new(), length };
        if self.looks.is_empty() && !self.has_words && !self.has_lines {
            return contexts;
        }
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_end = |c: Option<char>| c.is_none_or(|c| c == '\n');
        let (mut before, mut rest) = (None, text.chars());
        for position in 0..=length {
            let after = rest.next();
            let bits = [
                (is_end(before), at::LINE_START),
                (is_end(after), at::LINE_END),
                (is_word(before) && self.has_words, at::WORD_BEFORE),
                (is_word(after) && self.has_words, at::WORD_AFTER),
            ];
            let lines = if self.has_lines { u64::MAX } else { !(at::LINE_START | at::LINE_END) };
            let bits = bits.into_iter().filter(|(holds, _)| *holds).fold(0, |bits, (_, bit)| bits | bit);
            contexts.varied.push(contexts.ends(position) | bits & lines);
            before = after;
        }
        contexts
    }
}

impl Part {
    fn new(program: Program) -> Self {
        Self { program, tables: Mutex::new(None) }
    }

    /// Takes the tables of earlier texts, unless another thread has them.
    fn tables(&self) -> Box<Tables> {
        let known = match self.tables.try_lock() {
            Ok(mut known) => known.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        known.unwrap_or_default()
    }

    /// Keeps tables for the next text, unless they are large.
    fn keep(&self, tables: Box<Tables>) {
        if tables.entries <= KEPT_ENTRIES
            && let Ok(mut known) = self.tables.try_lock()
        {
            *known = Some(tables);
        }
    }
}

/// What holds at the positions of a text.
struct Contexts {
    /// For each position; empty where nothing but the text's ends is asked for.
    varied: Vec<u64>,
    /// The text's length in characters.
    length: usize,
}

impl Contexts {
    fn at(&self, position: usize) -> u64 {
        self.varied.get(position).copied().unwrap_or_else(|| self.ends(position))
    }

    fn ends(&self, position: usize) -> u64 {
        let start = if position == 0 { at::START } else { 0 };
        if position == self.length { start | at::END } else { start }
    }
}

/// Which characters a pattern tells apart: each range between the bounds of its sets is one letter.
#[derive(Debug)]
struct Alphabet {
    /// The first code point of each letter.
    starts: Vec<u32>,
    ascii: [u16; 128],
    sets: Vec<Set>,
}

impl Alphabet {
    /// `None` where there are too many letters.
    fn new(sets: &[Set]) -> Option<Self> {
        let ranges = sets.iter().flat_map(|set| set.iter());
        let mut starts: Vec<u32> =
            ranges.flat_map(|(first, last)| [*first, last.saturating_add(1)]).collect();
        starts.push(0);
        starts.sort_unstable();
        starts.dedup();
        if starts.len() > MAX_LETTERS {
            return None;
        }
        let mut alphabet = Self { starts, ascii: [0; 128], sets: sets.to_vec() };
        let ascii: Vec<u16> = (0..128).map(|c| alphabet.find(c)).collect();
        alphabet.ascii = ascii.try_into().ok()?;
        Some(alphabet)
    }

    fn letter(&self, c: char) -> u16 {
        let point = u32::from(c);
        self.ascii.get(point as usize).copied().unwrap_or_else(|| self.find(point))
    }

    fn find(&self, point: u32) -> u16 {
        // There are at most `MAX_LETTERS`, and the first begins at zero.
        u16::try_from(self.starts.partition_point(|start| *start <= point).saturating_sub(1))
            .unwrap_or(u16::MAX)
    }

    fn holds(&self, set: u32, letter: u16) -> bool {
        let Some((set, point)) = self.sets.get(set as usize).zip(self.starts.get(usize::from(letter))) else {
            return false;
        };
        let next = set.partition_point(|(first, _)| first <= point);
        next.checked_sub(1).and_then(|at| set.get(at)).is_some_and(|(_, last)| point <= last)
    }
}

/// What was built of a part's automaton.
#[derive(Debug, Default)]
struct Tables {
    states: Vec<State>,
    ids: HashMap<Box<[u32]>, u32>,
    /// The contexts that were met.
    contexts: Vec<u64>,
    rows: Vec<Row>,
    /// What all tables hold together.
    entries: usize,
    /// For each step the search that reached it last.
    reached: Vec<u32>,
    searches: u32,
}

/// Steps at which a text may be.
#[derive(Debug)]
struct State {
    steps: Box<[u32]>,
    /// By context; [`UNKNOWN`] where there is none yet.
    rows: Vec<u32>,
}

/// A state in a context.
#[derive(Debug)]
struct Row {
    /// Whether a match ends here.
    is_match: bool,
    /// The steps that take a character.
    taking: Box<[u32]>,
    /// By letter the next state; [`UNKNOWN`] where it was not met yet.
    next: Box<[u32]>,
}

const UNKNOWN: u32 = u32::MAX;

impl Tables {
    fn state(&mut self, steps: Box<[u32]>) -> u32 {
        if let Some(id) = self.ids.get(&steps) {
            return *id;
        }
        let id = u32::try_from(self.states.len()).unwrap_or(UNKNOWN);
        self.entries += 2 * steps.len() + 8;
        self.ids.insert(steps.clone(), id);
        self.states.push(State { steps, rows: Vec::new() });
        id
    }

    /// Forgets all but the steps of one state, and returns its new number.
    fn restart(&mut self, state: u32) -> u32 {
        let steps = self.states.get(state as usize).map(|state| state.steps.clone()).unwrap_or_default();
        *self = Self::default();
        self.state(steps)
    }

    fn context(&mut self, context: u64) -> usize {
        self.contexts.iter().position(|known| *known == context).unwrap_or_else(|| {
            self.contexts.push(context);
            self.contexts.len() - 1
        })
    }
}

/// One reading of a text. Its methods return `None` where the budget is spent.
struct Scan<'s> {
    alphabet: &'s Alphabet,
    letters: &'s [u16],
    contexts: &'s Contexts,
    budget: &'s mut Budget,
}

impl Scan<'_> {
    /// Calls `found` with each position at which a match ends, until it returns false.
    fn run(&mut self, part: &Part, is_backwards: bool, found: impl FnMut(usize) -> bool) -> Option<()> {
        self.spend(self.letters.len())?;
        let mut tables = part.tables();
        let outcome = self.read(&part.program, &mut tables, is_backwards, found);
        part.keep(tables);
        outcome
    }

    fn read(
        &mut self,
        program: &Program,
        tables: &mut Tables,
        is_backwards: bool,
        mut found: impl FnMut(usize) -> bool,
    ) -> Option<()> {
        let length = self.letters.len();
        let mut state = tables.state([].into());
        let (mut context, mut context_id) = (None, 0);
        for read in 0..=length {
            let position = if is_backwards { length - read } else { read };
            let here = self.contexts.at(position);
            if context != Some(here) {
                (context, context_id) = (Some(here), tables.context(here));
            }
            let row_id = self.row(program, tables, state, (context_id, here))?;
            let Some(row) = tables.rows.get(row_id as usize) else { break };
            if row.is_match && !found(position) {
                break;
            }
            if program.is_anchored && row.taking.is_empty() {
                break;
            }
            let behind = if is_backwards { position.checked_sub(1) } else { Some(position) };
            let Some(letter) = behind.and_then(|at| self.letters.get(at)).copied() else { break };
            state = match row.next.get(usize::from(letter)).copied() {
                Some(next) if next != UNKNOWN => next,
                _ => self.next(program, tables, row_id, letter)?,
            };
            if tables.entries > MAX_ENTRIES {
                state = tables.restart(state);
                context = None;
            }
        }
        Some(())
    }

    /// Returns the row of a state in a context.
    fn row(
        &mut self,
        program: &Program,
        tables: &mut Tables,
        state: u32,
        (context_id, context): (usize, u64),
    ) -> Option<u32> {
        let known = tables.states.get(state as usize).and_then(|state| state.rows.get(context_id));
        if let Some(known) = known.filter(|row| **row != UNKNOWN) {
            return Some(*known);
        }
        let row = self.reach(program, tables, state, context)?;
        tables.entries += row.taking.len() + row.next.len() + 8;
        let id = u32::try_from(tables.rows.len()).unwrap_or(UNKNOWN);
        tables.rows.push(row);
        if let Some(state) = tables.states.get_mut(state as usize) {
            if state.rows.len() <= context_id {
                tables.entries += context_id + 1 - state.rows.len();
                state.rows.resize(context_id + 1, UNKNOWN);
            }
            if let Some(known) = state.rows.get_mut(context_id) {
                *known = id;
            }
        }
        Some(id)
    }

    /// Follows the steps of a state that take no character. Where a match may begin here, its first step is among them.
    fn reach(&mut self, program: &Program, tables: &mut Tables, state: u32, context: u64) -> Option<Row> {
        tables.reached.resize(program.steps.len(), 0);
        tables.searches = tables.searches.wrapping_add(1);
        let search = tables.searches;
        let mut open: Vec<u32> =
            tables.states.get(state as usize).map(|one| one.steps.to_vec()).unwrap_or_default();
        if !program.is_anchored || context & at::START != 0 {
            open.push(program.start);
        }
        self.spend(self.alphabet.starts.len() + open.len())?;
        let (mut taking, mut is_match) = (Vec::new(), false);
        while let Some(at) = open.pop() {
            let Some(reached) = tables.reached.get_mut(at as usize).filter(|last| **last != search) else {
                continue;
            };
            *reached = search;
            self.spend(1)?;
            match program.steps.get(at as usize) {
                Some(Step::Take(..)) => taking.push(at),
                Some(Step::Either(one, other)) => open.extend([*one, *other]),
                Some(Step::Assert { any, is_negative, next }) => {
                    open.extend(((context & any != 0) != *is_negative).then_some(*next));
                }
                Some(Step::Boundary { is_negative, next }) => {
                    let is_boundary = (context & at::WORD_BEFORE != 0) != (context & at::WORD_AFTER != 0);
                    open.extend((is_boundary != *is_negative).then_some(*next));
                }
                Some(Step::Match) => is_match = true,
                None => {}
            }
        }
        taking.sort_unstable();
        let next = vec![UNKNOWN; self.alphabet.starts.len()].into_boxed_slice();
        Some(Row { is_match, taking: taking.into(), next })
    }

    /// Finds the state after a letter.
    fn next(&mut self, program: &Program, tables: &mut Tables, row: u32, letter: u16) -> Option<u32> {
        let Some(from) = tables.rows.get(row as usize) else { return Some(UNKNOWN) };
        self.spend(from.taking.len() + 1)?;
        let follow = |at: &u32| match program.steps.get(*at as usize) {
            Some(Step::Take(set, next)) if self.alphabet.holds(*set, letter) => Some(*next),
            _ => None,
        };
        let mut steps: Vec<u32> = from.taking.iter().filter_map(follow).collect();
        steps.sort_unstable();
        steps.dedup();
        let next = tables.state(steps.into());
        let known = tables.rows.get_mut(row as usize).and_then(|row| row.next.get_mut(usize::from(letter)));
        known.into_iter().for_each(|known| *known = next);
        Some(next)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        self.budget.spend(steps)
    }
}

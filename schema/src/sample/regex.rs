//! Samples texts that match a pattern, by a walk over its syntax tree.
//!
//! Anchors and word boundaries are ignored: the text is matched against the pattern before it is used.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::{
    pattern::{Ahead, Pattern},
    random::Random,
};

/// Repetitions beyond the least, where there is no length to reach.
const MORE: usize = 4;

struct Walk<'r> {
    random: &'r mut Random,
    text: String,
    /// Characters that repetitions may still add to reach the length that is asked for.
    extra: usize,
    /// Characters that the text may have.
    room: usize,
}

/// A text that may match `pattern`, of at least `min` characters where its repetitions can give them.
pub(super) fn sample(pattern: &Pattern, min: u64, max: u64, random: &mut Random) -> Option<String> {
    let structure = pattern.structure()?;
    let shortest = shortest(&structure.whole, 0);
    let room = usize::try_from(max).unwrap_or(usize::MAX);
    if shortest > room {
        return None;
    }
    let extra = usize::try_from(min).unwrap_or(usize::MAX).saturating_sub(shortest);
    let spare = random.below(MORE + 1).min(room - shortest);
    let mut walk =
        Walk { random, text: String::new(), extra: extra.max(spare), room: room.saturating_sub(shortest) };
    walk.hir(&structure.whole, 0);
    let Walk { text, random, .. } = walk;
    Some(with_look_aheads(text, &structure.aheads, room, random))
}

/// Writes a match of each look-ahead over the text's end, so that `(?=.*[A-Z])` and its like are met.
fn with_look_aheads(text: String, aheads: &[Ahead], room: usize, random: &mut Random) -> String {
    let mut text = text;
    for ahead in aheads {
        if ahead.whole.is_match(&text) {
            continue;
        }
        let mut walk = Walk { random, text: String::new(), extra: 0, room: 8 };
        walk.hir(&ahead.core, 0);
        let piece = walk.text;
        let length = text.chars().count();
        let keep = if length + piece.chars().count() <= room {
            length
        } else {
            length.saturating_sub(piece.chars().count())
        };
        // Pieces go to the front, so that one does not overwrite another.
        let rest: String = text.chars().take(keep).collect();
        let candidate = format!("{piece}{rest}");
        if ahead.whole.is_match(&candidate) {
            text = candidate;
        }
    }
    text
}

/// The depth of a structure that is walked; deeper ones (which no one writes) give shorter texts.
const MAX_DEPTH: usize = 100;

/// The length in characters of the shortest text that the structure matches.
fn shortest(hir: &Hir, depth: usize) -> usize {
    if depth > MAX_DEPTH {
        return 0;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            (repetition.min as usize).saturating_mul(shortest(&repetition.sub, depth + 1))
        }
        HirKind::Capture(capture) => shortest(&capture.sub, depth + 1),
        HirKind::Concat(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(shortest(part, depth + 1)))
        }
        HirKind::Alternation(ways) => ways.iter().map(|way| shortest(way, depth + 1)).min().unwrap_or(0),
    }
}

impl Walk<'_> {
    fn hir(&mut self, hir: &Hir, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => self.class(class),
            HirKind::Repetition(repetition) => self.repeat(repetition, depth + 1),
            HirKind::Capture(capture) => self.hir(&capture.sub, depth + 1),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.hir(part, depth + 1)),
            HirKind::Alternation(ways) => self.alternate(ways, depth + 1),
        }
    }

    fn alternate(&mut self, ways: &[Hir], depth: usize) {
        let least = ways.iter().map(|way| shortest(way, depth)).min().unwrap_or(0);
        let fits = |way: &&Hir| shortest(way, depth) - least <= self.room;
        let fitting: Vec<_> = ways.iter().filter(fits).collect();
        if let Some(way) = self.random.pick(&fitting) {
            let more = shortest(way, depth) - least;
            self.spend(more);
            self.hir(way, depth);
        }
    }

    fn repeat(&mut self, repetition: &Repetition, depth: usize) {
        let each = shortest(&repetition.sub, depth).max(1);
        let most = repetition.max.map_or(usize::MAX, |max| max.saturating_sub(repetition.min) as usize);
        let wanted = self.extra.div_ceil(each).min(most).min(self.room / each);
        // With nothing to reach, what is optional is taken or left.
        let more = if wanted == 0 && most == 1 && each <= self.room { self.random.below(2) } else { wanted };
        for i in 0..(repetition.min as usize).saturating_add(more) {
            if i >= repetition.min as usize {
                self.spend(each);
            }
            self.hir(&repetition.sub, depth);
        }
    }

    fn spend(&mut self, characters: usize) {
        self.extra = self.extra.saturating_sub(characters);
        self.room = self.room.saturating_sub(characters);
    }

    /// A character of the class: of its readable ASCII where it has any.
    fn class(&mut self, class: &Class) {
        const READABLE: [&[u8]; 4] = [
            b"abcdefghijklmnopqrstuvwxyz",
            b"0123456789",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            b"-_.~!@#$%^&*()+=,:;?/ '\"<>[]{}|\\`",
        ];
        let holds = |c: u8| match class {
            Class::Unicode(class) => {
                class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char::from(c)))
            }
            Class::Bytes(class) => {
                class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c))
            }
        };
        for alphabet in READABLE {
            let fitting: Vec<u8> = alphabet.iter().copied().filter(|c| holds(*c)).collect();
            if !fitting.is_empty() {
                self.text.push_str(&self.random.text(&fitting, 1));
                return;
            }
        }
        let first = match class {
            Class::Unicode(class) => class.ranges().first().map(|range| range.start()),
            Class::Bytes(class) => class.ranges().first().map(|range| char::from(range.start())),
        };
        self.text.extend(first);
    }
}

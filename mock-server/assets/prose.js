// @ts-check
/** Descriptions: paragraphs, lists, `code`, **bold** and links of CommonMark; everything else as it is written. */

import { h } from './dom.js';

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

/** @param {string} text */
function inline(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(end, match.index));
    const [whole, code, bold, label, target] = match;
    if (code) parts.push(h('code', {}, code));
    else if (bold) parts.push(h('strong', {}, bold));
    else if (/^https?:\/\//.test(target)) parts.push(h('a', { href: target, rel: 'noreferrer noopener', target: '_blank' }, label));
    else parts.push(label);
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)];
}

/** @param {string | null | undefined} text */
export function prose(text) {
  if (!text) return null;
  const blocks = text.slice(0, 20_000).split(/\n\s*\n/).slice(0, 100).map((block) => {
    const lines = block.split('\n').filter((line) => line.trim());
    if (lines.length && lines.every((line) => /^\s*[-*] /.test(line))) {
      return h('ul', {}, lines.map((line) => h('li', {}, inline(line.replace(/^\s*[-*] /, '')))));
    }
    const heading = lines.length === 1 && /^#+ (.*)/.exec(lines[0]);
    return h('p', {}, heading ? h('strong', {}, heading[1]) : inline(lines.join(' ')));
  });
  return h('div', { class: 'prose' }, blocks);
}

// @ts-check
/** The view of operations: a list by tag with a search, and one operation beside it. */

import { api, document_, live } from './mock.js';
import { attempt, copyButton, fill, h, methodBadge } from './dom.js';
import { operationPanel } from './operation.js';
import { prose } from './prose.js';

/** @param {string} key */
export const linkOf = (key) => `#/operations/${encodeURIComponent(key)}`;

const HINTS = [
  ['traffic', 'Traffic', 'Every request as it comes, with its bodies, and what it violates.'],
  ['state', 'State', 'The items that requests made: edit them, or make 25.'],
  ['rules', 'Rules', 'Answer 500 once, slow down, or fail one request in twenty.'],
  ['document', 'Document', 'Findings with their lines, and what a reload changed.'],
];

/** @returns {import('./app.js').View} */
export function operationsView() {
  const search = h('input', {
    type: 'search', placeholder: 'Search operations', 'aria-label': 'Search operations', class: 'search-input', autocomplete: 'off', spellcheck: false,
  });
  const hint = h('kbd', { 'aria-hidden': 'true' }, /Mac/.test(navigator.platform) ? '⌘K' : 'Ctrl K');
  const list = h('nav', { class: 'op-list', 'aria-label': 'Operations', tabindex: '0' });
  const found = h('p', { class: 'muted small op-count', role: 'status' });
  const detail = h('div', { class: 'op-detail' });
  const element = h('div', { class: 'split ops' },
    h('div', { class: 'side' }, h('div', { class: 'search' }, search, hint), found, list), detail);
  /** @type {{text: string, row: any, key: string, group: any}[]} */
  let rows = [];
  /** @type {any[]} */
  let groups = [];
  let shown = '';
  let loaded = false;

  /** Shows the rows that contain every word. */
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const counts = new Map();
    let count = 0;
    for (const { text, row, group } of rows) {
      const fits = words.every((/** @type {string} */ word) => text.includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) {
        counts.set(group, (counts.get(group) ?? 0) + 1);
        count += 1;
      }
    }
    for (const group of groups) {
      group.hidden = !counts.has(group);
      if (words.length) group.open = true;
    }
    found.textContent = words.length ? `${count} of ${rows.length} operations` : `${rows.length} operations`;
  };

  const load = async () => {
    const described = await document_();
    const byTag = new Map(described.tags.map((/** @type {any} */ tag) => [tag.name, []]));
    for (const operation of described.operations) {
      const tag = operation.tags[0] ?? '';
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operation);
    }
    rows = [];
    groups = [];
    for (const [tag, operations] of byTag) {
      if (!operations.length) continue;
      const links = operations.map((/** @type {any} */ operation) => h('a', { class: `op${operation.deprecated ? ' deprecated' : ''}`, href: linkOf(operation.key) },
        methodBadge(operation.method),
        h('span', { class: 'op-text' }, h('span', { class: 'op-path' }, operation.path), operation.summary && h('span', { class: 'op-summary' }, operation.summary))));
      const group = h('details', { class: 'op-group', open: true }, h('summary', {}, h('span', {}, tag || 'Operations'), h('span', { class: 'muted' }, operations.length)), links);
      groups.push(group);
      operations.forEach((/** @type {any} */ operation, /** @type {number} */ index) => rows.push({
        text: `${operation.key} ${operation.id ?? ''} ${operation.summary ?? ''} ${tag}`.toLowerCase(), row: links[index], key: operation.key, group,
      }));
    }
    fill(list, groups);
    filter();
    loaded = true;
    if (!shown) welcome(described);
    mark();
  };

  /** @param {any} described */
  const welcome = (described) => {
    element.classList.remove('has-detail');
    const first = described.operations.find((/** @type {any} */ operation) => operation.method === 'GET') ?? described.operations[0];
    fill(detail, h('article', { class: 'welcome' },
      h('h1', {}, described.title || 'Untitled API', ' ', described.version && h('span', { class: 'chip' }, described.version)),
      prose(described.description),
      h('h2', {}, 'Base URL'),
      h('div', { class: 'url' }, h('code', {}, api), copyButton(() => api, 'Copy', { 'aria-label': 'Copy the base URL' })),
      h('p', { class: 'muted' }, 'The mock answers here as the document says. Point your application at this URL, and watch its requests under ', h('a', { href: '#/traffic' }, 'Traffic'), '.'),
      described.servers.length > 0 && h('details', {}, h('summary', {}, 'Servers of the document'), h('ul', { class: 'plain' }, described.servers.map((/** @type {any} */ server) => h('li', { class: 'url' },
        h('code', {}, server.url), copyButton(() => server.url, 'Copy', { 'aria-label': `Copy ${server.url}` }), server.description && h('span', { class: 'muted' }, server.description))))),
      first && h('p', {}, h('a', { class: 'button primary', href: linkOf(first.key) }, 'Try ', first.key)),
      h('div', { class: 'hints' }, HINTS.map(([view, title, text]) => h('a', { class: 'card hint', href: `#/${view}` }, h('strong', {}, title), h('p', {}, text))))));
  };

  const mark = () => {
    for (const { row, key } of rows) {
      if (key === shown) row.setAttribute('aria-current', 'true');
      else if (row.hasAttribute('aria-current')) row.removeAttribute('aria-current');
    }
  };

  search.addEventListener('input', filter);
  const visible = () => rows.filter(({ row, group }) => !row.hidden && group.open);
  search.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const first = visible()[0];
    if (event.key === 'Enter' && first) location.hash = linkOf(first.key);
    if (event.key === 'ArrowDown' && first) first.row.focus();
    if (event.key === 'Escape') { search.value = ''; filter(); }
    if (['Enter', 'ArrowDown'].includes(event.key)) event.preventDefault();
  });
  list.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = visible();
    const at = all.findIndex(({ row }) => row === document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    (all[at + step]?.row ?? search).focus();
  });

  const reload = () => attempt(load).then(() => (shown ? show(shown, true) : undefined));
  live.addEventListener('document', reload);
  live.addEventListener('restart', reload);
  live.addEventListener('connection', () => live.connected && !loaded && reload());

  /**
   * @param {string} key
   * @param {boolean} [again]
   */
  const show = async (key, again = false) => {
    if (key === shown && !again && key) return;
    shown = key;
    mark();
    if (!key) return loaded && document_().then(welcome, () => {});
    element.classList.add('has-detail');
    const panel = await attempt(() => operationPanel(key));
    if (shown !== key) return;
    fill(detail, h('a', { class: 'back', href: '#/operations' }, '← All operations'),
      panel ?? h('p', { class: 'empty' }, `The document has no operation ${key}.`));
    detail.scrollTop = 0;
  };

  attempt(load);
  return { element, show, focus: () => { search.focus(); search.select(); } };
}

// @ts-check
/** The frame of the page: views by the address after `#`, connection, theme and keys. */

import { document_, live } from './mock.js';
import { fill, h, toast } from './dom.js';
import { operationsView } from './operations.js';
import { trafficView } from './traffic.js';
import { stateView } from './state.js';
import { rulesView } from './rules.js';
import { documentView } from './document.js';

/** @typedef {{element: HTMLElement, show?: (rest: string) => void, hide?: () => void, focus?: () => void}} View */

/** @type {[string, string, () => View][]} */
const VIEWS = [
  ['operations', 'Operations', operationsView],
  ['traffic', 'Traffic', trafficView],
  ['state', 'State', stateView],
  ['rules', 'Rules', rulesView],
  ['document', 'Document', documentView],
];

/** @param {string} id @returns {any} */
const find = (id) => document.getElementById(id);

/** Each view is made when it is first shown, and kept: drafts and places stay. @type {Map<string, View>} */
const made = new Map();
/** @type {View | undefined} */
let current;

const badge = h('span', { class: 'badge', hidden: true });
const tabs = new Map(VIEWS.map(([name, label]) => [name, h('a', { href: `#/${name}`, class: `tab tab-${name}` }, h('span', {}, label), name === 'traffic' && badge)]));
find('tabs').append(...tabs.values());

function route() {
  const [, name, rest] = /^#\/([a-z]+)\/?(.*)$/.exec(location.hash) ?? [];
  const [chosen, label, make] = VIEWS.find((view) => view[0] === name) ?? VIEWS[0];
  if (!made.has(chosen)) made.set(chosen, make());
  const view = made.get(chosen);
  if (view && view !== current) {
    current?.hide?.();
    find('main').replaceChildren(view.element);
    find('main').className = `view view-${chosen}`;
    current = view;
    window.scrollTo(0, 0);
  }
  for (const [other, tab] of tabs) other === chosen ? tab.setAttribute('aria-current', 'page') : tab.removeAttribute('aria-current');
  document.body.dataset.view = chosen;
  view?.show?.(decode(rest ?? ''));
  document.title = `${label} · ${find('title').textContent}`;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function describe() {
  try {
    const { title, version } = await document_();
    fill(find('title'), title || 'Untitled API');
    fill(find('version'), version);
    find('version').hidden = !version;
    document.title = `${title} · Descant mock`;
  } catch { /* The connection says that the mock is away. */ }
}

/** The theme: that of the system, until another is chosen. */
function theme() {
  const order = ['system', 'light', 'dark'];
  const icons = { system: '◐', light: '☀', dark: '☾' };
  const stored = () => localStorage.getItem('descant-theme') ?? 'system';
  const apply = () => {
    const chosen = /** @type {keyof typeof icons} */ (stored());
    document.documentElement.dataset.theme = chosen;
    fill(find('theme'), icons[chosen] ?? '◐');
    find('theme').setAttribute('aria-label', `Theme: ${chosen}`);
  };
  find('theme').onclick = () => {
    localStorage.setItem('descant-theme', order[(order.indexOf(stored()) + 1) % order.length]);
    apply();
  };
  apply();
}

live.addEventListener('connection', () => {
  const state = find('connection');
  state.textContent = live.connected ? 'live' : 'mock is away';
  state.className = `connection ${live.connected ? 'on' : 'off'}`;
});
live.addEventListener('restart', () => { toast('The mock was restarted'); describe(); });
live.addEventListener('document', () => { toast('The document was reloaded'); describe(); });

const count = () => {
  badge.hidden = !live.violations;
  badge.textContent = live.violations > 99 ? '99+' : String(live.violations);
  badge.title = 'exchanges with violations or notices';
};
live.addEventListener('exchanges', count);
live.addEventListener('cleared', count);

document.addEventListener('keydown', (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const types = /^(input|textarea|select)$/i.test(target.tagName);
  if ((event.key === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !types)) {
    event.preventDefault();
    if (!location.hash.startsWith('#/operations')) location.hash = '#/operations';
    route();
    current?.focus?.();
  }
});

theme();
describe();
window.addEventListener('hashchange', route);
route();
live.follow();

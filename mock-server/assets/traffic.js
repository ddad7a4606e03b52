// @ts-check
/** The view of traffic: exchanges as they happen, and one of them beside the list. */

import { api, call, isBroken, live } from './mock.js';
import { attempt, button, choice, confirmed, copyButton, download, duration, fill, h, methodBadge, statusBadge } from './dom.js';
import { exchangePanel, har } from './exchange.js';

/** The rows of the list. */
const MOST = 300;

/** @returns {import('./app.js').View} */
export function trafficView() {
  const list = h('nav', { class: 'ex-list', 'aria-label': 'Exchanges', tabindex: '0' });
  const detail = h('div', { class: 'ex-detail' });
  const note = h('p', { class: 'muted small ex-note', role: 'status' });
  const search = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter exchanges', oninput: () => draw() });
  const pause = button('Pause', () => {
    paused = !paused;
    pause.textContent = paused ? 'Resume' : 'Pause';
    pause.setAttribute('aria-pressed', String(paused));
    draw();
  }, { 'aria-pressed': 'false' });
  let kind = 'all';
  let paused = false;
  let visible = false;
  let chosen = 0;
  /** @type {any[]} What was there when the list was paused. */
  let held = [];

  const fits = (/** @type {any} */ entry) => {
    const text = search.value.toLowerCase();
    const is = { all: true, violations: isBroken(entry), '2xx': entry.status < 300, '4xx': entry.status >= 400 && entry.status < 500, '5xx': entry.status >= 500 }[kind];
    return is && (!text || `${entry.method} ${entry.target} ${entry.operation ?? ''} ${entry.status} ${entry.request ?? ''}`.toLowerCase().includes(text));
  };

  const row = (/** @type {any} */ entry) => h('a', { class: `ex${isBroken(entry) ? ' broken' : ''}`, href: `#/traffic/${entry.number}`, 'data-number': entry.number, 'aria-current': entry.number === chosen ? 'true' : null },
    h('time', {}, clock(entry.at)), statusBadge(entry.status), methodBadge(entry.method),
    h('span', { class: 'ex-text' }, h('span', { class: 'ex-target' }, entry.target), (entry.request || entry.response) && h('span', { class: 'ex-why' }, entry.request ?? entry.response)),
    h('span', { class: 'muted ex-time' }, duration(entry.micros)));

  const say = () => {
    const parts = [`${live.entries.length} exchanges`];
    if (live.skipped) parts.push(`${live.skipped} more passed too fast to be listed`);
    if (paused) parts.push('paused');
    note.textContent = parts.join(' · ');
  };

  /** Draws the whole list. */
  const draw = () => {
    if (!visible) return;
    if (!paused) held = live.entries;
    const entries = (paused ? held : live.entries).filter(fits).slice(-MOST).reverse();
    if (entries.length) fill(list, entries.map(row));
    else fill(list, live.entries.length ? h('p', { class: 'empty' }, 'No exchange fits the filter.') : nothing());
    say();
  };

  const nothing = () => {
    const text = `curl -i ${api}/`;
    return h('div', { class: 'empty' }, h('h2', {}, 'Nothing yet'), h('p', {}, 'Requests appear here as they come. Try:'), h('div', { class: 'with-copy' }, h('pre', { class: 'code' }, text), copyButton(() => text)),
      h('p', {}, 'or send one from ', h('a', { href: '#/operations' }, 'Operations'), '.'));
  };

  /** Adds new rows at the top. */
  const add = (/** @type {any[]} */ entries) => {
    if (!visible || paused) return say();
    const fresh = entries.filter(fits);
    if (list.querySelector('.empty')) return draw();
    list.prepend(...fresh.map(row).reverse());
    while (list.childElementCount > MOST) list.lastElementChild?.remove();
    say();
  };

  live.addEventListener('exchanges', (event) => add(/** @type {CustomEvent} */ (event).detail));
  live.addEventListener('cleared', () => { held = []; draw(); });

  const show = async (/** @type {string} */ rest) => {
    visible = true;
    const next = Number(rest) || 0;
    draw();
    if (next === chosen && next) return;
    chosen = next;
    element.classList.toggle('has-detail', chosen > 0);
    for (const one of list.querySelectorAll('[aria-current]')) one.removeAttribute('aria-current');
    list.querySelector(`[data-number="${chosen}"]`)?.setAttribute('aria-current', 'true');
    if (!chosen) return fill(detail, h('p', { class: 'empty' }, 'Choose an exchange to see its headers, bodies and violations.'));
    const panel = await attempt(() => exchangePanel(chosen));
    if (chosen !== next) return;
    fill(detail, h('a', { class: 'back', href: '#/traffic' }, '← All exchanges'), panel ?? h('p', { class: 'empty' }, 'The mock no longer has this exchange.'));
    detail.scrollTop = 0;
  };

  const save = async () => {
    const entries = [];
    for (const { number } of live.entries.filter(fits)) entries.push(await call(`log/${number}`).catch(() => null));
    download('descant.har', har(entries.filter(Boolean)));
  };
  const clear = async () => {
    if (await confirmed('Clear the log?', 'The exchanges and the coverage so far are forgotten. State and rules stay.', 'Clear')) await call('log', { method: 'DELETE' });
  };

  const element = h('div', { class: 'split traffic' },
    h('h1', { class: 'hidden' }, 'Traffic'),
    h('div', { class: 'side' },
      h('div', { class: 'toolbar' }, search,
        choice('Kind', [['All', 'all'], ['Violations', 'violations'], ['2xx', '2xx'], ['4xx', '4xx'], ['5xx', '5xx']], 'all', (value) => { kind = value; draw(); }),
        h('div', { class: 'row' }, pause, button('Clear', () => attempt(clear)), button('HAR', () => attempt(save), { title: 'Save the listed exchanges as HAR' }))),
      note, list),
    detail);
  fill(detail, h('p', { class: 'empty' }, 'Choose an exchange to see its headers, bodies and violations.'));
  return { element, show, hide: () => { visible = false; }, focus: () => search.focus() };
}

/** @param {number} at */
const clock = (at) => new Date(at).toLocaleTimeString([], { hour12: false });

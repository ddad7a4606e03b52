// @ts-check
/** The view of state: the collections of the document as tables that can be edited. */

import { call, live, query } from './mock.js';
import { attempt, button, confirmed, dialog, download, fill, h, toast } from './dom.js';
import { json } from './code.js';

/** The items of one page, and the columns of a table. */
const PAGE = 50;
const COLUMNS = 12;

/** @typedef {{collection: string, parents: string[]}} Scope */

/** @returns {import('./app.js').View} */
export function stateView() {
  const side = h('nav', { class: 'col-list', 'aria-label': 'Collections', tabindex: '0' });
  const table = h('div', { class: 'items' });
  /** @type {any[]} */
  let collections = [];
  /** @type {Scope | undefined} */
  let scope;
  let offset = 0;
  let visible = false;
  let waiting = 0;

  const load = async () => {
    collections = await call('collections');
    if (!collections.length) return empty();
    let scopes = [];
    try {
      scopes = await call('state/scopes');
    } catch {
      return stateless();
    }
    const entries = collections.flatMap((one) => {
      const known = scopes.filter((/** @type {any} */ other) => other.collection === one.path);
      const first = { collection: one.path, parents: /** @type {string[]} */ ([]), count: undefined };
      return known.length || one.path.includes('{') ? known : [first];
    });
    scope ??= entries[0];
    fill(side, entries.map((/** @type {any} */ one) => button(label(one), () => choose(one), { class: 'col', 'aria-current': same(one, scope) ? 'true' : null })),
      collections.filter((one) => one.path.includes('{')).map((one) => button(`${one.path} …`, () => attempt(() => open(one)), { class: 'col muted', title: 'Open the collection of a parent' })),
      h('div', { class: 'row wrap side-actions' },
        button('Snapshot', () => attempt(save), { title: 'Save all items as a file' }), button('Restore', () => attempt(restore), { title: 'Load a snapshot' }),
        button('Reset everything', () => attempt(reset), { class: 'danger-quiet' })));
    if (scope) await draw();
    else fill(table, h('p', { class: 'empty' }, 'Choose a collection.'));
  };

  const label = (/** @type {any} */ one) => {
    const parents = [...one.parents];
    return one.collection.replace(/\{[^}]*\}/g, () => parents.shift() ?? '…');
  };
  const same = (/** @type {Scope} */ a, /** @type {Scope | undefined} */ b) => b && a.collection === b.collection && JSON.stringify(a.parents) === JSON.stringify(b.parents);
  const choose = (/** @type {Scope} */ one) => { scope = one; offset = 0; attempt(load); };
  const at = (/** @type {Record<string, any>} */ more = {}) => `items${query({ collection: scope?.collection, parents: JSON.stringify(scope?.parents ?? []), ...more })}`;

  /** Asks for the parents of a nested collection. */
  const open = async (/** @type {any} */ collection) => {
    const names = [...collection.path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
    const inputs = names.map((name) => h('input', { type: 'text', 'aria-label': name, placeholder: name }));
    const parents = await dialog(collection.path, [h('div', { class: 'fields' }, inputs.map((input, index) => h('label', { class: 'field' }, h('span', { class: 'field-name' }, names[index]), input)))],
      { label: 'Open', accept: () => inputs.map((input) => input.value) });
    if (parents) choose({ collection: collection.path, parents });
  };

  const draw = async () => {
    if (!scope) return;
    const { items, total } = await call(at({ offset, limit: PAGE }));
    const identity = collections.find((one) => one.path === scope?.collection)?.identity;
    const names = [...new Set(items.flatMap((/** @type {any} */ one) => Object.keys(one.item ?? {})))];
    names.sort((a, b) => Number(b === identity) - Number(a === identity));
    const columns = names.slice(0, COLUMNS);
    fill(table,
      h('div', { class: 'row wrap toolbar' }, h('h2', {}, label(scope)), h('span', { class: 'muted', role: 'status' }, `${total} item${total === 1 ? '' : 's'}`),
        button('Add', () => attempt(() => edit(undefined, identity)), { class: 'primary' }), button('Make 25', () => attempt(make), { title: 'Add 25 items by the schema' })),
      items.length ? h('div', { class: 'table-box', tabindex: '0', role: 'region', 'aria-label': 'Items' }, h('table', {},
        h('thead', {}, h('tr', {}, columns.map((name) => h('th', { scope: 'col' }, name)), h('th', { scope: 'col' }, h('span', { class: 'hidden' }, 'Actions')))),
        h('tbody', {}, items.map((/** @type {any} */ one) => h('tr', {},
          columns.map((name) => h('td', {}, cell(one.item?.[/** @type {string} */ (name)]))),
          h('td', { class: 'row-actions' }, button('Edit', () => attempt(() => edit(one, identity)), { class: 'quiet small', 'aria-label': `Edit ${one.id}` }),
            button('Delete', () => attempt(() => remove(one)), { class: 'quiet small', 'aria-label': `Delete ${one.id}` })))))))
        : h('p', { class: 'empty' }, 'No items. Add one, make 25, or send a POST.'),
      total > PAGE && h('div', { class: 'row' }, button('Previous', () => { offset = Math.max(0, offset - PAGE); attempt(draw); }, { disabled: offset === 0 }),
        h('span', { class: 'muted' }, `${offset + 1} to ${Math.min(total, offset + PAGE)} of ${total}`),
        button('Next', () => { offset += PAGE; attempt(draw); }, { disabled: offset + PAGE >= total })));
  };

  const edit = async (/** @type {any} */ one, /** @type {string | null} */ identity) => {
    const text = h('textarea', { 'aria-label': 'Item as JSON', rows: 16, spellcheck: false, value: json(one?.item ?? (identity ? { [identity]: '' } : {})) });
    const accept = async () => {
      const item = JSON.parse(text.value);
      const id = one?.id ?? item[identity ?? 'id'];
      if (id === undefined || id === '') throw new Error(`The item needs ${identity ?? 'id'}`);
      await call(at({ id }), { method: 'PUT', body: item });
    };
    if (await dialog(one ? `Edit ${one.id}` : 'Add an item', [text], { label: 'Save', accept })) await load();
  };

  const remove = async (/** @type {any} */ one) => {
    if (!(await confirmed(`Delete ${one.id}?`, 'The item and everything below it is deleted.', 'Delete'))) return;
    await call(at({ id: one.id }), { method: 'DELETE' });
    await load();
  };

  const make = async () => {
    const { added } = await call(at({ count: 25 }), { method: 'POST' });
    toast(`${added} items added`);
    await load();
  };

  const save = async () => download('state.json', json(await call('state')));
  const restore = async () => {
    const file = await new Promise((resolve) => {
      const input = h('input', { type: 'file', accept: 'application/json', onchange: () => resolve(input.files?.[0]) });
      input.click();
    });
    if (!file) return;
    const value = JSON.parse(await file.text());
    if (!(await confirmed('Restore the snapshot?', 'All items that the mock has now are replaced.', 'Restore'))) return;
    await call('state', { method: 'PUT', body: value });
    await load();
  };
  const reset = async () => {
    if (!(await confirmed('Reset everything?', 'All items, rules, issued tokens and the log are deleted, also from a file or Redis.', 'Reset'))) return;
    await call('reset', { method: 'POST' });
    scope = undefined;
    await load();
  };

  const stateless = () => {
    element.classList.add('alone');
    fill(side);
    fill(table, h('div', { class: 'empty' }, h('h2', {}, 'No state'), h('p', {}, 'The mock was started without state: each answer comes from the document alone.'),
      h('p', {}, 'Start it with ', h('code', {}, '--state'), ', and what POST creates, GET finds.'),
      h('p', { class: 'muted' }, `The document implies ${collections.length} collection${collections.length === 1 ? '' : 's'}: `, collections.slice(0, 12).map((one, index) => [index > 0 && ', ', h('code', {}, one.path)]))));
  };
  const empty = async () => {
    element.classList.add('alone');
    const { hasState } = await call('document');
    fill(side);
    fill(table, h('div', { class: 'empty' }, h('h2', {}, 'No state'), hasState ? 'The document has no collection that a mock could keep.' : ['Start the mock with ', h('code', {}, '--state'), ', and what POST creates, GET finds.']));
  };

  /** Requests that change something may have changed the table. */
  live.addEventListener('exchanges', (event) => {
    const writes = /** @type {CustomEvent} */ (event).detail.some((/** @type {any} */ one) => one.method !== 'GET' && one.status < 400);
    if (!writes || !visible || !scope || document.querySelector('dialog')) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => attempt(load), 400);
  });
  for (const change of ['document', 'restart']) live.addEventListener(change, () => { scope = undefined; if (visible) attempt(load); });

  const element = h('div', { class: 'split state' }, h('h1', { class: 'hidden' }, 'State'), side, table);
  return { element, show: () => { visible = true; element.classList.remove('alone'); attempt(load); }, hide: () => { visible = false; } };
}

/** @param {any} value */
function cell(value) {
  if (value === undefined) return h('span', { class: 'muted' }, '–');
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return h('code', {}, String(value));
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return h('span', { title: text.length > 60 ? text.slice(0, 1000) : null }, text.length > 60 ? `${text.slice(0, 60)}…` : text);
}


// @ts-check
/** The view of the document: findings with their lines, what a reload changed, and the coverage. */

import { call, document_, live } from './mock.js';
import { attempt, button, fill, h, placeName, statusBadge } from './dom.js';
import { linkOf } from './operations.js';

/** The rows of a table. */
const MOST = 300;

/** @returns {import('./app.js').View} */
export function documentView() {
  const content = h('div', {});
  let visible = false;

  const load = async () => {
    const [report, coverage, described, sessions] = await Promise.all([call('document'), call('coverage'), document_(), call('sessions')]);
    fill(content,
      h('header', {}, h('h1', {}, described.title, ' ', h('span', { class: 'chip' }, described.version)),
        h('p', { class: 'muted' }, (report.files ?? []).slice(0, 8).map((/** @type {string} */ name, /** @type {number} */ index) => [index > 0 && ' · ', h('code', { title: name }, name.split(/[\\/]/).pop())]), report.files?.length > 8 && ` and ${report.files.length - 8} more`)),
      report.isServed === false && h('p', { class: 'problem' }, 'The document has errors. The mock serves the last valid version.'),
      changes(report.changes ?? []),
      findings(report.findings ?? [], report.findingCount ?? 0),
      examples(report.examples),
      sessionList(sessions),
      covered(coverage));
  };

  for (const change of ['document', 'restart']) live.addEventListener(change, () => visible && attempt(load));
  return {
    element: h('div', { class: 'page document' }, content),
    show: () => { visible = true; attempt(load); },
    hide: () => { visible = false; },
  };
}

/** @param {any[]} list */
function changes(list) {
  if (!list.length) return null;
  const signs = { added: '+', removed: '−', changed: '~' };
  return h('section', { class: 'card' }, h('h2', {}, 'The last reload changed'),
    h('ul', { class: 'plain' }, list.map(({ kind, part }) => {
      const key = part.startsWith('operation ') ? part.slice('operation '.length) : '';
      return h('li', {}, h('span', { class: `sign ${kind}`, title: kind }, signs[/** @type {keyof typeof signs} */ (kind)]), ' ', key && kind !== 'removed' ? h('a', { href: linkOf(key) }, key) : part);
    })));
}

/** @param {any[]} list @param {number} count */
function findings(list, count) {
  if (!list.length) return h('section', { class: 'card' }, h('h2', {}, 'Findings'), h('p', { class: 'good-text' }, '✓ The document has none.'));
  const by = (/** @type {string} */ severity) => list.filter((one) => one.severity === severity);
  return h('section', { class: 'card' }, h('h2', {}, 'Findings ', h('span', { class: 'muted' }, count)),
    ['error', 'warning', 'note'].map((severity) => {
      const found = by(severity);
      return found.length > 0 && h('details', { open: severity !== 'note' }, h('summary', {}, h('span', { class: `severity ${severity}` }, severity), ` ${found.length}`),
        h('ul', { class: 'plain' }, found.slice(0, MOST).map((one) => h('li', { class: 'finding' },
          h('p', {}, one.message, ' ', h('span', { class: 'facet' }, one.code)),
          h('p', { class: 'muted small', title: one.file }, placeName(one)),
          one.source?.trim() && h('pre', { class: 'code source' }, h('span', { class: 'line-number' }, one.line), ` ${one.source}`),
          one.help && h('p', { class: 'help' }, one.help)))));
    }));
}

/** @param {any[] | null} list */
function examples(list) {
  if (!list?.length) return null;
  return h('section', { class: 'card' }, h('h2', {}, 'Examples that violate their schemas ', h('span', { class: 'muted' }, list.length)), h('p', { class: 'muted' }, 'What the mock sends was repaired or sampled.'),
    h('ul', { class: 'plain' }, list.slice(0, MOST).map((one) => h('li', { class: 'finding' }, h('p', {}, one.message), h('p', { class: 'muted small' }, h('code', {}, one.pointer))))));
}

/** The sessions of tests, each with a page of its own. @param {any[]} list */
function sessionList(list) {
  if (!list.length) return null;
  return h('section', { class: 'card' }, h('h2', {}, 'Sessions ', h('span', { class: 'muted' }, list.length)),
    h('ul', { class: 'plain' }, list.slice(0, MOST).map(({ name, exchanges, path }) => h('li', {}, h('a', { href: `${path}/__descant/#/traffic` }, name), ` ${exchanges} exchange${exchanges === 1 ? '' : 's'}`))));
}

/** @param {any} coverage */
function covered({ percent, operations }) {
  const rows = operations.map((/** @type {any} */ one) => {
    const calls = Object.values(one.met).reduce((/** @type {number} */ sum, /** @type {any} */ met) => sum + met.times, 0);
    return { ...one, calls };
  });
  rows.sort((/** @type {any} */ a, /** @type {any} */ b) => b.calls - a.calls);
  const body = h('tbody', {});
  let shown = 50;
  const draw = () => fill(body, rows.slice(0, shown).map((/** @type {any} */ one) => h('tr', {}, h('td', {}, h('a', { href: linkOf(one.operation) }, one.operation)),
    h('td', {}, one.documented.map((/** @type {any} */ status) => h('span', { class: status.met ? 'met' : 'unmet', title: status.met ? 'met' : 'not met' }, statusBadge(status.status)))), h('td', { class: 'number' }, one.calls || h('span', { class: 'muted' }, '0')))));
  draw();
  const more = rows.length > shown && button(`Show all ${rows.length}`, () => { shown = rows.length; draw(); more && /** @type {any} */ (more).remove(); }, { class: 'quiet' });
  return h('section', { class: 'card' }, h('h2', {}, 'Coverage'),
    h('div', { class: 'row' }, h('progress', { max: 100, value: percent, 'aria-label': 'Operations that were called' }), h('span', {}, `${percent.toFixed(0)} % of the operations were called`)),
    h('div', { class: 'table-box', tabindex: '0', role: 'region', 'aria-label': 'Coverage' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Operation'), h('th', { scope: 'col' }, 'Statuses'), h('th', { scope: 'col' }, 'Calls'))), body)), more);
}

// @ts-check
/** The view of rules: forms with what each rule has met. Drafts stay in the browser until they are applied. */

import { base, call, document_, live } from './mock.js';
import { attempt, button, choice, fill, h, toast } from './dom.js';
import { json } from './code.js';

const KEY = `descant-rules ${base}`;
const FAULTS = ['', 'reset', 'empty', 'malformed', 'slow', 'timeout'];

/** @typedef {{rule: any, on: boolean}} Draft */

/** @type {Draft[] | undefined} The rules as they are edited; `undefined`: those of the mock. */
let draft = stored();
/** @type {(() => void) | undefined} */
let redraw;

/** @returns {Draft[] | undefined} */
function stored() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the draft. @param {Draft[] | undefined} next */
function keep(next) {
  draft = next;
  if (next) localStorage.setItem(KEY, JSON.stringify(next));
  else localStorage.removeItem(KEY);
}

/** Puts a rule before all others, applies it, and shows the rules. @param {any} rule */
export async function prefilled(rule) {
  const rules = await call('rules');
  await call('rules', { method: 'PUT', body: [rule, ...rules] });
  const off = (draft ?? []).filter((one) => !one.on);
  keep(off.length ? [{ rule, on: true }, ...rules.map((/** @type {any} */ one) => ({ rule: one, on: true })), ...off] : undefined);
  toast('The mock answers this way from now on');
  location.hash = '#/rules';
  redraw?.();
}

/** @returns {import('./app.js').View} */
export function rulesView() {
  const list = h('div', { class: 'rules-list' });
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const state = h('span', { class: 'muted', role: 'status' });
  const names = h('datalist', { id: 'operation-names' });
  let form = 'form';
  /** @type {any[]} */
  let applied = [];
  /** @type {Draft[]} */
  let rules = [];

  const load = async () => {
    applied = await call('rules');
    const counts = await call('rules/counts');
    rules = draft ?? applied.map((rule) => ({ rule: structuredClone(rule), on: true }));
    const { operations } = await document_();
    fill(names, h('option', { value: '*' }), operations.map((/** @type {any} */ one) => h('option', { value: one.key }, one.summary ?? '')));
    draw(counts);
  };

  const effective = () => rules.filter((one) => one.on).map((one) => one.rule);
  const isApplied = () => JSON.stringify(effective()) === JSON.stringify(applied);
  const changed = () => {
    keep(isApplied() && rules.every((one) => one.on) ? undefined : rules);
    state.textContent = isApplied() ? '' : 'not applied yet';
    apply.disabled = isApplied();
  };

  const draw = (/** @type {number[]} */ counts = []) => {
    problem.hidden = true;
    changed();
    if (form === 'json') return drawJson();
    let index = 0;
    fill(list, rules.length ? rules.map((one, at) => card(one, at, isApplied() && one.on ? counts[index++] : undefined)) : h('div', { class: 'empty' }, h('h2', {}, 'No rules'),
      h('p', {}, 'A rule changes answers: a status, a delay, a failure, a body of your own, for each request or a share of them.'), h('p', {}, 'Add one here, or choose “Answer this way from now on” in ', h('a', { href: '#/traffic' }, 'Traffic'), '.')));
  };

  const drawJson = () => {
    const text = h('textarea', { 'aria-label': 'Rules as JSON', rows: 24, spellcheck: false, value: json(effective()), oninput: () => {
      try {
        rules = JSON.parse(text.value).map((/** @type {any} */ rule) => ({ rule, on: true }));
        problem.hidden = true;
        changed();
      } catch (error) {
        say(error);
      }
    } });
    fill(list, text);
  };

  const say = (/** @type {any} */ error) => {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  };

  const move = (/** @type {number} */ at, /** @type {number} */ by) => {
    const [one] = rules.splice(at, 1);
    rules.splice(Math.max(0, at + by), 0, one);
    draw();
  };

  /** The form of one rule. */
  const card = (/** @type {Draft} */ one, /** @type {number} */ at, /** @type {number | undefined} */ count) => {
    const { rule } = one;
    const set = (/** @type {string} */ name, /** @type {any} */ value) => {
      if (value === undefined || value === '' || (typeof value === 'object' && value && !Object.keys(value).length)) delete rule[name];
      else rule[name] = value;
      changed();
    };
    rule.answers ??= [];
    const head = h('div', { class: 'row wrap rule-head' },
      h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: one.on, onchange: (/** @type {any} */ event) => { one.on = event.target.checked; box.classList.toggle('off', !one.on); changed(); } }), ' On'),
      h('input', { type: 'text', class: 'grow', value: rule.operation ?? '', list: 'operation-names', 'aria-label': 'Operation', placeholder: 'GET /pets, an operationId, or *', spellcheck: false, oninput: (/** @type {any} */ event) => set('operation', event.target.value) }),
      count !== undefined && h('span', { class: 'chip', title: 'requests that the rule applied to' }, `${count} met`),
      button('↑', () => move(at, -1), { class: 'quiet small', disabled: at === 0, 'aria-label': 'Move up' }), button('↓', () => move(at, 1), { class: 'quiet small', disabled: at === rules.length - 1, 'aria-label': 'Move down' }),
      button('Remove', () => { rules.splice(at, 1); draw(); }, { class: 'quiet small' }));
    const answers = h('div', { class: 'answers' }, rule.answers.map((/** @type {any} */ answer, /** @type {number} */ index) => directive(answer, index, rule)));
    const more = h('div', { class: 'row wrap' }, button('Add an answer', () => { rule.answers.push({}); draw(); }, { class: 'quiet small', title: 'One request after the other gets the next answer; the last holds' }),
      h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: Boolean(rule.repeat), onchange: (/** @type {any} */ event) => set('repeat', event.target.checked || undefined) }), ' Begin again after the last'));
    const limits = h('details', { open: rule.rate !== undefined || rule.limit !== undefined || Object.keys(rule.when ?? {}).length > 0 }, h('summary', {}, 'Which requests'),
      h('div', { class: 'fields' },
        number('Share of requests, 0 to 1', rule.rate, (value) => set('rate', value), { min: 0, max: 1, step: 'any' }),
        number('At most … requests', rule.limit?.requests, (value) => set('limit', value === undefined ? undefined : { requests: value, seconds: rule.limit?.seconds ?? 60 }), { min: 0 }),
        number('… in seconds', rule.limit?.seconds, (value) => rule.limit && set('limit', { ...rule.limit, seconds: value ?? 60 }), { min: 1 }),
        structured('Condition (when)', rule.when && Object.keys(rule.when).length ? rule.when : undefined, '{"query": {"status": "sold"}}', (value) => set('when', value), say)));
    const box = h('article', { class: `card rule${one.on ? '' : ' off'}` }, head, answers, more, limits);
    return box;
  };

  /** The form of one answer. */
  const directive = (/** @type {any} */ answer, /** @type {number} */ index, /** @type {any} */ rule) => {
    const set = (/** @type {string} */ name, /** @type {any} */ value) => {
      if (value === undefined || value === '') delete answer[name];
      else answer[name] = value;
      changed();
    };
    const body = (/** @type {any} */ value) => {
      if (value === undefined) delete answer.response;
      else answer.response = { ...answer.response, body: value };
      changed();
    };
    return h('div', { class: 'answer-row' }, h('span', { class: 'muted' }, `${index + 1}.`),
      h('div', { class: 'fields' },
        number('Status', answer.code, (value) => set('code', value), { min: 200, max: 999 }),
        h('label', { class: 'field' }, h('span', { class: 'field-name' }, 'Delay'), h('input', { type: 'text', value: answer.delay ?? '', placeholder: '250, 1s or 200..800ms', spellcheck: false, oninput: (/** @type {any} */ event) => set('delay', delay(event.target.value)) })),
        h('label', { class: 'field' }, h('span', { class: 'field-name' }, 'Failure'), h('select', { onchange: (/** @type {any} */ event) => set('fault', event.target.value) }, FAULTS.map((fault) => h('option', { value: fault, selected: fault === (answer.fault ?? '') }, fault || 'none')))),
        h('label', { class: 'field' }, h('span', { class: 'field-name' }, 'Example'), h('input', { type: 'text', value: answer.example ?? '', placeholder: 'a name of the document', oninput: (/** @type {any} */ event) => set('example', event.target.value) })),
        structured('Body', answer.response?.body, 'JSON; empty: as the document says', body, say)),
      rule.answers.length > 1 && button('Remove', () => { rule.answers.splice(index, 1); draw(); }, { class: 'quiet small', 'aria-label': `Remove answer ${index + 1}` }));
  };

  const apply = button('Apply', () => put(), { class: 'primary' });
  const put = async () => {
    try {
      await call('rules', { method: 'PUT', body: effective() });
      applied = structuredClone(effective());
      toast('Applied');
      problem.hidden = true;
      draw(applied.map(() => 0));
    } catch (error) {
      say(error);
    }
  };

  redraw = () => attempt(load);
  live.addEventListener('restart', () => attempt(load));
  live.addEventListener('document', () => attempt(load));
  const element = h('div', { class: 'page rules' },
    h('div', { class: 'row wrap toolbar' }, h('h1', {}, 'Rules'), state, apply,
      button('Add a rule', () => { rules.unshift({ rule: { operation: '*', answers: [{ code: 503 }] }, on: true }); draw(); }),
      button('Discard changes', () => { keep(undefined); attempt(load); }, { class: 'quiet' }),
      choice('Form', [['Form', 'form'], ['JSON', 'json']], 'form', (value) => { form = value; draw(); })),
    h('p', { class: 'muted' }, 'The first rule that fits a request decides. Rules that are off stay in this browser.'), problem, names, list);
  return { element, show: () => { attempt(load); } };
}

/** Returns a delay: a number of milliseconds, or a text with a unit or a range. @param {string} text */
const delay = (text) => (text.trim() === '' ? undefined : /^\d+$/.test(text.trim()) ? Number(text) : text.trim());

/** @param {string} label @param {any} value @param {(value: number | undefined) => void} change @param {any} limits */
const number = (label, value, change, limits) => h('label', { class: 'field' }, h('span', { class: 'field-name' }, label),
  h('input', { type: 'number', value: value ?? '', ...limits, oninput: (/** @type {any} */ event) => change(event.target.value === '' ? undefined : Number(event.target.value)) }));

/** A value as JSON. @param {string} label @param {any} value @param {string} placeholder @param {(value: any) => void} change @param {(error: any) => void} say */
function structured(label, value, placeholder, change, say) {
  const text = h('textarea', { rows: value === undefined ? 1 : Math.min(12, json(value).split('\n').length), spellcheck: false, placeholder, value: value === undefined ? '' : json(value), oninput: () => {
    if (!text.value.trim()) return change(undefined);
    try {
      change(JSON.parse(text.value));
      text.removeAttribute('aria-invalid');
    } catch (error) {
      text.setAttribute('aria-invalid', 'true');
      say(new Error(`${label}: ${error instanceof Error ? error.message : error}`));
    }
  } });
  return h('label', { class: 'field wide' }, h('span', { class: 'field-name' }, label), text);
}

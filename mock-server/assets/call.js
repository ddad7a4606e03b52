// @ts-check
/** The form that calls an operation: a valid request to begin with, variants of the answer, the answer beside it. */

import { api, call, live, query } from './mock.js';
import { attempt, choice, copyButton, duration, fill, h, size, statusBadge } from './dom.js';
import { FORMS, code, json } from './code.js';

/** What a button asks the mock for, by `Prefer`. @type {[string, string, string][]} */
const VARIANTS = [
  ['200', 'code=200', 'Answer 200'], ['404', 'code=404', 'Answer 404'], ['422', 'code=422', 'Answer 422'], ['500', 'code=500', 'Answer 500'],
  ['slow', 'delay=3000', 'Answer after 3 seconds'], ['empty', 'fault=empty', 'Send the head, then close the connection'],
];
/** The characters of an answer that are shown. */
const MOST = 200_000;

/**
 * @param {any} operation
 * @param {any} made A valid call, or `problem`.
 */
export function callForm(operation, made) {
  const key = operation.key;
  const values = new Map(made.parameters.map((/** @type {any} */ one) => [`${one.in} ${one.name}`, one.value]));
  const fields = operation.parameters.map((/** @type {any} */ one) => field(one, values.get(`${one.in} ${one.name}`)));
  const body = operation.body && bodyField(operation.body, made.body);
  const credentials = operation.security.length > 0 && h('input', { type: 'checkbox', checked: true });
  const problem = h('p', { class: 'problem', role: 'alert', hidden: !made.problem }, made.problem);
  const answer = h('div', { class: 'answer', 'aria-live': 'polite' });
  const target = h('code', { class: 'target' });
  const snippet = h('div', {});
  let form = FORMS[0];
  /** @type {any} */
  let request;
  /** @type {string | undefined} */
  let preference;

  /** Asks the mock to encode the call, as the document says. */
  const prepare = async () => {
    const edited = { parameters: fields.map((/** @type {any} */ one) => one.value()).filter(Boolean), body: body ? body.value() : null, credentials: Boolean(credentials && credentials.checked) };
    try {
      ({ request } = await call(`call${query({ key })}`, { method: 'POST', body: edited }));
      problem.hidden = true;
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
      throw error;
    }
    target.textContent = `${request.method} ${request.target}`;
    draw();
  };
  const text = () => form[1]({ ...request, url: api + request.target });
  const draw = () => request && fill(snippet, h('div', { class: 'with-copy' }, code(text(), 'Request as code'), copyButton(text)));
  let waiting = 0;
  const changed = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => prepare().catch(() => {}), 150);
  };

  const send = async (/** @type {string | undefined} */ preferred) => {
    preference = preferred;
    clearTimeout(waiting);
    fill(answer, h('p', { class: 'muted' }, 'Waiting for the answer …'));
    try {
      await prepare();
    } catch {
      return fill(answer);
    }
    fill(answer, await sent(request, preference, key));
  };

  const element = h('form', { class: 'card call', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); attempt(() => send(undefined)); }, oninput: changed },
    h('h2', {}, 'Try it'),
    fields.length > 0 && h('div', { class: 'fields' }, fields.map((/** @type {any} */ one) => one.element)),
    body && body.element,
    credentials && h('label', { class: 'check' }, credentials, ' Send credentials that the mock accepts'),
    problem,
    h('div', { class: 'send' },
      h('button', { type: 'submit', class: 'primary' }, 'Send'),
      h('div', { class: 'variants', role: 'group', 'aria-label': 'Send, and have the mock answer' }, VARIANTS.map(([label, wanted, title]) =>
        h('button', { type: 'button', class: 'quiet', title, onclick: () => attempt(() => send(wanted)) }, label)))),
    target, answer,
    h('details', { class: 'as-code' }, h('summary', {}, 'As code'),
      choice('Language', FORMS.map((one) => [one[0], one]), form, (chosen) => { form = chosen; draw(); }), snippet));
  prepare().catch(() => {});
  return element;
}

/** @param {any} parameter @param {any} value */
function field(parameter, value) {
  const isText = typeof value === 'string' || value === undefined;
  const shown = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const use = h('input', { type: 'checkbox', checked: value !== undefined, disabled: parameter.required, 'aria-label': `Send ${parameter.name}` });
  const input = h('input', { type: 'text', value: shown, spellcheck: false, autocomplete: 'off', 'aria-label': `${parameter.in} parameter ${parameter.name}`,
    oninput: () => { use.checked = parameter.required || input.value !== ''; } });
  return {
    element: h('div', { class: 'field' }, use, h('span', { class: 'field-name' }, parameter.name, h('small', {}, parameter.in)), input),
    value: () => use.checked && { in: parameter.in, name: parameter.name, value: parsed(input.value, isText && value !== undefined) },
  };
}

/** Reads numbers, booleans, lists and objects as such. @param {string} text @param {boolean} isText @returns {any} */
function parsed(text, isText) {
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {any} documented @param {any} made */
function bodyField(documented, made) {
  const types = documented.content.map((/** @type {any} */ one) => one.mediaType);
  const chosen = made?.mediaType && !types.includes(made.mediaType) ? [made.mediaType, ...types] : types;
  const select = h('select', { 'aria-label': 'Media type of the body' }, chosen.map((/** @type {string} */ type) => h('option', { value: type, selected: type === made?.mediaType }, type)));
  const text = h('textarea', { 'aria-label': 'Request body', spellcheck: false, rows: 8 });
  const show = (/** @type {any} */ value) => {
    text.value = value === undefined ? '' : typeof value === 'string' && !isJson() ? value : json(value);
    text.rows = Math.min(20, Math.max(4, text.value.split('\n').length));
  };
  const isJson = () => /json/i.test(select.value);
  show(made?.value ?? made?.text);
  select.addEventListener('change', () => {
    const examples = documented.content.find((/** @type {any} */ one) => one.mediaType === select.value)?.examples ?? [];
    if (examples.length) show(examples[0].value);
  });
  return {
    element: h('div', { class: 'body-field' }, h('div', { class: 'row' }, h('span', { class: 'field-name' }, 'body'), select), text),
    value: () => {
      if (text.value === '' && !documented.required) return null;
      // JSON is sent as it was written, also where it is broken: that is one way to see a refusal.
      if (isJson()) return { mediaType: select.value, text: text.value };
      try {
        return { mediaType: select.value, value: JSON.parse(text.value) };
      } catch {
        return { mediaType: select.value, text: text.value };
      }
    },
  };
}

/** @param {any} request */
function payload({ body, bodyBase64 }) {
  if (bodyBase64 === undefined) return body;
  return Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0));
}

/**
 * Sends a request as an application would. A browser sets cookies itself.
 * @param {any} request
 * @param {string | undefined} preference
 */
export async function transmit(request, preference) {
  const headers = new Headers();
  const cookies = [];
  for (const [name, value] of request.headers) {
    if (name.toLowerCase() === 'cookie') cookies.push(...value.split('; '));
    else headers.append(name, value);
  }
  if (preference) headers.set('prefer', preference);
  cookies.forEach((cookie) => { document.cookie = `${cookie}; path=/; SameSite=Strict`; });
  const started = performance.now();
  try {
    const response = await fetch(api + request.target, { method: request.method, headers, body: payload(request), cache: 'no-store', redirect: 'manual' });
    const type = response.headers.get('content-type') ?? '';
    const blob = await response.blob();
    return { response, type, blob, micros: (performance.now() - started) * 1000 };
  } finally {
    cookies.forEach((cookie) => { document.cookie = `${cookie.split('=')[0]}=; path=/; Max-Age=0`; });
  }
}

/**
 * @param {any} request
 * @param {string | undefined} preference
 * @param {string} key
 */
async function sent(request, preference, key) {
  const before = live.entries.at(-1)?.number ?? 0;
  let result;
  try {
    result = await transmit(request, preference);
  } catch (error) {
    return h('div', { class: 'answer-box bad' }, h('p', {}, h('strong', {}, 'No answer. '), preference ? `The mock did what was asked (${preference}).` : String(error)));
  }
  const { response, type, blob, micros } = result;
  const shown = h('div', {});
  if (type.startsWith('image/')) {
    const reader = new FileReader();
    reader.onload = () => fill(shown, h('img', { src: String(reader.result), alt: 'The image of the answer' }));
    reader.readAsDataURL(blob);
  } else if (blob.size === 0) fill(shown, h('p', { class: 'muted' }, 'No body.'));
  else {
    const text = (await blob.slice(0, MOST).text());
    let pretty = text;
    try {
      if (/json/i.test(type)) pretty = json(JSON.parse(text));
    } catch { /* It is shown as it came. */ }
    fill(shown, h('div', { class: 'with-copy' }, code(pretty, 'Body of the answer'), copyButton(() => pretty)));
  }
  const notice = response.headers.get('descant-notice');
  const link = h('a', { href: '#/traffic', class: 'small' }, 'See it in Traffic');
  const find = () => live.entries.findLast((one) => one.number > before && one.operation === key);
  link.addEventListener('click', async (/** @type {MouseEvent} */ event) => {
    event.preventDefault();
    // The exchange comes with the next events, a moment after its answer.
    for (let tries = 0; tries < 20 && !find(); tries += 1) await new Promise((done) => setTimeout(done, 50));
    const entry = find();
    location.hash = entry ? `#/traffic/${entry.number}` : '#/traffic';
  });
  return h('div', { class: `answer-box ${response.ok ? 'good' : 'bad'}` },
    h('p', { class: 'row' }, statusBadge(response.status || 'redirect'), h('span', {}, response.statusText), h('span', { class: 'muted' }, duration(micros)), h('span', { class: 'muted' }, size(blob.size)), link),
    notice && h('p', { class: 'notice' }, notice),
    h('details', {}, h('summary', {}, 'Headers'), h('dl', { class: 'headers' }, [...response.headers].map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))),
    shown);
}


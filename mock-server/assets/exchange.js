// @ts-check
/** One exchange in full: messages, violations with their places, and what can be made of it. */

import { api, call, document_, query } from './mock.js';
import { attempt, button, copyButton, duration, h, methodBadge, placeName, size, statusBadge, toast } from './dom.js';
import { FORMS, code } from './code.js';
import { transmit } from './call.js';
import { linkOf } from './operations.js';
import { prefilled } from './rules.js';

/** What the mock shows in place of a secret. */
const REDACTED = '***';
/** Fields that a browser sets itself. */
const OWN = /^(host|connection|content-length|origin|referer|user-agent|accept-encoding|accept-language|cookie|sec-.*|priority|te|transfer-encoding|keep-alive|expect)$/i;

/** @param {number} number */
export async function exchangePanel(number) {
  const entry = await call(`log/${number}`);
  const place = entry.operation ? await call(`operation${query({ key: entry.operation })}`).then((one) => one.place, () => null) : null;
  return h('article', { class: 'exchange' },
    h('header', {},
      h('h2', { class: 'op-title' }, methodBadge(entry.method), ' ', h('span', { class: 'op-name' }, entry.target)),
      h('p', { class: 'facts' }, statusBadge(entry.status), h('span', {}, duration(entry.micros)), h('time', {}, new Date(entry.at).toLocaleTimeString()), h('span', { class: 'muted' }, `#${entry.number}`),
        entry.operation ? h('a', { href: linkOf(entry.operation) }, entry.operation) : h('span', { class: 'muted' }, 'no operation'),
        entry.trace && h('span', { class: 'muted' }, `trace ${entry.trace}`))),
    h('div', { class: 'row wrap actions' },
      button('Replay', () => attempt(() => replay(entry)), { class: 'primary' }),
      entry.operation && button('Answer this way from now on', () => attempt(() => keep(entry))),
      FORMS.map(([label, form]) => copyButton(() => form(requestOf(entry)), `Copy as ${label}`)),
      copyButton(() => location.href, 'Copy link')),
    violations(entry, place),
    message('Request', entry.sent),
    message('Response', entry.received));
}

/** @param {any} entry @param {any} place */
function violations(entry, place) {
  const list = (entry.violations ?? []).map((/** @type {any} */ one) => {
    const at = one.parameter ? `${one.in} parameter ${one.parameter}${one.pointer ? ` ${one.pointer.slice(1)}` : ''}` : `body ${one.pointer === '#' ? '' : one.pointer.slice(1)}`;
    const line = one.parameter ? place?.parameters?.[`${one.in} ${one.parameter}`] : place?.body;
    return h('li', {}, h('code', {}, at.trim()), ' ', one.detail, ' ', h('span', { class: 'facet' }, one.keyword), line && h('span', { class: 'muted' }, ` ${placeName(line)}`));
  });
  if (!list.length && entry.request) list.push(h('li', {}, entry.request, place && h('span', { class: 'muted' }, ` ${placeName(place)}`)));
  return [
    list.length > 0 && h('section', { class: 'violations' }, h('h3', {}, entry.violations?.length ? 'The request violates the document' : 'Why the request was refused'), h('ul', {}, list)),
    entry.response && h('section', { class: 'violations notice' }, h('h3', {}, 'The response'), h('p', {}, entry.response)),
  ];
}

/** @param {string} title @param {any} one */
function message(title, { headers, body, bytes }) {
  return h('section', {},
    h('h3', {}, title, ' ', h('span', { class: 'muted' }, bytes ? size(bytes) : '')),
    h('details', { open: headers.length < 8 }, h('summary', {}, `${headers.length} headers`), h('dl', { class: 'headers' }, headers.map((/** @type {[string, string]} */ [name, value]) => [h('dt', {}, name), h('dd', {}, value)]))),
    body ? h('div', { class: 'with-copy' }, code(body, `${title} body`), copyButton(() => body)) : h('p', { class: 'muted' }, bytes ? 'The body is not text.' : 'No body.'));
}

/** @param {any} entry @returns {import('./code.js').Request} */
function requestOf(entry) {
  const headers = entry.sent.headers.filter((/** @type {[string, string]} */ [name]) => !OWN.test(name));
  return { method: entry.method, url: api + local(entry.target), headers, body: entry.sent.body || undefined };
}

/** Returns a target without the prefix of the mock. @param {string} target */
function local(target) {
  const prefix = new URL(api).pathname.replace(/\/$/, '');
  return prefix && target.startsWith(prefix) ? target.slice(prefix.length) : target;
}

/** Sends a request again; credentials that the mock does not show are replaced by those that it accepts. @param {any} entry */
async function replay(entry) {
  const { method, headers, body } = requestOf(entry);
  let target = local(entry.target);
  const hidden = headers.some(([, value]) => value === REDACTED) || target.includes(`=${REDACTED}`);
  let shown = headers.filter(([, value]) => value !== REDACTED);
  if (hidden && entry.operation) {
    const made = (await call(`call${query({ key: entry.operation })}`)).request;
    const names = new Set(headers.filter(([, value]) => value === REDACTED).map(([name]) => name.toLowerCase()));
    shown = [...shown, ...made.headers.filter((/** @type {[string, string]} */ [name]) => names.has(name.toLowerCase()))];
    const own = new URLSearchParams(made.target.split('?')[1] ?? '');
    target = target.replace(/([?&])([^=&]+)=\*\*\*/g, (whole, mark, name) => (own.has(name) ? `${mark}${name}=${encodeURIComponent(own.get(name) ?? '')}` : whole));
  }
  const { response } = await transmit({ method, target, headers: shown, body }, undefined);
  toast(`Answered ${response.status}`);
}

/** Makes a rule that answers as this exchange was answered. @param {any} entry */
async function keep(entry) {
  const type = entry.received.headers.find((/** @type {[string, string]} */ [name]) => name.toLowerCase() === 'content-type')?.[1];
  /** @type {any} */
  const response = {};
  if (type) response.headers = { 'content-type': type };
  if (entry.received.body) response.body = /json/i.test(type ?? '') ? JSON.parse(entry.received.body) : entry.received.body;
  await document_();
  prefilled({ operation: entry.operation, answers: [{ code: entry.status, response }] });
}

/**
 * Returns exchanges as HAR 1.2.
 * @param {any[]} entries
 */
export function har(entries) {
  const pairs = (/** @type {[string, string][]} */ list) => list.map(([name, value]) => ({ name, value }));
  const log = entries.map((entry) => ({
    startedDateTime: new Date(entry.at).toISOString(), time: entry.micros / 1000,
    request: {
      method: entry.method, url: new URL(entry.target, base()).href, httpVersion: 'HTTP/1.1', headers: pairs(entry.sent.headers), cookies: [], headersSize: -1, bodySize: entry.sent.bytes,
      queryString: pairs([...new URL(entry.target, base()).searchParams]),
      ...(entry.sent.body ? { postData: { mimeType: entry.sent.headers.find((/** @type {[string, string]} */ [name]) => name === 'content-type')?.[1] ?? '', text: entry.sent.body } } : {}),
    },
    response: {
      status: entry.status, statusText: '', httpVersion: 'HTTP/1.1', headers: pairs(entry.received.headers), cookies: [], redirectURL: '', headersSize: -1, bodySize: entry.received.bytes,
      content: { size: entry.received.bytes, mimeType: entry.received.headers.find((/** @type {[string, string]} */ [name]) => name === 'content-type')?.[1] ?? '', text: entry.received.body ?? '' },
    },
    cache: {}, timings: { send: 0, wait: entry.micros / 1000, receive: 0 },
  }));
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'descant', version: '1' }, entries: log } }, null, 2);
}

const base = () => new URL(api).origin;


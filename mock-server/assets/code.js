// @ts-check
/** Code for people: JSON in colours, and a request as `curl`, `fetch` and Rust. */

import { h } from './dom.js';

/** The characters that are shown in colours; longer texts are plain, and cut. */
const MOST = 60_000;
const LONGEST = 400_000;

const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/**
 * Shows a text; JSON in colours.
 * @param {string} text
 * @param {string} [label]
 */
export function code(text, label = 'Code') {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters` : text;
  const isJson = /^\s*[[{"]/.test(shown) && shown.length <= MOST;
  return h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': label }, h('code', {}, isJson ? coloured(shown) : shown));
}

/** @param {string} text */
function coloured(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    const [whole, string, colon, word] = match;
    const kind = string ? (colon ? 'key' : 'string') : word ? 'word' : 'number';
    parts.push(h('span', { class: `t-${kind}` }, string ?? whole), colon ?? '');
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** @param {any} value */
export const json = (value) => JSON.stringify(value, null, 2);

/** @typedef {{method: string, url: string, headers: [string, string][], body?: string}} Request */

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param {string} text A literal of JavaScript and Rust. */
const literal = (text) => JSON.stringify(text);

/** @param {Request} request */
export function curl({ method, url, headers, body }) {
  const lines = [`curl ${method === 'GET' ? '' : method === 'HEAD' ? '--head ' : `-X ${method} `}${quoted(url)}`];
  for (const [name, value] of headers) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`--data-binary ${quoted(body)}`);
  return lines.join(' \\\n  ');
}

/** @param {Request} request */
export function fetched({ method, url, headers, body }) {
  const options = [];
  if (method !== 'GET') options.push(`  method: ${literal(method)},`);
  if (headers.length) {
    options.push('  headers: {', ...headers.map(([name, value]) => `    ${literal(name)}: ${literal(value)},`), '  },');
  }
  if (body !== undefined) options.push(`  body: ${javascriptBody(body)},`);
  const second = options.length ? `, {\n${options.join('\n')}\n}` : '';
  return `const response = await fetch(${literal(url)}${second});\nconst data = await response.json();`;
}

/** @param {string} body */
function javascriptBody(body) {
  try {
    return `JSON.stringify(${json(JSON.parse(body)).replaceAll('\n', '\n  ')})`;
  } catch {
    return literal(body);
  }
}

/** @param {string} text A raw string, with as many `#` as it needs. */
function raw(text) {
  const marks = [...text.matchAll(/"(#*)/g)].map((match) => match[1].length);
  const hashes = '#'.repeat(Math.max(0, ...marks) + 1);
  return `r${hashes}"${text}"${hashes}`;
}

/** @param {Request} request */
export function rust({ method, url, headers, body }) {
  const lines = ['let response = reqwest::Client::new()', `    .request(reqwest::Method::from_bytes(b${literal(method)})?, ${raw(url)})`];
  for (const [name, value] of headers) lines.push(`    .header(${raw(name)}, ${raw(value)})`);
  if (body !== undefined) lines.push(`    .body(${raw(body)})`);
  return [...lines, '    .send()', '    .await?;', 'let text = response.text().await?;'].join('\n');
}

/** The forms that a request can be copied in. @type {[string, (request: Request) => string][]} */
export const FORMS = [['curl', curl], ['fetch', fetched], ['Rust', rust]];

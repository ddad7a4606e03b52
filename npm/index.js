// Mocks for tests: each is a process of its own on a free port of the loopback, and ends with `stop` or with Node. Tests
// that run at once share it, each in a session of its own.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { binary } from './binary.js';

export { binary };

/** The time that a mock has to start. */
const START = 30_000;

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Every running mock: none outlives Node. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill()));

export async function startMock(document, options = {}) {
  const path = document instanceof URL ? fileURLToPath(document) : document;
  const child = spawn(binary(), ['mock', path, ...flags(options)], { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  const url = await listening(child, path);
  // The pipes would keep Node alive; what they say is read, so that the mock is never blocked.
  for (const stream of [child, child.stdout, child.stderr]) stream.unref?.();
  child.stdout.resume();
  child.stderr.resume();
  const mock = new Mock(child, url);
  if (options.rules) await mock.setRules(options.rules);
  return mock;
}

export function connectMock(url) {
  return new Mock(undefined, String(url).replace(/\/$/, ''));
}

function flags({ port = 0, state, stateFrom, fixtures = {}, seed, dynamic, errors, args = [] }) {
  const list = ['--port', String(port), '--log', 'quiet', '--no-watch'];
  if (state) list.push('--state', state === true ? 'memory' : state);
  if (stateFrom) list.push('--state-from', stateFrom);
  for (const [name, file] of Object.entries(fixtures)) list.push('--fixture', `${name}=${file}`);
  if (seed !== undefined) list.push('--seed', String(seed));
  if (dynamic) list.push('--dynamic');
  if (errors) list.push('--errors', errors);
  return [...list, ...args];
}

/** Waits for the address that the mock prints. */
function listening(child, path) {
  return new Promise((resolve, reject) => {
    let [out, error] = ['', ''];
    const end = (reason) => {
      clearTimeout(timer);
      child.kill();
      reject(new Error(`descant mock ${path} did not start: ${reason}\n${error}`.trim()));
    };
    const timer = setTimeout(() => end(`no address within ${START / 1000} s`), START);
    child.on('error', (failure) => end(failure.message));
    child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    child.stderr.setEncoding('utf8').on('data', (text) => { error = (error + text).slice(-10_000); });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out = (out + text).slice(-10_000);
      const found = / on (https?:\/\/\S+)(?: \(page: \S+\))?\n/.exec(out);
      if (!found) return;
      clearTimeout(timer);
      child.stdout.removeAllListeners('data');
      child.removeAllListeners('exit').on('exit', () => running.delete(child));
      resolve(found[1].replace(/\/$/, ''));
    });
  });
}

/** The interface of a mock, or of a session. */
class Interface {
  #headers;

  /**
   * @param {string} url The address of the mock, or of the session.
   * @param {string} api The address that `fetch` sends to.
   * @param {Record<string, string>} headers The header fields of every request.
   */
  constructor(url, api, headers) {
    this.url = url;
    this.page = `${url}/__descant/`;
    this.api = api;
    this.#headers = headers;
  }

  #call(path, method, body) {
    return ask(this.api, path, method, body, this.#headers);
  }

  fetch(path, init = {}) {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    return fetch(this.api + path, { ...init, headers });
  }

  rules() {
    return this.#call('rules');
  }

  setRules(rules) {
    return this.#call('rules', 'PUT', rules);
  }

  async addRule(rule) {
    await this.setRules([rule, ...(await this.rules())]);
  }

  clearRules() {
    return this.#call('rules', 'DELETE');
  }

  async calls(operation) {
    const calls = (await this.#call('log')).map((call) => this.#local(call));
    return operation === undefined ? calls : calls.filter((call) => call.operation === operation);
  }

  async call(number) {
    return this.#local(await this.#call(`log/${number}`));
  }

  /** Removes the path of the session from the target of a call. */
  #local(call) {
    return { ...call, target: call.target.replace(this.url.slice(this.api.length), '') };
  }

  coverage() {
    return this.#call('coverage');
  }

  state() {
    return this.#call('state');
  }

  setState(state) {
    return this.#call('state', 'PUT', state);
  }

  saveFixture(name, state) {
    return this.#call(`fixtures/${encodeURIComponent(name)}`, 'PUT', state);
  }

  loadFixture(name) {
    return this.#call(`fixtures/${encodeURIComponent(name)}`, 'POST');
  }

  put(collection, id, item, parents = []) {
    return this.#call(`items?${place(collection, parents)}&id=${encodeURIComponent(id)}`, 'PUT', item);
  }

  async make(collection, count, parents = []) {
    return (await this.#call(`items?${place(collection, parents)}&count=${count}`, 'POST')).added;
  }

  reset() {
    return this.#call('reset', 'POST');
  }
}

/** Sends a request to the interface of a mock. */
async function ask(api, path, method = 'GET', body = undefined, headers = {}) {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(`${api}/__descant/${path}`, { method, headers, body: sent });
  if (response.status === 204) return undefined;
  const value = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${value.detail ?? response.status}`);
  return value;
}

function place(collection, parents) {
  return `collection=${encodeURIComponent(collection)}&parents=${encodeURIComponent(JSON.stringify(parents.map(String)))}`;
}

class Mock extends Interface {
  #child;

  constructor(child, url) {
    super(url, url, {});
    this.#child = child;
  }

  session(name = randomUUID()) {
    return new Session(this, name);
  }

  sessions() {
    return ask(this.url, 'sessions');
  }

  async stop() {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.ref();
    this.#child.kill();
    await ended;
  }

  [asyncDispose]() {
    return this.stop();
  }
}

class Session extends Interface {
  constructor(mock, name) {
    const headers = { 'x-descant-session': name };
    super(`${mock.url}/__descant/session/${encodeURIComponent(name)}`, mock.url, headers);
    this.name = name;
    this.headers = headers;
    this.cookie = { name: 'descant-session', value: name, url: mock.url };
  }

  async end() {
    const mine = ({ name }) => name === this.name;
    if ((await ask(this.api, 'sessions')).some(mine)) await ask(this.api, `sessions/${this.name}`, 'DELETE');
  }

  [asyncDispose]() {
    return this.end();
  }
}

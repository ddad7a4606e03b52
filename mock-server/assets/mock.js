// @ts-check
/** The mock's own interface: requests to it, and its events. */

/** The address of the interface, with a slash at its end. */
export const base = new URL('.', location.href).href;

/** The address of the mocked API, without a slash at its end. */
export const api = base.replace(/\/__descant\/$/, '');

/**
 * Sends a request to the interface.
 * @param {string} path
 * @param {{method?: string, body?: any}} [options]
 */
export async function call(path, { method = 'GET', body } = {}) {
  let response;
  try {
    response = await fetch(base + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error('The mock does not answer. Is it still running?');
  }
  if (response.ok) return response.status === 204 ? null : response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.detail ?? `The mock answered ${response.status}`);
}

/** @param {Record<string, any>} values */
export const query = (values) => `?${new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]))}`;

/** The exchanges that the page remembers. */
const MOST = 1000;

/**
 * What the page knows, with an event for each kind of change: `connection`, `restart`, `document`, `exchanges`, `cleared`.
 */
class Live extends EventTarget {
  /** @type {any[]} The last exchanges, the oldest first. */
  entries = [];
  /** The exchanges that passed too fast to be listed. */
  skipped = 0;
  violations = 0;
  connected = false;
  /** @type {number | undefined} */
  run;
  /** @type {number | undefined} */
  version;
  /** @type {EventSource | undefined} */
  source;

  /** Follows the mock while the page is visible: a browser has few connections for all pages of a mock. */
  follow() {
    const begin = () => {
      this.source?.close();
      if (document.hidden) this.source = undefined;
      else this.open();
    };
    document.addEventListener('visibilitychange', begin);
    begin();
  }

  open() {
    const since = this.entries.at(-1)?.number ?? 0;
    const source = new EventSource(`${base}events${query({ run: this.run ?? 0, since })}`);
    this.source = source;
    const on = (/** @type {string} */ name, /** @type {(data: any) => void} */ act) =>
      source.addEventListener(name, (event) => source === this.source && act(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    on('hello', ({ run, version }) => this.greet(run, version));
    on('exchanges', ({ entries, skipped }) => this.add(entries, skipped));
    on('cleared', () => this.forget());
    on('document', ({ version }) => { this.version = version; this.emit('document'); });
    source.onerror = () => {
      if (source !== this.source) return;
      this.connect(false);
      // The address of the stream states what the page has, so each attempt is a new one.
      source.close();
      setTimeout(() => source === this.source && this.open(), 1000);
    };
  }

  /**
   * @param {number} run
   * @param {number} version That of the document's report.
   */
  greet(run, version) {
    const [before, known] = [this.run, this.version];
    [this.run, this.version] = [run, version];
    if (before !== run) this.forget();
    this.connect(true);
    if (before !== undefined && before !== run) this.emit('restart');
    else if (known !== undefined && known !== version) this.emit('document');
  }

  /** @param {boolean} connected */
  connect(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.emit('connection');
  }

  /**
   * @param {any[]} entries
   * @param {number} skipped
   */
  add(entries, skipped) {
    this.skipped += skipped;
    this.entries.push(...entries);
    this.entries.splice(0, Math.max(0, this.entries.length - MOST));
    this.violations += entries.filter(isBroken).length;
    this.dispatchEvent(new CustomEvent('exchanges', { detail: entries }));
  }

  forget() {
    this.entries = [];
    this.skipped = 0;
    this.violations = 0;
    this.emit('cleared');
  }

  /** @param {string} name */
  emit(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** @param {any} entry */
export const isBroken = (entry) => Boolean(entry.request || entry.response);

export const live = new Live();

/** @type {Promise<any> | undefined} */
let listed;

/** Returns the document with its operations. */
export function document_() {
  listed ??= call('operations').catch((error) => {
    listed = undefined;
    throw error;
  });
  return listed;
}

for (const change of ['document', 'restart']) live.addEventListener(change, () => { listed = undefined; });

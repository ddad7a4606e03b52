// @ts-check
/** Elements of the page. Texts of documents and requests only ever become text nodes. */

/** @typedef {Node | string | number | false | null | undefined | Child[]} Child */

/**
 * Makes an element. Properties that begin with `on` are listeners; `class` and names with a dash are attributes.
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...any} children
 * @returns {any}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class' || key.includes('-') || !(key in element) || key === 'list' || key === 'role') element.setAttribute(key, value === true ? '' : String(value));
    else /** @type {any} */ (element)[key] = value;
  }
  append(element, children);
  return element;
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {Child[]} children
 */
export function append(parent, children) {
  for (const child of children.flat(/** @type {1} */ (Infinity))) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Replaces the children of an element.
 * @param {Element} parent
 * @param {...any} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * @param {string} label
 * @param {() => void} action
 * @param {Record<string, any>} [properties]
 */
export const button = (label, action, properties = {}) => h('button', { type: 'button', onclick: action, ...properties }, label);

/**
 * Says something for a moment.
 * @param {string} text
 * @param {'good' | 'bad'} [kind]
 */
export function toast(text, kind = 'good') {
  const note = h('div', { class: `toast ${kind}` }, text);
  document.getElementById('toasts')?.append(note);
  setTimeout(() => note.remove(), kind === 'bad' ? 8000 : 2500);
}

/** Runs an action, and shows the reason where it fails.
 * @param {() => Promise<any>} action
 */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'bad');
  }
}

/**
 * Copies a text.
 * @param {string} text
 * @param {string} [what]
 */
export async function copy(text, what = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast('The browser refused access to the clipboard', 'bad');
  }
}

/**
 * @param {() => string} text
 * @param {string} [label]
 * @param {Record<string, any>} [properties]
 */
export const copyButton = (text, label = 'Copy', properties = {}) =>
  button(label, () => copy(text()), { class: 'quiet small', ...properties });

/**
 * Shows a dialog; resolves with the value of `accept`, or `undefined`.
 * @param {string} title
 * @param {any[]} content
 * @param {{label: string, danger?: boolean, accept: () => any}} action
 * @returns {Promise<any>}
 */
export function dialog(title, content, action) {
  return new Promise((resolve) => {
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const box = h('dialog', { 'aria-label': title, class: 'dialog' });
    const close = (/** @type {any} */ value) => {
      box.close();
      box.remove();
      resolve(value);
    };
    const accept = async () => {
      try {
        close((await action.accept()) ?? true);
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
        problem.hidden = false;
      }
    };
    append(box, [
      h('h2', {}, title), content, problem,
      h('div', { class: 'row end' },
        button('Cancel', () => close(undefined), { class: 'quiet' }),
        button(action.label, accept, { class: action.danger ? 'danger' : 'primary' })),
    ]);
    box.addEventListener('cancel', () => close(undefined));
    document.body.append(box);
    box.showModal();
  });
}

/**
 * Asks before something that cannot be undone.
 * @param {string} title
 * @param {string} detail
 * @param {string} label
 */
export const confirmed = (title, detail, label) =>
  dialog(title, [h('p', {}, detail)], { label, danger: true, accept: () => true });

/**
 * Offers a file.
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/**
 * A group of buttons of which one is chosen.
 * @param {string} label
 * @param {[string, any][]} options
 * @param {any} chosen
 * @param {(value: any) => void} choose
 */
export function choice(label, options, chosen, choose) {
  const buttons = options.map(([text, value]) => button(text, () => {
    buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === buttons[options.findIndex((one) => one[1] === value)])));
    choose(value);
  }, { 'aria-pressed': String(value === chosen) }));
  return h('div', { class: 'choice', role: 'group', 'aria-label': label }, buttons);
}

/** @param {string} method */
export const methodBadge = (method) => h('span', { class: `method m-${method.toLowerCase().replace(/[^a-z]/g, '')}` }, method.slice(0, 10));

/** @param {number | string} status */
export const statusBadge = (status) => h('span', { class: `status s-${String(status)[0]?.toLowerCase()}` }, status);

/** @param {number} micros */
export const duration = (micros) => (micros < 10_000 ? `${(micros / 1000).toFixed(1)} ms` : `${Math.round(micros / 1000)} ms`);

/** @param {number} bytes */
export const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** The file, without its folder, and the line of a place in the document. @param {{file: string, line: number}} place */
export const placeName = ({ file, line }) => `${file.split(/[\\/]/).pop()}:${line}`;

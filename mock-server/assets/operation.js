// @ts-check
/** One operation: what the document says of it, and beside it a form to call it. */

import { call, query } from './mock.js';
import { copyButton, h, methodBadge, placeName, statusBadge } from './dom.js';
import { code, json } from './code.js';
import { callForm } from './call.js';
import { prose } from './prose.js';
import { schemaView, typeName } from './schema.js';

/** @param {string} key */
export async function operationPanel(key) {
  const [operation, made] = await Promise.all([
    call(`operation${query({ key })}`),
    call(`call${query({ key })}`).catch((error) => ({ parameters: [], body: null, problem: error.message })),
  ]);
  const { definitions } = operation;
  return h('article', { class: 'operation' },
    h('div', { class: 'op-doc' },
      h('header', {},
        h('h1', { class: 'op-title' }, methodBadge(operation.method), ' ', h('span', { class: 'op-name' }, operation.path)),
        operation.summary && h('p', { class: 'lead' }, operation.summary),
        h('p', { class: 'facts' },
          operation.id && h('code', {}, operation.id),
          operation.deprecated && h('span', { class: 'facet warn' }, 'deprecated'),
          operation.place && h('span', { class: 'muted', title: operation.place.file }, placeName(operation.place)),
          copyButton(() => location.href, 'Copy link'))),
      prose(operation.description),
      security(operation.security),
      operation.parameters.length > 0 && section('Parameters', parameters(operation.parameters, definitions)),
      operation.body && section('Request body', [prose(operation.body.description), contents(operation.body.content, definitions)]),
      section('Responses', operation.responses.map((/** @type {any} */ response, /** @type {number} */ index) => responseView(response, definitions, index === 0)))),
    h('div', { class: 'op-call' }, callForm(operation, made)));
}

/** @param {string} title @param {any} content */
const section = (title, content) => h('section', {}, h('h2', {}, title), content);

/** @param {any[][]} alternatives */
function security(alternatives) {
  if (!alternatives.length) return null;
  const shown = alternatives.map((schemes, index) => [index > 0 && ' or ', schemes.length ? schemes.map((one, at) => [at > 0 && ' and ', h('code', {}, one.scheme), one.scopes.length > 0 && ` (${one.scopes.join(', ')})`]) : 'nothing']);
  return h('p', { class: 'security' }, 'Needs ', shown);
}

/** @param {any[]} list @param {any} definitions */
function parameters(list, definitions) {
  return h('ul', { class: 'props' }, list.map((one) => {
    const schema = definitions[one.schema]?.schema;
    const facets = schema && typeof schema === 'object' ? [
      schema.enum && `one of ${schema.enum.slice(0, 10).map((/** @type {any} */ value) => JSON.stringify(value)).join(', ')}`,
      schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
      schema.minimum !== undefined && `≥ ${schema.minimum}`, schema.maximum !== undefined && `≤ ${schema.maximum}`,
    ].filter(Boolean) : [];
    return h('li', {},
      h('div', { class: 'prop-line' },
        h('span', { class: 'prop-name' }, one.name), h('span', { class: 'facet' }, one.in),
        h('span', { class: 'type' }, typeName(schema, definitions)),
        one.required && h('span', { class: 'required' }, 'required'),
        one.deprecated && h('span', { class: 'facet warn' }, 'deprecated'),
        facets.map((text) => h('span', { class: 'facet' }, text))),
      prose(one.description));
  }));
}

/** @param {any} response @param {any} definitions @param {boolean} open */
function responseView(response, definitions, open) {
  return h('details', { class: 'response', open },
    h('summary', {}, statusBadge(response.status), ' ', h('span', {}, (response.description ?? '').split('\n')[0].slice(0, 160))),
    response.headers.length > 0 && h('p', { class: 'prop-line' }, h('span', { class: 'muted' }, 'Headers'), response.headers.map((/** @type {any} */ one) => h('code', { title: one.description ?? '' }, one.name))),
    response.content.length ? contents(response.content, definitions) : h('p', { class: 'muted' }, 'No body.'));
}

/** @param {any[]} list @param {any} definitions */
function contents(list, definitions) {
  return list.map(({ mediaType, schema, examples, sample }) => {
    const shown = examples.length ? examples : sample !== null && sample !== undefined ? [{ name: 'Sample', value: sample }] : [];
    return h('div', { class: 'content' },
      h('p', { class: 'content-type' }, h('code', {}, mediaType), ' ', h('span', { class: 'type' }, typeName(schema ? { $ref: `#/$defs/${schema}` } : true, definitions))),
      schemaView(schema, definitions),
      shown.slice(0, 10).map((/** @type {any} */ example) => {
        const text = typeof example.value === 'string' ? example.value : json(example.value);
        return h('details', { class: 'example' },
          h('summary', {}, `Example${example.name ? ` ${example.name}` : ''}`, example.summary && h('span', { class: 'muted' }, ` ${example.summary}`)),
          h('div', { class: 'with-copy' }, code(text, 'Example'), copyButton(() => text)));
      }));
  });
}

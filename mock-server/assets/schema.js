// @ts-check
/** Schemas for people: a tree of properties with their types and constraints; references open when they are asked for. */

import { h } from './dom.js';
import { prose } from './prose.js';

/** The depth to which a schema is open, and the properties of one level. */
const OPEN = 1;
const MOST = 200;

/** Keywords that are shown as constraints, in this order. */
const FACETS = ['format', 'minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern',
  'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'const', 'default', 'contentMediaType', 'contentEncoding'];

/** @typedef {Record<string, {name: string | null, schema: any}>} Definitions */

/**
 * Shows the schema of a key.
 * @param {string | null} key
 * @param {Definitions} definitions
 */
export function schemaView(key, definitions) {
  if (!key || !definitions[key]) return h('p', { class: 'muted' }, 'No schema: any value.');
  return h('div', { class: 'schema' }, node(definitions[key].schema, definitions, 0, []));
}

/** @param {any} schema @param {Definitions} definitions */
function target(schema, definitions) {
  const key = typeof schema?.$ref === 'string' ? schema.$ref.replace(/^#\/\$defs\//, '') : undefined;
  return key === undefined ? undefined : { key, ...(definitions[key] ?? { name: key, schema: undefined }) };
}

/**
 * Returns the name of a schema's type.
 * @param {any} schema
 * @param {Definitions} definitions
 * @param {number} [depth]
 * @returns {string}
 */
export function typeName(schema, definitions, depth = 0) {
  if (schema === true || schema === undefined) return 'any';
  if (schema === false) return 'nothing';
  if (depth > 4) return '…';
  const reference = target(schema, definitions);
  if (reference) return reference.name ?? typeName(reference.schema, definitions, depth + 1);
  const types = [schema.type ?? (schema.properties ? 'object' : schema.items ? 'array' : [])].flat();
  if (schema.enum && !types.length) return 'enum';
  for (const [keyword, word] of [['oneOf', ' | '], ['anyOf', ' | '], ['allOf', ' & ']]) {
    if (Array.isArray(schema[keyword]) && !schema.properties) {
      return schema[keyword].slice(0, 4).map((/** @type {any} */ part) => typeName(part, definitions, depth + 1)).join(word) + (schema[keyword].length > 4 ? `${word}…` : '');
    }
  }
  const names = types.map((type) => (type === 'array' ? `${typeName(schema.items, definitions, depth + 1)}[]` : type));
  return names.join(' | ') || 'any';
}

/**
 * Returns the properties, alternatives and items of a schema.
 * @param {any} schema
 * @param {Definitions} definitions
 * @param {number} depth
 * @param {string[]} path The keys of the references that lead here.
 * @returns {any}
 */
function node(schema, definitions, depth, path) {
  const reference = target(schema, definitions);
  if (reference) {
    if (path.includes(reference.key)) return h('p', { class: 'muted' }, 'As above: ', h('code', {}, reference.name ?? 'the same'));
    if (!reference.schema) return h('p', { class: 'muted' }, h('code', {}, reference.name ?? ''), ' is not shown here.');
    return node(reference.schema, definitions, depth, [...path, reference.key]);
  }
  if (typeof schema !== 'object' || schema === null) return null;
  const parts = [];
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  if (properties.length) {
    parts.push(h('ul', { class: 'props' }, properties.slice(0, MOST).map(([name, one]) => property(name, one, required.has(name), definitions, depth, path))));
    if (properties.length > MOST) parts.push(h('p', { class: 'muted' }, `and ${properties.length - MOST} more`));
  }
  if (schema.additionalProperties && typeof schema.additionalProperties === 'object') {
    parts.push(h('ul', { class: 'props' }, property('any other', schema.additionalProperties, false, definitions, depth, path)));
  }
  for (const [keyword, label] of [['oneOf', 'One of'], ['anyOf', 'Any of'], ['allOf', 'All of']]) {
    const alternatives = schema[keyword];
    if (!Array.isArray(alternatives)) continue;
    if (keyword === 'allOf') parts.push(alternatives.map((part) => node(part, definitions, depth, path)));
    else parts.push(h('p', { class: 'schema-word' }, label), h('ul', { class: 'props' }, alternatives.slice(0, MOST).map((part) => property('', part, false, definitions, depth, path))));
  }
  if (schema.items && typeof schema.items === 'object') {
    parts.push(h('p', { class: 'schema-word' }, 'Items: ', h('code', {}, typeName(schema.items, definitions))), node(schema.items, definitions, depth, path));
  }
  if (!parts.length) parts.push(h('p', { class: 'prop-line' }, h('span', { class: 'type' }, typeName(schema, definitions)), facets(schema)));
  return parts;
}

/** @param {any} schema */
function facets(schema) {
  if (typeof schema !== 'object' || schema === null) return null;
  const shown = FACETS.filter((name) => schema[name] !== undefined && schema[name] !== false)
    .map((name) => h('span', { class: 'facet' }, `${name} ${String(typeof schema[name] === 'object' ? JSON.stringify(schema[name]) : schema[name]).slice(0, 80)}`));
  const values = Array.isArray(schema.enum) && h('span', { class: 'facet' }, schema.enum.slice(0, 12).map((/** @type {any} */ value) => JSON.stringify(value)).join(' · '), schema.enum.length > 12 && ` · ${schema.enum.length - 12} more`);
  return [values, shown];
}

/**
 * @param {string} name
 * @param {any} schema
 * @param {boolean} required
 * @param {Definitions} definitions
 * @param {number} depth
 * @param {string[]} path
 */
function property(name, schema, required, definitions, depth, path) {
  const reference = target(schema, definitions);
  const stated = reference?.schema && typeof reference.schema === 'object' ? { ...reference.schema, ...schema } : schema;
  const line = [
    name && h('span', { class: 'prop-name' }, name),
    h('span', { class: 'type' }, typeName(schema, definitions)),
    required && h('span', { class: 'required' }, 'required'),
    stated?.readOnly && h('span', { class: 'facet' }, 'read only'),
    stated?.writeOnly && h('span', { class: 'facet' }, 'write only'),
    stated?.deprecated && h('span', { class: 'facet' }, 'deprecated'),
    facets(stated),
  ];
  const about = prose(stated?.description);
  if (!isNested(stated, definitions)) return h('li', {}, h('div', { class: 'prop-line' }, line), about);
  const inside = h('div', { class: 'prop-inside' });
  const details = h('details', { open: depth < OPEN, ontoggle: () => open() }, h('summary', { class: 'prop-line' }, line), about, inside);
  const open = () => {
    if (details.open && !inside.childNodes.length) inside.append(...[node(schema, definitions, depth + 1, path)].flat(9).filter(Boolean));
  };
  open();
  return h('li', {}, details);
}

/** Whether a schema has parts of its own. @param {any} schema @param {Definitions} definitions @returns {boolean} */
function isNested(schema, definitions) {
  if (typeof schema !== 'object' || schema === null) return false;
  if (schema.items) {
    const items = target(schema.items, definitions)?.schema ?? schema.items;
    return isNested(items, {});
  }
  return Boolean(schema.properties ?? schema.oneOf ?? schema.anyOf ?? schema.allOf) || typeof schema.additionalProperties === 'object';
}

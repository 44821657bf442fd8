import { isBytesSchema } from '../../../src/manifest/json-schema-kind.js';
import { resolvePointer } from '../../contracts/json-schema-check.js';
import { type Identifiers, pascalCase } from './identifier.js';

type Json = Readonly<Record<string, unknown>>;

/** A named type of the generated file. */
export interface NamedType {
  readonly name: string;
  readonly text: string;
  readonly doc: string | undefined;
}

/**
 * Writes JSON Schemas as TypeScript types: what admits a value of the schema, as closely as types can say it. Definitions
 * that are referred to become types of their own, in `types`.
 */
export class TypeWriter {
  readonly types: NamedType[] = [];
  readonly #names: Identifiers;

  constructor(names: Identifiers) {
    this.#names = names;
  }

  /**
   * A type for this schema: the name of a new one, or the type itself where that is short.
   * @throws Error for a reference that leads nowhere
   */
  add(wanted: string, schema: Json): string {
    if (isBytesSchema(schema)) return 'Uint8Array';
    const name = this.#names.take(wanted);
    const place = this.types.length;
    const root: Root = { schema, name, references: new Map([['#', name]]) };
    const text = this.#type(schema, root, 0);
    if (/^[\w[\]]+$/.test(text) && text !== name) {
      this.#names.release(name);
      return text;
    }
    this.types.splice(place, 0, { name, text, doc: textOf(schema.description) });
    return name;
  }

  #type(schema: unknown, root: Root, indent: number): string {
    if (schema === false) return 'never';
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return 'unknown';
    const node = schema as Json;
    if (typeof node.$ref === 'string') return this.#reference(node.$ref, root);
    const inner = (one: unknown): string => this.#type(one, root, indent);
    const parts: string[] = [];
    const base = this.#base(node, root, indent);
    if (base !== undefined) parts.push(base);
    for (const key of ['anyOf', 'oneOf'] as const) {
      const branches = node[key];
      if (Array.isArray(branches) && branches.length > 0) parts.push(union(branches.map(inner)));
    }
    if (Array.isArray(node.allOf)) parts.push(...node.allOf.map(inner));
    const known = [...new Set(parts)].filter((part) => part !== 'unknown');
    if (known.includes('never')) return 'never';
    if (known.length <= 1) return known[0] ?? 'unknown';
    return known.map((part) => (isUnion(part) ? `(${part})` : part)).join(' & ');
  }

  #base(node: Json, root: Root, indent: number): string | undefined {
    if (isObject(node.not) && Object.keys(node.not).length === 0) return 'never';
    if (Object.hasOwn(node, 'const')) return literal(node.const);
    if (Array.isArray(node.enum)) return node.enum.length === 0 ? 'never' : union(node.enum.map(literal));
    if (Array.isArray(node.type)) {
      return union(node.type.map((type) => this.#simple(String(type), node, root, indent) ?? 'unknown'));
    }
    const implied = node.properties !== undefined ? 'object' : undefined;
    // A schema without a type admits values of other types too, but nobody means that by "properties".
    return this.#simple(typeof node.type === 'string' ? node.type : implied, node, root, indent);
  }

  #simple(type: string | undefined, node: Json, root: Root, indent: number): string | undefined {
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
        return type;
      case 'number':
      case 'integer':
        return 'number';
      case 'array':
        return this.#array(node, root, indent);
      case 'object':
        return this.#object(node, root, indent);
      default:
        return undefined;
    }
  }

  #array(node: Json, root: Root, indent: number): string {
    const places = Array.isArray(node.prefixItems) ? node.prefixItems : undefined;
    const item = node.items === undefined ? 'unknown' : this.#type(node.items, root, indent);
    if (!places) return `${isUnion(item) || item.includes(' & ') ? `(${item})` : item}[]`;
    const least = typeof node.minItems === 'number' ? node.minItems : 0;
    const parts = places.map((one, index) => {
      const text = this.#type(one, root, indent);
      return index < least ? text : `(${text})?`;
    });
    if (node.items !== false) parts.push(`...(${item})[]`);
    return `[${parts.join(', ')}]`;
  }

  #object(node: Json, root: Root, indent: number): string {
    const properties = isObject(node.properties) ? node.properties : {};
    const required = Array.isArray(node.required) ? node.required.map(String) : [];
    const names = [...new Set([...Object.keys(properties), ...required])];
    const inside = '  '.repeat(indent + 1);
    const lines = names.map((name) => {
      const schema = Object.hasOwn(properties, name) ? properties[name] : true;
      const text = this.#type(schema, root, indent + 1);
      const doc = isObject(schema) ? textOf(schema.description) : undefined;
      const optional = !required.includes(name);
      const rest = optional && text !== 'unknown' ? ' | undefined' : '';
      return `${doc === undefined ? '' : `${inside}/** ${doc} */\n`}${inside}${propertyName(name)}${optional ? '?' : ''}: ${text}${rest};\n`;
    });
    const others = node.additionalProperties;
    if (names.length === 0) {
      if (others === false) return 'Record<string, never>';
      const value = this.#type(others ?? true, root, indent);
      return `{ [name: string]: ${value} }`;
    }
    if (isObject(others)) lines.push(`${inside}[name: string]: unknown;\n`);
    return `{\n${lines.join('')}${'  '.repeat(indent)}}`;
  }

  #reference(reference: string, root: Root): string {
    const known = root.references.get(reference);
    if (known !== undefined) return known;
    const schema = resolvePointer(root.schema, reference);
    const name = this.#names.take(`${root.name}${pascalCase(reference.split('/').at(-1)!)}`);
    root.references.set(reference, name);
    const place = this.types.length;
    const text = this.#type(schema, root, 0);
    this.types.splice(place, 0, {
      name,
      text,
      doc: isObject(schema) ? textOf(schema.description) : undefined,
    });
    return name;
  }
}

interface Root {
  readonly schema: Json;
  readonly name: string;
  readonly references: Map<string, string>;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, one]) => `${propertyName(key)}: ${literal(one)}`);
    return entries.length === 0 ? 'Record<string, never>' : `{ ${entries.join('; ')} }`;
  }
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function union(parts: readonly string[]): string {
  const different = [...new Set(parts)];
  if (different.includes('unknown')) return 'unknown';
  const some = different.filter((part) => part !== 'never');
  return some.length === 0 ? 'never' : some.join(' | ');
}

/** Whether a type has to be put in brackets to be part of another: it has a `|` outside of all brackets. */
function isUnion(text: string): boolean {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (character === "'") quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}

/** A name as it stands in an object type or literal. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quoted(name);
}

/** A text in single quotes, with everything escaped that is not printable ASCII, or Latin. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(UNSEEN, asEscape)}'`;
}

/** A text for people that is put into a comment: one line, and nothing that ends the comment. */
export function comment(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(UNSEEN, asEscape)
    .replaceAll('*/', '*\\/')
    .trim();
}

/** What would let a foreign text hide in source code: controls, line separators, bidirectional and invisible characters. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const asEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function textOf(description: unknown): string | undefined {
  return typeof description === 'string' && description.trim() !== '' ? comment(description) : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Json = Readonly<Record<string, unknown>>;

/** Why a value does not fit. */
export interface JsonIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Looks at schemas and values, in all; a schema may be made so that it takes for ever. */
const MAX_STEPS = 1_000_000;
/** Levels of schemas within schemas, which reach as deep as the value where they refer to themselves. */
const MAX_DEPTH = 1000;
const MAX_ISSUES = 20;

class TooMuch extends Error {}

/**
 * Holds values against a JSON Schema (draft 2020-12) in a bounded number of steps, as neither the schema nor the value need
 * be friendly. `pattern`, `patternProperties` and `format` are not looked at: an expression may be made so that it never ends.
 */
export class JsonSchemaCheck {
  readonly #root: Json;
  #steps = 0;
  #depth = 0;

  constructor(root: Json) {
    this.#root = root;
  }

  /** Empty where the value fits. */
  issues(value: unknown): JsonIssue[] {
    this.#steps = 0;
    this.#depth = 0;
    const found: JsonIssue[] = [];
    try {
      this.#check(this.#root, value, [], found);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return [{ path: [], message: error.message }];
    }
    return found;
  }

  #fits(schema: unknown, value: unknown, path: JsonIssue['path']): boolean {
    const found: JsonIssue[] = [];
    this.#check(schema, value, path, found);
    return found.length === 0;
  }

  #check(given: unknown, value: unknown, path: JsonIssue['path'], found: JsonIssue[]): void {
    if (++this.#steps > MAX_STEPS) throw new TooMuch(`it takes more than ${MAX_STEPS} steps to check`);
    if (++this.#depth > MAX_DEPTH) throw new TooMuch(`it is nested more than ${MAX_DEPTH} levels deep`);
    this.#checkOne(given, value, path, found);
    this.#depth--;
  }

  #checkOne(given: unknown, value: unknown, path: JsonIssue['path'], found: JsonIssue[]): void {
    const add = (message: string, at: JsonIssue['path'] = path): void => {
      if (found.length < MAX_ISSUES) found.push({ path: at, message });
    };
    if (given === false) add('nothing is admitted here');
    if (!isObject(given)) return;
    const schema = given;
    if (typeof schema.$ref === 'string')
      this.#check(resolvePointer(this.#root, schema.$ref), value, path, found);
    if (!this.#checkType(schema, value, add)) return;
    this.#checkBranches(schema, value, path, found, add);
    if (typeof value === 'number') checkNumber(schema, value, add);
    else if (typeof value === 'string') this.#checkText(schema, value, add);
    else if (Array.isArray(value)) this.#checkList(schema, value, path, found, add);
    else if (isObject(value)) this.#checkObject(schema, value, path, found, add);
  }

  /** Whether the rest is worth a look. */
  #checkType(schema: Json, value: unknown, add: (message: string) => void): boolean {
    const { type } = schema;
    if (type !== undefined) {
      const types = Array.isArray(type) ? type : [type];
      const is = typeOf(value);
      const fits = types.some(
        (one) => one === is || (one === 'integer' && is === 'number' && Number.isInteger(value)),
      );
      if (!fits) {
        add(`expected ${types.join(' or ')}, found ${is}`);
        return false;
      }
    }
    const values = Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum;
    if (Array.isArray(values) && !values.some((one) => this.#equal(one, value))) {
      add(
        `expected ${
          values
            .slice(0, 10)
            .map((one) => JSON.stringify(one))
            .join(' or ') || 'nothing'
        }`,
      );
      return false;
    }
    return true;
  }

  #checkBranches(
    schema: Json,
    value: unknown,
    path: JsonIssue['path'],
    found: JsonIssue[],
    add: (message: string) => void,
  ): void {
    const { allOf, anyOf, oneOf } = schema;
    if (Array.isArray(allOf)) for (const one of allOf) this.#check(one, value, path, found);
    if (Array.isArray(anyOf) && !anyOf.some((one) => this.#fits(one, value, path))) {
      add('it fits none of the alternatives');
    }
    if (Array.isArray(oneOf)) {
      const fits = oneOf.filter((one) => this.#fits(one, value, path)).length;
      if (fits !== 1) add(`it fits ${fits === 0 ? 'none' : fits} of the alternatives, and has to fit one`);
    }
    if (schema.not !== undefined && this.#fits(schema.not, value, path)) add('it is what is not admitted');
    if (schema.if !== undefined) {
      const branch = this.#fits(schema.if, value, path) ? schema.then : schema.else;
      if (branch !== undefined) this.#check(branch, value, path, found);
    }
  }

  #checkText({ minLength, maxLength }: Json, value: string, add: (message: string) => void): void {
    if (typeof minLength !== 'number' && typeof maxLength !== 'number') return;
    this.#steps += value.length / 100;
    // Characters, not UTF-16 units.
    let length = 0;
    for (const _ of value) length++;
    if (typeof minLength === 'number' && length < minLength) add(`expected at least ${minLength} characters`);
    if (typeof maxLength === 'number' && length > maxLength) add(`expected at most ${maxLength} characters`);
  }

  #checkList(
    schema: Json,
    value: readonly unknown[],
    path: JsonIssue['path'],
    found: JsonIssue[],
    add: (message: string, at?: JsonIssue['path']) => void,
  ): void {
    const { minItems, maxItems, uniqueItems, contains } = schema;
    if (typeof minItems === 'number' && value.length < minItems) add(`expected at least ${minItems} items`);
    if (typeof maxItems === 'number' && value.length > maxItems) add(`expected at most ${maxItems} items`);
    const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    if (first.length > 0 || schema.items !== undefined) {
      for (const [index, item] of value.entries()) {
        const one = index < first.length ? first[index] : schema.items;
        if (one !== undefined) this.#check(one, item, [...path, index], found);
      }
    }
    if (contains !== undefined) {
      const least = typeof schema.minContains === 'number' ? schema.minContains : 1;
      const most = typeof schema.maxContains === 'number' ? schema.maxContains : Number.POSITIVE_INFINITY;
      const fits = value.filter((item, index) => this.#fits(contains, item, [...path, index])).length;
      if (fits < least || fits > most) add(`${fits} of its items are of the kind that is wanted`);
    }
    if (uniqueItems !== true) return;
    for (const [index, item] of value.entries()) {
      const same = value.slice(0, index).some((other) => this.#equal(other, item));
      if (same) add('it is in the list twice', [...path, index]);
    }
  }

  #checkObject(
    schema: Json,
    value: Json,
    path: JsonIssue['path'],
    found: JsonIssue[],
    add: (message: string, at?: JsonIssue['path']) => void,
  ): void {
    // As JSON has it: what is undefined is not there.
    const names = Object.keys(value).filter((name) => value[name] !== undefined);
    const has = (name: unknown): boolean => names.includes(String(name));
    const { minProperties, maxProperties, propertyNames } = schema;
    if (typeof minProperties === 'number' && names.length < minProperties)
      add(`expected at least ${minProperties} properties`);
    if (typeof maxProperties === 'number' && names.length > maxProperties)
      add(`expected at most ${maxProperties} properties`);
    for (const name of listOf(schema.required)) if (!has(name)) add('is missing', [...path, String(name)]);
    const properties = isObject(schema.properties) ? schema.properties : {};
    // Which names patterns stand for is not known.
    const others = schema.patternProperties === undefined ? schema.additionalProperties : undefined;
    for (const name of names) {
      const at = [...path, name];
      if (propertyNames !== undefined) this.#check(propertyNames, name, at, found);
      if (Object.hasOwn(properties, name)) this.#check(properties[name], value[name], at, found);
      else if (others === false) add('is unknown', at);
      else if (others !== undefined) this.#check(others, value[name], at, found);
    }
    for (const [name, needed] of Object.entries(
      isObject(schema.dependentRequired) ? schema.dependentRequired : {},
    )) {
      if (!has(name)) continue;
      for (const other of listOf(needed)) if (!has(other)) add('is missing', [...path, String(other)]);
    }
    for (const [name, one] of Object.entries(
      isObject(schema.dependentSchemas) ? schema.dependentSchemas : {},
    )) {
      if (has(name)) this.#check(one, value, path, found);
    }
  }

  #equal(a: unknown, b: unknown): boolean {
    if (++this.#steps > MAX_STEPS) throw new TooMuch(`it takes more than ${MAX_STEPS} steps to check`);
    if (a === b) return true;
    if (Array.isArray(a) && Array.isArray(b))
      return a.length === b.length && a.every((item, index) => this.#equal(item, b[index]));
    if (!isObject(a) || !isObject(b)) return false;
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && this.#equal(a[name], b[name]))
    );
  }
}

/** Keywords that change what others mean, and that are not understood here. */
const NOT_UNDERSTOOD: readonly string[] = [
  'unevaluatedItems',
  'unevaluatedProperties',
  '$dynamicRef',
  '$recursiveRef',
];
const SCHEMAS: readonly string[] = [
  ...['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'],
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'],
];
const MAPS: readonly string[] = [
  'properties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
];
const TYPES: readonly string[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** What of a schema cannot be checked, in words; undefined where all can. */
export function unchecked(root: Json): string | undefined {
  const look = (given: unknown): string | undefined => {
    if (Array.isArray(given)) return firstOf(given, look);
    if (!isObject(given)) return undefined;
    const odd = NOT_UNDERSTOOD.find((key) => given[key] !== undefined);
    if (odd !== undefined) return `"${odd}" is not understood`;
    const type = listOf(Array.isArray(given.type) ? given.type : [given.type ?? 'null']).find(
      (one) => !TYPES.includes(String(one)),
    );
    if (type !== undefined) return `there is no type ${JSON.stringify(type)}`;
    if (typeof given.$ref === 'string') {
      try {
        resolvePointer(root, given.$ref);
      } catch (error) {
        return (error as Error).message;
      }
    }
    return (
      firstOf(SCHEMAS, (key) => look(given[key])) ??
      firstOf(MAPS, (key) => (isObject(given[key]) ? firstOf(Object.values(given[key]), look) : undefined))
    );
  };
  return look(root);
}

/** What a reference within a schema leads to. @throws Error where that is nothing */
export function resolvePointer(root: Json, reference: string): unknown {
  if (!reference.startsWith('#')) throw new Error(`"$ref": "${reference}" leads to another document`);
  let node: unknown = root;
  for (const step of reference.slice(1).split('/').filter(Boolean)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = typeof node === 'object' && node !== null && Object.hasOwn(node, key);
    if (!isThere) throw new Error(`"$ref": "${reference}" leads nowhere`);
    node = (node as Json)[key];
  }
  return node;
}

function checkNumber(schema: Json, value: number, add: (message: string) => void): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === 'number' && !(value >= minimum)) add(`expected at least ${minimum}`);
  if (typeof maximum === 'number' && !(value <= maximum)) add(`expected at most ${maximum}`);
  if (typeof exclusiveMinimum === 'number' && !(value > exclusiveMinimum))
    add(`expected more than ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === 'number' && !(value < exclusiveMaximum))
    add(`expected less than ${exclusiveMaximum}`);
  if (typeof multipleOf === 'number' && multipleOf > 0) {
    const times = value / multipleOf;
    // Of numbers such as 0.1, which are none in binary.
    if (Math.abs(times - Math.round(times)) > 1e-9 * Math.max(1, Math.abs(times)))
      add(`expected a multiple of ${multipleOf}`);
  }
}

function firstOf<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value === undefined ? 'nothing' : typeof value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

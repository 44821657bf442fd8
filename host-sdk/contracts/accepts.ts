/** A JSON Schema as data; `true` and `false` are schemas too. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** Why a value that fits one schema may not fit another. */
export interface Misfit {
  /** `/items/name`, empty for the value itself. */
  readonly path: string;
  readonly why: string;
}

/** Comparisons of two contracts at most; what is beyond is not compared. */
const MAX_STEPS = 10_000;
const MAX_MISFITS = 100;
const ALL_TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
/** At least so much in both, where it is there at all. */
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** For people; they decide about no value. */
const ANNOTATIONS: ReadonlySet<string> = new Set(
  '$schema $id $comment title description default examples deprecated readOnly writeOnly format'.split(' '),
);
const COMPARED: ReadonlySet<string> = new Set([
  ...LOWER,
  ...UPPER,
  ...'type enum const anyOf required properties additionalProperties items'.split(' '),
]);

/** Compares schemas within a number of steps, however they are nested. */
export class SchemaComparison {
  #steps = 0;

  /**
   * What may fit `narrow` and not fit `wide`; empty where all does. Properties that a schema does not name count as absent. What
   * cannot be told is a misfit.
   */
  misfits(narrow: JsonSchema, wide: JsonSchema): Misfit[] {
    const found: Misfit[] = [];
    this.#compare(narrow, wide, '', found);
    return found;
  }

  #compare(a: JsonSchema, b: JsonSchema, path: string, found: Misfit[]): void {
    const add = (why: string): void => {
      if (found.length < MAX_MISFITS) found.push({ path, why });
    };
    if (++this.#steps > MAX_STEPS) {
      add('the schemas are too large to be compared');
      return;
    }
    if (b === true || a === false) return;
    if (b === false) {
      add('nothing is admitted here');
      return;
    }
    const narrow = a === true ? {} : withoutAnnotations(a);
    const wide = withoutAnnotations(b);
    if (JSON.stringify(narrow) === JSON.stringify(wide) || Object.keys(wide).length === 0) return;
    for (const key of new Set([...Object.keys(narrow), ...Object.keys(wide)])) {
      if (COMPARED.has(key) || JSON.stringify(own(narrow, key)) === JSON.stringify(own(wide, key))) continue;
      // A further condition makes a schema narrower only where it is one by itself, and is not referred to.
      if (own(wide, key) === undefined && !key.startsWith('$') && own(narrow, '$ref') === undefined) continue;
      add(`"${key}" differs, which cannot be compared`);
      return;
    }
    if (Array.isArray(narrow.anyOf)) {
      const { anyOf, ...rest } = narrow;
      for (const branch of anyOf) this.#compare(merged(rest, branch), wide, path, found);
      return;
    }
    if (Array.isArray(wide.anyOf)) {
      const { anyOf, ...rest } = wide;
      const fits = anyOf.some((branch) => {
        const misfits: Misfit[] = [];
        this.#compare(narrow, merged(rest, branch), path, misfits);
        return misfits.length === 0;
      });
      if (!fits) add('it fits none of the alternatives');
      return;
    }
    this.#values(narrow, wide, add);
    this.#objects(narrow, wide, path, found, add);
    const items = own(wide, 'items');
    if (items !== undefined && typesOf(narrow).includes('array')) {
      this.#compare(schema(own(narrow, 'items')), schema(items), `${path}/*`, found);
    }
  }

  #values(narrow: object, wide: object, add: (why: string) => void): void {
    const types = typesOf(wide);
    const other = typesOf(narrow).filter(
      (type) => !types.includes(type) && !(type === 'integer' && types.includes('number')),
    );
    if (other.length > 0) add(`${other.join(', ')} is not admitted, only ${types.join(', ')}`);
    const admitted = valuesOf(wide);
    if (admitted) {
      const given = valuesOf(narrow);
      const more = given?.filter((value) => !admitted.includes(value));
      if (!given) add(`only ${admitted.slice(0, 10).join(', ')} is admitted`);
      else if (more && more.length > 0) add(`${more.slice(0, 10).join(', ')} is not admitted`);
      return;
    }
    if (valuesOf(narrow)) return;
    for (const key of LOWER) {
      const limit = own(wide, key);
      if (typeof limit === 'number' && !(Number(own(narrow, key)) >= limit)) add(`${key} is ${limit}`);
    }
    for (const key of UPPER) {
      const limit = own(wide, key);
      if (typeof limit === 'number' && !(Number(own(narrow, key)) <= limit)) add(`${key} is ${limit}`);
    }
  }

  #objects(narrow: object, wide: object, path: string, found: Misfit[], add: (why: string) => void): void {
    if (!typesOf(narrow).includes('object')) return;
    const given = list(own(narrow, 'required'));
    const missing = list(own(wide, 'required')).filter((name) => !given.includes(name));
    if (missing.length > 0) {
      const names = missing.map((name) => JSON.stringify(name)).join(', ');
      add(`${names} ${missing.length === 1 ? 'is' : 'are'} required`);
    }
    const properties = object(own(wide, 'properties'));
    const others = own(wide, 'additionalProperties');
    for (const [name, inner] of Object.entries(object(own(narrow, 'properties')))) {
      const at = `${path}/${name}`;
      if (Object.hasOwn(properties, name)) this.#compare(schema(inner), schema(properties[name]), at, found);
      else if (others !== undefined) this.#compare(schema(inner), schema(others), at, found);
    }
    const more = own(narrow, 'additionalProperties');
    if (others !== undefined) this.#compare(schema(more), schema(others), `${path}/*`, found);
  }
}

function withoutAnnotations(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !ANNOTATIONS.has(key)));
}

function merged(rest: object, branch: unknown): JsonSchema {
  if (typeof branch !== 'object' || branch === null) return branch === false ? false : { ...rest };
  return { ...rest, ...branch };
}

function own(of: object, key: string): unknown {
  return Object.hasOwn(of, key) ? (of as Record<string, unknown>)[key] : undefined;
}

function schema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : value !== false;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function typesOf(of: object): string[] {
  const type = own(of, 'type');
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.map(String) : ALL_TYPES;
}

function valuesOf(of: object): string[] | undefined {
  const [one, some] = [own(of, 'const'), own(of, 'enum')];
  if (one !== undefined) return [JSON.stringify(one)];
  return Array.isArray(some) ? some.map((value) => JSON.stringify(value)) : undefined;
}

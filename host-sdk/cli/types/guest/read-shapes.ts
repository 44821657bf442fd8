import { isBytesSchema } from '../../../../src/manifest/json-schema-kind.js';
import { resolvePointer } from '../../../contracts/json-schema-check.js';
import { type Identifiers, pascalCase } from '../identifier.js';
import { comment } from '../typescript-type.js';
import { ANY, BYTES, type Choice, optional, type RecordType, type Shape, TEXT } from './shape.js';

type Json = Readonly<Record<string, unknown>>;

/** Reads JSON Schemas as shapes, and collects the records and choices in them, each once. */
export class ShapeReader {
  readonly records: RecordType[] = [];
  readonly choices: Choice[] = [];
  readonly #names: Identifiers;

  constructor(names: Identifiers) {
    this.#names = names;
  }

  /** The shape of a value by itself. @throws Error for a reference that leads nowhere */
  read(wanted: string, schema: Json | undefined): Shape {
    if (schema === undefined) return ANY;
    if (isBytesSchema(schema)) return BYTES;
    return this.#shape(schema, wanted, { schema, references: new Map() });
  }

  #shape(given: unknown, wanted: string, root: Root): Shape {
    if (!isObject(given)) return ANY;
    const schema = given;
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, wanted, root);
    const branches = branchesOf(schema);
    if (branches) {
      const some = branches.filter((branch) => !isNull(branch));
      if (some.length !== 1) return ANY;
      const shape = this.#shape(some[0], wanted, root);
      return some.length < branches.length ? optional(shape) : shape;
    }
    const values = Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum;
    if (Array.isArray(values)) return this.#choice(values, schema, wanted);
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    const some = types.filter((type) => type !== 'null');
    if (some.length !== 1) return ANY;
    const shape = this.#simple(some[0], schema, wanted, root);
    return some.length < types.length ? optional(shape) : shape;
  }

  #simple(type: unknown, schema: Json, wanted: string, root: Root): Shape {
    switch (type) {
      case 'string':
        return TEXT;
      case 'boolean':
      case 'integer':
      case 'number':
        return { kind: type };
      case 'array':
        if (schema.prefixItems !== undefined) return { kind: 'list', of: ANY };
        return { kind: 'list', of: this.#shape(schema.items, `${wanted}Item`, root) };
      case 'object':
        return this.#object(schema, wanted, root);
      default:
        return schema.properties !== undefined && type === undefined
          ? this.#object(schema, wanted, root)
          : ANY;
    }
  }

  #object(schema: Json, wanted: string, root: Root): Shape {
    const properties = isObject(schema.properties) ? schema.properties : {};
    if (Object.keys(properties).length === 0) {
      return { kind: 'map', of: this.#shape(schema.additionalProperties, `${wanted}Value`, root) };
    }
    const record = this.#record(schema, wanted);
    if (root.schema === schema) root.references.set('#', { kind: 'record', record });
    this.#fill(record, schema, properties, root);
    return { kind: 'record', record };
  }

  #record(schema: Json, wanted: string): RecordType {
    const record = { name: this.#names.take(wanted), doc: docOf(schema), fields: [] };
    this.records.push(record);
    return record;
  }

  #fill(record: RecordType, schema: Json, properties: Json, root: Root): void {
    const required = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, inner] of Object.entries(properties)) {
      const shape = this.#shape(inner, `${record.name}${pascalCase(name)}`, root);
      const isRequired = required.includes(name);
      record.fields.push({
        name,
        doc: isObject(inner) ? docOf(inner) : undefined,
        shape: isRequired ? shape : optional(shape),
        required: isRequired,
      });
    }
  }

  #reference(reference: string, wanted: string, root: Root): Shape {
    const known = root.references.get(reference);
    if (known) return known;
    const schema = resolvePointer(root.schema, reference);
    if (!isObject(schema)) return ANY;
    const properties = isObject(schema.properties) ? schema.properties : undefined;
    if (properties === undefined || branchesOf(schema) !== undefined) {
      // A list that holds itself has no name to be known by, and is any value at that place.
      root.references.set(reference, ANY);
      const shape = this.#shape(schema, wanted, root);
      root.references.set(reference, shape);
      return shape;
    }
    const record = this.#record(schema, pascalCase(reference.split('/').at(-1)!) || wanted);
    const shape: Shape = { kind: 'record', record };
    root.references.set(reference, shape);
    this.#fill(record, schema, properties, root);
    return shape;
  }

  #choice(values: readonly unknown[], schema: Json, wanted: string): Shape {
    const some = values.filter((value) => value !== null);
    if (some.length === 0) return ANY;
    const texts = some.filter((value) => typeof value === 'string');
    const shape: Shape = texts.length === some.length ? this.#texts(texts, schema, wanted) : ofOneType(some);
    return some.length < values.length ? optional(shape) : shape;
  }

  #texts(values: readonly string[], schema: Json, wanted: string): Shape {
    const choice = { name: this.#names.take(wanted), doc: docOf(schema), values: [...new Set(values)] };
    this.choices.push(choice);
    return { kind: 'choice', choice };
  }
}

interface Root {
  readonly schema: Json;
  readonly references: Map<string, Shape>;
}

function ofOneType(values: readonly unknown[]): Shape {
  if (values.every((value) => typeof value === 'boolean')) return { kind: 'boolean' };
  if (values.every((value) => Number.isSafeInteger(value))) return { kind: 'integer' };
  return values.every((value) => typeof value === 'number') ? { kind: 'number' } : ANY;
}

/** The alternatives of a schema that says nothing else of the value. */
function branchesOf(schema: Json): readonly unknown[] | undefined {
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    return schema.type === undefined && schema.properties === undefined ? branches : [...branches, schema];
  }
  return undefined;
}

function isNull(schema: unknown): boolean {
  return isObject(schema) && (schema.type === 'null' || schema.const === null);
}

function docOf(schema: Json): string | undefined {
  const { description } = schema;
  return typeof description === 'string' && description.trim() !== '' ? comment(description) : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { cordonError } from '../../../src/errors/cordon-error.js';
import { wireTypeOfJsonSchema } from '../../../src/manifest/json-schema-kind.js';
import type { ImportDescription, ImportValue, Manifest } from '../../../src/manifest/manifest.js';
import { jsonSchema } from '../../contracts/json-schema.js';
import { camelCase, Identifiers, pascalCase } from './identifier.js';
import { comment, propertyName, quoted, TypeWriter } from './typescript-type.js';

type Json = Readonly<Record<string, unknown>>;

/** A generated file. */
export interface Generated {
  readonly text: string;
  /** What could not be done, each a sentence. */
  readonly warnings: readonly string[];
}

/** `definitions` are checked when the program runs; `declarations`, for a `.d.ts`, are types alone. */
export type HostTypesForm = 'definitions' | 'declarations';

const PACKAGE = 'cordon';
const HEAD = '// Written by `cordon types`. Do not edit: it is written anew.\n';
const TAKEN = ['definePlugin', 'jsonSchema', 'hostFunctions', 'JsonSchemaContract', 'PluginDefinition'];

/**
 * TypeScript for a host: a type for each input and output, host functions and definitions where they are asked for, and the
 * names for `host.load`. The same manifests give the same text.
 * @throws ERR_MANIFEST where a schema refers to nothing, or plugins describe one host function differently
 */
export function hostTypes(manifests: readonly Manifest[], form: HostTypesForm): Generated {
  return new HostTypes(manifests, form).write();
}

class HostTypes {
  readonly #manifests: readonly Manifest[];
  readonly #hasValues: boolean;
  readonly #names = new Identifiers(TAKEN);
  readonly #types = new TypeWriter(this.#names);
  readonly #warnings: string[] = [];
  readonly #functions = new Map<string, { readonly described: ImportDescription; readonly by: string }>();

  constructor(manifests: readonly Manifest[], form: HostTypesForm) {
    this.#manifests = [...manifests].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#hasValues = form === 'definitions';
    for (const manifest of this.#manifests) this.#collectFunctions(manifest);
  }

  write(): Generated {
    const functions = this.#hasValues ? [...this.#functions].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
    const hostFunctions = functions.map(([name, { described, by }]) => this.#function(name, described, by));
    const plugins = this.#manifests.map((manifest) => this.#plugin(manifest));
    const parts = [HEAD];
    if (this.#hasValues) {
      const types = ['JsonSchemaContract', 'PluginDefinition'].filter((name) =>
        [...hostFunctions.map(({ type }) => type), ...plugins.map(({ value }) => value)].some((text) =>
          text.includes(name),
        ),
      );
      const imported = [
        'definePlugin',
        ...(this.#types.types.length > 0 ? ['jsonSchema'] : []),
        ...types.map((name) => `type ${name}`),
      ];
      parts.push(`import { ${imported.join(', ')} } from ${quoted(PACKAGE)};\n`);
    }
    for (const { name, text, doc } of this.#types.types) {
      parts.push(`${doc === undefined ? '' : `\n/** ${doc} */`}\nexport type ${name} = ${text};\n`);
    }
    if (hostFunctions.length > 0) {
      parts.push(
        '\n/** Host functions that these plugins call: the first argument of `defineHostFunction`. */\n',
      );
      const type = `{\n${hostFunctions.map((one) => one.type).join('')}}`;
      parts.push(
        `export const hostFunctions: ${type} = {\n${hostFunctions.map((one) => one.value).join('')}};\n`,
      );
    }
    if (this.#hasValues) for (const { value } of plugins) parts.push(value);
    parts.push(
      `\ndeclare module ${quoted(PACKAGE)} {\n  interface KnownPlugins {\n${plugins.map(({ known }) => known).join('')}  }\n}\n`,
    );
    if (!this.#hasValues && this.#types.types.length === 0) parts.push('\nexport {};\n');
    return { text: parts.join(''), warnings: this.#warnings };
  }

  #collectFunctions(manifest: Manifest): void {
    for (const [name, described] of Object.entries(manifest.imports)) {
      const other = this.#functions.get(name);
      if (other === undefined) this.#functions.set(name, { described, by: manifest.name });
      else if (signature(other.described) !== signature(described)) {
        throw cordonError(
          'ERR_MANIFEST',
          `${other.by} and ${manifest.name} describe the host function ${JSON.stringify(name)} differently, and a host has one of that name: make "imports" of both manifests the same, or write types for each alone.`,
          { plugin: manifest.name, details: { hostFunction: name } },
        );
      }
    }
  }

  #function(name: string, { description, params, result }: ImportDescription, by: string) {
    const read = (one: ImportValue, what: string): { type: string; value: string } => {
      const wanted = `${pascalCase(name)}${what}`;
      if (one.schema === undefined && one.name === undefined)
        return { type: quoted(one.type), value: quoted(one.type) };
      const parts = [{ type: `readonly type: ${quoted(one.type)}`, value: `type: ${quoted(one.type)}` }];
      if (one.name !== undefined)
        parts.unshift({ type: `readonly name: ${quoted(one.name)}`, value: `name: ${quoted(one.name)}` });
      if (one.schema !== undefined) {
        const { type, text } = this.#schema(wanted, one.schema, `${by}: imports.${name}`, 2);
        parts.push({ type: `readonly schema: JsonSchemaContract<${type}>`, value: `schema: ${text}` });
      }
      return {
        type: `{ ${parts.map((part) => part.type).join('; ')} }`,
        value: `{ ${parts.map((part) => part.value).join(', ')} }`,
      };
    };
    const args = params.map((one, index) => read(one, pascalCase(one.name ?? `argument${index + 1}`)));
    const given = result ? read(result, 'Result') : { type: "'void'", value: "'void'" };
    const doc = description === undefined ? '' : `  /** ${comment(description)} */\n`;
    const key = propertyName(name);
    const described = description === undefined ? '' : `    description: ${quoted(description)},\n`;
    return {
      type: `${doc}  readonly ${key}: {\n${description === undefined ? '' : '    readonly description: string;\n'}    readonly params: readonly [${args.map((one) => one.type).join(', ')}];\n    readonly result: ${given.type};\n  };\n`,
      value: `  ${key}: {\n${described}    params: [${args.map((one) => one.value).join(', ')}],\n    result: ${given.value},\n  },\n`,
    };
  }

  #plugin(manifest: Manifest): { value: string; known: string } {
    const base = this.#baseName(manifest.name);
    const types: string[] = [];
    const values: string[] = [];
    const known: string[] = [];
    for (const fn of Object.keys(manifest.exports).sort()) {
      const { description, input, output } = manifest.exports[fn]!;
      const doc = description === undefined ? '' : `/** ${comment(description)} */\n`;
      const sides = Object.entries({ input, output }).flatMap(([side, schema]) => {
        if (schema === undefined) return [];
        const wanted = `${pascalCase(base)}${pascalCase(fn)}${pascalCase(side)}`;
        const where = `${manifest.name}: exports.${fn}.${side}`;
        return [{ side, ...this.#schema(wanted, schema, where, 3) }];
      });
      const key = propertyName(fn);
      types.push(
        `  readonly ${key}: ${braced(sides.map(({ side, type }) => `readonly ${side}: JsonSchemaContract<${type}>`))};\n`,
      );
      values.push(
        `    ${key}: ${sides.length === 0 ? '{}' : `{\n${sides.map(({ side, text }) => `      ${side}: ${text},\n`).join('')}    }`},\n`,
      );
      const shapes = braced(sides.map(({ side, type }) => `${side}: ${type}`));
      known.push(`${doc === '' ? '' : `      ${doc}`}      ${key}: ${shapes};\n`);
    }
    const name = this.#names.take(camelCase(base));
    const { lines, imports } = this.#about(manifest);
    const exportsType = types.length === 0 ? 'Record<never, never>' : `{\n${types.join('')}}`;
    const value = `
/**
${lines.map((line) => ` * ${line}\n`).join('')} */
export const ${name}: PluginDefinition<${exportsType}> = definePlugin({
  name: ${quoted(manifest.name)},
  version: ${quoted(`^${manifest.version}`)},
  exports: {${values.length === 0 ? '' : `\n${values.join('')}  `}},
${imports}});
`;
    return { value, known: `    ${quoted(manifest.name)}: {\n${known.join('')}    };\n` };
  }

  /** What the definition's comment says, and which host functions it needs. */
  #about(manifest: Manifest): { lines: string[]; imports: string } {
    const { permissions, description, name, version } = manifest;
    const asks = [
      ...permissions.http.map((rule) => `HTTP to ${rule.host}`),
      ...Object.keys(permissions.fs.read).map((path) => `reading ${path}`),
      ...Object.keys(permissions.fs.write).map((path) => `writing ${path}`),
      ...permissions.env.map((variable) => `the variable ${variable}`),
      ...permissions.hostFunctions.map(
        (request) => `the host function ${request.name}${request.optional ? ' (optional)' : ''}`,
      ),
      ...permissions.plugins.map((plugin) => `calls of ${plugin}`),
    ];
    const lines = [`${name} ${version}${description === undefined ? '' : `: ${description}`}`];
    if (asks.length > 0) lines.push(`It asks for ${asks.join(', ')}.`);
    const optional = new Set(permissions.hostFunctions.filter((one) => one.optional).map((one) => one.name));
    const needed = Object.keys(manifest.imports)
      .filter((fn) => !optional.has(fn))
      .sort();
    const entries = needed.map((fn) => {
      const key = propertyName(fn);
      return `    ${key}: hostFunctions${key === fn ? `.${fn}` : `[${key}]`},\n`;
    });
    return {
      lines: lines.map(comment),
      imports: entries.length === 0 ? '' : `  imports: {\n${entries.join('')}  },\n`,
    };
  }

  /** `markdown` of `@acme/markdown`, or `acme-markdown` where another plugin has the same. */
  #baseName(name: string): string {
    const short = (full: string): string => full.replace(/^@.*\//, '');
    const isShared = this.#manifests.filter((one) => short(one.name) === short(name)).length > 1;
    return isShared ? name : short(name);
  }

  #schema(wanted: string, schema: Json, where: string, depth: number): { type: string; text: string } {
    let type: string;
    try {
      type = this.#types.add(wanted, schema);
    } catch (cause) {
      throw cordonError('ERR_MANIFEST', `${where} cannot be a type: ${(cause as Error).message}.`, {
        cause,
        details: { where },
      });
    }
    const json = this.#hasValues ? this.#checkable(schema, where) : schema;
    const text = jsonText(json).replaceAll('\n', `\n${'  '.repeat(depth)}`);
    return { type, text: `jsonSchema<${type}>(${escapeUnseen(text)})` };
  }

  /** What of a schema can be checked when the program runs: all of it, or only how it crosses. */
  #checkable(schema: Json, where: string): Json {
    try {
      jsonSchema(schema);
      return schema;
    } catch (error) {
      const why = (error as Error).message.replace(/^jsonSchema: the JSON Schema cannot be used: /, '');
      this.#warnings.push(`${where} is not checked when the program runs, only typed: ${why}`);
      return wireTypeOfJsonSchema(schema) === 'text' ? { type: 'string' } : {};
    }
  }
}

/** What of a description has to be the same: all but what is for people. */
function signature({ description: _, ...rest }: ImportDescription): string {
  return JSON.stringify(rest);
}

function braced(parts: readonly string[]): string {
  return parts.length === 0 ? '{}' : `{ ${parts.join('; ')} }`;
}

/** On one line where it is short. */
function jsonText(json: Json): string {
  const line = JSON.stringify(json, undefined, 1).replace(/\n */g, ' ');
  return line.length <= 60 ? line : JSON.stringify(json, undefined, 2);
}

function escapeUnseen(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

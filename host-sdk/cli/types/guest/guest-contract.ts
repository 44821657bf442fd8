import { cordonError } from '../../../../src/errors/cordon-error.js';
import type { ImportDescription, Manifest } from '../../../../src/manifest/manifest.js';
import { ownValue } from '../../../../src/manifest/own-value.js';
import { Identifiers, pascalCase } from '../identifier.js';
import { comment } from '../typescript-type.js';
import { ShapeReader } from './read-shapes.js';
import { BYTES, type Choice, type RecordType, type Shape } from './shape.js';

/** A contract from the guest's side. */
export interface GuestContract {
  readonly plugin: string;
  readonly records: readonly RecordType[];
  readonly choices: readonly Choice[];
  readonly exports: readonly GuestExport[];
  readonly functions: readonly GuestFunction[];
}

/** An export that the guest implements; without a schema a side is bytes. */
export interface GuestExport {
  readonly name: string;
  readonly doc: string | undefined;
  readonly input: Shape;
  readonly output: Shape;
}

/** A host function that the guest calls. */
export interface GuestFunction {
  readonly name: string;
  readonly namespace: string;
  readonly doc: string | undefined;
  readonly params: readonly GuestValue[];
  readonly result: GuestValue | undefined;
}

export interface GuestValue {
  readonly name: string;
  readonly type: 'text' | 'bytes' | 'json' | 'i32' | 'i64' | 'f32' | 'f64';
  /** Of a value of JSON. */
  readonly shape: Shape;
}

/**
 * Reads the contract of a manifest for the bindings of a guest. `offered` are host functions of an application, for those that
 * the manifest asks for and does not describe.
 * @throws ERR_MANIFEST for a schema that refers to nothing
 */
export function guestContract(
  manifest: Manifest,
  offered: Readonly<Record<string, ImportDescription>>,
  taken: readonly string[],
): GuestContract {
  const reader = new ShapeReader(new Identifiers(taken));
  const read = (wanted: string, schema: Readonly<Record<string, unknown>> | undefined, where: string) => {
    try {
      return reader.read(wanted, schema);
    } catch (cause) {
      throw cordonError(
        'ERR_MANIFEST',
        `${manifest.name}: ${where} cannot be a type: ${(cause as Error).message}.`,
        { plugin: manifest.name, cause, details: { where } },
      );
    }
  };
  const exports = Object.entries(manifest.exports).map(([name, { description, input, output }]) => ({
    name,
    doc: docOf(description),
    input: input ? read(`${pascalCase(name)}Input`, input, `exports.${name}.input`) : BYTES,
    output: output ? read(`${pascalCase(name)}Output`, output, `exports.${name}.output`) : BYTES,
  }));
  const functions = Object.entries(importsOf(manifest, offered)).map(([name, described]) => ({
    name,
    namespace: described.namespace,
    doc: docOf(described.description),
    params: described.params.map((param, index) => {
      const called = param.name ?? `argument${index + 1}`;
      const where = `imports.${name}.params[${index}]`;
      return {
        name: called,
        type: param.type,
        shape: read(`${pascalCase(name)}${pascalCase(called)}`, param.schema, where),
      };
    }),
    result: described.result && {
      name: 'result',
      type: described.result.type,
      shape: read(`${pascalCase(name)}Result`, described.result.schema, `imports.${name}.result`),
    },
  }));
  return { plugin: manifest.name, records: reader.records, choices: reader.choices, exports, functions };
}

/** What the manifest describes, and what it asks for and the application describes. */
function importsOf(
  manifest: Manifest,
  offered: Readonly<Record<string, ImportDescription>>,
): Record<string, ImportDescription> {
  const imports: Record<string, ImportDescription> = { ...manifest.imports };
  for (const { name } of manifest.permissions.hostFunctions) {
    const described = ownValue(offered, name);
    if (described && !Object.hasOwn(imports, name)) imports[name] = described;
  }
  return imports;
}

function docOf(description: string | undefined): string | undefined {
  return description === undefined ? undefined : comment(description);
}

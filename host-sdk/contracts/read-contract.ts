import { cordonError } from '../../src/errors/cordon-error.js';
import { importsSchema } from '../../src/manifest/imports-schema.js';
import type { ImportDescription } from '../../src/manifest/manifest.js';
import { formatProblems } from '../../src/manifest/problem.js';
import { snapshotData } from '../../src/manifest/snapshot.js';
import { zodProblems } from '../../src/manifest/zod-problems.js';
import type { PluginDefinition } from '../plugin-definition.js';
import {
  type ContractExports,
  type ContractImports,
  contractJsonSchema,
  hostFunctionsJsonSchema,
} from './contract-json-schema.js';

/** What {@link compareContracts} compares: a manifest or a part of one, a definition, or what a host offers. */
export type ComparableContract =
  | {
      readonly version?: string | undefined;
      readonly exports?: ContractExports | undefined;
      /** Host functions that a plugin calls. */
      readonly imports?: ContractImports | undefined;
      /** Host functions that an application offers. */
      readonly hostFunctions?: ContractImports | undefined;
      /** Of a manifest: a host function that was asked for before is no new one. */
      readonly permissions?: { readonly hostFunctions?: readonly unknown[] | undefined } | undefined;
    }
  | PluginDefinition;

type Functions = Readonly<Record<string, ImportDescription>>;

/** A contract as plain data of the right form. */
export interface ReadContract {
  readonly version: string | undefined;
  readonly exports: ContractExports;
  readonly imports: Functions;
  readonly hostFunctions: Functions;
  /** Host functions that a manifest asks for, and whether it needs them. */
  readonly asked: ReadonlyMap<string, { readonly optional: boolean }>;
}

/** @throws ERR_OPTIONS, with `subject` before the message */
export function readContract(given: ComparableContract, subject: string): ReadContract {
  const refuse = (why: string): Error => cordonError('ERR_OPTIONS', `${subject} is wrong: ${why}.`);
  if (typeof given !== 'object' || given === null)
    throw refuse(`found ${given === null ? 'null' : typeof given}, expected a manifest or a definition`);
  const copy = snapshotData(partsOf(given));
  if (!copy.ok) {
    const { path, found, expected } = copy.problem;
    throw refuse(`${path && `${path}: `}found ${found}, expected ${expected}`);
  }
  const { version, exports, imports, hostFunctions, permissions } = copy.value as Readonly<
    Record<string, unknown>
  >;
  return {
    version: typeof version === 'string' ? version : undefined,
    exports: readExports(exports ?? {}, refuse),
    imports: readFunctions(imports ?? {}, `${subject}: "imports"`),
    hostFunctions: readFunctions(hostFunctions ?? {}, `${subject}: "hostFunctions"`),
    asked: askedIn(permissions),
  };
}

function partsOf(given: ComparableContract): object {
  if ('kind' in given && given.kind === 'plugin-definition') {
    return { exports: contractJsonSchema(given), imports: hostFunctionsJsonSchema(given.imports) };
  }
  const { version, exports, imports, hostFunctions, permissions } = given as Exclude<
    ComparableContract,
    PluginDefinition
  >;
  return { version, exports, imports, hostFunctions, permissions };
}

function askedIn(permissions: unknown): ReadContract['asked'] {
  const requests = isObject(permissions) ? permissions.hostFunctions : undefined;
  const asked = new Map<string, { readonly optional: boolean }>();
  for (const request of Array.isArray(requests) ? requests : []) {
    if (typeof request === 'string') asked.set(request, { optional: false });
    else if (isObject(request)) asked.set(String(request.name), { optional: request.optional === true });
  }
  return asked;
}

function readExports(exports: unknown, refuse: (why: string) => Error): ContractExports {
  if (!isObject(exports)) throw refuse('"exports" is no object');
  for (const [fn, sides] of Object.entries(exports)) {
    const wrong =
      !isObject(sides) || [sides.input, sides.output].some((one) => one !== undefined && !isObject(one));
    if (wrong)
      throw refuse(
        `the export ${JSON.stringify(fn.slice(0, 100))} is no object { input, output } of JSON Schemas`,
      );
  }
  return exports as ContractExports;
}

function readFunctions(given: unknown, subject: string): Functions {
  const result = importsSchema.safeParse(given);
  if (result.success) return result.data;
  const problems = zodProblems(result.error.issues, given);
  throw cordonError('ERR_OPTIONS', formatProblems(`${subject} has`, problems), { details: { problems } });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

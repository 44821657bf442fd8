import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cordonError } from '../../../../src/errors/cordon-error.js';
import type { ImportDescription, Manifest } from '../../../../src/manifest/manifest.js';
import { templatesFolder } from '../../init/templates.js';
import { pascalCase } from '../identifier.js';
import { ASSEMBLYSCRIPT_TAKEN, assemblyScriptBindings } from './assemblyscript.js';
import { GO_TAKEN, goBindings } from './go.js';
import { type GuestContract, guestContract } from './guest-contract.js';
import { RUST_TAKEN, rustBindings } from './rust.js';

/** A language that bindings can be written in. */
interface GuestLanguage {
  readonly title: string;
  /** Of its files. */
  readonly ending: string;
  /** Type names that a contract cannot have. */
  readonly taken: readonly string[];
  /** What an export may be called there. */
  readonly names: RegExp;
  /** What a property of an object may be called in JSON; default anything. */
  readonly properties?: RegExp;
  /** Whether its files need a place: there is more than one, and one refers to another. */
  readonly needsOut: boolean;
  /** The files for this path, the first of which is there. */
  write(contract: GuestContract, out: string): GeneratedFiles | Promise<GeneratedFiles>;
}

/** Paths and texts. */
export type GeneratedFiles = readonly { readonly path: string; readonly text: string }[];

export const GUEST_LANGUAGES: Readonly<Record<string, GuestLanguage>> = {
  assemblyscript: {
    title: 'AssemblyScript',
    ending: '.ts',
    taken: ASSEMBLYSCRIPT_TAKEN,
    names: /^[A-Za-z_$][\w$]*$/,
    needsOut: true,
    write: async (contract, out) => {
      const template = join(templatesFolder(), 'guest-types', 'assemblyscript-json.ts.tpl');
      const runtime = await readFile(template, 'utf8');
      const file = basename(out, '.ts');
      const { contract: types, exports } = assemblyScriptBindings(contract, { runtime, file });
      return [
        { path: out, text: types },
        { path: join(dirname(out), `${file}-exports.ts`), text: exports },
      ];
    },
  },
  rust: {
    ...{ title: 'Rust', ending: '.rs', taken: RUST_TAKEN, names: /^[!-~]+$/, needsOut: false },
    write: (contract, path) => [{ path, text: rustBindings(contract) }],
  },
  go: {
    ...{ title: 'Go', ending: '.go', taken: GO_TAKEN, names: /^[!-~]+$/, needsOut: false },
    // Others are no tags to encoding/json, which would then use the field's own name.
    properties: /^(?!-$)[\p{L}\p{Nd}!#$%&()*+\-./:;<=>?@[\]^_{|}~ ]+$/u,
    write: (contract, path) => [{ path, text: goBindings(contract) }],
  },
};

/**
 * Bindings of a guest for the contract of its manifest. `offered` are host functions that an application describes.
 * @throws ERR_MANIFEST for a contract that cannot be said in the language
 */
export async function guestBindings(
  language: string,
  manifest: Manifest,
  { offered, out }: { readonly offered: Readonly<Record<string, ImportDescription>>; readonly out: string },
): Promise<GeneratedFiles> {
  const { title, taken, names, properties = /^/, write } = GUEST_LANGUAGES[language]!;
  const contract = guestContract(manifest, offered, taken);
  if (contract.exports.length === 0) {
    throw refused(manifest, 'it describes no exports: add "exports" to the manifest');
  }
  for (const { name } of contract.records.flatMap(({ fields }) => fields)) {
    if (!properties.test(name)) {
      throw refused(manifest, `the property ${JSON.stringify(name)} cannot be read or written in ${title}`);
    }
  }
  for (const list of [contract.exports, contract.functions]) {
    const seen = new Map<string, string>();
    for (const { name } of list) {
      const wrong = JSON.stringify(name);
      if (!names.test(name)) throw refused(manifest, `${wrong} cannot be a name in ${title}`);
      const other = seen.get(pascalCase(name));
      if (other !== undefined) {
        throw refused(
          manifest,
          `${JSON.stringify(other)} and ${wrong} would have the same name in ${title}: rename one`,
        );
      }
      seen.set(pascalCase(name), name);
    }
  }
  return write(contract, out);
}

function refused({ name }: Manifest, why: string): Error {
  return cordonError('ERR_MANIFEST', `The contract of ${name} cannot be bindings: ${why}.`, { plugin: name });
}

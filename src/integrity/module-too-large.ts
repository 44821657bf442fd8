import { type CordonError, cordonError } from '../errors/cordon-error.js';

/** Whose file it is, for messages. */
export interface FileSubject {
  readonly plugin?: string | undefined;
  readonly version?: string | undefined;
  /** As the manifest names it, or its full path. */
  readonly file: string;
}

/** `plugin @acme/markdown@1.2.0`, or as much of it as is known. */
export function describePlugin({ plugin, version }: Pick<FileSubject, 'plugin' | 'version'>): string {
  if (plugin === undefined) return 'a plugin without a known name';
  return version === undefined ? `plugin ${plugin}` : `plugin ${plugin}@${version}`;
}

/** The error for a module above the cap. */
export function moduleTooLarge(subject: FileSubject, limit: number, observed: number): CordonError {
  return cordonError(
    'ERR_MODULE_TOO_LARGE',
    `The module ${subject.file} of ${describePlugin(subject)} has ${observed} bytes or more; ` +
      `validation.maxModuleBytes allows ${limit}. Shrink the module, or raise validation.maxModuleBytes.`,
    {
      plugin: subject.plugin,
      version: subject.version,
      details: { limit, observed, file: subject.file },
    },
  );
}

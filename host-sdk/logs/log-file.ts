import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Logger, pino } from 'pino';
import { z } from 'zod';
import { cordonError } from '../../src/errors/cordon-error.js';
import { fileProblem } from '../../src/integrity/read-file.js';
import { parseOptions } from '../../src/manifest/parse-options.js';
import { strictObject } from '../../src/manifest/schema-parts.js';
import { fileOptions } from './file-options.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const logFileSchema = strictObject(
  {
    ...fileOptions,
    /** The lowest level that is written. Default `info`. */
    level: z.enum(LEVELS, { error: `one of ${LEVELS.join(', ')}` }).default('info'),
  },
  'an object { path, maxFileBytes, maxFiles, level }',
).readonly();

/** Options of {@link logFile}. */
export type LogFileOptions = z.input<typeof logFileSchema>;

/** A pino logger that writes into files. */
export interface LogFile extends AsyncDisposable {
  /** For the option `logger` of `createHost`, and for whatever else the application logs. */
  readonly logger: Logger;
  /** Writes what is left and ends the thread that writes. To be called after `host.close()`. */
  close(): Promise<void>;
}

/**
 * Makes a pino logger that writes into files of a limited size, by the transport `pino-roll`, which is an optional peer of
 * `cordon`. It runs in a thread of its own. `logs/app.log` becomes `logs/app.1.log`, `logs/app.2.log` and so on; the highest
 * number is the newest. A file is exchanged when it is full and everything so far is written: under a flood of lines it gets larger.
 *
 * @example
 * await using log = await logFile({ path: 'logs/app.log', maxFileBytes: '10MiB', maxFiles: 5 });
 * await using host = await createHost({ logger: log.logger });
 * @throws `ERR_OPTIONS` for wrong options, where the folder cannot be written, and where `pino-roll` is not installed
 */
export async function logFile(options: LogFileOptions): Promise<LogFile> {
  const { path, maxFileBytes, maxFiles, level } = parseOptions(
    logFileSchema,
    options,
    'The options of logFile',
  );
  const file = resolve(path);
  await checkWritable(file);
  const extension = extname(file);
  const transport = pino.transport({
    target: rollTarget(),
    options: {
      file: join(dirname(file), basename(file, extension)),
      ...(extension && { extension }),
      size: `${maxFileBytes}b`,
      limit: { count: maxFiles - 1, removeOtherLogFiles: true },
    },
  });
  await new Promise<void>((settle, fail) => {
    transport.once('ready', settle);
    transport.once('error', fail);
  });
  // A disk that refuses later must not end the process.
  transport.on('error', (error: Error) => {
    process.emitWarning(
      `Cordon: the log file ${file} could not be written: ${error.message}`,
      'CordonLogFile',
    );
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((settle) => {
      // The thread alone keeps no process alive, and it is not done yet.
      const alive = setInterval(() => {}, 2 ** 30);
      transport.once('close', () => {
        clearInterval(alive);
        settle();
      });
      transport.end();
    });
    return closing;
  };
  return { logger: pino({ level }, transport), close, [Symbol.asyncDispose]: close };
}

/** The transport itself waits for ever where it cannot write. */
async function checkWritable(file: string): Promise<void> {
  const folder = dirname(file);
  const probe = join(folder, `.${basename(file)}.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw cordonError(
      'ERR_OPTIONS',
      `Log files cannot be written in ${folder}: ${fileProblem(cause)}. Give another "path", or the permission.`,
      { cause, details: { path: file } },
    );
  }
}

function rollTarget(): string {
  try {
    return createRequire(import.meta.url).resolve('pino-roll');
  } catch (cause) {
    throw cordonError('ERR_OPTIONS', 'logFile needs the package pino-roll. Install it beside cordon.', {
      cause,
    });
  }
}

import { fileProblem, readFileCapped } from '../../../src/integrity/read-file.js';
import type { Console } from '../console.js';
import { UsageError } from '../usage-error.js';

/** Larger than any limit on inputs that makes sense on a command line. */
const MAX_BYTES = 1024 ** 3;

export interface InputOptions {
  readonly input?: string;
  readonly inputFile?: string;
  readonly stdin?: boolean;
}

/** The input of a call, from one of three places; empty where none is named. @throws UsageError */
export async function readInput(
  io: Console,
  { input, inputFile, stdin }: InputOptions,
): Promise<string | Uint8Array> {
  if ([input, inputFile, stdin].filter((one) => one !== undefined).length > 1) {
    throw new UsageError('--input, --input-file and --stdin exclude each other');
  }
  if (stdin || inputFile === '-') return readStdin(io);
  if (inputFile === undefined) return input ?? '';
  try {
    return await readFileCapped(inputFile, {
      maxBytes: MAX_BYTES,
      tooLarge: (observed) => new Error(`it has ${observed} bytes, and at most ${MAX_BYTES} are read`),
    });
  } catch (error) {
    throw new UsageError(`${inputFile} cannot be read: ${fileProblem(error)}`);
  }
}

async function readStdin({ terminal, signal }: Console): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stop = (): void => void terminal.input.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of terminal.input) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      size += bytes.length;
      if (size > MAX_BYTES) throw new UsageError(`standard input has more than ${MAX_BYTES} bytes`);
      chunks.push(bytes);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

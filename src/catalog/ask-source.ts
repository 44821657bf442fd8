import { CordonError, cordonError } from '../errors/cordon-error.js';
import { thrownText } from '../errors/thrown-text.js';
import { throwIfAborted } from '../integrity/abortable.js';
import type { CatalogSource } from './catalog-source.js';

/** What a list may be that a source answers with. */
export interface Expected {
  /** What is in it, in the plural. */
  readonly items: string;
  /** How many there may be. */
  readonly most: number;
  readonly isItem?: (item: unknown) => boolean;
}

export interface AskOptions {
  readonly expected: Expected;
  /** How long the source may take; `Infinity` waits for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a source one question. A source that fails, hangs or answers with something else than the list that is expected
 * is an error that names it; who waits is settled first, then the source is told to stop.
 * @throws ERR_TIMEOUT, ERR_ABORTED, or the source's own code (ERR_NOT_FOUND where it has none).
 */
export async function askSource<T>(
  source: CatalogSource,
  doing: string,
  question: (signal: AbortSignal) => Promise<readonly T[]>,
  { expected, timeoutMs, signal }: AskOptions,
): Promise<readonly T[]> {
  throwIfAborted(signal, doing);
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      timer = setTimeout(() => reject(hung(source, doing, timeoutMs)), timeoutMs);
    }
    onAbort = () => reject(cordonError('ERR_ABORTED', `Aborted while ${doing}.`, { cause: signal?.reason }));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  const asked = (async () => question(stop.signal))();
  try {
    const answer: unknown = await Promise.race([asked, stopped]);
    checkAnswer(answer, expected);
    return answer as readonly T[];
  } catch (error) {
    stop.abort(error);
    const isOurs = signal?.aborted
      ? error instanceof CordonError && error.code === 'ERR_ABORTED'
      : error instanceof CordonError && error.details.source === source.id;
    if (isOurs) throw error;
    throw failed(source, doing, error);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
  }
}

function checkAnswer(answer: unknown, { items, most, isItem }: Expected): void {
  if (!Array.isArray(answer)) {
    throw new TypeError(`it answered with ${answer === null ? 'null' : typeof answer}, not an array`);
  }
  if (answer.length > most) {
    throw new RangeError(`it answered with ${answer.length} ${items}; at most ${most} are read`);
  }
  if (isItem === undefined) return;
  const wrong = answer.findIndex((item) => !isItem(item));
  if (wrong >= 0) throw new TypeError(`entry ${wrong} of its ${items} is ${typeof answer[wrong]}`);
}

function hung(source: CatalogSource, doing: string, timeoutMs: number): Error {
  return cordonError(
    'ERR_TIMEOUT',
    `The catalog source "${source.id}" did not answer within ${timeoutMs} ms while ${doing}. Check the source, or give ` +
      'it more time.',
    { details: { source: source.id, limit: timeoutMs } },
  );
}

function failed(source: CatalogSource, doing: string, cause: unknown): Error {
  const code = cause instanceof CordonError ? cause.code : 'ERR_NOT_FOUND';
  return cordonError(code, `The catalog source "${source.id}" failed while ${doing}: ${thrownText(cause)}`, {
    cause,
    details: { ...(cause instanceof CordonError && cause.details), source: source.id },
  });
}

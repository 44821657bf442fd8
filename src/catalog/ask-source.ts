import { CordonError, cordonError } from '../errors/cordon-error.js';
import { throwIfAborted } from '../integrity/abortable.js';
import type { CatalogSource } from './catalog-source.js';

export interface AskOptions {
  /** How long the source may take; `Infinity` waits for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a source one question. A source that fails, hangs or answers with something else than a list is an error that
 * names it; who waits is settled first, then the source is told to stop.
 * @throws ERR_TIMEOUT, ERR_ABORTED, or the source's own code (ERR_NOT_FOUND where it has none).
 */
export async function askSource<T>(
  source: CatalogSource,
  doing: string,
  question: (signal: AbortSignal) => Promise<readonly T[]>,
  { timeoutMs, signal }: AskOptions,
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
    if (!Array.isArray(answer)) {
      throw new TypeError(`it answered with ${answer === null ? 'null' : typeof answer}, not an array`);
    }
    return answer as readonly T[];
  } catch (error) {
    stop.abort(error);
    if (
      error instanceof CordonError &&
      (error.code === 'ERR_ABORTED' || error.details.source === source.id)
    ) {
      throw error;
    }
    throw failed(source, doing, error);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
  }
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
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof CordonError ? cause.code : 'ERR_NOT_FOUND';
  return cordonError(code, `The catalog source "${source.id}" failed while ${doing}: ${message}`, {
    cause,
    details: { ...(cause instanceof CordonError && cause.details), source: source.id },
  });
}

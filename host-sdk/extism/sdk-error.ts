import { CordonError, cordonError } from '../../src/errors/cordon-error.js';
import { ThrownByFunction } from './raw-functions.js';

/** What the caller of a plugin gets: the SDK's words, with Cordon's code and details, and what Cordon said as the cause. */
export function sdkError(error: unknown, fn?: string): unknown {
  if (!(error instanceof CordonError)) return error;
  // As in the SDK, an error of a host function comes to the caller as it is.
  if (error.cause instanceof ThrownByFunction) return error.cause.thrown;
  const message = messageOf(error, fn);
  if (message === undefined) return error;
  const { code, plugin, version, callId, details } = error;
  return cordonError(code, message, { plugin, version, callId, details, cause: error });
}

function messageOf({ code, details, message }: CordonError, fn: string | undefined): string | undefined {
  switch (code) {
    case 'ERR_GUEST':
      return details.guestError === undefined ? undefined : `Plugin-originated error: ${details.guestError}`;
    case 'ERR_NO_EXPORT':
      return `Plugin error: function "${fn}" does not exist`;
    case 'ERR_TIMEOUT':
      return fn === undefined
        ? 'EXTISM: timed out while waiting for plugin to instantiate'
        : 'EXTISM: call canceled due to timeout';
    case 'ERR_PERMISSION':
      return details.reason === 'manifest' || details.reason === 'grant'
        ? `Call error: HTTP request to "${details.url}" is not allowed (no allowedHosts match "${details.host}")`
        : undefined;
    case 'ERR_MEMORY':
      return /limits\.varBytes/.test(message)
        ? `Plugin-originated error: var memory limit exceeded: ${details.wanted} bytes requested, ${details.limit} allowed`
        : undefined;
    case 'ERR_CLOSED':
      return 'worker not initialized: the plugin was closed before its call was over';
    case 'ERR_REENTRANT':
      return 'plugin is not reentrant';
    default:
      return undefined;
  }
}

import type { CordonError } from '../../src/errors/cordon-error.js';
import { HOST_FUNCTION_NAMESPACE } from '../../src/manifest/imports-schema.js';

/** The message of an error, and what to do about it where that is not for programs but for a command line. */
export function errorMessage({ code, message, details }: CordonError): string {
  if (code === 'ERR_NOT_FOUND' && Array.isArray(details.sources) && details.sources.length === 0) {
    return `${message} Add --catalog <where>.`;
  }
  if (code === 'ERR_IMPORT' && details.kind === 'function' && details.module === HOST_FUNCTION_NAMESPACE) {
    return `${message} A command line has no host functions to give: try this plugin in a test, with loadPlugin of cordon/testing.`;
  }
  return message;
}

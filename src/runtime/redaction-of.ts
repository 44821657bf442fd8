import { Redaction } from '../log/redaction.js';
import type { RuntimeOptions } from './runtime-options.js';

/** Masks what the host's configs mark as secret. */
export function redactionOf({ config }: Pick<RuntimeOptions, 'config'>): Redaction {
  const texts = Object.values(config).flatMap((entries) => Object.values(entries));
  return new Redaction(texts.flatMap((text) => (typeof text === 'string' ? [] : [text.secret])));
}

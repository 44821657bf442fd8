import { cutText } from '../log/cut-text.js';
import { escapeControl } from '../log/escape-control.js';

/** The kinds of things that a manifest asks for; the keys of `permissions`. */
export type PermissionKind = 'http' | 'fs' | 'env' | 'hostFunctions' | 'plugins';

/** Who said no: the manifest does not ask for it, or the host does not grant it. */
export type RefusingSide = 'manifest' | 'host';

/** Something that a plugin does not get. */
export interface Refusal {
  readonly kind: PermissionKind;
  /** The thing in a few words: `api.github.com, GET`, `read /data`, `LANG`. */
  readonly what: string;
  readonly side: RefusingSide;
  /** A part of it was granted. */
  readonly partly: boolean;
  /** Which side refused, in a sentence without a full stop. */
  readonly message: string;
}

/** Names the side that refused, and with that what to change. */
export function refusal(
  plugin: string,
  kind: PermissionKind,
  what: string,
  side: RefusingSide,
  partly = false,
): Refusal {
  const subject = `permissions.${kind}`;
  const said = escapeControl(cutText(what, 256));
  const message =
    side === 'manifest'
      ? `the manifest of ${plugin} does not list ${said} in ${subject}`
      : `the host's grants for ${plugin} do not include ${partly ? 'all of ' : ''}${said} in ${kind}`;
  return Object.freeze({ kind, what, side, partly, message });
}

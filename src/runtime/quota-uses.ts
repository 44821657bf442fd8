import type { MountSpec } from '../sandbox/protocol.js';
import { QuotaUse } from '../sandbox/wasi/quota-use.js';

/** The counts of what folders with quotas hold, one for each folder, as long as a loaded plugin has it. */
export class QuotaUses {
  readonly #byPath = new Map<string, WeakRef<SharedArrayBuffer>>();

  /** The mounts with the counts that they share with those of other plugins and versions. */
  with(mounts: readonly MountSpec[]): readonly MountSpec[] {
    return mounts.map((mount) =>
      mount.quotaBytes === undefined ? mount : { ...mount, quotaUse: this.#of(mount.hostPath) },
    );
  }

  #of(path: string): SharedArrayBuffer {
    const known = this.#byPath.get(path)?.deref();
    if (known) return known;
    for (const [other, use] of this.#byPath) if (!use.deref()) this.#byPath.delete(other);
    const made = new SharedArrayBuffer(QuotaUse.BYTES);
    this.#byPath.set(path, new WeakRef(made));
    return made;
  }
}

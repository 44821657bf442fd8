import { statfsSync } from 'node:fs';
import { refusePath } from './fault.js';

/** Magic numbers of Linux file systems whose files are the kernel's state: linux/magic.h. */
const PSEUDO = new Map([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
  [0x64626720, 'debugfs'],
  [0x74726163, 'tracefs'],
  [0x73636673, 'securityfs'],
  [0x62656570, 'configfs'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
  [0x1cd1, 'devpts'],
  [0xcafe4a11, 'bpf'],
  [0x6165676c, 'pstore'],
  [0x42494e4d, 'binfmt_misc'],
  [0xde5e81e4, 'efivarfs'],
  [0xf97cff8c, 'selinuxfs'],
  [0x19800202, 'mqueue'],
  [0x6e736673, 'nsfs'],
]);

/** The kind of the file system that holds `path` where that is the kernel's own, such as `/proc`; Linux only. */
export function pseudoFilesystem(path: string): string | undefined {
  return process.platform === 'linux' ? PSEUDO.get(statfsSync(path).type) : undefined;
}

/** A grant of `/` means files, not the memory and environment of the host that `/proc` shows as files. */
export function refusePseudoFilesystem(path: string): void {
  const kind = pseudoFilesystem(path);
  if (kind === undefined) return;
  throw refusePath('NOTCAPABLE', 'pseudo-filesystem', `A path enters a file system of type ${kind}`, {
    filesystem: kind,
  });
}

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ALL_RIGHTS, JsGuest, OFLAG } from './js-guest.js';
import { TemporaryFolder } from './temporary-folder.js';

/** Swaps `dir` and `link`, and `file` and `filelink`, as fast as it can, until it is told to stop. */
const SWAPPER = `
const { renameSync } = require('node:fs');
const { workerData, parentPort } = require('node:worker_threads');
const stop = new Int32Array(workerData.stop);
const at = (name) => workerData.path + '/' + name;
const swap = (one, other) => {
  renameSync(at(one), at('aside'));
  renameSync(at(other), at(one));
  renameSync(at('aside'), at(other));
};
parentPort.postMessage('ready');
let swaps = 0;
while (Atomics.load(stop, 0) === 0) {
  swap('dir', 'link');
  swap('file', 'filelink');
  swaps += 1;
}
parentPort.postMessage(swaps);
`;

const ATTEMPTS = 4000;

describe.runIf(process.platform === 'linux')('another process that swaps names for links', () => {
  it('never leads a guest outside, whatever it does meanwhile', async () => {
    using world = new TemporaryFolder();
    mkdirSync(world.at('mount/dir'), { recursive: true });
    mkdirSync(world.at('outside'));
    writeFileSync(world.at('mount/dir/f'), 'inside');
    writeFileSync(world.at('mount/file'), 'inside');
    writeFileSync(world.at('outside/f'), 'secret');
    symlinkSync('../outside', world.at('mount/link'));
    symlinkSync('../outside/f', world.at('mount/filelink'));
    using guest = new JsGuest({
      mounts: [{ guestPath: '/m', hostPath: world.at('mount'), access: 'write' }],
    });

    const stop = new SharedArrayBuffer(4);
    const worker = new Worker(SWAPPER, { eval: true, workerData: { stop, path: world.at('mount') } });
    const message = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
    await message();
    const errnos = new Set<string>();
    const seen = new Set<string>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      for (const path of ['dir/f', 'file']) {
        const { errno, fd } = guest.open(path);
        errnos.add(errno);
        if (errno === 'SUCCESS') seen.add(guest.read(fd));
        guest.call('fd_close', fd);
        const written = guest.open(path, { rights: ALL_RIGHTS });
        if (written.errno === 'SUCCESS') guest.write(written.fd, 'INSIDE');
        guest.call('fd_close', written.fd);
      }
      const created = guest.open('dir/new', { oflags: OFLAG.create, rights: ALL_RIGHTS });
      guest.call('fd_close', created.fd);
      guest.path('path_create_directory', 'dir/newdir');
      guest.call('path_filestat_set_times', 3, 1, ...guest.put('file'), 0n, 0n, 5);
      guest.rename('dir/new', 'dir/renamed');
      guest.path('path_unlink_file', 'dir/renamed');
      guest.wasi.flush();
    }
    const done = message();
    Atomics.store(new Int32Array(stop), 0, 1);
    expect(await done).toBeGreaterThan(0);
    await worker.terminate();

    expect(['inside', 'INSIDE']).toEqual(expect.arrayContaining([...seen]));
    expect(seen).toContain('INSIDE');
    expect(errnos).toContain('LOOP');
    expect(readFileSync(world.at('outside/f'), 'utf8')).toBe('secret');
    expect(guest.wasi.openFiles()).toBe(0);
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolutionReport } from 'cordon';
import { describe, expect, it } from 'vitest';
import { guest } from '../fixtures/guests/guest.js';
import { ECHO } from '../fixtures/guests/guests.js';
import { openHost } from '../host/open-host.js';
import { temporaryFolder, writePlugin } from '../host/plugin-folder.js';
import { cordon } from './run.js';

const echo = guest(() => ECHO);

/** A folder with `plugins/`: each is a name, a version and what else its manifest says. */
function catalogOf(...plugins: readonly (readonly [name: string, version: string, more?: object])[]): string {
  const folder = temporaryFolder();
  for (const [name, version, more] of plugins) {
    writePlugin(join(folder, 'plugins', `${name}-${version}`), echo, { name, version, ...more });
  }
  return folder;
}

describe('cordon resolve', () => {
  it('prints the set as a tree, as its page says', async () => {
    const ended = await cordon(['resolve', '@acme/markdown', '--catalog', '.']);
    const page = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');
    const [, tree] = /```text\n(@acme\/markdown[\s\S]*?)```/.exec(page)!;
    expect(ended).toEqual({ code: 0, stdout: tree, stderr: '' });
  });

  it('takes several specs, and tells what is there twice once', async () => {
    const { stdout } = await cordon(['resolve', '@acme/markdown@^1.2', '@acme/highlight', '--catalog=.']);
    expect(stdout).toBe(`@acme/highlight@2.0.0  (asked for in any version; the newest, from directory .)
@acme/markdown@1.2.0  (asked for in ^1.2; the newest, from directory .)
└─ @acme/highlight@2.0.0  (asked for in ^2.0.0; as above)

Order: @acme/highlight, @acme/markdown
`);
  });

  it('says why not newer, who stands in, and what was left out', async () => {
    const folder = catalogOf(
      [
        'app',
        '1.0.0',
        {
          dependencies: { base: '^1', renderer: '^1' },
          optionalDependencies: { extra: '^2', spell: '*' },
        },
      ],
      ['base', '1.0.0'],
      ['base', '1.1.0', { engines: { notes: '>=4' } }],
      ['base', '2.0.0'],
      ['markdown', '3.0.0', { provides: { renderer: '1.0.0' }, dependencies: { base: '*' } }],
      ['spell', '1.0.0'],
      ['extra', '1.0.0'],
    );
    const { code, stdout, stderr } = await cordon(
      ['resolve', 'app', '--catalog', 'plugins', '--api', 'notes=3.0.0'],
      folder,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "app@1.0.0  (asked for in any version; the newest, from directory plugins)
      ├─ base@1.0.0  (asked for in ^1; the newest that is possible, from directory plugins)
      │      not 2.0.0: you ask for app; app 1.0.0 needs base ^1
      │      not 1.1.0: base 1.1.0 needs the engine notes >=4, and this host offers 3.0.0
      ├─ markdown@3.0.0  (asked for as renderer in ^1; the newest, from directory plugins)
      │  └─ base@1.0.0  (asked for in any version; as above)
      └─ spell@1.0.0  (optional, asked for in any version; the newest, from directory plugins)

      Left out:
        extra ^2, optional for app@1.0.0: app 1.0.0 can use extra ^2, and the only version of extra is 1.0.0

      Order: base, markdown, spell, app
      "
    `);
  });

  it('prints JSON that is what host.resolve answers', async () => {
    const folder = catalogOf(['app', '1.0.0', { dependencies: { base: '^1' } }], ['base', '1.0.0']);
    const { stdout } = await cordon(['resolve', 'app', '--catalog', 'plugins', '--json'], folder);
    expect(JSON.parse(stdout)).toMatchObject({
      plugins: [
        { name: 'base', version: '1.0.0', loaded: false, source: 'directory plugins' },
        { name: 'app', dependencies: { base: 'base' }, reasons: { version: 'newest' } },
      ],
      dropped: [],
    });
  });

  it('explains on stderr why there is no such set, and ends with 1', async () => {
    const folder = catalogOf(
      ['app', '1.0.0', { dependencies: { base: '^2' } }],
      ['other', '1.0.0', { dependencies: { base: '^1' } }],
      ['base', '1.0.0'],
      ['base', '2.0.0'],
    );
    const { code, stdout, stderr } = await cordon(
      ['resolve', 'app', 'other', '--catalog', 'plugins'],
      folder,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatchInlineSnapshot(`
      "cordon: ERR_RESOLUTION: app and other cannot be loaded together.
        1. You ask for app.
        2. app 1.0.0 needs base ^2.
        3. You ask for other.
        4. other 1.0.0 needs base ^1.
        5. So, by 1 to 4, nothing can satisfy all of this.
      Any one of these changes is enough:
        - Leave out app.
        - Leave out other.
        - Publish a version of app that accepts base 1.0.0.
        - Publish a version of other that accepts base 2.0.0.
      "
    `);
  });

  it('names what is nearest to a plugin that is not there', async () => {
    const { code, stderr } = await cordon(['resolve', '@acme/markdwn', '--catalog', '.']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cordon: ERR_NOT_FOUND: .*@acme\/markdown/);
  });

  it('prefers what the lockfile has, writes nothing, and fails where it is frozen and differs', async () => {
    const folder = catalogOf(['a', '1.0.0']);
    const lockfile = join(folder, 'plugins.lock.json');
    const host = await openHost({ catalog: [join(folder, 'plugins')], lockfile });
    await host.load('a');
    const before = readFileSync(lockfile, 'utf8');
    writePlugin(join(folder, 'plugins', 'a-1.1.0'), echo, { name: 'a', version: '1.1.0' });
    const catalog = ['--catalog', join(folder, 'plugins')];
    const locked = await cordon(['resolve', 'a', ...catalog, '--lockfile', 'plugins.lock.json'], folder);
    expect(locked.stdout).toContain('a@1.0.0  (asked for in any version; locked, ');
    const frozen = await cordon(['resolve', 'a@1.1', ...catalog, '--lockfile', lockfile, '--frozen'], folder);
    expect(frozen).toMatchObject({ code: 1, stdout: '' });
    expect(frozen.stderr).toContain('a is 1.1.0; locked is 1.0.0');
    expect(readFileSync(lockfile, 'utf8')).toBe(before);
    await cordon(['resolve', 'a', ...catalog, '--lockfile', 'new.json'], folder);
    expect(existsSync(join(folder, 'new.json'))).toBe(false);
  });

  it('shows what an upgrade would take: of all, or of the plugins that are named', async () => {
    const folder = catalogOf(['a', '1.0.0', { dependencies: { b: '*' } }], ['b', '1.0.0']);
    const lockfile = join(folder, 'plugins.lock.json');
    await (await openHost({ catalog: [join(folder, 'plugins')], lockfile })).load('a');
    for (const name of ['a', 'b']) {
      const more = { name, version: '1.1.0', ...(name === 'a' && { dependencies: { b: '*' } }) };
      writePlugin(join(folder, 'plugins', `${name}-1.1.0`), echo, more);
    }
    const resolved = async (...more: string[]) => {
      const { stdout, stderr } = await cordon(
        ['resolve', 'a', '--catalog', 'plugins', '--lockfile', lockfile, '--json', ...more],
        folder,
      );
      if (stderr !== '') return stderr;
      return (JSON.parse(stdout) as ResolutionReport).plugins.map(
        ({ name, version }) => `${name}@${version}`,
      );
    };
    expect(await resolved()).toEqual(['b@1.0.0', 'a@1.0.0']);
    expect(await resolved('--upgrade')).toEqual(['b@1.1.0', 'a@1.1.0']);
    expect(await resolved('--upgrade=b')).toEqual(['b@1.1.0', 'a@1.0.0']);
    expect(await resolved('--upgrade=b', '--upgrade=a')).toEqual(['b@1.1.0', 'a@1.1.0']);
    expect(await resolved('--upgrade=bb')).toBe(
      'cordon: ERR_OPTIONS: The option "upgrade" names bb, which these plugins do not need. Did you mean b?\n',
    );
  });

  it('names a lockfile that cannot be used, and ends with 2', async () => {
    const folder = catalogOf(['a', '1.0.0']);
    writeFileSync(join(folder, 'lock.json'), '<<<<<<< ours\n');
    const ended = await cordon(['resolve', 'a', '--catalog', 'plugins', '--lockfile', 'lock.json'], folder);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('lock.json has an unresolved merge conflict at line 1');
  });

  it.each([
    [['resolve'], "missing required argument 'name[@range]'. See cordon resolve --help."],
    [['resolve', 'a'], 'resolve needs to know where plugins are: add --catalog <where>'],
    [['resolve', 'a', '--catalog', '.', '--frozen'], '--frozen needs a --lockfile'],
    [['resolve', 'a', '--catalog', '.', '--upgrade'], '--upgrade needs a --lockfile'],
    [
      ['resolve', 'a', '--catalog', '.', '--lockfile', 'x', '--frozen', '--upgrade=a'],
      '--upgrade and --frozen exclude each other',
    ],
    [
      ['resolve', 'a', '--catalog', '.', '--lockfile', 'x', '--upgrade=a,'],
      '--upgrade=a, is not --upgrade=<name>,<name>',
    ],
    [
      ['resolve', 'a', '--catalogue', '.'],
      "unknown option '--catalogue'; did you mean --catalog? See cordon resolve --help.",
    ],
    [['resolve', 'a', '--xyzzy'], "unknown option '--xyzzy'. See cordon resolve --help."],
    [['resolve', 'a', '--catalog', '.', '--api', 'notes'], '--api notes is not <name>=<version>'],
    [['resolv', 'a'], "unknown command 'resolv'; did you mean resolve? See cordon --help."],
    [['constructor'], "unknown command 'constructor'. See cordon --help."],
    [['--constructor'], "unknown option '--constructor'. See cordon --help."],
  ])('%j is a wrong command line', async (argv, said) => {
    expect(await cordon(argv)).toEqual({ code: 2, stdout: '', stderr: `cordon: ${said}\n` });
  });

  it.each([
    [['resolve', 'A b', '--catalog', '.']],
    [['resolve', 'a', '--catalog', 'npm:']],
    [['resolve', 'a', '--catalog', '.', '--api', 'notes=three']],
    [['resolve', 'a', '--catalog']],
    [['resolve', 'a', '--catalog', '.', '--json=yes']],
  ])('%j is refused with 2 and a reason', async (argv) => {
    const { code, stdout, stderr } = await cordon(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^cordon: .{10}/);
    expect(stderr).not.toContain('    at ');
  });

  it('shows control characters of what it reads, and does not pass them on', async () => {
    const { stderr } = await cordon(['resolve', 'a\u001b[31m', '--catalog', '.']);
    expect(stderr).not.toContain('\u001b');
  });
});

import { expect, test } from 'vitest';
import { ConnectionPool } from '../../src/bridge/http/connection-pool.js';
import { DEFAULT_LIMITS } from '../../src/manifest/limits.js';
import { NO_PERMISSIONS } from '../../src/manifest/permissions.js';
import { grantPermissions } from '../../src/policy/grants.js';
import { httpFor } from '../../src/runtime/http.js';
import type { PluginUnit } from '../../src/runtime/plugin-unit.js';
import type { Runtime } from '../../src/runtime/runtime.js';

const open = (violations: string[]) => {
  const runtime = {
    options: { mode: 'enforce' },
    emitter: { listenerCount: () => 0 },
    redaction: { text: (text: string) => text, value: (value: unknown) => value },
    violate: (unit: PluginUnit) => violations.push(unit.name),
  } as unknown as Runtime;
  return (plugin: string) => {
    const grant = grantPermissions({ plugin, asked: NO_PERMISSIONS, granted: NO_PERMISSIONS });
    const unit = { name: plugin, version: '1.0.0', logger: { debug() {} } } as unknown as PluginUnit;
    const http = httpFor(runtime, new ConnectionPool(), grant, DEFAULT_LIMITS, () => unit);
    const origin = { callId: 'c', signal: new AbortController().signal, parent: {} } as never;
    return { ...http, ask: () => http.request('{"url":"http://a.example/"}', undefined, origin) };
  };
};

test('what is made with the first request belongs to its plugin alone', async () => {
  const violations: string[] = [];
  const [one, other] = ['one', 'other'].map(open(violations));
  await expect(one!.ask()).rejects.toMatchObject({ code: 'ERR_PERMISSION', plugin: 'one' });
  await one!.close();
  await expect(other!.ask()).rejects.toMatchObject({ code: 'ERR_PERMISSION', plugin: 'other' });
  expect(violations).toEqual(['one', 'other']);
});

test('a first request after the end is refused as any other', async () => {
  const violations: string[] = [];
  const http = open(violations)('late');
  await http.close();
  await http.close();
  await expect(http.ask()).rejects.toMatchObject({ code: 'ERR_CLOSED', plugin: 'late' });
  expect(violations).toEqual([]);
});

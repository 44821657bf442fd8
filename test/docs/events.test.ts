import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EventPayloads, HostEventName, WarningTopic } from '../../src/events/host-events.js';
import { PLUGIN_STATES } from '../../src/events/plugin-state.js';
import { KINDS } from '../../src/violations/severity.js';
import { headings, section, tableRows } from './markdown.js';

const page = readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8');

type Fields<Name extends HostEventName> = {
  // `true` for a field that is always there, `false` for one that may be absent.
  [Field in keyof Required<EventPayloads[Name]>]: object extends Pick<EventPayloads[Name], Field>
    ? false
    : true;
};

const base = { plugin: true, version: true, at: true } as const;
const transition = { ...base, from: true, to: true, reason: false } as const;

// The compiler refuses this table when it and the payloads differ in either direction; the tests hold the page against it.
const FIELDS: { [Name in HostEventName]: Fields<Name> } = {
  lifecycle: transition,
  'plugin:loading': transition,
  'plugin:ready': transition,
  'plugin:running': transition,
  'plugin:draining': transition,
  'plugin:unloaded': transition,
  'plugin:idle': transition,
  'plugin:failed': transition,
  'plugin:quarantined': transition,
  'plugin:reloaded': { ...base, fromVersion: true, durationMs: true },
  'plugin:restarted': { ...base, reason: true, code: false, restarts: true },
  violation: {
    ...base,
    id: true,
    kind: true,
    severity: true,
    message: true,
    detail: true,
    callId: false,
    count: true,
  },
  call: {
    callId: true,
    plugin: true,
    version: true,
    fn: true,
    ok: true,
    code: false,
    durationMs: true,
    queuedMs: true,
    cpuMs: true,
    fuel: false,
    memoryBytes: true,
    inputBytes: true,
    outputBytes: true,
  },
  http: {
    ...base,
    callId: false,
    method: true,
    url: true,
    redirects: true,
    status: true,
    ok: true,
    refused: true,
    code: false,
    failure: false,
    requestBytes: true,
    responseBytes: true,
    queuedMs: true,
    durationMs: true,
  },
  log: { ...base, level: true, message: true, callId: false },
  warning: { topic: true, message: true, plugin: false, version: false, code: false, detail: true, at: true },
};

const TOPICS: Record<WarningTopic, true> = {
  catalog: true,
  signature: true,
  thread: true,
  cache: true,
  reload: true,
  restart: true,
  budget: true,
  audit: true,
  extension: true,
  state: true,
};

const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``);
const sorted = (names: readonly (string | undefined)[]) => [...names].sort();

describe('docs/reference/events.md', () => {
  it('lists every event of the code and no other', () => {
    const listed = tableRows(page.slice(0, page.indexOf('\n## ')))
      .slice(1)
      .map(([name]) => name);
    expect(sorted(listed)).toEqual(sorted(quoted(Object.keys(FIELDS))));
  });

  it('has no event that the guide leaves out', () => {
    const guide = readFileSync(new URL('../../docs/guides/subscribe-to-events.md', import.meta.url), 'utf8');
    const table = tableRows(section(guide, 'Which event for what')).slice(1).join(' ');
    expect(Object.keys(FIELDS).filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
  });

  it('has an event for every state that can be entered', () => {
    const names = PLUGIN_STATES.filter((state) => state !== 'resolved').map((state) => `plugin:${state}`);
    const states = Object.keys(FIELDS).filter((name) => /^plugin:(?!reloaded|restarted)/.test(name));
    expect(sorted(states)).toEqual(sorted(names));
    for (const name of names) expect(section(page, '`lifecycle`')).toContain(`\`${name}\``);
  });

  const described = headings(page, 2).filter((heading) => heading.startsWith('`'));

  it('describes every payload', () => {
    const payloads = Object.keys(FIELDS).filter((name) => FIELDS[name as HostEventName] !== transition);
    expect(sorted(described)).toEqual(sorted(quoted(['lifecycle', ...payloads])));
  });

  it.each(described)('has exactly the fields of %s, and says which may be absent', (heading) => {
    const fields = FIELDS[heading.slice(1, -1) as HostEventName];
    const documented = tableRows(section(page, heading))
      .slice(1)
      .map(([field, type]) => [field, !type?.endsWith(', optional')]);
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(fields).map(([field, always]) => [`\`${field}\``, always])),
    );
  });

  it('explains every topic of a warning', () => {
    const topics = tableRows(section(page, 'Topics of a warning')).slice(1);
    expect(sorted(topics.map(([topic]) => topic))).toEqual(sorted(quoted(Object.keys(TOPICS))));
  });

  it('has every kind of violation with its severity and meaning', () => {
    const rows = tableRows(section(page, 'Kinds of violation')).slice(1);
    expect(rows).toEqual(
      Object.entries(KINDS).map(([kind, { severity, means }]) => [`\`${kind}\``, severity, means]),
    );
  });
});

import type { ResolutionReport, ResolvedPluginReport } from '../reports.js';

const WHY = {
  newest: 'the newest',
  'newest-possible': 'the newest that is possible',
  locked: 'locked',
  loaded: 'loaded',
} as const;

type Asker = ResolvedPluginReport['reasons']['askedBy'][number];

/**
 * A resolution as a tree: what was asked for, below it what that depends on, each once in full. Then optional
 * dependencies that were left out, and the order of activation.
 */
export function resolutionText({ plugins, dropped }: ResolutionReport): string {
  const tree = new Tree(plugins);
  const lines = [...tree.lines()];
  if (dropped.length > 0) lines.push('', 'Left out:');
  for (const { plugin, name, range, reason } of dropped) {
    lines.push(`  ${name} ${range}, optional for ${plugin}: ${reason}`);
  }
  lines.push('', `Order: ${plugins.map(({ name }) => name).join(', ')}`);
  return `${lines.join('\n')}\n`;
}

class Tree {
  readonly #plugins: ReadonlyMap<string, ResolvedPluginReport>;
  readonly #told = new Set<string>();
  readonly #lines: string[] = [];

  constructor(plugins: readonly ResolvedPluginReport[]) {
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  }

  lines(): readonly string[] {
    for (const plugin of this.#plugins.values()) {
      const specs = plugin.reasons.askedBy.filter(({ by }) => by === 'spec');
      if (specs.length > 0) this.#tell(plugin, specs, '', '');
    }
    return this.#lines;
  }

  #tell(plugin: ResolvedPluginReport, askers: readonly Asker[], head: string, indent: string): void {
    const { name, version, reasons, source } = plugin;
    const asked = [...new Set(askers.map(askedText))].sort().join(' and ');
    const again = this.#told.has(name);
    const facts = again ? 'as above' : `${WHY[reasons.version]}, from ${source}`;
    this.#lines.push(`${head}${name}@${version}  (${asked}; ${facts})`);
    if (again) return;
    this.#told.add(name);
    const children = Object.entries(plugin.dependencies).sort(([a], [b]) => (a < b ? -1 : 1));
    const bar = children.length > 0 ? '│ ' : '  ';
    if (reasons.notLocked) {
      const { version: locked, because } = reasons.notLocked;
      this.#lines.push(`${indent}${bar}  not ${locked}, which is locked: ${because}`);
    }
    for (const { versions, because } of reasons.newer) {
      this.#lines.push(`${indent}${bar}  not ${versions.join(', ')}: ${because}`);
    }
    children.forEach(([as, by], i) => {
      const isLast = i === children.length - 1;
      const child = this.#plugins.get(by);
      if (!child) return;
      const mine = child.reasons.askedBy.filter(
        (one) => one.plugin === `${name}@${version}` && (one.as ?? child.name) === as,
      );
      this.#tell(child, mine, `${indent}${isLast ? '└─' : '├─'} `, `${indent}${isLast ? '   ' : '│  '}`);
    });
  }
}

function askedText({ as, range, isOptional }: Asker): string {
  const what = range === '*' ? 'any version' : range;
  return `${isOptional ? 'optional, ' : ''}asked for ${as === undefined ? '' : `as ${as} `}in ${what}`;
}

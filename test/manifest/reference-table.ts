/** What the tables of the reference use of a JSON Schema. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly propertyNames?: SchemaNode;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

/** A Markdown table of an object's properties: key, kind, default, meaning. */
export function propertyTable(node: SchemaNode, defaults: Readonly<Record<string, string>> = {}): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, property]) => {
    const required = node.required?.includes(key) ? 'required' : '';
    const value = property.default === undefined ? required : code(JSON.stringify(property.default));
    return [code(key), kindOf(property), defaults[key] ?? value, property.description ?? ''];
  });
  return markdownTable(['key', 'value', 'default', 'meaning'], rows);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The page without the padding that a formatter gives to the cells of tables. */
export function withoutPadding(text: string): string {
  return text.replace(/^\|.*\|$/gm, (row) => row.replace(/ +/g, ' ').replace(/-{3,}/g, '---'));
}

/** `text` with the content of each `<!-- table: name -->` replaced. */
export function fillTables(text: string, tables: Readonly<Record<string, string>>): string {
  const missing = new Set(Object.keys(tables));
  const filled = text.replace(/<!-- table: (\w+) -->\n[\s\S]*?<!-- end -->/g, (whole, name: string) => {
    missing.delete(name);
    return name in tables ? `<!-- table: ${name} -->\n${tables[name]}\n<!-- end -->` : whole;
  });
  if (missing.size > 0) throw new Error(`The page has no place for ${[...missing].join(', ')}.`);
  return filled;
}

/** What may stand there, in a few words. */
function kindOf(node: SchemaNode): string {
  if (node.$ref !== undefined) {
    const name = node.$ref.split('/').at(-1)!;
    return `[${name}](#kinds-of-values)`;
  }
  if (node.const !== undefined) return code(JSON.stringify(node.const));
  if (node.enum !== undefined) return node.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (node.anyOf !== undefined) return node.anyOf.map(kindOf).join(', or ');
  if (node.type === 'array') {
    return `list${atMost(node.maxItems)}: ${kindOf(node.items ?? {})}`;
  }
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    if (Object.keys(node.additionalProperties).length === 0) return 'object';
    return `object${atMost(node.maxProperties)}: ${kindOf(node.propertyNames ?? {})} → ${kindOf(node.additionalProperties)}`;
  }
  if (node.type === 'object') {
    const keys = Object.keys(node.properties ?? {});
    return keys.length > 6 ? 'object, see below' : `{ ${keys.map(code).join(', ')} }`;
  }
  if (node.type === 'string') return `text${atMost(node.maxLength)}`;
  if (node.type === 'integer' || node.type === 'number') return range(node);
  return node.type ?? 'anything';
}

function range({ type, minimum, maximum }: SchemaNode): string {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const above = minimum === undefined ? '' : ` from ${minimum}`;
  return `${kind}${above}${maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`}`;
}

function atMost(bound: number | undefined): string {
  return bound === undefined ? '' : ` of at most ${bound}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

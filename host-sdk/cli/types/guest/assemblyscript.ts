import { camelCase, Identifiers, pascalCase } from '../identifier.js';
import type { GuestContract, GuestExport, GuestFunction, GuestValue } from './guest-contract.js';
import { type Choice, crossesAs, type RecordType, type Shape } from './shape.js';
import { sourceText } from './source-text.js';

/** Names that the generated file uses itself, or the language. */
export const ASSEMBLYSCRIPT_TAKEN: readonly string[] =
  'Array Map Set String Box Problems JsonKind JsonValue JsonReader JsonWriter Error Object StaticArray Math Date'.split(
    ' ',
  );

const KEYWORDS = new Set(
  'abstract as async await break case catch class const constructor continue debugger declare default delete do else enum export extends false final finally for from function get if implements import in instanceof interface is keyof let module namespace new null of out package private protected public readonly return set static super switch this throw true try type typeof using var void while with yield problems plugin i32 i64 u32 u64 f32 f64 bool'.split(
    ' ',
  ),
);

const HEAD = '// Written by `cordon types --guest assemblyscript`. Do not edit: it is written anew.\n';
const EXTISM = 'decode fail give giveBack giveText input inputText output outputText take'.split(' ');

/** What the functions themselves have. */
const LOCAL = 'result out json value bytes parseJson isNothing'.split(' ');

/** The file with types and host functions, and the one with the exports, which is the entry of the module. */
export interface AssemblyScriptBindings {
  readonly contract: string;
  readonly exports: string;
}

/**
 * Bindings for AssemblyScript. `runtime` is what reads and writes JSON there; `file` is what the first file is called. The functions
 * of the plugin are in `./plugin`, and Extism's in `./extism`.
 */
export function assemblyScriptBindings(
  contract: GuestContract,
  { runtime, file }: { readonly runtime: string; readonly file: string },
): AssemblyScriptBindings {
  const types = [
    ...contract.choices.map(choiceText),
    ...contract.records.map(recordText),
    ...contract.functions.map(functionText),
  ].join('');
  const wrappers = contract.exports.map(exportText).join('');
  const text = types + runtime;
  const declared = [...text.matchAll(/^export (?:class|function|namespace|enum) (\w+)/gm)].map(
    ([, name]) => name!,
  );
  return {
    contract: `${HEAD}${importText(EXTISM, './extism', types)}${text}`,
    exports: `${HEAD}import * as plugin from "./plugin";\n${importText(declared, `./${file}`, wrappers)}${importText(EXTISM, './extism', wrappers)}${wrappers}`,
  };
}

/** An import of those of these names that the text uses. */
function importText(names: readonly string[], from: string, text: string): string {
  // Texts and comments may hold anything.
  const code = text.replace(/"(?:[^"\\]|\\.)*"|\/\*[\s\S]*?\*\//g, '').replace(/^export \{.*$/gm, '');
  const used = names.filter((name) => new RegExp(`(?<![.\\w])${name}\\b`).test(code)).sort();
  return used.length === 0 ? '' : `import { ${used.join(', ')} } from "${from}";\n`;
}

function choiceText({ name, doc, values }: Choice): string {
  const names = new Identifiers();
  const lines = values.map(
    (value) => `  export const ${names.take(constantName(value))}: string = ${text(value)};\n`,
  );
  const all = values.map(text).join(', ');
  return `
${docLine(doc ?? 'One of a few texts.')}export namespace ${name} {
${lines.join('')}  export const all: string[] = [${all}];
  export function read(value: JsonValue | null, at: string, problems: Problems): string {
    return readChoice(value, at, problems, ${name}.all);
  }
}
`;
}

function constantName(value: string): string {
  const name = camelCase(value);
  return KEYWORDS.has(name) || name === 'all' || name === 'read' ? `${name}_` : name;
}

function recordText(record: RecordType): string {
  const names = new Identifiers();
  const fields = record.fields.map((field) => ({ ...field, id: names.take(identifier(field.name)) }));
  const declared = fields.map(
    ({ id, doc, shape }) =>
      `${doc === undefined ? '' : `  /** ${doc} */\n`}  ${id}: ${typeOf(shape)} = ${initial(shape)};\n`,
  );
  const read = fields.map(
    ({ id, name, shape }) =>
      `    record.${id} = ${readCall(shape, `value.get(${text(name)})`, `at + ${text(`/${name}`)}`)};\n`,
  );
  const written = fields.map(({ id, name, shape, required }) => {
    const write = `out.name(${text(name)});\n    ${writeCall(shape, `record.${id}`)};\n`;
    if (required) return `    ${write}`;
    const isThere = shape.kind === 'any' ? `!isNothing(record.${id})` : `record.${id} !== null`;
    return `    if (${isThere}) {\n      ${write.replace('\n    ', '\n      ')}    }\n`;
  });
  return `
${docLine(record.doc)}export class ${record.name} {
${declared.join('')}
  static read(value: JsonValue | null, at: string, problems: Problems): ${record.name} {
    const record = new ${record.name}();
    if (value === null || value.kind != JsonKind.Object) {
      problems.add(at, value === null ? "an object is missing" : "expected an object");
      return record;
    }
${read.join('')}    return record;
  }

  static write(out: JsonWriter, record: ${record.name}): void {
    out.begin("{");
${written.join('')}    out.end("}");
  }
}
`;
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
    case 'choice':
      return 'string';
    case 'bytes':
      return 'StaticArray<u8>';
    case 'boolean':
      return 'bool';
    case 'integer':
      return 'i64';
    case 'number':
      return 'f64';
    case 'any':
      return 'JsonValue';
    case 'list':
      return `Array<${typeOf(shape.of)}>`;
    case 'map':
      return `Map<string, ${typeOf(shape.of)}>`;
    case 'optional':
      return isBoxed(shape.of) ? `Box<${typeOf(shape.of)}> | null` : `${typeOf(shape.of)} | null`;
    case 'record':
      return shape.record.name;
  }
}

/** Numbers and booleans cannot be null. */
function isBoxed({ kind }: Shape): boolean {
  return kind === 'boolean' || kind === 'integer' || kind === 'number';
}

function initial(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return '""';
    case 'choice':
      return text(shape.choice.values[0]!);
    case 'boolean':
      return 'false';
    case 'integer':
    case 'number':
      return '0';
    case 'list':
      return '[]';
    case 'optional':
      return 'null';
    case 'bytes':
      return 'new StaticArray<u8>(0)';
    default:
      return `new ${typeOf(shape)}()`;
  }
}

const READ: Readonly<Record<string, string>> = {
  text: 'readText',
  boolean: 'readBoolean',
  integer: 'readInteger',
  number: 'readNumber',
  any: 'readAny',
  list: 'readList',
  map: 'readMap',
};

/** A call that reads the shape from this value, at this place. */
function readCall(shape: Shape, value: string, at: string): string {
  if (shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'optional') {
    const name =
      shape.kind === 'optional' ? (isBoxed(shape.of) ? 'readBox' : 'readOptional') : READ[shape.kind];
    return `${name}<${typeOf(shape.of)}>(${value}, ${at}, problems, ${reader(shape.of)})`;
  }
  return `${reader(shape)}(${value}, ${at}, problems)`;
}

/** A function that reads the shape. */
function reader(shape: Shape): string {
  if (shape.kind === 'record') return `${shape.record.name}.read`;
  if (shape.kind === 'choice') return `${shape.choice.name}.read`;
  if (shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'optional') {
    return `(value: JsonValue | null, at: string, problems: Problems): ${typeOf(shape)} => ${readCall(shape, 'value', 'at')}`;
  }
  return READ[shape.kind]!;
}

function writeCall(shape: Shape, value: string): string {
  if (shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'optional') {
    const name = { list: 'writeList', map: 'writeMap', optional: '' }[shape.kind];
    const optional = shape.kind === 'optional' && (isBoxed(shape.of) ? 'writeBox' : 'writeOptional');
    return `${name || optional}<${typeOf(shape.of)}>(out, ${value}, ${writer(shape.of)})`;
  }
  return `${writer(shape)}(out, ${value})`;
}

function writer(shape: Shape): string {
  if (shape.kind === 'record') return `${shape.record.name}.write`;
  if (shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'optional') {
    return `(out: JsonWriter, value: ${typeOf(shape)}): void => { ${writeCall(shape, 'value')}; }`;
  }
  const name = { text: 'Text', choice: 'Text', boolean: 'Boolean', integer: 'Integer', number: 'Number' };
  return `write${name[shape.kind as keyof typeof name] ?? 'Any'}`;
}

function exportText({ name, doc, input, output }: GuestExport): string {
  const inner = `export${pascalCase(name)}`;
  const lines: string[] = [];
  const what = text(`the input of ${name} does not fit its contract: `);
  if (input.kind === 'bytes') lines.push('const value = input();');
  else if (input.kind === 'text') lines.push('const value = inputText();');
  else {
    const given =
      crossesAs(input) === 'text' ? 'JsonValue.ofText(inputText())' : 'parseJson(inputText(), problems)';
    lines.push(
      'const problems = new Problems();',
      `const json = ${given};`,
      // Without JSON there is nothing to read.
      ...(crossesAs(input) === 'text' ? [] : [`if (problems.any) return fail(${what} + problems.text);`]),
      `const value = ${readCall(input, 'json', '""')};`,
      `if (problems.any) return fail(${what} + problems.text);`,
    );
  }
  lines.push(
    'takeRefusal();',
    `const result = plugin.${identifier(name)}(value);`,
    'const refused = takeRefusal();',
    'if (refused !== null) return fail(refused);',
  );
  if (output.kind === 'bytes') lines.push('output(changetype<usize>(result), result.length);');
  else if (crossesAs(output) === 'text') lines.push('outputText(result);');
  else
    lines.push('const out = new JsonWriter();', `${writeCall(output, 'result')};`, 'outputText(out.text);');
  return `
${docLine(doc)}function ${inner}(): i32 {
${lines.map((line) => `  ${line}\n`).join('')}  return 0;
}
export { ${inner} as ${name} };
`;
}

function functionText({ name, namespace, doc, params, result }: GuestFunction): string {
  const names = new Identifiers([...LOCAL, ...EXTISM]);
  const args = params.map((param) => ({ ...param, id: names.take(identifier(param.name)) }));
  const lines = args.flatMap((one) => blockLines(one));
  const passed = args.map((one) => (isBlock(one) ? `${one.id}Block` : one.id)).join(', ');
  const call = `host${pascalCase(name)}(${passed})`;
  const freed = args.filter(isBlock).map((one) => `giveBack(${one.id}Block);`);
  if (result) lines.push(`const result = ${call};`, ...freed, ...resultLines(result, name));
  else lines.push(`${call};`, ...freed);
  const given = args.map((one) => `${one.id}: ${valueType(one)}`).join(', ');
  const raw = args.map((one) => `${one.id}: ${rawType(one.type)}`).join(', ');
  return `
@external(${text(namespace)}, ${text(name)})
declare function host${pascalCase(name)}(${raw}): ${result ? rawType(result.type) : 'void'};

${docLine(doc ?? 'A host function.')}export function call${pascalCase(name)}(${given}): ${result ? valueType(result) : 'void'} {
${lines.map((line) => `  ${line}\n`).join('')}}
`;
}

const isBlock = ({ type }: GuestValue): boolean => type === 'text' || type === 'bytes' || type === 'json';

function blockLines(one: GuestValue & { readonly id: string }): string[] {
  const block = `const ${one.id}Block`;
  if (one.type === 'text') return [`${block} = giveText(${one.id});`];
  if (one.type === 'bytes') return [`${block} = give(changetype<usize>(${one.id}), ${one.id}.length);`];
  if (one.type !== 'json') return [];
  const out = `${one.id}Out`;
  const write = writeCall(one.shape, one.id).replace('(out, ', `(${out}, `);
  return [`const ${out} = new JsonWriter();`, `${write};`, `${block} = giveText(${out}.text);`];
}

function rawType(type: GuestValue['type']): string {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64' ? type : 'u64';
}

function valueType({ type, shape }: GuestValue): string {
  if (type === 'text') return 'string';
  if (type === 'bytes') return 'StaticArray<u8>';
  return type === 'json' ? typeOf(shape) : type;
}

/** A host that knows nothing gives no block: empty text and bytes, null where that may be. */
function resultLines({ type, shape }: GuestValue, name: string): string[] {
  if (type === 'bytes')
    return ['const bytes = take(result);', 'return bytes === null ? new StaticArray<u8>(0) : bytes;'];
  if (type === 'text') return ['const bytes = take(result);', 'return bytes === null ? "" : decode(bytes);'];
  if (type !== 'json') return ['return result;'];
  const what = text(`the result of ${name} does not fit its contract: `);
  return [
    'const bytes = take(result);',
    'const problems = new Problems();',
    'const json = parseJson(bytes === null ? "null" : decode(bytes), problems);',
    `const value = ${readCall(shape, 'json', '""')};`,
    `if (problems.any) throw new Error(${what} + problems.text);`,
    'return value;',
  ];
}

function identifier(name: string): string {
  const id = /^[A-Za-z_$][\w$]*$/.test(name) ? name : camelCase(name);
  return KEYWORDS.has(id) ? `${id}_` : id;
}

function text(value: string): string {
  return sourceText(value, (hex) => `\\u${hex}`);
}

function docLine(doc: string | undefined): string {
  return doc === undefined ? '' : `/** ${doc} */\n`;
}

import { Identifiers, pascalCase, snakeCase } from '../identifier.js';
import type { GuestContract, GuestExport, GuestFunction, GuestValue } from './guest-contract.js';
import type { Choice, RecordType, Shape } from './shape.js';
import { sourceText } from './source-text.js';

/** Names that the generated module uses itself. */
export const RUST_TAKEN: readonly string[] = [
  ...'Exports Error Memory Result Option String Vec Box BTreeMap Value Serialize Deserialize Plugin'.split(
    ' ',
  ),
];

const KEYWORDS = new Set(
  'abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self Self static struct super trait true try type typeof unsafe unsized use virtual where while yield'.split(
    ' ',
  ),
);

const HEAD = `// Written by \`cordon types --guest rust\`. Do not edit: it is written anew.
//
// Needs the crates extism-pdk, serde (with "derive") and serde_json, and Rust 1.82. Implement \`Exports\` for a type
// \`Plugin\` in the root of the crate.
#![allow(dead_code, unused_imports, clippy::all)]

use extism_pdk::{Error, Memory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
`;

const TAIL = `
fn respond(work: impl FnOnce() -> Result<Vec<u8>, Error>) -> i32 {
    let (bytes, code) = match work() {
        Ok(bytes) => (bytes, 0),
        Err(error) => (format!("{error:#}").into_bytes(), 1),
    };
    if code == 0 && bytes.is_empty() {
        return code;
    }
    match Memory::from_bytes(bytes) {
        Ok(memory) if code == 0 => memory.set_output(),
        Ok(memory) => unsafe { extism_pdk::extism::error_set(memory.offset()) },
        Err(_) => return 1,
    }
    code
}

fn text(what: &str, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|error| Error::msg(format!("{what} is not UTF-8: {error}")))
}

fn read<T: serde::de::DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::msg(format!("{what} does not fit its contract: {error}")))
}

fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    Ok(serde_json::to_vec(value)?)
}

/// A block of the host, read and freed; empty for offset 0.
fn take(offset: u64) -> Vec<u8> {
    match Memory::find(offset) {
        None => Vec::new(),
        Some(memory) => {
            let bytes = memory.to_vec();
            memory.free();
            bytes
        }
    }
}
`;

/** A Rust module: types, the trait that the plugin implements, its exports, and the host functions that it calls. */
export function rustBindings(contract: GuestContract): string {
  const parts = [
    HEAD,
    ...contract.choices.map(choiceText),
    ...contract.records.map((record) => recordText(record)),
    traitText(contract.exports),
    ...contract.exports.map(exportText),
    ...(contract.functions.length > 0 ? [hostText(contract.functions)] : []),
    TAIL,
  ];
  return parts.join('');
}

function choiceText({ name, doc, values }: Choice): string {
  const names = new Identifiers();
  const variants = values.map((value) => ({ value, variant: names.take(pascalCase(value)) }));
  const lines = variants.map(
    ({ value, variant }) => `    #[serde(rename = ${text(value)})]\n    ${variant},\n`,
  );
  const arms = variants.map(({ value, variant }) => `            Self::${variant} => ${text(value)},\n`);
  const back = variants.map(({ value, variant }) => `            ${text(value)} => Ok(Self::${variant}),\n`);
  return `
${docLine(doc)}#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ${name} {
${lines.join('')}}

impl ${name} {
    pub fn as_str(self) -> &'static str {
        match self {
${arms.join('')}        }
    }
    pub fn from_text(text: &str) -> Result<Self, Error> {
        match text {
${back.join('')}            other => Err(Error::msg(format!("{other:?} is none of the values of ${name}"))),
        }
    }
}
`;
}

function recordText(record: RecordType): string {
  const names = new Identifiers();
  const fields = record.fields.map((field) => {
    const name = names.take(identifier(snakeCase(field.name)));
    const attributes = [
      ...(name === field.name ? [] : [`rename = ${text(field.name)}`]),
      ...(field.required ? [] : ['default', 'skip_serializing_if = "Option::is_none"']),
    ];
    const attribute = attributes.length === 0 ? '' : `    #[serde(${attributes.join(', ')})]\n`;
    const type = fieldType(field.shape, record, !field.required);
    return `${docLine(field.doc, '    ')}${attribute}    pub ${name}: ${type},\n`;
  });
  return `
${docLine(record.doc)}#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ${record.name} {
${fields.join('')}}
`;
}

/** A record that holds itself, not by way of a list or a map, is behind a pointer; any JSON that may be absent is optional. */
function fieldType(shape: Shape, within: RecordType, mayBeAbsent: boolean): string {
  if (shape.kind === 'any') return mayBeAbsent ? 'Option<serde_json::Value>' : 'serde_json::Value';
  if (shape.kind === 'optional') return `Option<${fieldType(shape.of, within, false)}>`;
  const type = typeOf(shape);
  return shape.kind === 'record' && reaches(shape.record, within) ? `Box<${type}>` : type;
}

function reaches(from: RecordType, to: RecordType, seen = new Set<RecordType>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return from.fields.some(({ shape }) => {
    const inner = shape.kind === 'optional' ? shape.of : shape;
    return inner.kind === 'record' && reaches(inner.record, to, seen);
  });
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'String';
    case 'bytes':
      return 'Vec<u8>';
    case 'boolean':
      return 'bool';
    case 'integer':
      return 'i64';
    case 'number':
      return 'f64';
    case 'any':
      return 'serde_json::Value';
    case 'list':
      return `Vec<${typeOf(shape.of)}>`;
    case 'map':
      return `BTreeMap<String, ${typeOf(shape.of)}>`;
    case 'optional':
      return `Option<${typeOf(shape.of)}>`;
    case 'choice':
      return shape.choice.name;
    case 'record':
      return shape.record.name;
  }
}

function traitText(exports: readonly GuestExport[]): string {
  const lines = exports.map(
    ({ name, doc, input, output }) =>
      `${docLine(doc, '    ')}    fn ${identifier(snakeCase(name))}(input: ${typeOf(input)}) -> Result<${typeOf(output)}, Error>;\n`,
  );
  return `
/// What the plugin does. An error is the error of the call; the instance stays.
pub trait Exports {
${lines.join('')}}
`;
}

function exportText({ name, input, output }: GuestExport): string {
  const fn = identifier(snakeCase(name));
  const what = text(`the input of ${name}`);
  return `
#[unsafe(export_name = ${text(name)})]
pub extern "C" fn export_${snakeCase(name)}() -> i32 {
    respond(|| {
        let bytes = extism_pdk::input_bytes();
        let input = ${decoded(input, what, 'bytes')};
        let output = <crate::Plugin as Exports>::${fn}(input)?;
        ${encoded(output, 'output')}
    })
}
`;
}

/** Bytes in this variable as a value of the shape. */
function decoded(shape: Shape, what: string, bytes: string): string {
  if (shape.kind === 'bytes') return bytes;
  if (shape.kind === 'text') return `text(${what}, ${bytes})?`;
  if (shape.kind === 'choice') return `${shape.choice.name}::from_text(&text(${what}, ${bytes})?)?`;
  return `read::<${typeOf(shape)}>(${what}, &${bytes})?`;
}

/** A result of bytes, of the value in this variable. */
function encoded(shape: Shape, value: string): string {
  if (shape.kind === 'bytes') return `Ok(${value})`;
  if (shape.kind === 'text') return `Ok(${value}.into_bytes())`;
  if (shape.kind === 'choice') return `Ok(${value}.as_str().as_bytes().to_vec())`;
  return `write(&${value})`;
}

/** The functions of the application, each with its values, over the import as it is. */
function hostText(functions: readonly GuestFunction[]): string {
  const namespaces = [...new Set(functions.map(({ namespace }) => namespace))];
  const raw = namespaces.map((namespace) => {
    const lines = functions
      .filter((one) => one.namespace === namespace)
      .map(
        ({ name, params, result }) =>
          `        #[link_name = ${text(name)}]\n        pub fn ${identifier(snakeCase(name))}(${params.map(({ type }, i) => `a${i}: ${rawType(type)}`).join(', ')})${result ? ` -> ${rawType(result.type)}` : ''};\n`,
      );
    return `    #[link(wasm_import_module = ${text(namespace)})]\n    unsafe extern "C" {\n${lines.join('')}    }\n`;
  });
  return `
mod raw {
${raw.join('')}}

/// Host functions.
pub mod host {
    use super::*;
${functions.map(functionText).join('')}}
`;
}

function functionText({ name, doc, params, result }: GuestFunction): string {
  const names = new Identifiers(['result']);
  const args = params.map((param) => ({ ...param, variable: names.take(identifier(snakeCase(param.name))) }));
  const list = args.map((one) => `${one.variable}: ${argumentType(one)}`).join(', ');
  const blocks = args.flatMap((one) =>
    isBlock(one)
      ? [`        let ${one.variable} = Memory::from_bytes(${bytesOf(one, one.variable)})?;\n`]
      : [],
  );
  const passed = args.map((one) => (isBlock(one) ? `${one.variable}.offset()` : one.variable)).join(', ');
  const freed = args.flatMap((one) => (isBlock(one) ? [`        ${one.variable}.free();\n`] : []));
  const call = `unsafe { super::raw::${identifier(snakeCase(name))}(${passed}) }`;
  const what = text(`the result of ${name}`);
  return `
${docLine(doc, '    ')}    pub fn ${identifier(snakeCase(name))}(${list}) -> Result<${result ? resultType(result) : '()'}, Error> {
${blocks.join('')}        ${result ? 'let result = ' : ''}${call};
${freed.join('')}        ${result ? resultText(result, what) : 'Ok(())'}
    }
`;
}

const isBlock = ({ type }: GuestValue): boolean => type === 'text' || type === 'bytes' || type === 'json';

function rawType(type: GuestValue['type']): string {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64' ? type : 'u64';
}

function argumentType({ type, shape }: GuestValue): string {
  if (type === 'text') return shape.kind === 'choice' ? shape.choice.name : '&str';
  if (type === 'bytes') return '&[u8]';
  return type === 'json' ? `&${typeOf(shape)}` : type;
}

function bytesOf({ type, shape }: GuestValue, variable: string): string {
  if (type === 'text') return shape.kind === 'choice' ? `${variable}.as_str()` : variable;
  return type === 'bytes' ? variable : `super::write(${variable})?`;
}

/** A host that knows nothing gives no block: empty text and bytes, \`null\` where that may be. */
function resultType({ type, shape }: GuestValue): string {
  if (type === 'text') return shape.kind === 'choice' ? shape.choice.name : 'String';
  if (type === 'bytes') return 'Vec<u8>';
  return type === 'json' ? typeOf(shape) : type;
}

function resultText({ type, shape }: GuestValue, what: string): string {
  if (type === 'bytes') return 'Ok(super::take(result))';
  if (type === 'text') {
    const read = `super::text(${what}, super::take(result))`;
    return shape.kind === 'choice' ? `${shape.choice.name}::from_text(&${read}?)` : read;
  }
  if (type !== 'json') return 'Ok(result)';
  const nothing = `if result == 0 { b"null".to_vec() } else { super::take(result) }`;
  return `super::read(${what}, &${nothing})`;
}

function identifier(name: string): string {
  return KEYWORDS.has(name) ? `${name}_` : name;
}

function text(value: string): string {
  return sourceText(value, (hex) => `\\u{${hex}}`);
}

function docLine(doc: string | undefined, indent = ''): string {
  return doc === undefined ? '' : `${indent}/// ${doc}\n`;
}

import type { FeatureName } from './features.js';
import { enforce, type StructuralLimits } from './limits.js';
import type { TypeReader, ValueType } from './type-reader.js';

/** The parameters and results of a function, as text. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A defined type; of structs only the number of fields is known, of arrays nothing. */
export type DefinedType =
  | (FunctionType & { readonly kind: 'function' })
  | { readonly kind: 'struct'; readonly fields: number }
  | { readonly kind: 'array' };

const FORM = { func: 0x60, struct: 0x5f, array: 0x5e, sub: 0x50, subFinal: 0x4f, rec: 0x4e } as const;
/** V8 takes 1 000 parameters and 1 000 results. */
const MAX_VALUE_TYPES = 1_000;
/** As V8 has it. */
const MAX_FIELDS = 10_000;
const PACKED = [0x78, 0x77];

/** Reads the type section into one flat list by type index. */
export function readTypes(
  reader: TypeReader,
  limits: StructuralLimits,
  features: Set<FeatureName>,
): DefinedType[] {
  const types: DefinedType[] = [];
  let parts = 0;
  const groups = reader.count('types', limits.types);
  for (let i = 0; i < groups; i++) {
    let members = 1;
    if (reader.bytes[reader.pos] === FORM.rec && reader.pos < reader.end) {
      reader.pos++;
      features.add('gc');
      members = reader.count('types of a group', limits.types);
    }
    enforce(limits, 'types', types.length + members, reader.pos);
    for (let j = 0; j < members; j++) {
      const type = readType(reader, features);
      types.push(type);
      if (type.kind === 'function') parts += type.params.length + type.results.length;
      enforce(limits, 'typeParts', parts, reader.pos);
    }
  }
  return types;
}

function readType(reader: TypeReader, features: Set<FeatureName>): DefinedType {
  const start = reader.pos;
  let form = reader.u8();
  if (form === FORM.sub || form === FORM.subFinal) {
    features.add('gc');
    const supertypes = reader.count('supertypes');
    for (let i = 0; i < supertypes; i++) reader.u32();
    form = reader.u8();
  }
  switch (form) {
    case FORM.func: {
      const params = readValueTypes(reader);
      const results = readValueTypes(reader);
      if (results.length > 1) features.add('multi-value');
      return { kind: 'function', params, results };
    }
    case FORM.struct: {
      features.add('gc');
      const fields = reader.count('fields', MAX_FIELDS);
      for (let i = 0; i < fields; i++) readField(reader);
      return { kind: 'struct', fields };
    }
    case FORM.array:
      features.add('gc');
      readField(reader);
      return { kind: 'array' };
    default:
      return reader.fail(`0x${form.toString(16)} is no form of a type`, start);
  }
}

function readValueTypes(reader: TypeReader): ValueType[] {
  const count = reader.count('value types', MAX_VALUE_TYPES);
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(reader.valueType());
  return types;
}

function readField(reader: TypeReader): void {
  if (reader.pos < reader.end && PACKED.includes(reader.bytes[reader.pos]!)) reader.pos++;
  else reader.valueType();
  reader.u8();
}

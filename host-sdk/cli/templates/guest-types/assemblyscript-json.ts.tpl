
/** What does not fit, with its place in the value. */
export class Problems {
  private found: string[] = [];

  add(at: string, what: string): void {
    if (this.found.length < 10) this.found.push(at.length ? at + ": " + what : what);
  }

  get any(): bool {
    return this.found.length > 0;
  }

  get text(): string {
    return this.found.join("; ");
  }
}

/** A number or a boolean that may be absent. */
export class Box<T> {
  constructor(public value: T) {}
}

let refusal: string | null = null;

/** Makes this the error of the call, whatever the function returns. The instance stays. */
export function refuse(message: string): void {
  refusal = message;
}

export enum JsonKind { Null, Boolean, Number, Text, List, Object }

const NO_ITEMS: JsonValue[] = [];
const NO_NAMES: string[] = [];

/** Any JSON. */
export class JsonValue {
  kind: JsonKind = JsonKind.Null;
  flag: bool = false;
  /** A text; or a number as it is written, so that whole numbers of 64 bits stay as they are. */
  text: string = "";
  /** Of a list or an object. */
  items: JsonValue[] = NO_ITEMS;
  /** Of an object, beside its items. */
  names: string[] = NO_NAMES;

  static ofText(text: string): JsonValue {
    const value = new JsonValue();
    value.kind = JsonKind.Text;
    value.text = text;
    return value;
  }

  static ofInteger(number: i64): JsonValue {
    const value = new JsonValue();
    value.kind = JsonKind.Number;
    value.text = number.toString();
    return value;
  }

  static ofNumber(number: f64): JsonValue {
    const value = new JsonValue();
    if (!isFinite(number)) return value;
    value.kind = JsonKind.Number;
    value.text = number.toString();
    return value;
  }

  static ofBoolean(flag: bool): JsonValue {
    const value = new JsonValue();
    value.kind = JsonKind.Boolean;
    value.flag = flag;
    return value;
  }

  static ofList(items: JsonValue[]): JsonValue {
    const value = new JsonValue();
    value.kind = JsonKind.List;
    value.items = items;
    return value;
  }

  static ofObject(): JsonValue {
    const value = new JsonValue();
    value.kind = JsonKind.Object;
    value.items = [];
    value.names = [];
    return value;
  }

  /** A member of an object; the last of its name, null where there is none. */
  get(name: string): JsonValue | null {
    for (let i = this.names.length - 1; i >= 0; i--) if (this.names[i] == name) return this.items[i];
    return null;
  }

  set(name: string, item: JsonValue): void {
    this.names.push(name);
    this.items.push(item);
  }
}

/** Reads JSON, as strictly as RFC 8259 has it. */
class JsonReader {
  private at: i32 = 0;
  private depth: i32 = 0;

  constructor(private source: string, private problems: Problems) {}

  /** All of the text as one value; null where it is none. */
  all(): JsonValue | null {
    const value = this.value();
    if (value === null) return null;
    this.space();
    return this.at < this.source.length ? this.wrong("the end") : value;
  }

  private wrong(expected: string): JsonValue | null {
    this.problems.add("", "no JSON: expected " + expected + " at character " + this.at.toString());
    return null;
  }

  private code(): i32 {
    return this.at < this.source.length ? this.source.charCodeAt(this.at) : -1;
  }

  private space(): void {
    for (let c = this.code(); c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09; c = this.code()) this.at++;
  }

  private value(): JsonValue | null {
    this.space();
    const c = this.code();
    if (c == 0x7b || c == 0x5b) {
      if (++this.depth > 256) return this.wrong("at most 256 levels");
      const value = c == 0x7b ? this.object() : this.list();
      this.depth--;
      return value;
    }
    if (c == 0x22) {
      const text = this.string();
      return text === null ? null : JsonValue.ofText(text);
    }
    if (c == 0x74) return this.word("true") ? JsonValue.ofBoolean(true) : null;
    if (c == 0x66) return this.word("false") ? JsonValue.ofBoolean(false) : null;
    if (c == 0x6e) return this.word("null") ? new JsonValue() : null;
    return this.number();
  }

  private word(word: string): bool {
    if (this.source.substr(this.at, word.length) != word) {
      this.wrong(word);
      return false;
    }
    this.at += word.length;
    return true;
  }

  private digits(): bool {
    const start = this.at;
    for (let c = this.code(); c >= 0x30 && c <= 0x39; c = this.code()) this.at++;
    return this.at > start;
  }

  private number(): JsonValue | null {
    const start = this.at;
    if (this.code() == 0x2d) this.at++;
    const zero = this.code() == 0x30;
    const first = this.at;
    if (!this.digits()) return this.wrong("a value");
    if (zero && this.at > first + 1) return this.wrong("no digit after 0");
    if (this.code() == 0x2e) {
      this.at++;
      if (!this.digits()) return this.wrong("a digit");
    }
    if ((this.code() | 0x20) == 0x65) {
      this.at++;
      if (this.code() == 0x2b || this.code() == 0x2d) this.at++;
      if (!this.digits()) return this.wrong("a digit");
    }
    const value = new JsonValue();
    value.kind = JsonKind.Number;
    value.text = this.source.substring(start, this.at);
    return value;
  }

  private string(): string | null {
    this.at++;
    let start = this.at;
    const parts: string[] = [];
    for (;;) {
      const c = this.code();
      if (c < 0x20) {
        this.wrong("the end of a text");
        return null;
      }
      if (c == 0x22) break;
      if (c != 0x5c) {
        this.at++;
        continue;
      }
      parts.push(this.source.substring(start, this.at));
      this.at++;
      const escape = this.code();
      const place = "\"\\/bfnrt".indexOf(String.fromCharCode(escape));
      if (place >= 0) parts.push("\"\\/\b\f\n\r\t".charAt(place));
      else if (escape == 0x75) {
        let unit = 0;
        for (let i = 0; i < 4; i++) {
          this.at++;
          const digit = this.code();
          const letter = digit | 0x20;
          if (digit >= 0x30 && digit <= 0x39) unit = unit * 16 + digit - 0x30;
          else if (letter >= 0x61 && letter <= 0x66) unit = unit * 16 + letter - 0x57;
          else {
            this.wrong("four digits");
            return null;
          }
        }
        parts.push(String.fromCharCode(unit));
      } else {
        this.wrong("an escape");
        return null;
      }
      this.at++;
      start = this.at;
    }
    const rest = this.source.substring(start, this.at);
    this.at++;
    if (!parts.length) return rest;
    parts.push(rest);
    return parts.join("");
  }

  private list(): JsonValue | null {
    this.at++;
    const items: JsonValue[] = [];
    this.space();
    if (this.code() != 0x5d) {
      for (;;) {
        const item = this.value();
        if (item === null) return null;
        items.push(item);
        this.space();
        if (this.code() != 0x2c) break;
        this.at++;
      }
      if (this.code() != 0x5d) return this.wrong("]");
    }
    this.at++;
    return JsonValue.ofList(items);
  }

  private object(): JsonValue | null {
    this.at++;
    const object = JsonValue.ofObject();
    this.space();
    if (this.code() != 0x7d) {
      for (;;) {
        this.space();
        if (this.code() != 0x22) return this.wrong("a name");
        const name = this.string();
        if (name === null) return null;
        this.space();
        if (this.code() != 0x3a) return this.wrong(":");
        this.at++;
        const item = this.value();
        if (item === null) return null;
        object.set(name, item);
        this.space();
        if (this.code() != 0x2c) break;
        this.at++;
      }
      if (this.code() != 0x7d) return this.wrong("}");
    }
    this.at++;
    return object;
  }
}

/** Builds JSON. */
export class JsonWriter {
  private parts: string[] = [];
  private fresh: bool = true;

  get text(): string {
    return this.parts.join("");
  }

  raw(text: string): void {
    this.parts.push(text);
  }

  begin(bracket: string): void {
    this.parts.push(bracket);
    this.fresh = true;
  }

  end(bracket: string): void {
    this.parts.push(bracket);
    this.fresh = false;
  }

  /** Before each item of a list. */
  item(): void {
    if (!this.fresh) this.parts.push(",");
    this.fresh = false;
  }

  /** Before each member of an object. */
  name(name: string): void {
    this.item();
    this.quote(name);
    this.parts.push(":");
  }

  quote(text: string): void {
    this.parts.push("\"");
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 0x20 && c != 0x22 && c != 0x5c) continue;
      if (i > start) this.parts.push(text.substring(start, i));
      start = i + 1;
      if (c == 0x22) this.parts.push("\\\"");
      else if (c == 0x5c) this.parts.push("\\\\");
      else this.parts.push("\\u00" + (c < 16 ? "0" : "1") + "0123456789abcdef".charAt(c & 15));
    }
    this.parts.push(start == 0 ? text : text.substring(start));
    this.parts.push("\"");
  }
}

export function isNothing(value: JsonValue | null): bool {
  return value === null || value.kind == JsonKind.Null;
}

export function readAny(value: JsonValue | null, at: string, problems: Problems): JsonValue {
  return value === null ? new JsonValue() : value;
}

export function readText(value: JsonValue | null, at: string, problems: Problems): string {
  if (value !== null && value.kind == JsonKind.Text) return value.text;
  problems.add(at, value === null ? "a text is missing" : "expected a text");
  return "";
}

export function readBoolean(value: JsonValue | null, at: string, problems: Problems): bool {
  if (value !== null && value.kind == JsonKind.Boolean) return value.flag;
  problems.add(at, value === null ? "a boolean is missing" : "expected a boolean");
  return false;
}

export function readNumber(value: JsonValue | null, at: string, problems: Problems): f64 {
  if (value !== null && value.kind == JsonKind.Number) return parseFloat(value.text);
  problems.add(at, value === null ? "a number is missing" : "expected a number");
  return 0;
}

export function readInteger(value: JsonValue | null, at: string, problems: Problems): i64 {
  if (value !== null && value.kind == JsonKind.Number) {
    const text = value.text;
    const isWhole = text.indexOf(".") < 0 && text.indexOf("e") < 0 && text.indexOf("E") < 0;
    if (isWhole && text.length <= 18) return I64.parseInt(text);
    if (isWhole && I64.parseInt(text).toString() == text) return I64.parseInt(text);
    const number = parseFloat(text);
    if (number == Math.trunc(number) && Math.abs(number) <= 9007199254740992) return <i64>number;
  }
  problems.add(at, value === null ? "a whole number is missing" : "expected a whole number of 64 bits");
  return 0;
}

export function readChoice(value: JsonValue | null, at: string, problems: Problems, values: string[]): string {
  const text = readText(value, at, problems);
  if (!problems.any && !values.includes(text)) problems.add(at, "expected one of " + values.join(", "));
  return text;
}

export function readList<T>(
  value: JsonValue | null,
  at: string,
  problems: Problems,
  read: (value: JsonValue | null, at: string, problems: Problems) => T,
): T[] {
  const list: T[] = [];
  if (value === null || value.kind != JsonKind.List) {
    problems.add(at, value === null ? "a list is missing" : "expected a list");
    return list;
  }
  for (let i = 0; i < value.items.length; i++) list.push(read(value.items[i], at + "/" + i.toString(), problems));
  return list;
}

export function readMap<T>(
  value: JsonValue | null,
  at: string,
  problems: Problems,
  read: (value: JsonValue | null, at: string, problems: Problems) => T,
): Map<string, T> {
  const map = new Map<string, T>();
  if (value === null || value.kind != JsonKind.Object) {
    problems.add(at, value === null ? "an object is missing" : "expected an object");
    return map;
  }
  for (let i = 0; i < value.names.length; i++) {
    map.set(value.names[i], read(value.items[i], at + "/" + value.names[i], problems));
  }
  return map;
}

/** Of what may be null in itself: texts, lists, objects. */
export function readOptional<T>(
  value: JsonValue | null,
  at: string,
  problems: Problems,
  read: (value: JsonValue | null, at: string, problems: Problems) => T,
): T | null {
  if (isNothing(value)) return null;
  return read(value, at, problems);
}

export function readBox<T>(
  value: JsonValue | null,
  at: string,
  problems: Problems,
  read: (value: JsonValue | null, at: string, problems: Problems) => T,
): Box<T> | null {
  if (isNothing(value)) return null;
  return new Box<T>(read(value, at, problems));
}

export function writeText(out: JsonWriter, value: string): void {
  out.quote(value);
}

export function writeBoolean(out: JsonWriter, value: bool): void {
  out.raw(value ? "true" : "false");
}

/** JSON has no number that is not finite: null takes its place. */
export function writeNumber(out: JsonWriter, value: f64): void {
  out.raw(isFinite(value) ? value.toString() : "null");
}

export function writeInteger(out: JsonWriter, value: i64): void {
  out.raw(value.toString());
}

export function writeAny(out: JsonWriter, value: JsonValue): void {
  switch (value.kind) {
    case JsonKind.Null: { out.raw("null"); break; }
    case JsonKind.Boolean: { writeBoolean(out, value.flag); break; }
    case JsonKind.Number: { out.raw(value.text); break; }
    case JsonKind.Text: { out.quote(value.text); break; }
    case JsonKind.List: { writeList<JsonValue>(out, value.items, writeAny); break; }
    default: {
      out.begin("{");
      for (let i = 0; i < value.names.length; i++) {
        out.name(value.names[i]);
        writeAny(out, value.items[i]);
      }
      out.end("}");
    }
  }
}

export function writeList<T>(out: JsonWriter, list: T[], write: (out: JsonWriter, value: T) => void): void {
  out.begin("[");
  for (let i = 0; i < list.length; i++) {
    out.item();
    write(out, list[i]);
  }
  out.end("]");
}

export function writeMap<T>(out: JsonWriter, map: Map<string, T>, write: (out: JsonWriter, value: T) => void): void {
  out.begin("{");
  const names = map.keys();
  for (let i = 0; i < names.length; i++) {
    out.name(names[i]);
    write(out, map.get(names[i]));
  }
  out.end("}");
}

export function writeOptional<T>(out: JsonWriter, value: T | null, write: (out: JsonWriter, value: T) => void): void {
  if (value === null) out.raw("null");
  else write(out, value);
}

export function writeBox<T>(out: JsonWriter, value: Box<T> | null, write: (out: JsonWriter, value: T) => void): void {
  if (value === null) out.raw("null");
  else write(out, value.value);
}

export function parseJson(text: string, problems: Problems): JsonValue | null {
  return new JsonReader(text, problems).all();
}

/** The error of the plugin's own, once. */
export function takeRefusal(): string | null {
  const message = refusal;
  refusal = null;
  return message;
}

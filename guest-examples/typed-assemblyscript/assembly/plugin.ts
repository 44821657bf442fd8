// What the plugin does. Its types are in contract.ts and its exports in contract-exports.ts, both
// written from plugin.json by `npm run types`.
import {
  Box, callAddUp, callFindNote, callTell, FindNoteQuery, JsonValue, Note, NoteKind, refuse as refuseWith, SummarizeOutput, SummarizeOutputFirst,
} from "./contract";

export function summarize(note: Note): SummarizeOutput {
  const summary = new SummarizeOutput();
  visit(note, summary);
  summary.kind = note.kind;
  summary.type_ = note.type_;
  summary.extra = note.extra;
  const parts = note.parts;
  if (parts !== null && parts.length > 0) {
    const first = new SummarizeOutputFirst();
    first.title = parts[0].title;
    first.done = parts[0].done;
    summary.first = first;
  }
  return summary;
}

function visit(note: Note, summary: SummarizeOutput): void {
  summary.titles.push(note.title);
  const done = note.done;
  if (note.kind == NoteKind.toDo && (done === null || !done.value)) summary.open++;
  const size = note.size;
  if (size !== null) summary.sizes += size.value;
  for (let i = 0; i < note.tags.length; i++) {
    const tag = note.tags[i];
    summary.byTag.set(tag, (summary.byTag.has(tag) ? summary.byTag.get(tag) : 0) + 1);
  }
  const priority = note.priority;
  const highest = summary.highest;
  if (priority !== null && (highest === null || priority.value > highest.value)) summary.highest = new Box<i64>(priority.value);
  const parts = note.parts;
  if (parts === null) return;
  for (let i = 0; i < parts.length; i++) visit(parts[i], summary);
}

export function title_of(id: string): string {
  const query = new FindNoteQuery();
  query.id = id;
  query.archived = new Box<bool>(true);
  const note = callFindNote(query, 2);
  if (note === null) {
    refuseWith("there is no note " + id);
    return "";
  }
  const rank = note.rank;
  return rank === null ? note.title : note.title + " #" + rank.value.toString();
}

export function shout(text: string): string {
  const data = new StaticArray<u8>(2);
  data[0] = 0;
  data[1] = 255;
  callTell(text, data);
  return text.toUpperCase();
}

export function reverse(bytes: StaticArray<u8>): StaticArray<u8> {
  return StaticArray.fromArray<u8>(bytes.slice<Array<u8>>().reverse());
}

export function next_kind(kind: string): string {
  return kind == NoteKind.note ? NoteKind.toDo : NoteKind.note;
}

export function swap(values: JsonValue[]): JsonValue[] {
  return values.reverse();
}

export function add(numbers: i64[]): i64 {
  let sum: i64 = 0;
  for (let i = 0; i < numbers.length; i++) sum = callAddUp(sum, numbers[i]);
  return sum;
}

export function refuse(bytes: StaticArray<u8>): StaticArray<u8> {
  refuseWith("refused " + bytes.length.toString() + " bytes");
  return bytes;
}

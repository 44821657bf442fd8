/** What a record from outside has under a name: `constructor`, which every object inherits, is not there unless it was written. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A schema by the Standard Schema interface (https://standardschema.dev), which zod's schemas have. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says about a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly unknown[] | undefined;
      }[];
    };

/** One reason why a value does not fit a schema: plain data. */
export interface SchemaIssue {
  /** Where in the value: `items.0.name`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** What goes into a schema, and what comes out of it. */
export type SchemaInput<S> = S extends Schema<infer I, unknown> ? I : unknown;
export type SchemaOutput<S> = S extends Schema<infer _I, infer O> ? O : unknown;

/** How many issues a message lists, and its error carries. */
const MAX_ISSUES = 20;

export function isSchema(value: unknown): value is Schema {
  const isHolder = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isHolder && typeof (value as Partial<Schema>)['~standard']?.validate === 'function';
}

/** Holds a value against a schema: the value as the schema gives it back, or why it does not fit. */
export async function validate(
  schema: Schema,
  value: unknown,
): Promise<
  { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }
> {
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result;
  return {
    issues: result.issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => ({
      path: path.map((step) => String((step as { key?: unknown } | null)?.key ?? step)).join('.'),
      message,
    })),
  };
}

/** Issues as one text: `n: expected number; m: expected string`. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

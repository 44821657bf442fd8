import type { Envelope } from './dsse.js';
import { type SignedSubject, signatureError } from './signature-problem.js';

/** The type of an in-toto statement in a DSSE envelope. */
export const STATEMENT_PAYLOAD = 'application/vnd.in-toto+json';
/** Says that the predicate is the manifest of a Cordon plugin. */
export const PREDICATE_TYPE = 'urn:cordon:plugin-manifest:v1';

const WRITTEN_AS = 'https://in-toto.io/Statement/v1';
const STATEMENT_TYPES: readonly unknown[] = [WRITTEN_AS, 'https://in-toto.io/Statement/v0.1'];
const SHA256 = /^[0-9a-f]{64}$/;
/** As many as a manifest may have modules. */
const MAX_SUBJECTS = 64;

/** One module of a statement. */
export interface StatementSubject {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What a signature says: these modules belong to this manifest. */
export interface SignedStatement {
  readonly subjects: readonly StatementSubject[];
  /** The manifest as its author wrote it. */
  readonly predicate: unknown;
}

/** The payload to sign. */
export function statementBytes({ subjects, predicate }: SignedStatement): Uint8Array {
  const statement = {
    _type: WRITTEN_AS,
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate,
  };
  return Buffer.from(JSON.stringify(statement));
}

/** @throws ERR_SIGNATURE, `other-statement`: what is signed is something else */
export function readStatement(envelope: Envelope, plugin: SignedSubject): SignedStatement {
  const other = (what: string, cause?: unknown) =>
    signatureError('other-statement', plugin, `signs something else: ${what}.`, { cause });
  if (envelope.payloadType !== STATEMENT_PAYLOAD) {
    throw other(`its payload is ${JSON.stringify(envelope.payloadType)}, not "${STATEMENT_PAYLOAD}"`);
  }
  let statement: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(envelope.payload));
    statement = { ...(value as object) };
  } catch (error) {
    throw other('its payload is not JSON', error);
  }
  const { _type: type, predicateType, predicate, subject } = statement;
  if (!STATEMENT_TYPES.includes(type)) throw other('it is not an in-toto statement');
  if (predicateType !== PREDICATE_TYPE) {
    throw other(
      `its predicate type is ${JSON.stringify(predicateType)?.slice(0, 200)}, not "${PREDICATE_TYPE}" (with cosign: --type ${PREDICATE_TYPE})`,
    );
  }
  if (!Array.isArray(subject) || subject.length === 0 || subject.length > MAX_SUBJECTS) {
    throw other(`it must name 1 to ${MAX_SUBJECTS} modules`);
  }
  const subjects = subject.map((one: { name?: unknown; digest?: { sha256?: unknown } } | null) => {
    const sha256 = one?.digest?.sha256;
    const name = one?.name ?? '';
    if (typeof name !== 'string' || typeof sha256 !== 'string' || !SHA256.test(sha256)) {
      throw other('one of its subjects has no SHA-256 digest');
    }
    return { name, sha256 };
  });
  if (new Set(subjects.map(({ name }) => name)).size < subjects.length) {
    throw other('two of its subjects have the same name');
  }
  return { subjects, predicate };
}

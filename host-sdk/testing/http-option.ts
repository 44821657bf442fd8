import { z } from 'zod';
import type { Transport, TransportRequest } from '../../src/bridge/http/transport.js';
import { lineSchema, listSchema, passThrough, strictObject } from '../../src/manifest/schema-parts.js';
import { HttpRecording } from './http-recording.js';
import { answerOf, type MockHandler, type MockTable, shown, tableHandler } from './mock-http.js';
import type { Recorder } from './recorder.js';

/** A file of recorded requests and answers. */
export interface RecordingOption {
  /** Its path. */
  readonly file: string;
  /** Ask the real network and write the file anew at the end. Default `false`: answer from the file. */
  readonly record?: boolean;
  /** Further headers that are not written down; those of logins, keys and cookies never are. Default: none. */
  readonly redactHeaders?: readonly string[];
}

/** Who answers HTTP requests. */
export type HttpOption = MockTable | MockHandler | RecordingOption;

const EXPECTED = 'a function, an object of answers by URL, or { file, record, redactHeaders }';
const recordingSchema = strictObject(
  {
    file: lineSchema('the path of a file', { max: 4096 }),
    record: z.boolean({ error: 'true or false' }).default(false),
    redactHeaders: listSchema(
      lineSchema('the name of a header', { max: 256 }),
      'a list of names of headers',
      {
        max: 1000,
      },
    ).prefault([]),
  },
  EXPECTED,
);

type ResolvedHttp = MockTable | MockHandler | z.output<typeof recordingSchema>;

export const httpSchema = z
  .unknown()
  .transform((value, context): ResolvedHttp => {
    if (value === undefined) return {};
    if (typeof value === 'function') return value as MockHandler;
    if (typeof value === 'object' && value !== null && 'file' in value) {
      const result = recordingSchema.safeParse(value);
      if (result.success) return result.data;
      for (const { path, message } of result.error.issues)
        context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    }
    const table = passThrough<MockTable>(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
      EXPECTED,
    );
    const result = table.safeParse(value);
    if (result.success) return result.data;
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  })
  .optional()
  .transform((value): ResolvedHttp => value ?? {});

/** HTTP as a test has it. */
export interface TestHttp {
  readonly transport: Transport;
  /** Requests that the mock has not answered yet. */
  readonly running: ReadonlySet<TransportRequest>;
  /** Writes the recording, where there is one to write. */
  finish(): Promise<void>;
}

/** @throws ERR_OPTIONS */
export function openHttp(option: ResolvedHttp, recorder: Recorder): TestHttp {
  const running = new Set<TransportRequest>();
  const { answer, finish } = answering(option);
  return {
    running,
    finish,
    transport: async (request, send) => {
      const { method, url, headers, body, callId } = request;
      const record = { method, url, headers, body, status: undefined as number | undefined };
      recorder.add('httpRequests', callId, record);
      running.add(request);
      try {
        const result = await answer({ method, url, headers, body, callId }, send);
        record.status = 'redirect' in result ? result.redirect.status : result.response.status;
        return result;
      } finally {
        running.delete(request);
      }
    },
  };
}

function answering(option: ResolvedHttp): {
  readonly answer: Transport;
  readonly finish: () => Promise<void>;
} {
  const nothing = async (): Promise<void> => {};
  if (typeof option !== 'function' && isRecording(option)) {
    const { file, record, redactHeaders } = option;
    if (!record) {
      const recording = HttpRecording.read(file, redactHeaders);
      return { answer: async (request) => recording.replay(request), finish: nothing };
    }
    const recording = HttpRecording.empty(file, redactHeaders);
    return {
      answer: async (request, send) => {
        const result = await send();
        recording.record(request, result);
        return result;
      },
      finish: () => recording.save(),
    };
  }
  const handler = typeof option === 'function' ? option : tableHandler(option);
  const known = typeof option === 'function' ? 'the function answered undefined' : knownOf(option);
  return {
    answer: ({ method, url, headers, body }) =>
      answerOf(
        handler,
        { method, url, headers, body },
        (request) => `No mock answers ${shown(request)}: ${known}.`,
      ),
    finish: nothing,
  };
}

function isRecording(option: Exclude<ResolvedHttp, MockHandler>): option is z.output<typeof recordingSchema> {
  return typeof option.file === 'string' && 'record' in option;
}

function knownOf(table: MockTable): string {
  const keys = Object.keys(table);
  return keys.length === 0
    ? 'the option "http" has no answers'
    : `the option "http" answers ${keys.slice(0, 20).join(', ')}`;
}

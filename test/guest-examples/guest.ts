/** An example guest that runs somewhere: on the bare Extism SDK, or in Cordon. */
export interface Guest {
  /** Calls an export and returns its output as text. Rejects with what the guest reported, or with the trap. */
  call(fn: string, input?: string | Uint8Array): Promise<string>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What is around a guest: the host's part, as plain functions. */
export interface Surroundings {
  readonly config?: Readonly<Record<string, string>>;
  /** What `plugin_call` answers; `undefined` for offset 0. */
  readonly pluginCall?: (plugin: string, fn: string, input: string) => string | undefined;
  /** What `http_request` answers; `undefined` for no answer at all. */
  readonly http?: (request: HttpRequest) => HttpAnswer | undefined;
  readonly log?: (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string) => void;
  /** How much linear memory the guest may have, in bytes, and how much of blocks. No bound by default. */
  readonly memoryBytes?: number;
}

/**
 * Opens an example by the name of its folder. Suites take one of these, so that the same expectations hold on every
 * runtime.
 */
export type OpenGuest = (name: string, around?: Surroundings) => Promise<Guest>;

/** 150 KB of text of several scripts, in lines. */
export const MUCH_TEXT = 'Grüße, мир! 你好 🌍 नमस्ते — שלום é\n'.repeat(2600);

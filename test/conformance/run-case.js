/**
 * Runs a case on an implementation of `createPlugin`, and says what came of it in one line.
 * @param {(manifest: any, options: any) => Promise<any>} createPlugin
 * @param {import('./cases.js').Case} one
 * @param {{ runInWorker?: boolean }} [more]
 * @returns {Promise<string>}
 */
export async function runCase(createPlugin, one, more = {}) {
  /** @type {string[]} */
  const lines = [];
  const write = (/** @type {string} */ level) => (/** @type {unknown} */ text) =>
    lines.push(`${level}: ${JSON.stringify(text)}`);
  const logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const wasm = one.wasm();
  const manifest = { wasm: wasm instanceof Uint8Array ? [{ data: wasm }] : wasm };
  let plugin;
  try {
    plugin = await createPlugin(manifest, { logger, ...one.options, ...more });
  } catch (error) {
    return `no plugin: ${textOf(error)}`.replace(/plugin-\d+/g, 'plugin-N');
  }
  /** @type {string[]} */
  const outcomes = [];
  const calls = (one.calls ?? ['go']).map((call) => async () => {
    const [fn, input, context] = typeof call === 'string' ? [call] : call;
    if (fn === 'close') return closed(plugin);
    try {
      return outputText(await plugin.call(fn, input, context), one.read);
    } catch (error) {
      return `error: ${textOf(error)}`;
    }
  });
  if (one.atOnce) outcomes.push(...(await Promise.all(calls.map((call) => call()))));
  else for (const call of calls) outcomes.push(await call());
  await closed(plugin);
  return [...outcomes, ...lines].join('; ').replace(/plugin-\d+/g, 'plugin-N');
}

/** @param {any} plugin */
async function closed(plugin) {
  await plugin.close();
  return 'closed';
}

/** @param {any} output @param {'text' | 'u64' | undefined} read */
function outputText(output, read) {
  if (output === null) return 'null';
  if (read === 'u64') return String(output.getBigInt64(0, true));
  return JSON.stringify(output.text());
}

/** @param {any} error */
function textOf(error) {
  return String(error?.message ?? error)
    .split('\n')[0]
    ?.slice(0, 160);
}

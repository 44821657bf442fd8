#!/usr/bin/env bash
# What users get: packs the project, installs the tarball into an empty folder, imports it, and compiles strict
# TypeScript against its types without skipLibCheck.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
npx publint --strict
tarball=$(npm pack --silent --pack-destination "$work")
cd "$work"
echo '{ "name": "consumer", "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund "./$tarball" @types/node@20 @opentelemetry/api@1 pino-roll@4
cat > use.mts <<'TS'
import { createHost, CordonError, defineHostFunction, definePlugin, type Host, type Output } from 'cordon';
import createPlugin, { type CallContext, type ExtismPluginOptions, type Plugin } from 'cordon/extism';
import { type AuditLog, auditLog, logFile } from 'cordon/logs';
import { instrumentHost } from 'cordon/otel';
import { loadPlugin, matchers, type TestPlugin } from 'cordon/testing';
const host: Host = await createHost({
  hostFunctions: { kv_read: defineHostFunction({ params: ['text'], result: 'bytes' }, (key: string) => Buffer.from(key)) },
});
host.on('violation', (violation) => console.log(violation.kind satisfies string));
host.on('plugin:ready', (event) => console.log(event.to satisfies 'ready'));
const contract = definePlugin({ name: 'a', exports: { f: {} } });
const load: () => Promise<{ call(fn: 'f', input: unknown): Promise<Output> }> = () => host.load(contract);
await load().catch((error: unknown) => {
  if (!(error instanceof CordonError) || error.code !== 'ERR_NOT_FOUND') throw error;
});
const audit: AuditLog = await auditLog(host, { path: 'logs/audit.jsonl' });
const log = await logFile({ path: 'logs/app.log' });
log.logger.info('hello');
instrumentHost(host)[Symbol.dispose]();
const test: () => Promise<TestPlugin> = () => loadPlugin('./none/plugin.json', { http: { '*': 'x' } });
await test().catch((error: unknown) => {
  if (!(error instanceof CordonError) || error.code !== 'ERR_MANIFEST') throw error;
});
if (typeof matchers.toStayWithin !== 'function') throw new Error('no matchers');
const options: ExtismPluginOptions = {
  functions: { 'extism:host/user': { f: (context: CallContext, at: bigint) => context.store(context.read(at)!.text()) } },
};
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const extism: Plugin = await createPlugin({ wasm: [{ data: wasm }] }, options);
if (await extism.functionExists('f')) throw new Error('an empty module has no functions');
await extism.close();
await host.close();
await log.close();
if (audit.dropped > 0) throw new Error('lines were lost');
console.log('package: imports, types and a host that closes');
TS
cat > tsconfig.json <<'JSON'
{
  "compilerOptions": {
    "target": "es2022", "lib": ["es2022", "esnext.disposable"], "module": "nodenext", "types": ["node"],
    "strict": true, "exactOptionalPropertyTypes": true, "skipLibCheck": false, "rootDir": ".", "outDir": "out"
  },
  "files": ["use.mts"]
}
JSON
"$root/node_modules/.bin/tsc" -p .
node out/use.mjs

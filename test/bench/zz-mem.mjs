import { createHost } from 'cordon';
import v8 from 'node:v8';
import { echo } from './guests.js';
import { inMemory } from './hosts.js';
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const host = await createHost({ logger: silent, threads: { min: 1, max: 1 }, budget: { cpuPercent: Infinity } });
async function load(from, to) { for (let at = from; at < to; at += 250) { const batch = Array.from({ length: Math.min(250, to - at) }, (_, i) => inMemory(`p${at + i}`, echo)); for (const p of await host.load(batch)) if (!process.env.NOCALL) await p.call('echo', 'x'); } }
await load(0, 300);
import { readFileSync } from 'node:fs';
function groups() { const g = {}; let cur, size; for (const line of readFileSync('/proc/self/smaps','latin1').split('\n')) { const m = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+\s*(.*)$/.exec(line); if (m) { size = (parseInt(m[2],16)-parseInt(m[1],16))/1024; const name = m[4] || 'anon'; cur = (name.startsWith('/')? 'file' : name)+' '+m[3]+' '+(size<=64?'<=64K':size<=256?'<=256K':size<=1024?'<=1M':size<=65536?'<=64M':'big'); } const r = /^Rss:\s+(\d+)/.exec(line); if (r && cur) { g[cur] ??= [0,0]; g[cur][0] += +r[1]; g[cur][1]++; } } return g; }
const settle = async () => { for (let i = 0; i < 3; i++) { gc(); await new Promise(r => setTimeout(r, 100)); } };
await settle(); const h0 = process.memoryUsage(); const g0 = groups();
await load(300, 1300); await settle(); const h1 = process.memoryUsage();
console.log('heap KB each', (h1.heapUsed - h0.heapUsed) / 1024 / 1000, 'ab', (h1.arrayBuffers - h0.arrayBuffers) / 1024/1000, 'ext', (h1.external - h0.external) / 1024/1000, 'rss', (h1.rss - h0.rss) / 1024/1000);
const g1 = groups(); { const h = {}; let size; let ok; for (const line of readFileSync('/proc/self/smaps','latin1').split('\n')) { const m = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+\s*(.*)$/.exec(line); if (m) { size=(parseInt(m[2],16)-parseInt(m[1],16))/1024; ok = !m[4] && m[3]==='rw-p' && size<=64; } const r = /^Rss:\s+(\d+)/.exec(line); if (r&&ok) { const k=size+' rss '+r[1]; h[k]=(h[k]??0)+1; } } console.log(h); } for (const k of new Set([...Object.keys(g0),...Object.keys(g1)])) { const d=(g1[k]?.[0]??0)-(g0[k]?.[0]??0); if (Math.abs(d)>300) console.log((d/1000).toFixed(1).padStart(8), 'KB each', (g1[k]?.[1]??0)-(g0[k]?.[1]??0), 'maps', k); }
if (process.env.SNAP) v8.writeHeapSnapshot('/tmp/inst.heapsnapshot');
await host.close();

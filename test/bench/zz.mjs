import { createHost, defineHostFunction } from 'cordon';
import { waits } from './guests.js';
import { inMemory } from './hosts.js';
const N = Number(process.argv[2] ?? 5000);
const silent = {trace(){},debug(){},info(){},warn(){},error(){},child(){return this}};
const host = await createHost({ logger: silent, hostFunctions: { wait: defineHostFunction({ params: ['bytes'], result: 'bytes' }, () => new Promise(r => setTimeout(() => r(new Uint8Array(1)), 100))) }, grants: { '*': { hostFunctions: ['wait'] } }, limits: { instances: N }, threads: { min: 1, max: 1 }, budget: { queuedCalls: 20000, concurrentCalls: 10000, instances: N, memoryBytes: '4GiB', cpuPercent: Infinity } });
const p = await host.load(inMemory('waits', waits, { permissions: { hostFunctions: ['wait'] }, instance: { pool: N } }));
for (let i=0;i<6;i++) { const t = performance.now(); const c=process.cpuUsage(); await Promise.all(Array.from({length: 10000}, () => p.call('run', 'x'))); const d=process.cpuUsage(c); console.log(process.version, 'total', performance.now()-t, 'cpu ms', (d.user+d.system)/1000, host.stats().instances, host.stats().threads, Math.round(process.memoryUsage.rss()/1e6)); }
await host.close();

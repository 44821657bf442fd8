// @ts-check
import { workerData } from 'node:worker_threads';
import createPlugin from '@extism/extism';

// Piscina wraps what a pool is given.
const { wasm } = Array.isArray(workerData) ? workerData[1] : workerData;
const plugin = await createPlugin({ wasm: [{ data: wasm }] });

/** @param {{ fn: string, input: string | Uint8Array }} task */
export default async ({ fn, input }) => (await plugin.call(fn, input))?.bytes();

export { type InstrumentOptions, instrumentHost } from './instrument-host.js';

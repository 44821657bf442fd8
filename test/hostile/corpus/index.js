import blocks from './abi.js';
import files, { ENVIRONMENT } from './files.js';
import { HOST_FUNCTIONS, PLUGIN_CALLS } from './host-functions.js';
import http from './http.js';
import memory from './memory.js';
import modules, { STOPPING } from './modules.js';
import { LOGS, OUTPUTS, VARS } from './output.js';
import stack from './stack.js';
import starting from './starting.js';
import time from './time.js';

/** Every attack, by topic. A name is unique within its topic. */
export const CORPUS = [
  ...memory,
  ...time,
  ...STOPPING,
  ...stack,
  ...starting,
  ...blocks,
  ...OUTPUTS,
  ...VARS,
  ...LOGS,
  ...http,
  ...files,
  ...ENVIRONMENT,
  ...HOST_FUNCTIONS,
  ...PLUGIN_CALLS,
  ...modules,
];

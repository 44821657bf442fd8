// @ts-check
import { echoLarge } from '../echo-large.js';

export default echoLarge('echo-64-kib', '64 KiB', 64 * 1024);

// @ts-check
import { echoLarge } from '../echo-large.js';

export default echoLarge('echo-1-mib', '1 MiB', 1024 * 1024);

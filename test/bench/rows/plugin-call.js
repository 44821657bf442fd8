// @ts-check
import { askRow } from '../ask-row.js';

export default askRow('plugin-call', 'A plugin that calls another', 'plugin');

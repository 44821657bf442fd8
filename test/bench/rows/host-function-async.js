// @ts-check
import { askRow } from '../ask-row.js';

export default askRow('host-function-async', 'A host function that returns a promise', 'async');

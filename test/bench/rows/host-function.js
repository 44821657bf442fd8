// @ts-check
import { askRow } from '../ask-row.js';

export default askRow('host-function', 'A host function that answers at once', 'sync');

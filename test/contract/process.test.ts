import { describe } from 'vitest';
import { isolationContract } from './isolation.js';

describe("isolation: 'process'", () => isolationContract('process'));

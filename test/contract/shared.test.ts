import { describe } from 'vitest';
import { isolationContract } from './isolation.js';

describe("isolation: 'shared'", () => isolationContract('shared'));

#!/usr/bin/env node
import { runCli } from './run-cli.js';
import { processTerminal } from './terminal.js';

const { terminal, exitCode } = processTerminal();
const code = await runCli(process.argv.slice(2), terminal);
process.exitCode = exitCode() ?? code;

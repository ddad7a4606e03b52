#!/usr/bin/env node
// Runs the program with the arguments, streams, signals and exit code of this process.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { binary } from './binary.js';

try {
  const child = spawn(binary(), process.argv.slice(2), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; other senders only to this process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
} catch (error) {
  fail(error.message);
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from './commands/context.ts';
import { toExit } from './commands/exit.ts';
import { createProgram } from './commands/program.ts';

/** The process entry: the only place with signals, the environment and the exit code. */
const builtPath = (name: string): string | null => {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return existsSync(path) ? path : null;
};

const stopping = new AbortController();
const readerGone = new AbortController();
const interruptHandlers: (() => void)[] = [];

const stop = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
  // A second signal does not wait any more.
  if (stopping.signal.aborted) process.exit(128 + constants.signals[signal]);
  stopping.abort();
};
process.on('SIGINT', () => {
  const handler = interruptHandlers.at(-1);
  if (handler && !stopping.signal.aborted) handler();
  else stop('SIGINT');
});
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);

// `edagent status --watch | head -1` closes the pipe: nothing is wrong, and a server goes on without a reader.
process.stdout.on('error', () => readerGone.abort());
process.stderr.on('error', () => {});

const context: CommandContext = {
  env: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  input: process.stdin,
  output: process.stdout,
  signal: stopping.signal,
  readerGone: readerGone.signal,
  onInterrupt(handler) {
    interruptHandlers.push(handler);
    return () => interruptHandlers.splice(interruptHandlers.indexOf(handler), 1);
  },
  seedPath: builtPath('./seed.tar.gz'),
  webPath: builtPath('./web'),
};

const run = async (): Promise<number> => {
  try {
    await createProgram(context).parseAsync(process.argv);
    return 0;
  } catch (error) {
    const { code, message } = toExit(error);
    if (message !== null) context.note(message);
    return code;
  }
};

const code = await run();
// Not `exitCode` alone: an open standard input, or a part that hung, would keep the process.
process.stdout.write('', () => process.exit(code));

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './project.mjs';

const running = new Set();

/**
 * Runs a command to its end, its output kept.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number, stopAt?: RegExp, uid?: number, gid?: number }} options
 * `stopAt`: output after which it is ended.
 *
 * @returns {Promise<{ code: number, output: string }>} code 127 when it cannot be started, 124 after the time-out.
 */
export const run = (command, args, { timeoutMs = 900_000, stopAt, ...options } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(child);
    let output = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      output += `\nnot done after ${timeoutMs / 1_000} s\n`;
      child.kill('SIGKILL');
    }, timeoutMs);
    const finish = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: isLate ? 124 : code, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (stopAt?.test(output)) child.kill('SIGKILL');
      });
    }
    child.once('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.once('close', (code, signal) => finish(code ?? 128 + constants.signals[signal]));
  });

/** Ends what `run` has begun. @returns how many were running. */
export const stopRunning = () => {
  for (const child of running) {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 3_000).unref();
  }
  return running.size;
};

/** npm names itself to the scripts it runs; the npm on PATH may be another one. */
export const npm = (args, options) => {
  const script = process.env.npm_execpath;
  return script && /npm-cli\.c?js$/.test(script)
    ? run(process.execPath, [script, ...args], options)
    : run('npm', args, options);
};

/** A signal that npm passes on and the terminal sends too arrives twice. */
const repeatMs = 300;

/**
 * Becomes another command: its input, output, signals and exit code are this process's own.
 *
 * The terminal sends Ctrl-C to all processes in front, so passing SIGINT on there would make it two, and the second
 * means "at once" to a server.
 */
export const become = (command, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    const lastAt = new Map();
    const passOn = (signal) => {
      const isRepeat = performance.now() - (lastAt.get(signal) ?? Number.NEGATIVE_INFINITY) < repeatMs;
      lastAt.set(signal, performance.now());
      if (isRepeat || (signal === 'SIGINT' && process.stdin.isTTY)) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });

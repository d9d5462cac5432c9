import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt } from './lib/build.mjs';
import { runMain } from './lib/main.mjs';
import { programArgs } from './lib/node-flags.mjs';
import { Stop, say } from './lib/project.mjs';

/**
 * `node scripts/measure-start.mjs [idle seconds]` starts the built server three times, twice on a fresh data folder and once on
 * one that was used, and tells how long each took from the begin of the process to the result of the first query, and
 * how much memory it holds when it has been idle.
 */
const idleMs = Number(process.argv[2] ?? 15) * 1_000;

const readMegabytes = (pid, field) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return Math.round(Number(kilobytes) / 1_024);
};

/** Time on a core, which a busy machine does not stretch. */
const readCpuMs = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** The address and a token, out of what the server prints when it listens. */
const readAddress = async (child) => {
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
    const url = /http:\/\/[^/]+/.exec(text)?.[0];
    const token = /Bearer ([\w.-]+)"/.exec(text)?.[1];
    if (url && token) return { url, token };
  }
  throw new Stop(`The server ended before it served:\n${text}`);
};

const query = async (url, token) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ viewer { user { id } } }' }),
  });
  const { data } = await response.json();
  if (data?.viewer?.user?.id !== 'ada') throw new Stop('The first query failed.');
};

const measure = async (dataDir) => {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...programArgs, 'serve'], {
    env: { PATH: process.env.PATH, PORT: '0', EDAGENT_DATA_DIR: dataDir, EDAGENT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const { url, token } = await readAddress(child);
    await query(url, token);
    const firstQueryMs = Math.round(performance.now() - startedAt);
    const cpuMs = readCpuMs(child.pid);
    await sleep(idleMs);
    return {
      cpuMs,
      firstQueryMs,
      idleMb: readMegabytes(child.pid, 'VmRSS'),
      peakMb: readMegabytes(child.pid, 'VmHWM'),
    };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
};

await runMain(async () => {
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'edagent-measure-'));
  try {
    for (const [what, name] of [
      ['fresh data folder', 'a'],
      ['fresh data folder', 'b'],
      ['used data folder', 'b'],
    ]) {
      const { firstQueryMs, cpuMs, idleMb, peakMb } = await measure(join(folder, name));
      say(
        `${what}: first query after ${firstQueryMs} ms (${cpuMs} ms of a core); resident ${idleMb} MB after ${idleMs / 1_000} s idle, ${peakMb} MB at most`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});

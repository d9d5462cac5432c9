import type { App } from '../app.ts';
import { type Config, parseConfig } from '../config.ts';
import { createPinoLog } from '../util/pino-log.ts';
import { sleep } from '../util/sleep.ts';
import { loadVersion } from '../util/version.ts';
import { signToken } from './access.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './exit.ts';
import { apiPath } from './options.ts';

const developmentTokenTtlMs = 24 * 60 * 60_000;

const welcome = async (app: App, config: Config, print: (line: string) => void): Promise<void> => {
  const { environment, auth, server } = config;
  if (app.chatUrl !== null) print(`Chat      ${app.chatUrl}`);
  print(`GraphQL   ${app.url}${apiPath}   (HTTP, server-sent events, WebSocket)`);
  if (server.isGraphiqlOn) print(`GraphiQL  ${app.url}${apiPath}   (in a browser)`);
  print(`Store     ${app.parts.store}`);
  print(`Pub/sub   ${app.parts.pubsub}`);
  print(`Tutor     ${app.parts.tutor}`);
  if (environment === 'production' || auth.jwksUrl !== null || auth.jwtSecret !== null) return;
  const signer = { user: 'ada', name: 'Ada', role: 'admin', ttlMs: developmentTokenTtlMs } as const;
  print(
    `Token     (Ada, admin, for 24 hours)\n\n{ "authorization": "Bearer ${await signToken(config, signer)}" }\n`,
  );
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A part that hangs must not keep the process longer than whoever stops it waits before it kills. */
const disposeWithin = async (app: App, graceMs: number): Promise<void> => {
  const inTime = new AbortController();
  const late = sleep(graceMs, inTime.signal).then(() => !inTime.signal.aborted);
  const disposed = app.dispose().then(() => false);
  try {
    if (await Promise.race([disposed, late])) {
      throw new CommandError(
        'failed',
        `EDAGENT_SHUTDOWN_GRACE: not everything was handed over in ${graceMs} ms`,
      );
    }
  } finally {
    inTime.abort();
  }
};

/** Serves until `signal` aborts, then hands everything over and returns. */
export const serve = async ({ env, print, signal, seedPath, webPath }: CommandContext): Promise<void> => {
  const config = parseConfig(env);
  const log = createPinoLog(config.server.logLevel);
  // Loaded only now: a wrong setting is told at once.
  const { createApp } = await import('../app.ts');
  const app = await createApp({ config, log, version: loadVersion(), seedPath, webPath });
  try {
    await welcome(app, config, print);
    await aborted(signal);
    log.info({}, 'stopping');
  } finally {
    await disposeWithin(app, config.server.shutdownGraceMs);
  }
};

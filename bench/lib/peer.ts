import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from '../../scripts/lib/project.mjs';
import type { Disposers } from '../../src/util/disposers.ts';
import { type Server, startServer } from './server.ts';

/** What EdAgent is compared with: the programs of `bench/peers`. */
export type PeerName =
  | 'bare-ws'
  | 'socket-io'
  | 'graphql-ws'
  | 'yoga'
  | 'mercurius'
  | 'fastify-send'
  | 'resumable-stream';

const bench = join(import.meta.dirname, '..');

export const startPeer = async (
  name: PeerName,
  env: Readonly<Record<string, string>>,
  disposers: Disposers,
): Promise<Server> => {
  if (!existsSync(join(bench, 'node_modules'))) {
    throw new Stop('What EdAgent is compared with is not installed: run "npm ci" in bench first.');
  }
  const server = await startServer({
    command: [join('bench/peers', `${name}.mjs`)],
    env: { NODE_ENV: 'production', ...env },
    address: /listening on (http:\S+)\n/,
  });
  disposers.add(name, () => server.dispose());
  return server;
};

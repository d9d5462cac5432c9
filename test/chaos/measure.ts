import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { withRedis } from '../support/redis-servers.ts';
import { documents } from './api.ts';
import type { FactBody, Gauges } from './history.ts';
import type { World } from './world.ts';

export type Measured = Extract<FactBody, { kind: 'measured' }>;

/** States of a TCP socket in /proc/net/tcp that hold nothing of the process any more, or no peer: TIME_WAIT, LISTEN. */
const unheld: readonly string[] = ['06', '0A'];

/** Sockets of clients on a port, by the system's own account. */
const countSockets = async (port: number): Promise<number> => {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1);
  return rows.filter((row) => {
    const [, local = '', , state = ''] = row.trim().split(/\s+/);
    return local.endsWith(hex) && !unheld.includes(state);
  }).length;
};

const residentBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1_024;
};

/** On a socket of its own that is closed afterwards, so that it is not among what it counts. */
const countConnections = async (world: World): Promise<number> => {
  const port = world.nodes[0]?.port;
  const token = await world.token('admin', { role: 'admin' });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const call = request({ port, path: '/graphql', method: 'POST', headers, agent: false, timeout: 5_000 });
  call.once('timeout', () => call.destroy(new Error('no reply')));
  call.end(JSON.stringify({ query: documents.status }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return (JSON.parse(text) as { data: { connectionStatus: { connectionCount: number } } }).data
    .connectionStatus.connectionCount;
};

const clusterGauges = async (world: World): Promise<Gauges> => {
  const channels = await withRedis(world.redis.port, (redis) => redis.pubsub('CHANNELS'));
  return { connections: await countConnections(world), redisChannels: channels.length };
};

/** What is in use, of the whole cluster and of each node. */
export const measure = async (world: World, when: Measured['when']): Promise<Measured[]> => {
  const ofNodes: Measured[] = [];
  for (const node of world.nodes) {
    const { index, pid, port } = node;
    const gauges =
      pid === null
        ? {}
        : {
            ...(await node.readGauges()),
            sockets: await countSockets(port),
            residentBytes: await residentBytes(pid),
          };
    ofNodes.push({ kind: 'measured', when, node: index, gauges });
  }
  return [{ kind: 'measured', when, node: null, gauges: await clusterGauges(world) }, ...ofNodes];
};

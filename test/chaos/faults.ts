import { sleep } from '../../src/util/sleep.ts';
import type { Random } from '../support/random.ts';
import { withRedis } from '../support/redis-servers.ts';
import type { Cast } from './cast.ts';
import type { Device } from './device.ts';
import type { FaultKind } from './history.ts';
import { churn, flood, stall } from './hostile.ts';
import type { Network } from './network.ts';
import type { LinkMode } from './pump.ts';
import type { World } from './world.ts';

/** What one fault strikes and for how long; all of it was drawn beforehand. */
export interface Stroke {
  readonly world: World;
  readonly cast: Cast;
  /** For those that strike one; the one that the network leads to. */
  readonly node: number;
  readonly durationMs: number;
  readonly random: Random;
}

const flapAwayMs = 2_000;
const flapHereMs = 1_000;
/** How long a killed process is not there, as with a supervisor that restarts it. */
const downMs = (random: Random): number => 1_000 + random.int(2_000);
const shortTokenMs = 2_500;
const longestWaitMs = 5_000;

const nodeOf = ({ world, node }: Stroke) => world.nodes[node] as World['nodes'][number];
const networkOf = ({ world, node }: Stroke) => world.networks[node] as World['networks'][number];
const anyHost = ({ world, random }: Stroke): string => random.pick(world.networks).host;
const devicesOf = ({ cast }: Stroke): Device[] =>
  cast.learners.filter(({ isBlocked }) => !isBlocked).flatMap(({ devices }) => devices);

const some = <T>(random: Random, values: readonly T[], count: number): T[] => {
  const left = [...values];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(random.int(left.length), 1)[0] as T,
  );
};

/** One of these ways, that of the node which is struck, is cut or carries otherwise for a time. */
const disturb = async (
  ways: readonly Network[],
  { node, durationMs }: Stroke,
  how: 'cut' | LinkMode,
): Promise<void> => {
  const way = ways[node] as Network;
  if (how === 'cut') way.cut();
  else way.setMode(how);
  await sleep(durationMs);
  way.mend();
};

const restart = async (stroke: Stroke, node: number): Promise<void> => {
  const one = stroke.world.nodes[node];
  await one?.stop();
  await one?.start();
};

const victim = ({ cast, random }: Stroke) => {
  const learner = random.pick(cast.learners);
  return { userId: learner.userId, conversationId: learner.conversations[0] ?? '' };
};

/** Each undoes itself, and resolves when what it struck works again. */
export const faults: Record<FaultKind, (stroke: Stroke) => Promise<void>> = {
  async 'node-kill'(stroke) {
    await nodeOf(stroke).kill();
    await sleep(downMs(stroke.random));
    await nodeOf(stroke).start();
  },
  async 'node-freeze'(stroke) {
    nodeOf(stroke).freeze();
    await sleep(stroke.durationMs);
    nodeOf(stroke).thaw();
  },
  async 'node-stop'(stroke) {
    await restart(stroke, stroke.node);
  },
  async 'rolling-restart'(stroke) {
    for (const { index } of stroke.world.nodes) await restart(stroke, index);
  },
  async 'redis-restart'({ world, durationMs }) {
    await world.redis.kill();
    await sleep(durationMs);
    await world.redis.restart();
  },
  async 'redis-freeze'({ world, durationMs }) {
    world.redis.pause();
    await sleep(durationMs);
    world.redis.resume();
  },
  async 'redis-flush'({ world }) {
    await withRedis(world.redis.port, (redis) => redis.flushall());
  },
  async 'redis-kill-pubsub'({ world }) {
    await withRedis(world.redis.port, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
  },
  'redis-link-half-open': (stroke) => disturb(stroke.world.redisLinks, stroke, 'held'),
  async 'store-restart'({ world }) {
    await world.postgres.stop();
    await world.postgres.start();
  },
  async 'store-outage'({ world, durationMs }) {
    await world.postgres.stop();
    await sleep(durationMs);
    await world.postgres.start();
  },
  'store-link-cut': (stroke) => disturb(stroke.world.storeLinks, stroke, 'cut'),
  'store-link-half-open': (stroke) => disturb(stroke.world.storeLinks, stroke, 'held'),
  async 'model-failure'({ world, durationMs }) {
    world.model.setFailing(true);
    await sleep(durationMs);
    world.model.setFailing(false);
  },
  'network-cut': (stroke) => disturb(stroke.world.networks, stroke, 'cut'),
  'network-half-open': (stroke) => disturb(stroke.world.networks, stroke, 'held'),
  'network-slow': (stroke) => disturb(stroke.world.networks, stroke, 'slow'),
  async 'network-flap'(stroke) {
    for (let left = stroke.durationMs; left > 0; left -= flapAwayMs + flapHereMs) {
      networkOf(stroke).cut();
      await sleep(Math.min(left, flapAwayMs));
      networkOf(stroke).mend();
      await sleep(flapHereMs);
    }
  },
  async 'token-expiry'(stroke) {
    const devices = some(stroke.random, devicesOf(stroke), 5);
    // One that cannot say so now, because its socket is not there, keeps the token that it has.
    const shortened = devices.map((device) => device.shortenToken(shortTokenMs).catch(() => {}));
    await Promise.race([Promise.all(shortened), sleep(longestWaitMs)]);
  },
  async reload({ cast, random }) {
    const watching = cast.learners
      .filter(({ isBlocked }) => !isBlocked)
      .flatMap((learner) => learner.devices.map((device, slot) => ({ learner, slot, device })))
      .filter(({ device }) => device.openAnswers.length > 0);
    await Promise.all(some(random, watching, 3).map(({ learner, slot }) => learner.reload(slot)));
  },
  async 'reconnect-storm'({ world }) {
    for (const network of world.networks) network.drop();
  },
  async 'stalled-reader'(stroke) {
    const { userId, conversationId } = victim(stroke);
    await stall(anyHost(stroke), await stroke.world.token(userId), conversationId, stroke.durationMs);
  },
  async 'connection-flood'(stroke) {
    await flood(anyHost(stroke), await stroke.world.token(victim(stroke).userId), 40 + stroke.random.int(60));
  },
  async 'subscribe-churn'(stroke) {
    const { userId, conversationId } = victim(stroke);
    await churn(anyHost(stroke), await stroke.world.token(userId), conversationId, 300);
  },
};

import { eventually } from '../../test/support/eventually.ts';
import { now } from '../lib/clock.ts';
import type { Subscription } from '../lib/device.ts';
import { createFollower, type Dialect, type Follower } from '../lib/follower.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { eachOf } from '../lib/pace.ts';

/** Many sockets that follow something. What they get has a text that begins with its number and its time: `17 8123.5 …`. */
export interface FanOutLoad extends Calls {
  /** Resolves when all are ready; those of before stay. */
  connect(argument: {
    readonly url: string;
    /** @default 'edagent' */
    readonly dialect?: Dialect;
    readonly devices: readonly FanOutDevice[];
  }): Promise<void>;
  /** What comes from now on counts, from this number on. */
  begin(argument: { readonly firstNumber: number }): Promise<void>;
  /** Waits until so many have come, at most so long. */
  end(argument: { readonly expected: number; readonly timeoutMs: number }): Promise<FanOutTally>;
  /** All at once, without a word. */
  cut(): Promise<void>;
}

export interface FanOutDevice {
  readonly token: string;
  readonly subscriptions: readonly Subscription[];
  /** Where the dialect has no subscriptions. */
  readonly topics?: readonly string[];
}

export interface FanOutTally {
  /** From sending to delivery, each delivery. */
  readonly delayMs: readonly number[];
  /** The longest of each message, in their order. */
  readonly slowestMs: readonly number[];
  /** Of the frames of those deliveries, in all. */
  readonly bytes: number;
  /** Sockets that were ended since the beginning. */
  readonly lost: number;
}

const connectAtOnce = 20;
const textKey = Buffer.from('"text":"');
/** Beyond any number and time. */
const headLength = 48;

const followers: Follower[] = [];
let delayMs: number[] = [];
let slowestMs: number[] = [];
let firstNumber = 0;
let bytes = 0;
let lost = 0;

/** Only the head is read: the texts are large, and all the same to every socket. */
const takeRaw = (data: Buffer): void => {
  const receivedAt = now();
  const at = data.indexOf(textKey);
  if (at < 0) return;
  const begin = at + textKey.length;
  const [number, sentAt] = data.toString('latin1', begin, begin + headLength).split(' ');
  const place = Number(number) - firstNumber;
  if (!(place >= 0)) return;
  const delay = receivedAt - Number(sentAt);
  bytes += data.length;
  delayMs.push(delay);
  slowestMs[place] = Math.max(slowestMs[place] ?? 0, delay);
};

serveLoad<FanOutLoad>({
  async connect({ url, dialect = 'edagent', devices }) {
    const further = devices.map(({ topics = [], ...device }) =>
      createFollower({
        ...device,
        dialect,
        url,
        topics,
        onData: takeRaw,
        onLost: () => {
          lost++;
        },
      }),
    );
    followers.push(...further);
    await eachOf(further, connectAtOnce, (follower) => follower.connect());
  },
  async begin(argument) {
    firstNumber = argument.firstNumber;
    bytes = 0;
    delayMs = [];
    slowestMs = [];
  },
  async end({ expected, timeoutMs }) {
    // What is missing shows in the count.
    await eventually(() => delayMs.length >= expected, { timeoutMs, intervalMs: 20 }).catch(() => {});
    return { delayMs, slowestMs, bytes, lost };
  },
  async cut() {
    for (const follower of followers.splice(0)) follower.cut();
  },
});

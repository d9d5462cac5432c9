import { sleep } from '../../src/util/sleep.ts';
import { createDevice, type Subscription } from './device.ts';
import { readTcpLink } from './tcp-table.ts';

/**
 * A peer that subscribes, stops to read, and whenever the server has cut it comes back to do the same again. A socket that is
 * not read does not learn of its own end, so the kernel is asked about the server's side.
 */
export interface StallingPeer {
  readonly counts: StallCounts;
  dispose(): Promise<void>;
}

export interface StallCounts {
  readonly connects: number;
  /** How often the server ended it. */
  readonly cuts: number;
  /** The most that stood in the kernel's queues for it. */
  readonly queuedBytes: number;
}

export interface StallingPeerOptions {
  readonly url: string;
  readonly token: string;
  readonly subscriptions: readonly Subscription[];
}

const lookEveryMs = 250;

export const createStallingPeer = (options: StallingPeerOptions): StallingPeer => {
  const serverPort = Number(new URL(options.url).port);
  const stopping = new AbortController();
  const counts = { connects: 0, cuts: 0, queuedBytes: 0 };
  const { signal } = stopping;

  const stallOnce = async (): Promise<void> => {
    // A new one each time: it has nothing to resume after, since it reads nothing.
    const device = createDevice(options);
    try {
      await device.connect();
      counts.connects++;
      const port = device.localPort;
      device.stopReading();
      while (!signal.aborted && port !== null) {
        const link = await readTcpLink(serverPort, port);
        counts.queuedBytes = Math.max(counts.queuedBytes, link.queuedBytes);
        if (!link.isOpen) {
          counts.cuts++;
          return;
        }
        await sleep(lookEveryMs, signal);
      }
    } finally {
      device.cut();
    }
  };
  const stall = async (): Promise<void> => {
    while (!signal.aborted) await stallOnce().catch(() => sleep(lookEveryMs, signal));
  };
  const stalling = stall();

  return {
    counts,
    async dispose() {
      stopping.abort();
      await stalling;
    },
  };
};

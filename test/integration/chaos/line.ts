import { createDevice, type Device } from '../../chaos/device.ts';
import type { DeviceKind } from '../../chaos/device-kind.ts';
import { type Message, readMessage } from '../../chaos/frame-codec.ts';
import { type FrameTap, startFrameTap, type Tamper } from '../../chaos/frame-tap.ts';
import type { Recorder } from '../../chaos/history.ts';
import { eventually } from '../../support/eventually.ts';
import { createRandom } from '../../support/random.ts';
import { testToken } from '../../support/test-app.ts';
import type { Match } from './tampering.ts';

/** A device, and the tap that its every byte goes through. */
export interface Line {
  readonly device: Device;
  readonly tap: FrameTap;
  /** Resolves when the node has said so, and so often, whatever became of it on the line. */
  hear(matches: Match, times?: number): Promise<void>;
  /** Resolves when the device is ready to receive. */
  ready(): Promise<void>;
}

export interface LineOptions {
  readonly name: string;
  readonly userId: string;
  readonly kind: DeviceKind;
  /** Of the node. */
  readonly port: number;
  readonly recorder: Recorder;
  readonly tamper: Tamper;
  readonly keepsNodeSide: boolean;
}

export const openLine = async (options: LineOptions): Promise<Line> => {
  const { name, userId, kind, port, recorder, tamper, keepsNodeSide } = options;
  const said: Message[] = [];
  const tap = await startFrameTap({
    port,
    keepsNodeSide,
    tamper(text, from) {
      if (from === 'node') said.push(readMessage(text));
      return tamper(text, from);
    },
  });
  const device = createDevice({
    name,
    userId,
    kind,
    recorder,
    tokenTtlMs: 3_600_000,
    random: createRandom(1),
    world: { networks: [tap], route: () => 0, token: testToken },
  });
  return {
    device,
    tap,
    async hear(matches, times = 1) {
      await eventually(() => said.filter(matches).length >= times);
    },
    async ready() {
      await eventually(() => device.isReady);
    },
  };
};

import type { DeviceKind } from '../../chaos/device-kind.ts';
import type { Fate } from '../../chaos/frame-tap.ts';
import { createRecorder, type FactKind, type History, type Recorder } from '../../chaos/history.ts';
import { newUserId, testToken } from '../../support/test-app.ts';
import type { Crime } from './crimes.ts';
import { type Line, openLine } from './line.ts';
import type { School } from './school.ts';

export const deviceNames = ['phone', 'laptop', 'tablet'] as const;
export type DeviceName = (typeof deviceNames)[number];

/** What a crime has to know of the lesson that it is committed in. */
export interface Circumstances {
  readonly ownerToken: string;
  /** Puts the clock of the history on: the checkers see a wait, and nobody waits. */
  pass(ms: number): Promise<void>;
  /** Resolves so long after the next fact of this kind, by that clock. */
  past(kind: FactKind, ms: number): Promise<void>;
}

/** An owner with a phone and a laptop, a friend with a tablet, and somebody on one of their lines. */
export interface Lesson extends Circumstances {
  readonly ownerId: string;
  readonly friendId: string;
  readonly school: School;
  readonly crime: Crime;
  readonly recorder: Recorder;
  readonly history: History;
  readonly lines: Readonly<Record<DeviceName, Line>>;
}

/** The phone and the tablet hand out what comes; edagent-client, on the laptop, drops what it has seen before. */
const kinds: Record<DeviceName, DeviceKind> = {
  phone: { library: 'graphql-ws', resumption: 'cursors' },
  laptop: { library: 'graphql-ws', resumption: 'helper' },
  tablet: { library: 'graphql-ws', resumption: 'cursors' },
};

const passAll = (text: string): Fate => ({ pass: [text] });

const createClock = () => {
  let passedMs = 0;
  const inner = createRecorder(0, () => performance.now() + passedMs);
  const waiting = new Set<{ readonly kind: FactKind; readonly wake: () => void }>();
  const recorder: Recorder = {
    history: inner.history,
    add(fact) {
      inner.add(fact);
      for (const one of waiting) {
        if (one.kind !== fact.kind) continue;
        waiting.delete(one);
        one.wake();
      }
    },
  };
  const pass = async (ms: number): Promise<void> => {
    passedMs += ms;
  };
  const past = async (kind: FactKind, ms: number): Promise<void> => {
    await new Promise<void>((wake) => waiting.add({ kind, wake }));
    await pass(ms);
  };
  return { recorder, pass, past };
};

export const openLesson = async (school: School, crime: Crime): Promise<Lesson> => {
  const { recorder, pass, past } = createClock();
  const ownerId = newUserId('owner');
  const friendId = newUserId('friend');
  const ownerToken = await testToken(ownerId);
  const struck = crime.on ?? 'phone';
  const tamper = crime.tamper?.({ ownerToken, pass, past }) ?? passAll;

  const open = (name: DeviceName): Promise<Line> =>
    openLine({
      name,
      userId: name === 'tablet' ? friendId : ownerId,
      kind: kinds[name],
      port: school.port,
      recorder,
      tamper: name === struck ? tamper : passAll,
      keepsNodeSide: name === struck && crime.keepsNodeSide === true,
    });
  const [phone, laptop, tablet] = await Promise.all([open('phone'), open('laptop'), open('tablet')]);
  const lines = { phone, laptop, tablet };
  return {
    ...{ ownerId, friendId, ownerToken, school, crime, recorder, lines, pass, past },
    history: recorder.history,
  };
};

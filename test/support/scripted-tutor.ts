import type { Tutor, TutorContext } from '../../src/tutor/port.ts';
import { makeReply } from '../../src/tutor/reply.ts';
import { eventually } from './eventually.ts';

/** One call of the model; the test says what it writes and when. */
export interface TutorCall {
  /** Counts the calls of this tutor from 0. */
  readonly index: number;
  readonly context: TutorContext;
  /** The text that is answered. */
  readonly question: string;
  say(...pieces: string[]): void;
  finish(): void;
  fail(error: unknown): void;
  /** `left`: nobody wants it any more, because the producer stopped or its node gave it up. */
  readonly state: 'open' | 'finished' | 'failed' | 'left';
}

/** A model whose every call is played by the test, or by a script; no two calls write the same unless told so. */
export interface ScriptedTutor extends Tutor {
  /** All calls so far, in the order of their coming. */
  readonly calls: readonly TutorCall[];
  /** Waits for the call with this index. */
  call(index: number, options?: { timeoutMs?: number }): Promise<TutorCall>;
}

interface Playing extends TutorCall {
  play(signal: AbortSignal, tell: (piece: string) => void): Promise<void>;
}

const startCall = (index: number, context: TutorContext): Playing => {
  const waiting: string[] = [];
  let state: TutorCall['state'] = 'open';
  let failure: unknown;
  let wake = (): void => {};

  const change = (work: () => void): void => {
    if (state !== 'open') return;
    work();
    wake();
  };

  return {
    index,
    context,
    question: context.turns.at(-1)?.text ?? '',
    get state() {
      return state;
    },
    say: (...pieces) => change(() => waiting.push(...pieces)),
    finish: () =>
      change(() => {
        state = 'finished';
      }),
    fail: (error) =>
      change(() => {
        state = 'failed';
        failure = error;
      }),
    async play(signal, tell) {
      const leave = () =>
        change(() => {
          state = 'left';
        });
      signal.addEventListener('abort', leave, { once: true });
      for (;;) {
        for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) tell(piece);
        if (state === 'failed') throw failure;
        if (state !== 'open') return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
};

/** @param script plays each call as it comes; without it they wait for the test. */
export const createScriptedTutor = (script: (call: TutorCall) => void = () => {}): ScriptedTutor => {
  const calls: TutorCall[] = [];
  return {
    kind: 'scripted',
    calls,
    call: (index, options) => eventually(() => calls[index], options),
    reply: (context, signal, onText) =>
      makeReply(signal, onText, async (upstream, tell) => {
        const call = startCall(calls.length, context);
        calls.push(call);
        script(call);
        await call.play(upstream.signal, tell);
      }),
  };
};

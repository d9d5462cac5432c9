import { estimateTokens } from './context-window.ts';
import { composeOfflineReply } from './offline-reply.ts';
import { pace, type Sleep } from './pacing.ts';
import type { Tutor } from './port.ts';
import { makeReply } from './reply.ts';
import { splitIntoTokens } from './tokens.ts';

export interface OfflineTutorOptions {
  /** 0 or Infinity: without delay. */
  readonly tokensPerSecond: number;
  /** How it calls itself. @default 'EdAgent' */
  readonly name?: string | undefined;
  /** What waits between tokens. @default a timer */
  readonly sleep?: Sleep | undefined;
  /** What makes the answer. @default composeOfflineReply */
  readonly compose?: typeof composeOfflineReply | undefined;
}

/** A tutor that needs neither network nor key: the same context gives the same answer, streamed as a model streams. */
export const createOfflineTutor = ({
  tokensPerSecond,
  name,
  sleep,
  compose = composeOfflineReply,
}: OfflineTutorOptions): Tutor => ({
  kind: 'offline',
  reply: (context, signal, onText) =>
    makeReply(signal, onText, async (upstream, tell) => {
      const tokens = splitIntoTokens(compose(context, name));
      for await (const token of pace(tokens, { tokensPerSecond, signal: upstream.signal, sleep }))
        tell(token);
      context.onUsage?.({
        inputTokens: context.turns.reduce((sum, turn) => sum + estimateTokens(turn.text), 0),
        outputTokens: tokens.length,
      });
    }),
});

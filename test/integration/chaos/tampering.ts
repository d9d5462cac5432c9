import { type Message, readMessage, withFrame, withPayload } from '../../chaos/frame-codec.ts';
import type { Fate, Tamper } from '../../chaos/frame-tap.ts';
import type { Frame } from '../../chaos/history.ts';

/** What somebody on the line can do to it, in words that a table of crimes reads well with. */

export type Match = (message: Message) => boolean;

export const event =
  (typename: string): Match =>
  ({ frame }) =>
    frame?.__typename === typename;

/** The delta with this in its text. */
export const deltaOf =
  (words: string): Match =>
  ({ frame }) =>
    frame?.__typename === 'AnswerDelta' && frame.text?.includes(words) === true;

export const ofType =
  (type: string): Match =>
  (message) =>
    message.type === type;

/** A learner's, not the tutor's. */
export const endOfTyping: Match = ({ typing }) => typing?.author.kind === 'LEARNER' && !typing.isTyping;

/** The device's own mutation. */
export const sendOf =
  (words: string): Match =>
  ({ type, payload }) =>
    type === 'subscribe' && JSON.stringify(payload.variables?.input ?? null).includes(words);

/** The result of a mutation with this name. */
export const resultOf =
  (field: string): Match =>
  ({ payload }) =>
    payload.data?.[field] !== undefined;

export const nth = (which: number, matches: Match): Match => {
  let seen = 0;
  return (message) => matches(message) && ++seen === which;
};

/** The first frame that matches gets this fate. All others go on. */
const strike = (matches: Match, toFate: (text: string) => Fate): Tamper => {
  let isDone = false;
  return (text) => {
    if (isDone || !matches(readMessage(text))) return { pass: [text] };
    isDone = true;
    return toFate(text);
  };
};

export const lose = (matches: Match): Tamper => strike(matches, () => ({ pass: [] }));

export const double = (matches: Match): Tamper => strike(matches, (text) => ({ pass: [text, text] }));

export const alter = (matches: Match, change: Partial<Frame>): Tamper =>
  strike(matches, (text) => ({ pass: [withFrame(text, change)] }));

/** Whatever it is: as text. */
export const rewrite = (matches: Match, change: (text: string) => string): Tamper =>
  strike(matches, (text) => ({ pass: [change(text)] }));

/** A frame that differs in this follows the true one. */
export const slipIn = (matches: Match, change: Partial<Frame>): Tamper =>
  strike(matches, (text) => ({ pass: [text, withFrame(text, change)] }));

/** It comes behind the next frame of its own subscription. */
export const swap = (matches: Match): Tamper => {
  let kept: { readonly id: string | null; readonly text: string } | 'none' | 'over' = 'none';
  return (text, from) => {
    const message = readMessage(text);
    if (kept === 'none' && matches(message)) {
      kept = { id: message.id, text };
      return { pass: [] };
    }
    if (typeof kept === 'string' || from === 'device' || message.id !== kept.id) return { pass: [text] };
    const { text: late } = kept;
    kept = 'over';
    return { pass: [text, late] };
  };
};

/** The line stands still from there on, until `toEnd()` resolves. */
export const hold = (matches: Match, toEnd: () => Promise<void>): Tamper =>
  strike(matches, (text) => ({ pass: [text], after: toEnd() }));

/** The subscription of the frame is ended behind it, in the name of the node. */
export const endBehind = (matches: Match, how: 'complete' | 'error'): Tamper =>
  strike(matches, (text) => {
    const { id } = readMessage(text);
    const errors = [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL', temporary: false } }];
    const end = how === 'complete' ? { id, type: 'complete' } : { id, type: 'error', payload: errors };
    return { pass: [text, JSON.stringify(end)] };
  });

/** The node never hears of it, and its sender hears this result. */
export const answerFor = (matches: Match, toData: (input: Record<string, unknown>) => object): Tamper =>
  strike(matches, (text) => {
    const { id, payload } = readMessage(text);
    const data = toData(payload.variables?.input as Record<string, unknown>);
    const reply = [
      { id, type: 'next', payload: { data } },
      { id, type: 'complete' },
    ];
    return { pass: [], reply: reply.map((message) => JSON.stringify(message)) };
  });

/** The device speaks to the node in the name of another. */
export const speakAs = (token: string): Tamper =>
  strike(ofType('connection_init'), (text) => ({
    pass: [withPayload(text, { authorization: `Bearer ${token}` })],
  }));

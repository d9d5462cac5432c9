import { randomUUID } from 'node:crypto';
import type { Tutor } from '../../../src/tutor/port.ts';
import type { CheckerName } from '../../chaos/checkers/all.ts';
import type { Tamper } from '../../chaos/frame-tap.ts';
import type { Circumstances, DeviceName } from './lesson.ts';
import {
  alter,
  answerFor,
  deltaOf,
  double,
  endBehind,
  endOfTyping,
  event,
  hold,
  lose,
  nth,
  ofType,
  resultOf,
  rewrite,
  sendOf,
  slipIn,
  speakAs,
  swap,
} from './tampering.ts';

/** Something that must not happen, done on purpose while a lesson is played. */
export interface Crime {
  readonly what: string;
  /** Whose line. @default 'phone' */
  readonly on?: DeviceName;
  readonly tamper?: (circumstances: Circumstances) => Tamper;
  /** The node is not told that the device has gone. */
  readonly keepsNodeSide?: boolean;
  readonly tutor?: (tutor: Tutor) => Tutor;
}

/** Says that it has the message. */
const pretendToSend = ({ conversationId, text }: Record<string, unknown>): object => ({
  sendMessage: {
    __typename: 'SendMessageSuccess',
    message: { id: randomUUID(), text },
    answer: null,
    conversation: { id: conversationId },
    cursor: 'none',
  },
});

const nameAnotherMessage = (text: string): string =>
  text.replace(/"message":\{"id":"[^"]+"/, `"message":{"id":"${randomUUID()}"`);

/** Asks the model once more for what it has already said, and throws that away. */
const askTwice = (tutor: Tutor): Tutor => ({
  kind: tutor.kind,
  async reply(context, signal, onText) {
    await tutor.reply(context, signal, onText);
    await tutor.reply(context, signal, () => {});
  },
});

/** What each checker has to catch. One that is added without a crime does not compile. */
export const crimes: Record<CheckerName, readonly [Crime, ...Crime[]]> = {
  'acknowledged-messages': [
    {
      what: 'a message is swallowed and acknowledged',
      tamper: () => answerFor(sendOf('thanks'), pretendToSend),
    },
    {
      what: 'the acknowledgement names another message',
      tamper: () => rewrite(resultOf('sendMessage'), nameAnotherMessage),
    },
  ],
  order: [
    { what: 'an event comes twice', tamper: () => double(event('MessageAdded')) },
    { what: 'two events change places', tamper: () => swap(event('MessageAdded')) },
    { what: 'an event is another', tamper: () => alter(event('MessageAdded'), { id: randomUUID() }) },
    {
      what: 'a message says something else',
      tamper: () => rewrite(event('MessageAdded'), (text) => text.replace('About', 'Nothing about')),
    },
  ],
  'silent-loss': [
    { what: 'an event is lost', tamper: () => lose(event('MessageAdded')) },
    { what: 'the last event is lost', on: 'laptop', tamper: () => lose(event('AnswerStopped')) },
  ],
  prefix: [
    { what: 'a delta is lost', tamper: () => lose(deltaOf('is a part')) },
    { what: 'a delta comes twice', tamper: () => double(deltaOf('is a part')) },
    { what: 'two deltas change places', tamper: () => swap(deltaOf('is a part')) },
    {
      what: 'a delta says something else',
      tamper: () => alter(deltaOf('is a part'), { text: 'is the sum ' }),
    },
  ],
  'final-text': [
    {
      what: 'an answer ends with another text',
      tamper: () => alter(event('AnswerFinished'), { text: '42' }),
    },
  ],
  'one-end': [{ what: 'an answer ends twice', tamper: () => double(event('AnswerFinished')) }],
  'model-calls': [{ what: 'the model is asked twice for one answer', tutor: askTwice }],
  'after-stop': [
    {
      what: 'a delta comes a second after the stop',
      tamper: ({ past }) => hold(deltaOf('has two divisors'), () => past('stop-acknowledged', 1_000)),
    },
  ],
  rights: [
    {
      what: "the line of a participant who is removed goes on in the owner's name",
      on: 'tablet',
      tamper: ({ ownerToken }) => speakAs(ownerToken),
    },
    {
      what: "an event of someone else's conversation is slipped in",
      tamper: () =>
        slipIn(event('MessageAdded'), { topic: 'conversation:another', conversationId: 'another' }),
    },
  ],
  typing: [{ what: 'nobody is told that typing has ended', tamper: () => lose(endOfTyping) }],
  'kept-subscriptions': [
    {
      what: 'a subscription is completed while its viewer has the right to it',
      on: 'laptop',
      tamper: () => endBehind(event('AnswerStopped'), 'complete'),
    },
    {
      what: 'a subscription fails for a reason that is none',
      on: 'laptop',
      tamper: () => endBehind(event('AnswerStopped'), 'error'),
    },
  ],
  return: [
    { what: 'who came back never hears Ready', on: 'laptop', tamper: () => lose(nth(2, event('Ready'))) },
  ],
  recovery: [
    {
      what: 'who came back hears nothing for 9 s',
      on: 'laptop',
      tamper: ({ pass }) => hold(nth(2, ofType('connection_ack')), () => pass(9_000)),
    },
  ],
  leftovers: [{ what: 'a socket outlives its device', on: 'laptop', keepsNodeSide: true }],
};

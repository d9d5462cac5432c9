import { sleep } from '../../src/util/sleep.ts';
import type { Random } from '../../test/support/random.ts';
import { createDevice, type Device, type Frame } from './device.ts';

/** A learner over lean sockets: connects, types, asks, reads the answer as it streams, stops some, comes and goes. */
export interface Visitor {
  readonly counts: VisitorCounts;
  /** Until the signal. */
  visit(): Promise<void>;
}

export interface VisitorCounts {
  readonly connects: number;
  readonly cuts: number;
  readonly subscribes: number;
  readonly conversations: number;
  readonly messages: number;
  readonly finished: number;
  readonly stopped: number;
  readonly deltas: number;
  readonly typingEvents: number;
  /** What the server said was wrong, and what did not come in time. */
  readonly failures: number;
  /** Answers whose text, as it was shown at the end, was no beginning of the closing event's. */
  readonly mismatches: number;
}

export interface VisitorOptions {
  readonly url: string;
  readonly token: string;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const all = `subscription { messageReceived { __typename ... on MessageAdded { message { id text } } ... on BroadcastAdded { text } } }`;
const one = `subscription One($id: ID!) { messageReceived(conversationId: $id) { __typename
  ... on MessageAdded { message { id text } } ... on AnswerDelta { messageId attempt offset text }
  ... on AnswerStarted { messageId } ... on AnswerFinished { messageId text } ... on AnswerStopped { messageId text }
  ... on AnswerFailed { messageId text } } }`;
const typists = `subscription Typists($id: ID!) { typing(conversationId: $id) { author { kind id } isTyping } }`;
const create = `mutation Create($id: ID!) { createConversation(input: { clientConversationId: $id }) { id } }`;
const type = `mutation Type($id: ID!, $isTyping: Boolean!) { setTyping(conversationId: $id, isTyping: $isTyping) }`;
const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on SendMessageSuccess { answer { id } } } }`;
const stop = `mutation Stop($id: ID!) { stopAnswer(messageId: $id) { id } }`;

const answerTimeoutMs = 40_000;
const visitsPerConversation = 3;
/** The place of `one` among a device's subscriptions. */
const conversationAt = 1;

interface Answer {
  text: string;
  attempt: number;
  /** Set when it is waited for. */
  onEnd: ((how: string) => void) | null;
}

export const createVisitor = ({ url, token, random, signal }: VisitorOptions): Visitor => {
  const counts = {
    connects: 0,
    cuts: 0,
    subscribes: 0,
    conversations: 0,
    messages: 0,
    finished: 0,
    stopped: 0,
    deltas: 0,
    typingEvents: 0,
    failures: 0,
    mismatches: 0,
  };
  const answers = new Map<string, Answer>();
  const ended = new Map<string, string>();

  const answerOf = (id: string): Answer => {
    const answer = answers.get(id) ?? { text: '', attempt: 0, onEnd: null };
    answers.set(id, answer);
    return answer;
  };
  const close = (id: string, how: string, text: string): void => {
    const answer = answerOf(id);
    // N8
    if (!text.startsWith(answer.text)) counts.mismatches++;
    answers.delete(id);
    ended.set(id, how);
    answer.onEnd?.(how);
  };

  const onNext = ({ payload }: Frame, subscription: number): void => {
    if (payload.errors) counts.failures++;
    if (payload.data?.typing) counts.typingEvents++;
    // The viewer-wide subscription tells of the same answers, without their deltas.
    if (subscription !== conversationAt) return;
    const event = payload.data?.messageReceived;
    switch (event?.__typename) {
      case 'AnswerDelta': {
        const answer = answerOf(event.messageId);
        counts.deltas++;
        if (event.attempt > answer.attempt) answer.text = '';
        answer.attempt = event.attempt;
        answer.text = answer.text.slice(0, event.offset) + event.text;
        break;
      }
      case 'AnswerFinished':
      case 'AnswerStopped':
      case 'AnswerFailed':
        close(event.messageId, event.__typename, event.text);
        break;
      default:
    }
  };

  /** Null when the server says that something is wrong. */
  const run = async (device: Device, query: string, variables: Record<string, unknown>) => {
    const { type: kind, payload } = await device.run(query, variables);
    if (kind === 'next' && !payload.errors) return payload.data;
    counts.failures++;
    return null;
  };

  const waitForEnd = (id: string): Promise<string> =>
    new Promise((resolve) => {
      const known = ended.get(id);
      if (known !== undefined) {
        resolve(known);
        return;
      }
      const timer = setTimeout(() => resolve('late'), answerTimeoutMs);
      answerOf(id).onEnd = (how) => {
        clearTimeout(timer);
        resolve(how);
      };
    });

  const ask = async (device: Device, conversationId: string): Promise<void> => {
    await run(device, type, { id: conversationId, isTyping: true });
    const clientMessageId = `m${++counts.messages}`;
    const text = `What is ${random.int(90)} times ${random.int(90)}? [${clientMessageId}]`;
    const sent = await run(device, send, { input: { clientMessageId, conversationId, text } });
    const id: string | undefined = sent?.sendMessage.answer?.id;
    if (id === undefined) return;
    const end = waitForEnd(id);
    if (random.chance(0.15)) {
      await sleep(random.int(800), signal);
      await run(device, stop, { id });
    }
    const how = await end;
    ended.delete(id);
    if (how === 'AnswerFinished') counts.finished++;
    else if (how === 'AnswerStopped') counts.stopped++;
    else counts.failures++;
  };

  const stay = async (device: Device, conversationId: string): Promise<void> => {
    const actions = 1 + random.int(3);
    for (let at = 0; at < actions && !signal.aborted; at++) {
      await ask(device, conversationId);
      if (random.chance(0.3)) {
        device.complete(conversationAt);
        await sleep(50, signal);
        device.subscribe(conversationAt);
        counts.subscribes++;
      }
      await sleep(200 + random.int(1_500), signal);
    }
  };

  const createConversation = async (): Promise<string | null> => {
    const device = createDevice({ url, token, subscriptions: [] });
    await device.connect();
    const made = await run(device, create, { id: `c${++counts.conversations}` });
    device.leave();
    return made?.createConversation.id ?? null;
  };

  const visitConversation = async (): Promise<void> => {
    const id = await createConversation();
    if (id === null) return;
    const variables = { id };
    const device = createDevice({
      url,
      token,
      subscriptions: [{ query: all }, { query: one, variables }, { query: typists, variables, isLog: false }],
      onNext,
      onError: () => {
        counts.failures++;
      },
      onLost: () => {
        counts.failures++;
      },
    });
    for (let visit = 0; visit < visitsPerConversation && !signal.aborted; visit++) {
      await device.connect();
      counts.connects++;
      counts.subscribes += 3;
      await stay(device, id);
      if (random.chance(0.5)) device.leave();
      else {
        device.cut();
        counts.cuts++;
      }
      await sleep(200 + random.int(1_000), signal);
    }
  };

  return {
    counts,
    async visit() {
      while (!signal.aborted) {
        try {
          await visitConversation();
        } catch {
          counts.failures++;
          await sleep(500, signal);
        }
      }
    },
  };
};

import { type Position, toCursor } from '../../../src/domain/cursor.ts';
import type { Topic } from '../../../src/domain/topics.ts';
import type {
  Fact,
  FactBody,
  FactOf,
  FinalStore,
  Frame,
  History,
  Resumption,
  StoredAnswer,
  StoredMessage,
  StoredPlacement,
} from '../../chaos/history.ts';

/** A system that does all right, in a few lines: what a run would have recorded of it. */

const epoch = 'e1';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Subscriber {
  readonly client: string;
  readonly subscription: string;
  readonly topics: readonly Topic[];
  readonly conversationId: string | null;
  readonly positions: Map<string, number>;
  readonly toldTo: Map<string, { attempt: number; to: number }>;
  isConnected: boolean;
}

interface InProgress {
  attempt: number;
  text: string;
}

export interface SubscribeOptions {
  readonly client: string;
  readonly subscription: string;
  readonly userId: string;
  readonly conversationId: string | null;
  /** Topics that a cursor is given of, at the place where they stand. @default all */
  readonly after?: readonly Topic[];
  readonly resumption?: Resumption;
}

export const createScene = () => {
  const facts: Fact[] = [];
  const placements: StoredPlacement[] = [];
  const messages: Mutable<StoredMessage>[] = [];
  const answers: Mutable<StoredAnswer>[] = [];
  const owners = new Map<string, string>();
  const participants = new Map<string, Set<string>>();
  const seqs = new Map<string, number>();
  const subscribers = new Map<string, Subscriber>();
  const inProgress = new Map<string, InProgress>();
  let nowMs = 0;
  let lastId = 0;

  const newId = (prefix: string): string => `${prefix}-${++lastId}`;
  const seqOf = (topic: string): number => seqs.get(topic) ?? 0;
  const cursorAt = (topic: Topic, seq: number): string => toCursor({ topic, epoch, seq } satisfies Position);

  const add = (fact: FactBody): void => {
    nowMs += 5;
    facts.push({ ...fact, atMs: nowMs });
  };

  const receive = ({ client, subscription }: Subscriber, frame: Frame): void =>
    add({ kind: 'received', client, subscription, frame });

  const toFrame = ({ topic, seq, eventId, body }: StoredPlacement): Frame => {
    const { type, userId: _, ...fields } = body;
    return { __typename: type, id: eventId, topic, cursor: cursorAt(topic as Topic, seq), ...fields };
  };

  const endRight = (subscriber: Subscriber, how: 'complete' | 'error'): void => {
    const { client, subscription } = subscriber;
    subscribers.delete(subscription);
    add({ kind: 'subscription-ended', client, subscription, how });
  };

  const users = new Map<string, string>();

  /** All that stands behind the subscriber's position in this topic. */
  const catchUp = (subscriber: Subscriber, topic: Topic): void => {
    const position = subscriber.positions.get(topic) ?? seqOf(topic);
    for (const placement of placements.filter((one) => one.topic === topic && one.seq > position)) {
      subscriber.positions.set(topic, placement.seq);
      const { type, userId } = placement.body;
      if (type !== 'AccessEnded') receive(subscriber, toFrame(placement));
      else if (userId === users.get(subscriber.client)) {
        endRight(subscriber, 'complete');
        return;
      }
    }
    subscriber.positions.set(topic, seqOf(topic));
  };

  const tellText = (subscriber: Subscriber, messageId: string, conversationId: string): void => {
    const progress = inProgress.get(messageId);
    if (!progress || progress.text === '' || subscriber.conversationId !== conversationId) return;
    const { attempt, text } = progress;
    const told = subscriber.toldTo.get(messageId);
    const offset = told?.attempt === attempt ? told.to : 0;
    subscriber.toldTo.set(messageId, { attempt, to: text.length });
    const frame = { messageId, conversationId, attempt, offset, text: text.slice(offset) };
    receive(subscriber, { __typename: 'AnswerDelta', ...frame });
  };

  const connected = (): Subscriber[] => [...subscribers.values()].filter((one) => one.isConnected);

  const place = (topics: readonly Topic[], body: StoredPlacement['body']): void => {
    const eventId = newId('event');
    for (const topic of topics) {
      const seq = seqOf(topic) + 1;
      seqs.set(topic, seq);
      placements.push({ topic, seq, eventId, body });
    }
    for (const subscriber of connected()) {
      for (const topic of subscriber.topics) if (topics.includes(topic)) catchUp(subscriber, topic);
    }
  };

  const topicsOf = (conversationId: string): Topic[] => [
    `conversation:${conversationId}`,
    ...[...(participants.get(conversationId) ?? [])].map((userId): Topic => `user:${userId}`),
  ];

  const becomeReady = (subscriber: Subscriber, resumed: boolean): void => {
    for (const topic of subscriber.topics) if (subscriber.positions.has(topic)) catchUp(subscriber, topic);
    for (const { messageId, conversationId } of answers) tellText(subscriber, messageId, conversationId);
    const cursors = subscriber.topics.map((topic) => {
      subscriber.positions.set(topic, seqOf(topic));
      return { topic, cursor: cursorAt(topic, seqOf(topic)) };
    });
    receive(subscriber, { __typename: 'Ready', cursors, resumed });
  };

  const answerOf = (messageId: string): Mutable<StoredAnswer> => {
    const answer = answers.find((one) => one.messageId === messageId);
    if (!answer) throw new Error(`no answer ${messageId}`);
    return answer;
  };

  const addMessage = (message: Omit<StoredMessage, 'position'>): void => {
    messages.push({ ...message, position: messages.length + 1 });
    const { id, text, conversationId } = message;
    place(topicsOf(conversationId), { type: 'MessageAdded', conversationId, message: { id, text } });
  };

  return {
    add,
    place,
    cursorAt,
    seqOf,
    wait(ms: number) {
      nowMs += ms;
    },
    createConversation(id: string, ownerId: string, others: readonly string[] = []) {
      owners.set(id, ownerId);
      participants.set(id, new Set([ownerId, ...others]));
      for (const userId of others) add({ kind: 'participant-add-called', conversationId: id, userId });
      place(topicsOf(id), { type: 'ConversationUpdated', conversationId: id, title: `the title of ${id}` });
    },
    connect(client: string, userId: string, node = 0) {
      users.set(client, userId);
      add({ kind: 'client-made', client, userId, library: 'graphql-ws', resumption: 'helper' });
      add({ kind: 'connected', client, node });
    },
    subscribe(options: SubscribeOptions) {
      const { client, subscription, userId, conversationId, resumption = 'helper' } = options;
      const own: Topic = conversationId === null ? `user:${userId}` : `conversation:${conversationId}`;
      const topics: Topic[] = [own, 'broadcast'];
      const given = options.after ?? topics;
      const subscriber: Subscriber = {
        client,
        subscription,
        topics,
        conversationId,
        positions: new Map(given.map((topic) => [topic, seqOf(topic)])),
        toldTo: new Map(),
        isConnected: true,
      };
      const after = given.map((topic) => cursorAt(topic, seqOf(topic)));
      add({ kind: 'subscribed', client, subscription, conversationId, after, resumption });
      subscribers.set(subscription, subscriber);
      becomeReady(subscriber, given.length === topics.length);
    },
    cut(subscription: string) {
      const subscriber = subscribers.get(subscription);
      if (!subscriber) throw new Error(`no subscription ${subscription}`);
      subscriber.isConnected = false;
      subscriber.toldTo.clear();
      add({ kind: 'closed', client: subscriber.client, code: 1006, reason: '' });
    },
    comeBack(subscription: string, node = 0, resumed = true) {
      const subscriber = subscribers.get(subscription);
      if (!subscriber) throw new Error(`no subscription ${subscription}`);
      add({ kind: 'connected', client: subscriber.client, node });
      subscriber.isConnected = true;
      if (!resumed) subscriber.positions.clear();
      becomeReady(subscriber, resumed);
    },
    /** The topic cannot be served: Resync where it stands. */
    resync(subscription: string, topic: Topic) {
      const subscriber = subscribers.get(subscription);
      if (!subscriber) throw new Error(`no subscription ${subscription}`);
      add({ kind: 'connected', client: subscriber.client, node: 0 });
      subscriber.isConnected = true;
      subscriber.positions.set(topic, seqOf(topic));
      const cursors = [{ topic, cursor: cursorAt(topic, seqOf(topic)) }];
      receive(subscriber, { __typename: 'Resync', cause: 'TOO_FAR_BEHIND', cursors });
      becomeReady(subscriber, false);
    },
    send(client: string, conversationId: string, clientMessageId: string): string {
      const text = `what about ${clientMessageId}?`;
      add({ kind: 'send-called', client, clientMessageId, conversationId, text });
      const cursor = cursorAt(`conversation:${conversationId}`, seqOf(`conversation:${conversationId}`));
      const messageId = newId('message');
      const answerId = newId('answer');
      const authorId = users.get(client) ?? '';
      const shared = { conversationId, retryOf: null };
      addMessage({
        ...shared,
        id: messageId,
        authorKind: 'LEARNER',
        authorId,
        text,
        inReplyTo: null,
        clientMessageId,
      });
      const ofTutor = { authorKind: 'TUTOR', authorId: 'tutor', text: '', clientMessageId: null } as const;
      addMessage({ ...shared, ...ofTutor, id: answerId, inReplyTo: messageId });
      answers.push({
        messageId: answerId,
        conversationId,
        inReplyTo: messageId,
        state: 'WAITING',
        attempt: 0,
      });
      const acknowledged = { client, clientMessageId, conversationId, messageId, answerId, text, cursor };
      add({ kind: 'send-acknowledged', ...acknowledged });
      return answerId;
    },
    /** Claims it: the first time it starts. */
    attempt(messageId: string, callId: string, text: string) {
      const answer = answerOf(messageId);
      const { conversationId, inReplyTo } = answer;
      answer.attempt += 1;
      answer.state = 'GENERATING';
      if (answer.attempt === 1) {
        place(topicsOf(conversationId), { type: 'AnswerStarted', conversationId, messageId });
      }
      inProgress.set(messageId, { attempt: answer.attempt, text: '' });
      const question = messages.find(({ id }) => id === inReplyTo)?.clientMessageId ?? '';
      add({ kind: 'model-called', callId, question, text });
    },
    say(messageId: string, text: string) {
      const progress = inProgress.get(messageId);
      if (!progress) throw new Error(`nobody makes ${messageId}`);
      progress.text += text;
      const { conversationId } = answerOf(messageId);
      for (const subscriber of connected()) tellText(subscriber, messageId, conversationId);
    },
    end(messageId: string, state: 'FINISHED' | 'STOPPED' | 'FAILED', text?: string) {
      const answer = answerOf(messageId);
      const { conversationId } = answer;
      const ended = text ?? inProgress.get(messageId)?.text ?? '';
      answer.state = state;
      const message = messages.find(({ id }) => id === messageId);
      if (message) message.text = ended;
      inProgress.delete(messageId);
      const type = { FINISHED: 'AnswerFinished', STOPPED: 'AnswerStopped', FAILED: 'AnswerFailed' }[state];
      const failure = state === 'FAILED' ? { failure: { code: 'ATTEMPTS_EXHAUSTED' } } : {};
      place(topicsOf(conversationId), { type, conversationId, messageId, text: ended, ...failure });
    },
    remove(conversationId: string, userId: string) {
      participants.get(conversationId)?.delete(userId);
      place([`user:${userId}`], { type: 'ConversationRemoved', conversationId });
      place([`conversation:${conversationId}`], { type: 'AccessEnded', conversationId, userId });
      add({ kind: 'removal-acknowledged', conversationId, userId });
    },
    /** Its user may not connect any more. */
    lock(subscription: string) {
      const subscriber = subscribers.get(subscription);
      if (!subscriber) throw new Error(`no subscription ${subscription}`);
      add({ kind: 'closed', client: subscriber.client, code: 4401, reason: 'blocked' });
      endRight(subscriber, 'error');
    },
    readPage(client: string, conversationId: string) {
      const topic: Topic = `conversation:${conversationId}`;
      const ofConversation = messages.filter((one) => one.conversationId === conversationId);
      const page = ofConversation.map(({ id, text }) => {
        const answer = answers.find((one) => one.messageId === id);
        return { id, text, answer: answer ? { state: answer.state, attempt: answer.attempt } : null };
      });
      const cursor = cursorAt(topic, seqOf(topic));
      add({ kind: 'page-read', client, conversationId, cursor, messages: page });
    },
    history: (): History => ({ seed: 1, facts: [...facts] }),
    store: (): FinalStore => ({
      epoch,
      conversations: [...owners].map(([id, ownerId]) => ({ id, ownerId, isDeleted: false })),
      messages: messages.map((one) => ({ ...one })),
      answers: answers.map((one) => ({ ...one })),
      placements: [...placements],
    }),
  };
};

export type Scene = ReturnType<typeof createScene>;

export interface Run {
  readonly history: History;
  readonly store: FinalStore;
}

const oneText = 'call-1: the sky is blue because short waves are scattered more than long ones.';
const twoText = 'call-2: water boils at a lower temperature on a mountain.';
const threeText = 'call-3: on a mountain the air weighs less, and so water boils sooner.';
const fourText = 'call-4: a prime has two divisors, and one is none.';
const fiveText = 'call-5: the Rhine begins in Switzerland.';
const sixText = 'call-6: leaves are green because of chlorophyll.';

const sevenText = 'call-7: ice is lighter than water.';

const sayAll = (scene: Scene, messageId: string, text: string, from = 0): void => {
  for (let at = from; at < text.length; at += 16) scene.say(messageId, text.slice(at, at + 16));
};

/** Answers that are finished, taken over, stopped and given up, over cuts and a Resync. */
const playAnswers = (scene: Scene): void => {
  const one = scene.send('ann-phone', 'c1', 'q1');
  scene.attempt(one, 'call-1', oneText);
  sayAll(scene, one, oneText.slice(0, 40));
  // A late joiner, and one who comes back in mid-answer.
  scene.subscribe({
    client: 'ben-phone',
    subscription: 's4',
    userId: 'ben',
    conversationId: 'c1',
    after: [],
  });
  scene.cut('s2');
  sayAll(scene, one, oneText, 40);
  scene.comeBack('s2', 1);
  scene.end(one, 'FINISHED');

  const two = scene.send('ann-laptop', 'c1', 'q2');
  scene.attempt(two, 'call-2', twoText);
  sayAll(scene, two, twoText.slice(0, 32));
  scene.add({ kind: 'fault-begin', faultId: 1, fault: 'node-kill', node: 0, answers: [two] });
  scene.cut('s1');
  scene.wait(700);
  scene.add({ kind: 'fault-end', faultId: 1 });
  scene.comeBack('s1', 1);
  scene.attempt(two, 'call-3', threeText);
  sayAll(scene, two, threeText);
  scene.end(two, 'FINISHED');
  scene.wait(4_000);

  const three = scene.send('ann-phone', 'c1', 'q3');
  scene.attempt(three, 'call-4', fourText);
  sayAll(scene, three, fourText.slice(0, 32));
  scene.add({ kind: 'stop-called', client: 'ann-phone', messageId: three });
  scene.add({ kind: 'stop-acknowledged', client: 'ann-phone', messageId: three });
  scene.say(three, fourText.slice(32, 40));
  scene.end(three, 'STOPPED');

  // Nobody made it any more: it ends with a checkpoint, shorter than what was shown.
  const four = scene.send('ann-phone', 'c1', 'q4');
  scene.attempt(four, 'call-5', fiveText);
  sayAll(scene, four, fiveText);
  scene.end(four, 'FAILED', fiveText.slice(0, 16));
};

/** A client that gives no cursors reads its page again with every Ready. */
const playStock = (scene: Scene): void => {
  scene.connect('ann-tablet', 'ann', 1);
  scene.readPage('ann-tablet', 'c1');
  scene.subscribe({
    client: 'ann-tablet',
    subscription: 's6',
    userId: 'ann',
    conversationId: 'c1',
    after: [],
    resumption: 'anew',
  });
  scene.readPage('ann-tablet', 'c1');
  scene.cut('s6');
  const missed = scene.send('ann-phone', 'c1', 'q6');
  scene.attempt(missed, 'call-7', sevenText);
  sayAll(scene, missed, sevenText);
  scene.end(missed, 'FINISHED');
  scene.comeBack('s6', 2, false);
  scene.readPage('ann-tablet', 'c1');
};

/** Rights that end, and those that never were. */
const playRights = (scene: Scene): void => {
  scene.remove('c1', 'ben');
  const five = scene.send('ann-phone', 'c1', 'q5');
  scene.attempt(five, 'call-6', sixText);
  sayAll(scene, five, sixText);
  scene.end(five, 'FINISHED');

  scene.connect('cas-phone', 'cas', 1);
  scene.subscribe({ client: 'cas-phone', subscription: 's5', userId: 'cas', conversationId: null });
  scene.add({ kind: 'block-acknowledged', userId: 'cas' });
  scene.lock('s5');
};

const playTyping = (scene: Scene): void => {
  const of = { client: 'ann-laptop', subscription: 't1', conversationId: 'c2' };
  const author = { kind: 'LEARNER', id: 'ann' } as const;
  scene.add({ kind: 'typing-subscribed', ...of });
  scene.add({ kind: 'typing-called', client: 'ann-phone', conversationId: 'c2', isTyping: true });
  scene.add({ kind: 'typing-received', ...of, author, isTyping: true });
  scene.wait(5_950);
  scene.add({ kind: 'typing-received', ...of, author, isTyping: false });
  scene.add({ kind: 'typing-received', ...of, author: { kind: 'TUTOR', id: 'tutor' }, isTyping: true });
  scene.add({ kind: 'typing-received', ...of, author: { kind: 'TUTOR', id: 'tutor' }, isTyping: false });
};

const gauges = {
  connections: 1,
  sockets: 12,
  timers: 9,
  redisChannels: 3,
  heapBytes: 4e7,
  residentBytes: 9e7,
};

/** Everything that a correct system may do, once. */
export const cleanRun = (): Run => {
  const scene = createScene();
  scene.add({ kind: 'measured', when: 'baseline', node: 0, gauges });
  scene.createConversation('c1', 'ann', ['ben']);
  scene.createConversation('c2', 'ann');
  scene.connect('ann-phone', 'ann', 0);
  scene.connect('ann-laptop', 'ann', 1);
  scene.connect('ann-stock', 'ann', 2);
  scene.connect('ben-phone', 'ben', 0);
  scene.subscribe({ client: 'ann-phone', subscription: 's1', userId: 'ann', conversationId: 'c1' });
  scene.subscribe({
    client: 'ann-laptop',
    subscription: 's2',
    userId: 'ann',
    conversationId: 'c1',
    after: ['conversation:c1'],
  });
  scene.subscribe({
    client: 'ann-stock',
    subscription: 's3',
    userId: 'ann',
    conversationId: null,
    after: [],
    resumption: 'anew',
  });
  playAnswers(scene);
  // A stock client that gives no cursors is told by the second Ready.
  scene.cut('s3');
  scene.place(['broadcast'], { type: 'BroadcastAdded', broadcastId: 'b1', text: 'a notice' });
  scene.comeBack('s3', 2, false);
  scene.cut('s2');
  scene.place(['conversation:c1'], { type: 'ConversationUpdated', conversationId: 'c1', title: 'another' });
  scene.resync('s2', 'conversation:c1');
  scene.readPage('ann-laptop', 'c1');
  playStock(scene);
  playRights(scene);
  scene.wait(11_000);
  playTyping(scene);
  scene.readPage('ann-phone', 'c1');
  scene.place(['broadcast'], { type: 'BroadcastAdded', broadcastId: 'b2', text: 'the last notice' });
  scene.wait(7_000);
  scene.add({ kind: 'settled' });
  scene.add({ kind: 'measured', when: 'end', node: 0, gauges });
  return { history: scene.history(), store: scene.store() };
};

/** The same run with other facts; `to` gives what stands in the place of each fact. */
export const alter = ({ history, store }: Run, to: (fact: Fact, index: number) => readonly Fact[]): Run => ({
  history: { ...history, facts: history.facts.flatMap(to) },
  store,
});

export const isFrame = (fact: Fact): fact is FactOf<'received'> => fact.kind === 'received';

/** Where the frame of this subscription stands that `matches`; the nth of them. */
export const frameAt = (
  { history }: Run,
  subscription: string,
  matches: (frame: Frame) => boolean,
  nth = 0,
): number => {
  const found = history.facts.flatMap((fact, index) =>
    isFrame(fact) && fact.subscription === subscription && matches(fact.frame) ? [index] : [],
  );
  const index = found[nth];
  if (index === undefined) throw new Error('there is no such frame');
  return index;
};

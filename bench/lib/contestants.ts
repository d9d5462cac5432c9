import type { Disposers } from '../../src/util/disposers.ts';
import type { FanOutDevice, FanOutLoad } from '../loads/fan-out.ts';
import type { Subscription } from './device.ts';
import type { Dialect } from './follower.ts';
import { type Load, startLoad } from './load.ts';
import { eachOf } from './pace.ts';
import { type PeerName, startPeer } from './peer.ts';
import type { Server } from './server.ts';
import { type Node, type System, startSystem } from './system.ts';

/**
 * Who takes part in the questions about deliveries. Each is two equal nodes on one Redis: an event enters at one, as an HTTP request,
 * and the sockets are at the other, whose CPU is what a delivery costs. So no ratio has the transaction in it that makes an
 * event of EdAgent durable, which is a question of its own (`send-message`), and every event comes through Redis.
 */
export type ContestantName = 'edagent' | 'bareWs' | 'socketIo' | 'graphqlWs' | 'yoga' | 'mercurius';

export const contestantTitles: Readonly<Record<ContestantName, string>> = {
  edagent: 'EdAgent',
  bareWs: 'bare ws',
  socketIo: 'Socket.IO',
  graphqlWs: 'graphql-ws',
  yoga: 'Yoga',
  mercurius: 'Mercurius',
};

export const contestantNames = Object.keys(contestantTitles) as ContestantName[];

/**
 * - `broadcast`: events for all; every socket is of another user and has another conversation open.
 * - `conversation`: events of one conversation that all sockets follow, the devices of some participants.
 * - `conversations`: each event in one of as many conversations as there are sockets.
 */
export type Audience =
  | { readonly kind: 'broadcast' | 'conversations'; readonly sockets: number }
  | { readonly kind: 'conversation'; readonly sockets: number; readonly participants: number };

export interface Contestant {
  /** Whose sockets they are. */
  readonly receiver: Server;
  readonly load: Load<FanOutLoad>;
  /** Where the sockets go. */
  readonly url: string;
  readonly dialect: Dialect;
  readonly devices: readonly FanOutDevice[];
  /** Resolves when the node at which it enters has taken it. */
  publish(number: number, text: string): Promise<void>;
}

const follow = `subscription Follow($id: ID!) {
  messageReceived(conversationId: $id) {
    __typename
    ... on MessageAdded { id topic cursor at conversationId message { id text author { kind id name } createdAt } }
    ... on BroadcastAdded { id topic cursor at broadcastId text expiresAt }
  }
}`;
const typists = `subscription Typists($id: ID!) {
  typing(conversationId: $id) { conversationId author { kind id name } isTyping expiresAt }
}`;
const create = `mutation Create($id: ID!) { createConversation(input: { clientConversationId: $id }) { id } }`;
const add = `mutation Add($id: ID!, $userId: ID!) { addParticipant(conversationId: $id, userId: $userId) { id } }`;
const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }`;
const broadcast = `mutation Broadcast($input: BroadcastInput!) { broadcast(input: $input) { connectionCount } }`;

const atOnce = 8;

export const subscriptionsOf = (conversationId: string, withTyping = false): Subscription[] => {
  const variables = { id: conversationId };
  const messages = { query: follow, variables };
  return withTyping ? [messages, { query: typists, variables, isLog: false }] : [messages];
};

export const topicsOf = (conversationId: string, withTyping = false): string[] => [
  `conversation:${conversationId}`,
  'broadcast',
  ...(withTyping ? [`typing:${conversationId}`] : []),
];

/** Each with a conversation of its own. */
export const createLearners = async (system: System, count: number): Promise<Learner[]> => {
  const learners: Learner[] = [];
  const places = Array.from({ length: count }, (_, at) => at);
  await eachOf(places, atOnce, async (at) => {
    const token = await system.token(`learner-${at}`);
    const { createConversation } = await system.request(token, create, { id: 'own' });
    learners[at] = { token, conversationId: createConversation.id };
  });
  return learners;
};

export interface Learner {
  readonly token: string;
  readonly conversationId: string;
}

export const shareConversation = async (system: System, participants: number): Promise<Learner[]> => {
  const [owner, ...others] = await createLearners(system, participants);
  if (!owner) return [];
  const { token, conversationId } = owner;
  for (const at of others.keys()) {
    await system.request(token, add, { id: conversationId, userId: `learner-${at + 1}` });
  }
  return [owner, ...others.map((other) => ({ ...other, conversationId }))];
};

const startEdAgent = async (
  system: System,
  receiver: Node,
  audience: Audience,
  disposers: Disposers,
): Promise<Contestant> => {
  const { kind, sockets } = audience;
  const learners =
    kind === 'conversation'
      ? await shareConversation(system, audience.participants)
      : await createLearners(system, sockets);
  const admin = await system.token('admin', 'admin');
  const learnerAt = (at: number): Learner => {
    const learner = learners[at % learners.length];
    if (!learner) throw new Error('nobody takes part');
    return learner;
  };
  return {
    receiver: receiver.server,
    load: await startLoad<FanOutLoad>('fan-out', disposers),
    url: receiver.wsUrl,
    dialect: 'edagent',
    devices: Array.from({ length: sockets }, (_, at) => {
      const { token, conversationId } = learnerAt(at);
      return { token, subscriptions: subscriptionsOf(conversationId) };
    }),
    async publish(number, text) {
      if (kind === 'broadcast') {
        await system.request(admin, broadcast, { input: { clientBroadcastId: `m${number}`, text } });
        return;
      }
      const { token, conversationId } = learnerAt(kind === 'conversation' ? 0 : number);
      const input = { clientMessageId: `m${number}`, conversationId, text, answer: false };
      await system.request(token, send, { input });
    },
  };
};

interface PeerKind {
  readonly program: PeerName;
  readonly dialect: Dialect;
  readonly path: string;
}

export const peerKinds: Readonly<Record<Exclude<ContestantName, 'edagent'>, PeerKind>> = {
  bareWs: { program: 'bare-ws', dialect: 'bare', path: '/' },
  socketIo: { program: 'socket-io', dialect: 'socket.io', path: '/socket.io/?EIO=4&transport=websocket' },
  graphqlWs: { program: 'graphql-ws', dialect: 'graphql', path: '/graphql' },
  yoga: { program: 'yoga', dialect: 'graphql', path: '/graphql' },
  mercurius: { program: 'mercurius', dialect: 'graphql', path: '/graphql' },
};

export const toSocketUrl = (server: Server, path: string): string =>
  `${server.url.replace(/^http/, 'ws')}${path}`;

const startPeers = async (
  { program, dialect, path }: PeerKind,
  { redisUrl }: System,
  { kind, sockets }: Audience,
  disposers: Disposers,
): Promise<Contestant> => {
  const env = { REDIS_URL: redisUrl, TOPIC_PREFIX: `${program}:` };
  const sender = await startPeer(program, env, disposers);
  const receiver = await startPeer(program, env, disposers);
  const conversationAt = (at: number): string => `c${kind === 'conversation' ? 0 : at % sockets}`;
  return {
    receiver,
    load: await startLoad<FanOutLoad>('fan-out', disposers),
    url: toSocketUrl(receiver, path),
    dialect,
    devices: Array.from({ length: sockets }, (_, at) => {
      const conversation = conversationAt(at);
      return { token: 'none', subscriptions: subscriptionsOf(conversation), topics: topicsOf(conversation) };
    }),
    async publish(number, text) {
      const conversation = kind === 'broadcast' ? null : conversationAt(number);
      const response = await fetch(`${sender.url}/publish`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ conversation, text }),
      });
      if (!response.ok) throw new Error(`${program}: ${response.status} ${await response.text()}`);
    },
  };
};

/** All of them, each with its sockets connected. */
export const startContestants = async ({
  main,
  audience,
  disposers,
  print,
}: StartOptions): Promise<Readonly<Record<ContestantName, Contestant>>> => {
  const system = await startSystem({ disposers, main });
  const receiver = await system.startNode();
  const started: Partial<Record<ContestantName, Contestant>> = {};
  for (const name of contestantNames) {
    print(`${contestantTitles[name]}: ${audience.sockets} sockets connect …`);
    const contestant =
      name === 'edagent'
        ? await startEdAgent(system, receiver, audience, disposers)
        : await startPeers(peerKinds[name], system, audience, disposers);
    const { load, url, dialect, devices } = contestant;
    await load.call('connect', { url, dialect, devices });
    started[name] = contestant;
  }
  return started as Record<ContestantName, Contestant>;
};

interface StartOptions {
  readonly main: string;
  readonly audience: Audience;
  readonly disposers: Disposers;
  print(line: string): void;
}

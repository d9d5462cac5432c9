/**
 * What happened in one run, as the run itself saw it: one list of facts in the order in which they were noticed, all by the
 * same clock. Checkers judge it together with what the store holds at the end.
 */

export const faultKinds = [
  'node-kill',
  'node-freeze',
  'node-stop',
  'rolling-restart',
  'redis-restart',
  'redis-freeze',
  'redis-flush',
  'redis-kill-pubsub',
  'redis-link-half-open',
  'store-restart',
  'store-outage',
  'store-link-cut',
  'store-link-half-open',
  'model-failure',
  'network-cut',
  'network-half-open',
  'network-slow',
  'network-flap',
  'token-expiry',
  'reload',
  'reconnect-storm',
  'stalled-reader',
  'connection-flood',
  'subscribe-churn',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** What a fault takes away from the others; checkers widen the bounds of PROTOCOL.md by it as far as that page says. */
export interface FaultTraits {
  /** Redis is not what it was until the nodes have found it again. */
  readonly redis: boolean;
  readonly store: boolean;
  /** The node does not run, or not what it should: `node` of the fault, all when it names none. */
  readonly node: boolean;
  /** Bytes between clients and the node come late or never. */
  readonly network: boolean;
  /** The time to come back counts from the beginning, because nothing is there that could come back by itself. */
  readonly countsFromBegin: boolean;
}

const none: FaultTraits = { redis: false, store: false, node: false, network: false, countsFromBegin: false };

export const faultTraits: Record<FaultKind, FaultTraits> = {
  'node-kill': { ...none, node: true, countsFromBegin: true },
  'node-freeze': { ...none, node: true },
  'node-stop': { ...none, node: true, countsFromBegin: true },
  'rolling-restart': { ...none, node: true },
  'redis-restart': { ...none, redis: true },
  'redis-freeze': { ...none, redis: true },
  'redis-flush': { ...none, redis: true },
  'redis-kill-pubsub': { ...none, redis: true },
  'redis-link-half-open': { ...none, redis: true },
  'store-restart': { ...none, store: true },
  'store-outage': { ...none, store: true },
  'store-link-cut': { ...none, store: true },
  'store-link-half-open': { ...none, store: true },
  'model-failure': none,
  'network-cut': { ...none, network: true },
  'network-half-open': { ...none, network: true },
  'network-slow': { ...none, network: true },
  'network-flap': { ...none, network: true },
  'token-expiry': none,
  reload: none,
  'reconnect-storm': none,
  'stalled-reader': none,
  'connection-flood': none,
  'subscribe-churn': none,
};

export interface TopicCursor {
  readonly topic: string;
  readonly cursor: string;
}

/** `data.messageReceived` of one `next`, as it came, by `messageReceivedDocument`. Fields that its type lacks are missing. */
export interface Frame {
  readonly __typename: string;
  readonly id?: string;
  readonly topic?: string;
  readonly cursor?: string;
  readonly cursors?: readonly TopicCursor[];
  readonly resumed?: boolean;
  readonly cause?: string;
  readonly conversationId?: string;
  readonly messageId?: string;
  readonly attempt?: number;
  readonly offset?: number;
  readonly text?: string;
  readonly title?: string;
  readonly broadcastId?: string;
  readonly message?: { readonly id: string; readonly text: string };
  readonly failure?: { readonly code: string };
}

/**
 * How a subscription comes back after its socket was lost: `helper` by edagent-client; `cursors` by a stock client whose
 * app keeps one cursor a topic in its payload; `anew` by a stock client that sends the payload of the beginning again.
 */
export type Resumption = 'helper' | 'cursors' | 'anew';

/** What the app subscribes through. Apollo Client and urql stand on a client of graphql-ws's interface as well. */
export type Library = 'graphql-ws' | 'apollo' | 'urql';

export type AnswerState = 'WAITING' | 'GENERATING' | 'FINISHED' | 'STOPPED' | 'FAILED';

/** So many of the last messages are on a page. */
export const pageLength = 100;

export interface PageMessage {
  readonly id: string;
  readonly text: string;
  readonly answer: { readonly state: AnswerState; readonly attempt: number } | null;
}

/** Everything that is counted at the beginning and at the end, and has to come back to what it was. */
export interface Gauges {
  readonly connections?: number;
  readonly sockets?: number;
  readonly timers?: number;
  readonly redisChannels?: number;
  /** After a collection of garbage. */
  readonly heapBytes?: number;
  readonly residentBytes?: number;
}

export type FactBody =
  /** A client is one device with one edagent-client or graphql-ws client; a reload makes another one with a new name. */
  | {
      readonly kind: 'client-made';
      readonly client: string;
      readonly userId: string;
      readonly library: Library;
      readonly resumption: Resumption;
    }
  /** It is disposed of by its own user: what it was waiting for comes no more. */
  | { readonly kind: 'client-retired'; readonly client: string }
  /** It begins to open a socket. */
  | { readonly kind: 'connecting'; readonly client: string; readonly node: number }
  | { readonly kind: 'connected'; readonly client: string; readonly node: number }
  | { readonly kind: 'closed'; readonly client: string; readonly code: number; readonly reason: string }
  | { readonly kind: 'token-expired'; readonly client: string }
  /** Once for each `subscribe` of the app, not for what the client sends again after a reconnect. Names are never used twice. */
  | {
      readonly kind: 'subscribed';
      readonly client: string;
      readonly subscription: string;
      /** Null: viewer-wide. */
      readonly conversationId: string | null;
      readonly after: readonly string[];
      readonly resumption: Resumption;
    }
  | {
      readonly kind: 'subscription-ended';
      readonly client: string;
      readonly subscription: string;
      /** `client`: by its own wish; `complete` and `error`: by the server. */
      readonly how: 'client' | 'complete' | 'error';
      readonly code?: string;
    }
  | {
      readonly kind: 'received';
      readonly client: string;
      readonly subscription: string;
      readonly frame: Frame;
    }
  | {
      readonly kind: 'typing-subscribed';
      readonly client: string;
      readonly subscription: string;
      readonly conversationId: string;
    }
  | {
      readonly kind: 'typing-received';
      readonly client: string;
      readonly subscription: string;
      readonly conversationId: string;
      readonly author: { readonly kind: 'LEARNER' | 'TUTOR'; readonly id: string };
      readonly isTyping: boolean;
    }
  /** When the mutation was sent, whatever became of it. */
  | {
      readonly kind: 'typing-called';
      readonly client: string;
      readonly conversationId: string;
      readonly isTyping: boolean;
    }
  | {
      readonly kind: 'page-read';
      readonly client: string;
      readonly conversationId: string;
      readonly cursor: string;
      readonly messages: readonly PageMessage[];
    }
  | {
      readonly kind: 'send-called';
      readonly client: string;
      readonly clientMessageId: string;
      readonly conversationId: string | null;
      readonly text: string;
    }
  | {
      readonly kind: 'send-acknowledged';
      readonly client: string;
      readonly clientMessageId: string;
      readonly conversationId: string;
      readonly messageId: string;
      readonly answerId: string | null;
      readonly text: string;
      readonly cursor: string;
    }
  /** `code`: of the refusal or of the outcome (`AnswerInProgress`); `LOST` when no reply came. */
  | {
      readonly kind: 'send-failed';
      readonly client: string;
      readonly clientMessageId: string;
      readonly code: string;
    }
  | {
      readonly kind: 'retry-acknowledged';
      readonly client: string;
      readonly clientRetryId: string;
      readonly retryOf: string;
      readonly answerId: string;
    }
  | { readonly kind: 'stop-called'; readonly client: string; readonly messageId: string }
  | { readonly kind: 'stop-acknowledged'; readonly client: string; readonly messageId: string }
  | {
      readonly kind: 'read-acknowledged';
      readonly client: string;
      readonly conversationId: string;
      readonly messageId: string;
    }
  /** When it was called: from then on the user may have the right, whatever became of the call. */
  | { readonly kind: 'participant-add-called'; readonly conversationId: string; readonly userId: string }
  | { readonly kind: 'removal-acknowledged'; readonly conversationId: string; readonly userId: string }
  | { readonly kind: 'block-called'; readonly userId: string }
  | { readonly kind: 'block-acknowledged'; readonly userId: string }
  | { readonly kind: 'unblock-called'; readonly userId: string }
  | { readonly kind: 'disconnect-acknowledged'; readonly userId: string }
  /** The model server of the run. `question` is the clientMessageId that the text of the message held; `text` all it will say. */
  | {
      readonly kind: 'model-called';
      readonly callId: string;
      readonly question: string;
      readonly text: string;
    }
  | {
      readonly kind: 'model-ended';
      readonly callId: string;
      readonly how: 'finished' | 'aborted';
      readonly sentText: string;
    }
  | {
      readonly kind: 'fault-begin';
      readonly faultId: number;
      readonly fault: FaultKind;
      /** Of those that strike one node; missing when all are struck. */
      readonly node?: number;
      /** The answers that the node was making. */
      readonly answers?: readonly string[];
    }
  /** It is undone, and what it struck works again. */
  | { readonly kind: 'fault-end'; readonly faultId: number }
  /** How late the run's own event loop was since the last such fact: what it received may have come that much sooner. */
  | { readonly kind: 'runner-lag'; readonly lagMs: number }
  | {
      readonly kind: 'measured';
      readonly when: 'baseline' | 'end';
      /** Null: the whole cluster. */
      readonly node: number | null;
      readonly gauges: Gauges;
    }
  /** What a device shows at the end, by `createAnswerTexts` of edagent-client or the same rule. */
  | {
      readonly kind: 'shown';
      readonly client: string;
      readonly messageId: string;
      readonly state: AnswerState;
      readonly text: string;
    }
  /** Nothing was written for a while, no fault is in effect, and whoever is subscribed had the time to catch up. Once, near the end. */
  | { readonly kind: 'settled' };

export type Fact = FactBody & {
  /** Since the beginning of the run. */
  readonly atMs: number;
};

export type FactKind = Fact['kind'];
export type FactOf<Kind extends FactKind> = Extract<Fact, { readonly kind: Kind }>;

export interface History {
  readonly seed: number;
  readonly facts: readonly Fact[];
  /** Another bound of recovery than that of a machine which has nothing else to do. */
  readonly recoveryP99Ms?: number;
}

/** What the store holds after `settled`, read by SQL and not through the API. */
export interface FinalStore {
  readonly epoch: string;
  readonly conversations: readonly StoredConversation[];
  readonly messages: readonly StoredMessage[];
  readonly answers: readonly StoredAnswer[];
  /** By topic and seq, control events too. Trimmed ones are missing. */
  readonly placements: readonly StoredPlacement[];
}

export interface StoredConversation {
  readonly id: string;
  readonly ownerId: string;
  readonly isDeleted: boolean;
}

export interface StoredMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly position: number;
  readonly authorKind: 'LEARNER' | 'TUTOR';
  readonly authorId: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly retryOf: string | null;
  readonly clientMessageId: string | null;
}

export interface StoredAnswer {
  readonly messageId: string;
  readonly conversationId: string;
  readonly inReplyTo: string;
  readonly state: AnswerState;
  readonly attempt: number;
}

export interface StoredPlacement {
  readonly topic: string;
  readonly seq: number;
  readonly eventId: string;
  /** `events.body`; its `type` is the `__typename` of the frame, or `AccessEnded`, which is never delivered. */
  readonly body: {
    readonly type: string;
    readonly conversationId?: string;
    readonly messageId?: string;
    readonly text?: string;
    readonly title?: string;
    readonly broadcastId?: string;
    /** Of AccessEnded: null is everyone. */
    readonly userId?: string | null;
    readonly message?: { readonly id: string; readonly text: string };
    readonly failure?: { readonly code: string };
  };
}

export interface Recorder {
  readonly history: History;
  add(fact: FactBody): void;
}

/** @param now milliseconds of any clock that never goes back; injected so that a history can be made without one. */
export const createRecorder = (
  seed: number,
  now: () => number,
  more: Pick<History, 'recoveryP99Ms'> = {},
): Recorder => {
  const begin = now();
  const facts: Fact[] = [];
  return {
    history: { ...more, seed, facts },
    add(fact) {
      facts.push({ ...fact, atMs: now() - begin });
    },
  };
};

export const factsOf = <Kind extends FactKind>(history: History, kind: Kind): FactOf<Kind>[] =>
  history.facts.filter((fact): fact is FactOf<Kind> => fact.kind === kind);

export interface Violation {
  readonly what: string;
  /** What it is about; `shrink` keeps the facts of these. */
  readonly about: About;
}

export interface About {
  readonly atMs?: number;
  readonly messageId?: string;
  readonly conversationId?: string;
  readonly client?: string;
  readonly subscription?: string;
  readonly topic?: string;
  readonly userId?: string;
}

export interface Verdict {
  readonly name: string;
  /** How many facts were judged. A checker that judged none proves nothing, and the run fails. */
  readonly judged: number;
  readonly violations: readonly Violation[];
}

/** Pure. */
export type Checker = (history: History, store: FinalStore) => Verdict;

import { type Recovery, toAbsencesMs, toRecoveries, type Waiter } from './checkers/recovery.ts';
import { usersOf } from './checkers/stories.ts';
import { nameOfKind } from './device-kind.ts';
import { type FactKind, faultKinds, type History, type Verdict } from './history.ts';
import { percentile } from './percentile.ts';

export interface Summary {
  readonly seed: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** By the client that they have. */
  readonly devices: Readonly<Record<string, number>>;
  /** All that is judged: after the fault, outside the store's outages. */
  readonly recovery: RecoverySummary;
  readonly recoveryOf: Readonly<Record<Waiter, RecoverySummary>>;
  readonly stockWithItsWaits: RecoverySummary;
  readonly recoveryWithoutStore: RecoverySummary;
  /** From close to first frame, the faults that held it up included. */
  readonly absence: RecoverySummary;
  readonly verdicts: readonly Verdict[];
  /** No violation, and every checker judged something. */
  readonly isPassed: boolean;
}

export interface RecoverySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const toRecoverySummary = (times: readonly number[]): RecoverySummary => {
  return {
    count: times.length,
    p50Ms: Math.round(percentile(times, 50)),
    p99Ms: Math.round(percentile(times, 99)),
    maxMs: Math.round(percentile(times, 100)),
  };
};

const countDeliveries = (history: History) => {
  const counts = { 'durable events delivered': 0, 'deltas delivered': 0, resyncs: 0 };
  for (const fact of history.facts) {
    if (fact.kind !== 'received') continue;
    const { __typename, cursor } = fact.frame;
    if (__typename === 'AnswerDelta') counts['deltas delivered'] += 1;
    else if (__typename === 'Resync') counts.resyncs += 1;
    else if (cursor !== undefined) counts['durable events delivered'] += 1;
  }
  return counts;
};

const countFacts = (history: History): Record<string, number> => {
  const kinds = new Map<FactKind, number>();
  const messages = new Set<string>();
  const stops = new Set<string>();
  for (const fact of history.facts) {
    kinds.set(fact.kind, (kinds.get(fact.kind) ?? 0) + 1);
    if (fact.kind === 'send-acknowledged') messages.add(fact.messageId);
    if (fact.kind === 'stop-acknowledged') stops.add(fact.messageId);
  }
  const of = (kind: FactKind): number => kinds.get(kind) ?? 0;
  return {
    'messages acknowledged': messages.size,
    'answers stopped': stops.size,
    'retries acknowledged': of('retry-acknowledged'),
    ...countAimed(history),
    'calls of the model': of('model-called'),
    connections: of('connected'),
    subscriptions: of('subscribed'),
    'pages read': of('page-read'),
    'tokens that ended': of('token-expired'),
    ...countDeliveries(history),
  };
};

const countDevices = (history: History): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const fact of history.facts) {
    if (fact.kind !== 'client-made') continue;
    const name = nameOfKind(fact);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** Strikes of a node that was making answers, and rights that ended while they were in use. */
const countAimed = (history: History): Record<string, number> => {
  const answering = { 'node-kill': 0, 'node-freeze': 0 };
  const live = new Map<string, { userId: string; conversationId: string | null }>();
  const connected = new Set<string>();
  const users = usersOf(history);
  const clients = new Map<string, string>();
  let ended = 0;
  const isInUse = (userId: string, conversationId: string | null): boolean =>
    [...live].some(
      ([subscription, one]) =>
        one.userId === userId &&
        (conversationId === null || one.conversationId === conversationId) &&
        connected.has(clients.get(subscription) ?? ''),
    );
  for (const fact of history.facts) {
    if (fact.kind === 'fault-begin' && (fact.answers ?? []).length > 0) {
      if (fact.fault === 'node-kill' || fact.fault === 'node-freeze') answering[fact.fault] += 1;
    }
    if (fact.kind === 'subscribed') {
      live.set(fact.subscription, {
        userId: users.get(fact.client) ?? '',
        conversationId: fact.conversationId,
      });
      clients.set(fact.subscription, fact.client);
    }
    if (fact.kind === 'subscription-ended' && fact.how === 'client') live.delete(fact.subscription);
    if (fact.kind === 'connected') connected.add(fact.client);
    if (fact.kind === 'client-retired') connected.delete(fact.client);
    if (fact.kind === 'removal-acknowledged' && isInUse(fact.userId, fact.conversationId)) ended += 1;
    if (fact.kind === 'block-acknowledged' && isInUse(fact.userId, null)) ended += 1;
  }
  return {
    'kills of a node that was making answers': answering['node-kill'],
    'freezes of a node that was making answers': answering['node-freeze'],
    'removals and blocks of someone with a subscription': ended,
  };
};

const countFaults = (history: History): Record<string, number> => {
  const counts: Record<string, number> = Object.fromEntries(faultKinds.map((kind) => [kind, 0]));
  for (const fact of history.facts) {
    if (fact.kind === 'fault-begin') counts[fact.fault] = (counts[fact.fault] ?? 0) + 1;
  }
  return counts;
};

export const toSummary = (history: History, verdicts: readonly Verdict[]): Summary => {
  const recoveries = toRecoveries(history);
  const judged = recoveries.filter(({ isWithoutStore }) => !isWithoutStore);
  const of = (waiter: Waiter): Recovery[] => judged.filter((one) => one.waiter === waiter);
  const summarize = (some: readonly Recovery[]) => toRecoverySummary(some.map(({ ms }) => ms));
  return {
    seed: history.seed,
    faults: countFaults(history),
    counts: countFacts(history),
    devices: countDevices(history),
    recovery: summarize(judged),
    recoveryOf: {
      'edagent-client': summarize(of('edagent-client')),
      'stock client': summarize(of('stock client')),
      answer: summarize(of('answer')),
    },
    stockWithItsWaits: toRecoverySummary(of('stock client').map(({ wholeMs }) => wholeMs)),
    recoveryWithoutStore: summarize(recoveries.filter(({ isWithoutStore }) => isWithoutStore)),
    absence: toRecoverySummary(toAbsencesMs(history)),
    verdicts,
    isPassed: verdicts.every(({ judged, violations }) => judged > 0 && violations.length === 0),
  };
};

type Row = readonly [name: string, value: string];

const toRows = (counts: Readonly<Record<string, number>>): Row[] =>
  Object.entries(counts).map(([name, count]) => [name, String(count)]);

const toRecoveryRow = (name: string, { count, p50Ms, p99Ms, maxMs }: RecoverySummary): Row => [
  name,
  `${count} times, p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms`,
];

const toVerdictRow = ({ name, judged, violations }: Verdict): Row => {
  const outcome = violations.length > 0 ? `${violations.length} VIOLATIONS` : '0 violations';
  return [name, judged > 0 ? `${outcome} in ${judged} facts` : 'NOTHING WAS JUDGED'];
};

/** Rows under a heading, as they stand in docs/reliability.md. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

export const toSections = (summary: Summary): Section[] => {
  const total = Object.values(summary.faults).reduce((sum, count) => sum + count, 0);
  return [
    { title: 'faults', rows: [...toRows(summary.faults), ['in all', String(total)]] },
    { title: 'what happened', rows: toRows(summary.counts) },
    { title: 'devices, each reload another one', rows: toRows(summary.devices) },
    {
      title: 'back again',
      rows: [
        toRecoveryRow('after the fault, all of the next three', summary.recovery),
        toRecoveryRow('with edagent-client', summary.recoveryOf['edagent-client']),
        toRecoveryRow('with a stock client, from its first try', summary.recoveryOf['stock client']),
        toRecoveryRow('answers of a killed node', summary.recoveryOf.answer),
        toRecoveryRow('a stock client with its own waits', summary.stockWithItsWaits),
        toRecoveryRow("all in the store's outages", summary.recoveryWithoutStore),
        toRecoveryRow('from the close on, while the fault lasts too', summary.absence),
      ],
    },
    { title: 'checker', rows: summary.verdicts.map(toVerdictRow) },
  ];
};

export interface Column {
  readonly head: string;
  readonly sections: readonly Section[];
}

/** Markdown: a table a section, a column a run. A row that a run lacks is empty there. */
export const printColumns = (columns: readonly Column[]): string => {
  const titles = [...new Set(columns.flatMap(({ sections }) => sections.map(({ title }) => title)))];
  const tables = titles.map((title) => {
    const sections = columns.map(({ sections }) => sections.find((section) => section.title === title));
    const names = [...new Set(sections.flatMap((section) => (section?.rows ?? []).map(([name]) => name)))];
    const cellOf = (section: Section | undefined, name: string): string =>
      section?.rows.find(([of]) => of === name)?.[1] ?? '';
    return [
      `| ${[title, ...columns.map(({ head }) => head)].join(' | ')} |`,
      `|---${'|---'.repeat(columns.length)}|`,
      ...names.map((name) => `| ${[name, ...sections.map((one) => cellOf(one, name))].join(' | ')} |`),
      '',
    ].join('\n');
  });
  return tables.join('\n');
};

export const printTable = (summary: Summary): string =>
  printColumns([{ head: `seed ${summary.seed}`, sections: toSections(summary) }]);

import { type Recovery, toAbsencesMs, toRecoveries, type Waiter } from './checkers/recovery.ts';
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
    'removals and blocks': of('removal-acknowledged') + of('block-acknowledged'),
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

type Row = readonly [name: string, ...values: string[]];

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

const toSection = (title: string, rows: readonly Row[]): string[] => [
  `| ${title} | |`,
  '|---|---|',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];

/** Markdown, as it stands in docs/reliability.md. */
export const printTable = (summary: Summary): string => {
  const total = Object.values(summary.faults).reduce((sum, count) => sum + count, 0);
  return [
    ...toSection(`faults, seed ${summary.seed}`, [...toRows(summary.faults), ['in all', String(total)]]),
    ...toSection('what happened', toRows(summary.counts)),
    ...toSection('devices, each reload another one', toRows(summary.devices)),
    ...toSection('back again', [
      toRecoveryRow('after the fault, all of the next three', summary.recovery),
      toRecoveryRow('with edagent-client', summary.recoveryOf['edagent-client']),
      toRecoveryRow('with a stock client, from its first try', summary.recoveryOf['stock client']),
      toRecoveryRow('answers of a killed node', summary.recoveryOf.answer),
      toRecoveryRow('a stock client with its own waits', summary.stockWithItsWaits),
      toRecoveryRow("all in the store's outages", summary.recoveryWithoutStore),
      toRecoveryRow('from the close on, while the fault lasts too', summary.absence),
    ]),
    ...toSection('checker', summary.verdicts.map(toVerdictRow)),
  ].join('\n');
};

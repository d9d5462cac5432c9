import { type Column, renderTable } from './table.ts';

interface Node {
  readonly id: string;
  readonly version: string;
  readonly startedAt: string;
  readonly connectionCount: number;
  readonly userCount: number;
  readonly answersInProgress: number;
  readonly residentBytes: number;
  readonly isDraining: boolean;
}

interface Connection {
  readonly id: string;
  readonly userId: string;
  readonly transport: string;
  readonly nodeId: string;
  readonly connectedAt: string;
  readonly lastActivityAt: string;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly subscriptionCount: number;
}

export interface Status {
  readonly at: string;
  readonly connectionCount: number;
  readonly userCount: number;
  readonly nodes: readonly Node[];
  readonly rates: {
    readonly messages: number;
    readonly deltas: number;
    readonly answers: number;
    readonly timeToFirstTokenMs: number | null;
  };
  /** Not while watching. */
  readonly connections?: { readonly totalCount: number; readonly nodes: readonly Connection[] };
}

/** To the second, as a person reads it; always UTC. */
const time = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
const perSecond = (count: number): string => `${Math.round(count * 10) / 10}/s`;
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const nodeColumns: readonly Column<Node>[] = [
  { title: 'NODE', text: ({ id }) => id },
  { title: 'VERSION', text: ({ version }) => version },
  { title: 'SINCE', text: ({ startedAt }) => time(startedAt) },
  { title: 'CONNECTIONS', align: 'right', text: ({ connectionCount }) => String(connectionCount) },
  { title: 'USERS', align: 'right', text: ({ userCount }) => String(userCount) },
  { title: 'ANSWERS', align: 'right', text: ({ answersInProgress }) => String(answersInProgress) },
  {
    title: 'MEMORY',
    align: 'right',
    text: ({ residentBytes }) => `${Math.round(residentBytes / 1_048_576)} MB`,
  },
  { title: 'STATE', text: ({ isDraining }) => (isDraining ? 'stopping' : 'serving') },
];

const connectionColumns: readonly Column<Connection>[] = [
  { title: 'CONNECTION', text: ({ id }) => id },
  { title: 'USER', text: ({ userId }) => userId },
  { title: 'BY', text: ({ transport }) => transport.toLowerCase() },
  { title: 'NODE', text: ({ nodeId }) => nodeId },
  { title: 'SINCE', text: ({ connectedAt }) => time(connectedAt) },
  { title: 'LAST ACTIVITY', text: ({ lastActivityAt }) => time(lastActivityAt) },
  { title: 'SUBSCRIPTIONS', align: 'right', text: ({ subscriptionCount }) => String(subscriptionCount) },
  { title: 'IN', align: 'right', text: ({ messagesIn }) => String(messagesIn) },
  { title: 'OUT', align: 'right', text: ({ messagesOut }) => String(messagesOut) },
];

const ratesText = ({ messages, deltas, answers, timeToFirstTokenMs }: Status['rates']): string => {
  const firstToken = timeToFirstTokenMs === null ? '' : `, first token ${Math.round(timeToFirstTokenMs)} ms`;
  return `messages ${perSecond(messages)}, deltas ${perSecond(deltas)}, answers ${perSecond(answers)}${firstToken}`;
};

const connectionLines = ({ totalCount, nodes }: NonNullable<Status['connections']>): string[] => {
  if (totalCount === 0) return [];
  const more = totalCount > nodes.length ? [`… and ${totalCount - nodes.length} more`] : [];
  return ['', ...renderTable(connectionColumns, nodes), ...more];
};

/** For people; scripts take the JSON. */
export const toStatusText = (status: Status): string => {
  const { at, nodes, connectionCount, userCount, rates, connections } = status;
  return [
    `${time(at)}  ${counted(nodes.length, 'node')}, ${counted(connectionCount, 'connection')}, ${counted(userCount, 'user')}`,
    ratesText(rates),
    '',
    ...renderTable(nodeColumns, nodes),
    ...(connections ? connectionLines(connections) : []),
  ].join('\n');
};

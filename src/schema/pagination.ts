import type { ObjectRef } from '@pothos/core';
import { toCursor } from '../domain/cursor.ts';
import { badInput } from '../domain/errors.ts';
import type { Topic } from '../domain/topics.ts';
import type { Page, PageArguments } from '../store/port.ts';
import { builder } from './builder.ts';

export const defaultPageSize = 50;
const maxPageSize = 100;

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

export interface RelayConnection<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: PageInfo;
  /** The position of the topic at which the page was read. */
  readonly cursor: string;
}

export const PageInfoRef = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether the list has something before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description:
        'For `before` of the page before this one; null when the page is empty or cannot be paged backward.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'For `after` of the page after this one; null when the page is empty.',
    }),
  }),
});

const bounds = `1 to ${maxPageSize}; anything else is BAD_INPUT.`;

/** `first` and `after`, for lists that are read in one direction. */
export const forwardArgs = builder.args((t) => ({
  first: t.int({ description: `How many, ${bounds} ${defaultPageSize} by default.` }),
  after: t.string({
    description: 'Begin after this cursor of an edge; at the begin of the list by default.',
  }),
}));

/** Both directions, for lists whose end is what people read first. */
export const bothWaysArgs = builder.args((t) => ({
  first: t.int({
    description: `How many from \`after\` on, ${bounds} Together with \`last\` or \`before\` it is BAD_INPUT.`,
  }),
  after: t.string({
    description: 'Begin after this cursor of an edge; at the begin of the list by default.',
  }),
  last: t.int({
    description: `How many up to \`before\`, ${bounds} ${defaultPageSize} when neither \`first\` nor \`after\` is given.`,
  }),
  before: t.string({ description: 'End before this cursor of an edge; at the end of the list by default.' }),
}));

interface PageInput {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** @throws {EdAgentError} BAD_INPUT outside 1 to `maxPageSize`. */
export const toLimit = (field: string, value: number | null | undefined): number => {
  const limit = value ?? defaultPageSize;
  if (limit < 1 || limit > maxPageSize) throw badInput(field, `must be 1 to ${maxPageSize}.`);
  return limit;
};

/** @param fallback the direction when the arguments name none. */
export const toPageArguments = (
  { first, after, last, before }: PageInput,
  fallback: PageArguments['direction'] = 'forward',
): PageArguments => {
  const isForward = first != null || after != null;
  const isBackward = last != null || before != null;
  if (isForward && isBackward) {
    throw badInput('first', 'give first and after, or last and before, not some of both.');
  }
  const direction = isForward ? 'forward' : isBackward ? 'backward' : fallback;
  return direction === 'forward'
    ? { direction, limit: toLimit('first', first), after: after ?? null }
    : { direction, limit: toLimit('last', last), before: before ?? null };
};

export const toConnection = <T>(
  page: Page<T>,
  topic: Topic,
  keyOf: (row: T) => string,
): RelayConnection<T> => {
  const edges = page.rows.map((node) => ({ cursor: keyOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    cursor: toCursor({ topic, epoch: page.epoch, seq: page.seq }),
  };
};

interface ConnectionDescriptions {
  /** What the list holds and in which order. */
  readonly list: string;
  /** Which subscription goes on from `cursor` without a hole. */
  readonly cursor: string;
}

type Shape = typeof builder.$inferSchemaTypes;

/** Defines `<name>Connection` and `<name>Edge`. */
export const defineConnection = <T>(
  name: string,
  node: ObjectRef<Shape, T>,
  descriptions: ConnectionDescriptions,
): ObjectRef<Shape, RelayConnection<T>> => {
  const edge = builder.objectRef<Edge<T>>(`${name}Edge`).implement({
    description: `A ${name} at its place in the list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'Of this place, for `after` or `before`. Never a `Cursor` of a topic.',
      }),
      node: t.field({
        type: node,
        description: 'What stands there.',
        resolve: (parent) => parent.node as never,
      }),
    }),
  });
  return builder.objectRef<RelayConnection<T>>(`${name}Connection`).implement({
    description: `A page of a list. ${descriptions.list}`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: 'In the order of the list.',
        resolve: (parent) => parent.edges,
      }),
      pageInfo: t.expose('pageInfo', {
        type: PageInfoRef,
        description: 'What there is before and after the page.',
      }),
      cursor: t.expose('cursor', { type: 'Cursor', description: descriptions.cursor }),
    }),
  });
};

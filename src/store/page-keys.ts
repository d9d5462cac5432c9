import type { Broadcast, Conversation, Message } from '../domain/entities.ts';
import { badInput } from '../domain/errors.ts';
import { isEntityId } from '../domain/text.ts';
import type { PageArguments } from './port.ts';

/** Keys of pages: where in its list a row stands. Clients see them as Relay cursors. */

const encode = (text: string): string => Buffer.from(text).toString('base64url');

export const messageKey = (message: Pick<Message, 'position'>): string => encode(`m.${message.position}`);

const timeKey = (kind: string, time: string, id: string): string =>
  encode(`${kind}.${Date.parse(time)}.${id}`);

export const conversationKey = (conversation: Pick<Conversation, 'updatedAt' | 'id'>): string =>
  timeKey('c', conversation.updatedAt, conversation.id);

export const broadcastKey = (broadcast: Pick<Broadcast, 'at' | 'id'>): string =>
  timeKey('b', broadcast.at, broadcast.id);

type Field = 'after' | 'before';

const malformed = (field: Field) =>
  badInput(field, 'malformed; give back a cursor of a page of this list, unchanged.');

const decode = (key: string, kind: string, field: Field): string[] => {
  if (key.length > 200 || !/^[\w-]+$/.test(key)) throw malformed(field);
  const [head, ...rest] = Buffer.from(key, 'base64url').toString().split('.');
  if (head !== kind) throw malformed(field);
  return rest;
};

const parseInteger = (text: string | undefined, field: Field): number => {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw malformed(field);
  return Number(text);
};

export const parseMessageKey = (key: string, field: Field): number => {
  const [position, ...rest] = decode(key, 'm', field);
  if (rest.length > 0) throw malformed(field);
  return parseInteger(position, field);
};

const parseTimeKey = (key: string, kind: 'c' | 'b', field: Field): TimeStart => {
  const [ms, id, ...rest] = decode(key, kind, field);
  const time = new Date(parseInteger(ms, field));
  if (rest.length > 0 || id === undefined || !isEntityId(id) || Number.isNaN(time.getTime())) {
    throw malformed(field);
  }
  return { time, id };
};

export interface TimeStart {
  /** As PostgreSQL reads it. */
  readonly time: Date | 'infinity' | '-infinity';
  readonly id: string;
}

/**
 * Where a page of a list that goes down in time starts; without a key beyond all rows, so that one comparison, which an
 * index can answer, serves both cases.
 */
export const timeStart = (page: PageArguments, kind: 'c' | 'b'): TimeStart => {
  const { key, field } = pageKey(page);
  if (key !== null) return parseTimeKey(key, kind, field);
  return page.direction === 'forward'
    ? { time: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
    : { time: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
};

/** The key a page starts from, whichever direction it goes, and the argument that held it. */
export const pageKey = (page: PageArguments): { key: string | null; field: Field } =>
  page.direction === 'forward' ? { key: page.after, field: 'after' } : { key: page.before, field: 'before' };

import { type KeyValueStorage, readJson } from '../ui/storage.ts';
import type { PendingSend } from './pending-sends.ts';

/** What a viewer has not sent yet, in the browser's storage, which all tabs share. */
export interface KeptSends {
  /** What was not known to have arrived goes out again, under the same id: the server does nothing twice. */
  load(): readonly PendingSend[];
  /** Takes the place of all that this tab has kept; what other tabs keep stays. */
  keep(sends: readonly PendingSend[]): void;
  /** Whether another tab has taken it away, because it was delivered or discarded there: it is not kept again. */
  isGone(clientMessageId: string): boolean;
  /** To be called before the message is taken away: other tabs then find it gone, and ask for the conversation. */
  keepBegun(clientMessageId: string, conversationId: string): void;
  /** The conversation that a message began, in this tab or another. */
  begunBy(clientMessageId: string): string | undefined;
}

/** Other tabs look again at once, or when they have a network. */
const keptBegunMax = 20;

type Begun = readonly (readonly [clientMessageId: string, conversationId: string])[];

const isPendingSend = (value: unknown): value is PendingSend =>
  typeof value === 'object' &&
  value !== null &&
  'clientMessageId' in value &&
  'text' in value &&
  'state' in value;

const isPair = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');

const toRestored = (send: PendingSend): PendingSend =>
  send.state.kind === 'failed' ? send : { ...send, state: { kind: 'queued' } };

const idsOf = (sends: readonly PendingSend[]): Set<string> =>
  new Set(sends.map(({ clientMessageId }) => clientMessageId));

export const createKeptSends = (storage: KeyValueStorage, viewerId: string): KeptSends => {
  const key = `edagent.sends.${viewerId}`;
  const begunKey = `edagent.begun.${viewerId}`;
  /** All that this tab ever held: what else is stored belongs to another tab. */
  const held = new Set<string>();
  /** What of it was stored last. A browser that refuses to store has taken nothing away. */
  let stored: ReadonlySet<string> = new Set();
  const gone = new Set<string>();

  const read = (): readonly PendingSend[] => {
    const value = readJson(storage, key);
    return Array.isArray(value) ? value.filter(isPendingSend) : [];
  };
  /**
   * Nothing where nothing changed, as when a message is tried again: a tab learns late of what another has written, and
   * would write back what was discarded there.
   */
  const write = (sends: readonly PendingSend[]) => {
    const text = sends.length === 0 ? null : JSON.stringify(sends);
    if (text === storage.getItem(key)) return;
    if (text === null) storage.removeItem(key);
    else storage.setItem(key, text);
  };
  const readBegun = (): Begun => {
    const value = readJson(storage, begunKey);
    return Array.isArray(value) ? value.filter(isPair) : [];
  };
  const look = () => {
    const present = idsOf(read());
    for (const id of stored) if (!present.has(id)) gone.add(id);
  };

  return {
    load() {
      const sends = read();
      stored = idsOf(sends);
      for (const id of stored) held.add(id);
      return sends.map(toRestored);
    },
    keep(sends) {
      look();
      const own = new Map(
        sends
          .filter(({ state, clientMessageId: id }) => state.kind !== 'sent' && !gone.has(id))
          .map((send) => [send.clientMessageId, toRestored(send)]),
      );
      const before = read();
      const present = idsOf(before);
      write([
        ...before.flatMap(
          (send) => own.get(send.clientMessageId) ?? (held.has(send.clientMessageId) ? [] : send),
        ),
        ...[...own.values()].filter(({ clientMessageId: id }) => !present.has(id)),
      ]);
      for (const id of idsOf(sends)) held.add(id);
      stored = new Set([...idsOf(read())].filter((id) => own.has(id)));
    },
    isGone(clientMessageId) {
      look();
      return gone.has(clientMessageId);
    },
    keepBegun(clientMessageId, conversationId) {
      const begun = [...readBegun(), [clientMessageId, conversationId]].slice(-keptBegunMax);
      storage.setItem(begunKey, JSON.stringify(begun));
    },
    begunBy: (clientMessageId) => readBegun().find(([id]) => id === clientMessageId)?.[1],
  };
};

import type { ConnectionInfo } from './port.ts';
import type { NewConnection, RegisteredConnection } from './service-port.ts';

/** The connections of this node. */
export interface Registry {
  readonly size: number;
  readonly userCount: number;
  add(connection: NewConnection): RegisteredConnection;
  countOf(userId: string): number;
  infos(): ConnectionInfo[];
  find(id: string): ConnectionInfo | null;
  /**
   * Those whose counters moved since the last call. What they were sent changes all the time, and counts only once in
   * `sentEvery` calls for each: otherwise a node would tell of all its connections again and again.
   */
  takeChanged(): ConnectionInfo[];
  /** The closing of each connection that there is now. */
  closings(code: number, reason: string): (() => void)[];
  /** Closes the connections chosen; returns how many. */
  close(choose: (info: ConnectionInfo) => boolean, code: number, reason: string): number;
}

export interface RegistryOptions {
  readonly nodeId: string;
  readonly now: () => Date;
  readonly onRemove: (info: ConnectionInfo) => void;
}

/** Calls of `takeChanged`. */
const sentEvery = 10;

type MutableInfo = { -readonly [K in keyof ConnectionInfo]: ConnectionInfo[K] };

interface RegistryHost {
  readonly now: () => Date;
  remove(entry: Entry): void;
}

interface EntryParts extends Pick<NewConnection, 'close' | 'sent'> {
  readonly turn: number;
}

/** A class, not closures, because there are as many as sockets. */
class Entry implements RegisteredConnection {
  readonly info: MutableInfo;
  readonly close: NewConnection['close'];
  readonly sent: NewConnection['sent'];
  /** Something else than what it was sent. */
  isChanged: boolean;
  /** In which of `sentEvery` calls it has its turn. */
  readonly turn: number;
  readonly #host: RegistryHost;

  constructor(info: MutableInfo, { close, sent, turn }: EntryParts, host: RegistryHost) {
    this.info = info;
    this.isChanged = false;
    this.close = close;
    this.sent = sent;
    this.turn = turn;
    this.#host = host;
  }

  get id(): string {
    return this.info.id;
  }

  countIn(): void {
    this.info.messagesIn += 1;
    this.info.lastActivityAt = this.#host.now().toISOString();
    this.isChanged = true;
  }

  subscriptionBegan(): void {
    this.info.subscriptionCount += 1;
    this.isChanged = true;
  }

  subscriptionEnded(): void {
    this.info.subscriptionCount -= 1;
    this.isChanged = true;
  }

  remove(): void {
    this.#host.remove(this);
  }
}

const hasChanged = ({ isChanged, sent, info, turn }: Entry, currentTurn: number): boolean =>
  isChanged || (turn === currentTurn && sent.messagesOut !== info.messagesOut);

const toInfo = ({ info, sent }: Entry): ConnectionInfo => {
  info.messagesOut = sent.messagesOut;
  return { ...info };
};

export const createRegistry = ({ nodeId, now, onRemove }: RegistryOptions): Registry => {
  const entries = new Map<string, Entry>();
  const byUser = new Map<string, number>();
  let lastTurn = 0;
  let currentTurn = 0;

  const countUser = (userId: string, step: 1 | -1): void => {
    const count = (byUser.get(userId) ?? 0) + step;
    if (count > 0) byUser.set(userId, count);
    else byUser.delete(userId);
  };

  const host: RegistryHost = {
    now,
    remove({ info }) {
      if (!entries.delete(info.id)) return;
      countUser(info.userId, -1);
      onRemove(info);
    },
  };

  return {
    get size() {
      return entries.size;
    },
    get userCount() {
      return byUser.size;
    },
    add({ close, sent, ...connection }) {
      const at = now().toISOString();
      const info: MutableInfo = {
        ...connection,
        nodeId,
        connectedAt: at,
        lastActivityAt: at,
        messagesIn: 0,
        messagesOut: 0,
        subscriptionCount: 0,
      };
      lastTurn = (lastTurn + 1) % sentEvery;
      const entry = new Entry(info, { close, sent, turn: lastTurn }, host);
      entries.set(info.id, entry);
      countUser(info.userId, 1);
      return entry;
    },
    countOf: (userId) => byUser.get(userId) ?? 0,
    infos: () => [...entries.values()].map(toInfo),
    find(id) {
      const entry = entries.get(id);
      return entry ? toInfo(entry) : null;
    },
    takeChanged() {
      const changed: ConnectionInfo[] = [];
      currentTurn = (currentTurn + 1) % sentEvery;
      for (const entry of entries.values()) {
        if (!hasChanged(entry, currentTurn)) continue;
        entry.isChanged = false;
        changed.push(toInfo(entry));
      }
      return changed;
    },
    closings: (code, reason) =>
      [...entries.values()].map(
        ({ close }) =>
          () =>
            close(code, reason),
      ),
    close(choose, code, reason) {
      const chosen = [...entries.values()].filter(({ info }) => choose(info));
      for (const { close } of chosen) close(code, reason);
      return chosen.length;
    },
  };
};

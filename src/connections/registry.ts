import type { ConnectionInfo } from './port.ts';
import type { NewConnection, RegisteredConnection } from './service-port.ts';

/** The connections of this node. */
export interface Registry {
  readonly size: number;
  readonly userCount: number;
  add(connection: NewConnection): RegisteredConnection;
  userIds(): string[];
  countOf(userId: string): number;
  infos(): ConnectionInfo[];
  find(id: string): ConnectionInfo | null;
  /** Those whose counters moved since the last call. */
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

type MutableInfo = { -readonly [K in keyof ConnectionInfo]: ConnectionInfo[K] };

interface RegistryHost {
  readonly now: () => Date;
  remove(entry: Entry): void;
}

/** A class, not closures, because there are as many as sockets. */
class Entry implements RegisteredConnection {
  readonly info: MutableInfo;
  readonly close: NewConnection['close'];
  readonly sent: NewConnection['sent'];
  /** Something else than what it was sent. */
  isChanged: boolean;
  readonly #host: RegistryHost;

  constructor(info: MutableInfo, { close, sent }: Pick<NewConnection, 'close' | 'sent'>, host: RegistryHost) {
    this.info = info;
    this.isChanged = false;
    this.close = close;
    this.sent = sent;
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

const toInfo = ({ info, sent }: Entry): ConnectionInfo => {
  info.messagesOut = sent.messagesOut;
  return { ...info };
};

export const createRegistry = ({ nodeId, now, onRemove }: RegistryOptions): Registry => {
  const entries = new Map<string, Entry>();
  const byUser = new Map<string, number>();

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
      const entry = new Entry(info, { close, sent }, host);
      entries.set(info.id, entry);
      countUser(info.userId, 1);
      return entry;
    },
    userIds: () => [...byUser.keys()],
    countOf: (userId) => byUser.get(userId) ?? 0,
    infos: () => [...entries.values()].map(toInfo),
    find(id) {
      const entry = entries.get(id);
      return entry ? toInfo(entry) : null;
    },
    takeChanged() {
      const changed: ConnectionInfo[] = [];
      for (const entry of entries.values()) {
        if (!entry.isChanged && entry.sent.messagesOut === entry.info.messagesOut) continue;
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

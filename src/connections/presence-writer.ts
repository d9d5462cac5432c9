import { createSerialRun } from '../util/serial-run.ts';
import type { ConnectionInfo, Presence } from './port.ts';
import type { Registry } from './registry.ts';

type Named = Pick<ConnectionInfo, 'id' | 'userId'>;

/**
 * Tells presence of this node's connections, one write at a time: each takes all that came meanwhile, as it is by then. So
 * thousands that come at once are few writes, and what is told late can never bring back a connection that has left.
 */
export interface PresenceWriter {
  /** A connection came, changed or left. */
  touch(connection: Named): void;
  /** Resolves when nothing is written any more. */
  dispose(): Promise<void>;
}

export interface PresenceWriterOptions {
  readonly presence: Pick<Presence, 'put' | 'remove'>;
  readonly registry: Pick<Registry, 'find'>;
  /** Presence notices by itself that a write is missing, and asks for everything at the next refresh. */
  readonly onFailure: (error: unknown) => void;
}

/** Connections in one write. */
const maxAtOnce = 500;

export const createPresenceWriter = (options: PresenceWriterOptions): PresenceWriter => {
  const { presence, registry, onFailure } = options;
  /** User ids by connection id. */
  const touched = new Map<string, string>();

  const takeSome = (): Named[] => {
    const taken: Named[] = [];
    for (const [id, userId] of touched) {
      if (taken.length === maxAtOnce) break;
      taken.push({ id, userId });
      touched.delete(id);
    }
    return taken;
  };

  const write = async (): Promise<void> => {
    const here: ConnectionInfo[] = [];
    const gone: Named[] = [];
    for (const named of takeSome()) {
      const info = registry.find(named.id);
      if (info) here.push(info);
      else gone.push(named);
    }
    if (here.length > 0) await presence.put(here);
    if (gone.length > 0) await presence.remove(gone);
  };

  const writeAll = createSerialRun(async () => {
    while (touched.size > 0) await write().catch(onFailure);
  });

  return {
    touch({ id, userId }) {
      touched.set(id, userId);
      void writeAll();
    },
    dispose() {
      touched.clear();
      return writeAll();
    },
  };
};

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type LinkMode, type Pump, pump } from './pump.ts';

/** The way to one server: a TCP proxy whose links can be cut, left half-open or slowed down. */
export interface Network {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly linkCount: number;
  /** It is cut, or its links are not open. */
  readonly isDisturbed: boolean;
  /** Drops every link; new ones are refused until `mend`. */
  cut(): void;
  /** Drops every link; new ones are taken at once. */
  drop(): void;
  /** Holds for the links that there are and those to come. */
  setMode(mode: LinkMode): void;
  /** Links open and new ones taken again. */
  mend(): void;
  dispose(): Promise<void>;
}

interface Link {
  readonly near: Socket;
  readonly far: Socket;
  readonly pumps: readonly Pump[];
}

const host = '127.0.0.1';

export const startNetwork = async (port: number): Promise<Network> => {
  const links = new Set<Link>();
  let isCut = false;
  let mode: LinkMode = 'open';

  const join = (near: Socket, far: Socket): void => {
    const link: Link = { near, far, pumps: [pump(near, far, mode), pump(far, near, mode)] };
    links.add(link);
    const end = (): void => {
      // A held line does not tell one end that the other has gone; `mend` does.
      if (mode === 'held') return;
      links.delete(link);
      for (const one of link.pumps) one.dispose();
      // What was sent last, a close code for example, still has to arrive.
      near.destroySoon();
      far.destroySoon();
    };
    for (const socket of [near, far]) socket.on('close', end);
  };

  const lead = (near: Socket): void => {
    const far = connect({ port, host, noDelay: true });
    far.on('error', () => {
      far.destroy();
      near.destroy();
    });
    far.once('connect', () => {
      if (!near.destroyed && !isCut) return join(near, far);
      near.destroy();
      far.destroy();
    });
  };

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => {
    near.on('error', () => near.destroy());
    if (isCut) near.resetAndDestroy();
    else lead(near);
  });
  server.listen(0, host);
  await once(server, 'listening');

  const drop = (): void => {
    for (const link of links) {
      const { near, far } = link;
      links.delete(link);
      for (const one of link.pumps) one.dispose();
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  const setMode = (next: LinkMode): void => {
    mode = next;
    for (const { near, far, pumps } of links) {
      for (const one of pumps) one.setMode(next);
      if (next !== 'held' && (near.destroyed || far.destroyed)) {
        near.destroy();
        far.destroy();
      }
    }
  };

  return {
    host: `${host}:${(server.address() as AddressInfo).port}`,
    get linkCount() {
      return links.size;
    },
    get isDisturbed() {
      return isCut || mode !== 'open';
    },
    cut() {
      isCut = true;
      drop();
    },
    drop,
    setMode,
    mend() {
      isCut = false;
      setMode('open');
    },
    async dispose() {
      isCut = true;
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
};

import type { Socket } from 'node:net';

/** `held`: nothing is read or closed, so that both ends believe in the link; `slow`: 1 KB/s. */
export type LinkMode = 'open' | 'held' | 'slow';

export interface Pump {
  setMode(mode: LinkMode): void;
  dispose(): void;
}

const slowEveryMs = 100;
const slowBytes = 102;

/** Carries bytes one way; what it does not read stays with the sender, as on a line that is full. */
export const pump = (source: Socket, target: Socket, initial: LinkMode): Pump => {
  let mode = initial;
  let timer: NodeJS.Timeout | undefined;
  let isBlocked = false;
  let isOver = false;

  const pass = (chunk: Buffer | null): void => {
    if (chunk === null || target.write(chunk)) return;
    isBlocked = true;
    target.once('drain', () => {
      isBlocked = false;
      flow();
    });
  };

  const flowSlowly = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (mode !== 'slow' || isOver) {
        flow();
        return;
      }
      if (!isBlocked) pass(source.read(Math.min(slowBytes, source.readableLength)) as Buffer | null);
      if (source.readableLength > 0) flow();
    }, slowEveryMs);
  };

  const flow = (): void => {
    if (isOver || mode === 'held' || isBlocked) return;
    if (mode === 'slow') {
      flowSlowly();
      return;
    }
    while (!isBlocked && source.readableLength > 0) pass(source.read() as Buffer | null);
    // Makes the stream ask the system for more.
    if (!isBlocked) source.read(0);
  };

  source.on('readable', flow);
  source.on('end', () => target.end());
  flow();

  return {
    setMode(next) {
      mode = next;
      flow();
    },
    dispose() {
      isOver = true;
      clearTimeout(timer);
    },
  };
};

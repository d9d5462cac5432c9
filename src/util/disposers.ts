import type { Log } from './log.ts';

export interface Disposable {
  dispose(): Promise<void>;
}

/**
 * A list of things to undo, last first. `dispose` is idempotent (the same promise twice) and goes on after a failure:
 * all failures come together in one AggregateError at the end.
 */
export interface Disposers extends Disposable {
  add(name: string, dispose: () => unknown): void;
}

export const createDisposers = (log: Log): Disposers => {
  const list: { name: string; dispose: () => unknown }[] = [];
  let disposing: Promise<void> | undefined;

  const disposeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let entry = list.pop(); entry; entry = list.pop()) {
      try {
        await entry.dispose();
      } catch (error) {
        log.error({ err: error, part: entry.name }, 'could not be disposed');
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some parts could not be disposed');
  };

  return {
    add(name, dispose) {
      list.push({ name, dispose });
    },
    dispose() {
      disposing ??= disposeAll();
      return disposing;
    },
  };
};

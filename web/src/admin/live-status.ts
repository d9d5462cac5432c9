import { createCell, type ReadonlyCell } from './cell.ts';
import { type NodeRow, withNodes } from './node-rows.ts';
import type { Outcome, Refusal } from './refusal.ts';
import {
  hasHoleBefore,
  noPoints,
  type Rates,
  type Status,
  type StatusPoints,
  withHistory,
  withStatus,
} from './status-points.ts';

export interface StatusSource {
  /** `failed` when it has ended for good. Returns its undo. */
  watchStatus(sink: {
    readonly next: (status: Status) => void;
    readonly failed: (refusal: Refusal) => void;
  }): () => void;
  loadHistory(): Promise<Outcome<readonly Rates[]>>;
}

export interface LiveStatusView {
  /** Null until the first has come. */
  readonly status: Status | null;
  /** Those of the status, then those that have left it. */
  readonly nodes: readonly NodeRow[];
  readonly points: StatusPoints;
  /** Why nothing more comes. */
  readonly refusal: Refusal | null;
  /** Why the time before the page was opened is missing. */
  readonly historyRefusal: Refusal | null;
}

export interface LiveStatus extends ReadonlyCell<LiveStatusView> {
  /** Begins again after a refusal. */
  retry(): void;
}

/** Watches the status while someone looks at it, and asks for the history at the begin and after each hole. */
export const createLiveStatus = (source: StatusSource): LiveStatus => {
  let stop: (() => void) | undefined;
  let isLoading = false;

  const start = (): void => {
    stop = source.watchStatus({
      next(status) {
        const { points, nodes } = cell.get();
        // Asked before the status is taken in, otherwise it would close the hole's end.
        if (hasHoleBefore(points, status.rates)) void loadHistory();
        cell.set({
          ...cell.get(),
          status,
          nodes: withNodes(nodes, status),
          points: withStatus(points, status),
          refusal: null,
        });
      },
      failed: (refusal) => cell.set({ ...cell.get(), refusal }),
    });
  };

  const end = (): void => {
    stop?.();
    stop = undefined;
  };

  const cell = createCell<LiveStatusView>(
    { status: null, nodes: [], points: noPoints, refusal: null, historyRefusal: null },
    () => {
      start();
      return end;
    },
  );

  const loadHistory = async (): Promise<void> => {
    if (isLoading) return;
    isLoading = true;
    const outcome = await source.loadHistory();
    isLoading = false;
    const view = cell.get();
    cell.set(
      outcome.kind === 'done'
        ? { ...view, points: withHistory(view.points, outcome.value), historyRefusal: null }
        : { ...view, historyRefusal: outcome.refusal },
    );
  };

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    retry() {
      const { refusal, historyRefusal } = cell.get();
      cell.set({ ...cell.get(), refusal: null, historyRefusal: null });
      if (historyRefusal) void loadHistory();
      if (!refusal || !stop) return;
      end();
      start();
    },
  };
};

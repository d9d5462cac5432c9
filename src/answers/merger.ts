import type { DeltaClock } from './delta-clock.ts';

/**
 * Merges a model's pieces into deltas: the first at once, then at most one in a period of its clock. Never ends a delta inside a
 * surrogate pair, and never lets through what cannot be stored (NUL, half pairs).
 */
export interface Merger {
  push(piece: string): void;
  /** Hands over what waits, now: a half pair that never got its other half becomes U+FFFD. */
  flush(): void;
  dispose(): void;
}

export interface MergerOptions {
  readonly clock: DeltaClock;
  readonly onText: (text: string) => void;
}

const endsInHalf = (text: string): boolean => /[\ud800-\udbff]$/.test(text.slice(-1));

export const createMerger = ({ clock, onText }: MergerOptions): Merger => {
  let waiting = '';
  /** Takes back the next delta; there is one to come for a period after each. */
  let undo: (() => void) | undefined;

  const emit = (text: string): void => {
    waiting = waiting.slice(text.length);
    if (text !== '') onText(text.toWellFormed());
  };

  const emitWhole = (): void => {
    undo = undefined;
    const whole = endsInHalf(waiting) ? waiting.slice(0, -1) : waiting;
    if (whole === '') return;
    undo = clock.schedule(emitWhole);
    emit(whole);
  };

  const endPeriod = (): void => {
    undo?.();
    undo = undefined;
  };

  return {
    push(piece) {
      waiting += piece.replaceAll('\0', '');
      if (!undo) emitWhole();
    },
    flush() {
      endPeriod();
      emit(waiting);
    },
    dispose() {
      endPeriod();
      waiting = '';
    },
  };
};

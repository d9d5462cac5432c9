/**
 * Merges a model's pieces into deltas: the first at once, then at most one every `everyMs`. Never ends a delta inside a
 * surrogate pair, and never lets through what cannot be stored (NUL, half pairs).
 */
export interface Merger {
  push(piece: string): void;
  /** Hands over what waits, now: a half pair that never got its other half becomes U+FFFD. */
  flush(): void;
  dispose(): void;
}

export interface MergerOptions {
  /** @default 40 */
  readonly everyMs?: number;
  readonly onText: (text: string) => void;
}

const endsInHalf = (text: string): boolean => /[\ud800-\udbff]$/.test(text.slice(-1));

export const createMerger = ({ everyMs = 40, onText }: MergerOptions): Merger => {
  let waiting = '';
  /** Runs for `everyMs` after each delta. */
  let timer: NodeJS.Timeout | undefined;

  const emit = (text: string): void => {
    waiting = waiting.slice(text.length);
    if (text !== '') onText(text.toWellFormed());
  };

  const emitWhole = (): void => {
    timer = undefined;
    const whole = endsInHalf(waiting) ? waiting.slice(0, -1) : waiting;
    if (whole === '') return;
    timer = setTimeout(emitWhole, everyMs);
    emit(whole);
  };

  const endTimer = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };

  return {
    push(piece) {
      waiting += piece.replaceAll('\0', '');
      if (!timer) emitWhole();
    },
    flush() {
      endTimer();
      emit(waiting);
    },
    dispose() {
      endTimer();
      waiting = '';
    },
  };
};

import type { Readable, Writable } from 'node:stream';

export interface TerminalInput extends Readable {
  readonly isTTY?: boolean;
}

export interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What `main.ts` gives every command: commands themselves touch neither the process nor its environment. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line on standard output: what was asked for. */
  readonly print: (line: string) => void;
  /** A line on standard error, for people: never part of what was asked for. */
  readonly note: (line: string) => void;
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** Aborts when nobody reads standard output any more. */
  readonly readerGone: AbortSignal;
  /** Until the returned function is called, Ctrl-C goes to the handler and does not abort `signal`. */
  readonly onInterrupt: (handler: () => void) => () => void;
  /** A snapshot from which a new embedded database starts quickly; null when there is none. */
  readonly seedPath: string | null;
  /** The folder of the built page; null when there is none. */
  readonly webPath: string | null;
}

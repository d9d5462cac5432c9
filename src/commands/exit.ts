import { CommanderError } from 'commander';
import { ConfigError, EdAgentError } from '../domain/errors.ts';

export const exitCodes = { failed: 1, usage: 2, config: 3, unreachable: 4, refused: 5 } as const;

export const exitCodesHelp = `
Exit codes:
  0  done
  1  failed
  2  wrong words on the command line
  3  wrong configuration
  4  the server cannot be reached, or cannot do it right now
  5  the server refused`;

/** Ends a command with a message and an exit code of the list above. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(kind: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCodes[kind];
  }
}

export interface Exit {
  readonly code: number;
  /** Null: said already. */
  readonly message: string | null;
}

export const toExit = (error: unknown): Exit => {
  if (error instanceof CommanderError) {
    return { code: error.exitCode === 0 ? 0 : exitCodes.usage, message: null };
  }
  if (error instanceof CommandError) return { code: error.exitCode, message: error.message };
  if (error instanceof ConfigError) return { code: exitCodes.config, message: error.message };
  if (error instanceof EdAgentError) {
    const code = error.code === 'UNAVAILABLE' ? exitCodes.unreachable : exitCodes.refused;
    return { code, message: `${error.code}: ${error.message}` };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: exitCodes.failed, message };
};

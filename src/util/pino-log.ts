import { pino } from 'pino';
import type { Log } from './log.ts';

/** JSON lines on standard error, so that standard output is free for what commands print. */
export const createPinoLog = (level: string): Log => {
  const logger = pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
};

import { v7 } from 'uuid';

/** A new id that sorts by the time it was made (UUID version 7), so that indexes grow at their end. */
export const newId = (): string => v7();

import type { Store } from '../store/port.ts';
import type { Producer } from './producer.ts';

/** Stores what was published since the last time, one statement for all answers. */
export interface Checkpoints {
  save(producers: Iterable<Producer>): Promise<void>;
}

export const createCheckpoints = (store: {
  readonly answers: Pick<Store['answers'], 'checkpoint'>;
}): Checkpoints => {
  let last: Promise<void> = Promise.resolve();

  const saveNow = async (producers: Iterable<Producer>): Promise<void> => {
    const pieces = [...producers].flatMap((producer) => {
      const piece = producer.checkpoint();
      return piece ? [{ lease: producer.lease, piece }] : [];
    });
    if (pieces.length === 0) return;
    await store.answers.checkpoint(
      pieces.map(({ lease: { messageId, generation, attempt }, piece: { offset, text } }) => ({
        messageId,
        generation,
        attempt,
        offset,
        text,
      })),
    );
    for (const { piece } of pieces) piece.commit();
  };

  return {
    save(producers) {
      // One after the other, otherwise two that begin at the same offset put the same text in twice.
      const saved = last.then(() => saveNow(producers));
      last = saved.catch(() => {});
      return saved;
    },
  };
};

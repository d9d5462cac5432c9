import type { FinalStore, StoredPlacement } from '../history.ts';

/** The log as the store holds it at the end. */
export interface Placements {
  at(topic: string, seq: number): StoredPlacement | undefined;
  of(topic: string): readonly StoredPlacement[];
  /** Those between the two, both left out, that a subscriber gets: control events are never delivered. */
  delivered(topic: string, after: number, before: number): StoredPlacement[];
}

const isDelivered = ({ body }: StoredPlacement): boolean => body.type !== 'AccessEnded';

const firstAfter = (placements: readonly StoredPlacement[], seq: number): number => {
  let low = 0;
  let high = placements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placements[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const toPlacements = (store: FinalStore): Placements => {
  const topics = new Map<string, StoredPlacement[]>();
  for (const placement of store.placements) {
    const ofTopic = topics.get(placement.topic);
    if (ofTopic) ofTopic.push(placement);
    else topics.set(placement.topic, [placement]);
  }
  for (const ofTopic of topics.values()) ofTopic.sort((one, other) => one.seq - other.seq);
  const of = (topic: string): readonly StoredPlacement[] => topics.get(topic) ?? [];

  return {
    of,
    at(topic, seq) {
      const found = of(topic)[firstAfter(of(topic), seq - 1)];
      return found?.seq === seq ? found : undefined;
    },
    delivered(topic, after, before) {
      const ofTopic = of(topic);
      const found: StoredPlacement[] = [];
      for (let index = firstAfter(ofTopic, after); index < ofTopic.length; index++) {
        const placement = ofTopic[index];
        if (!placement || placement.seq >= before) break;
        if (isDelivered(placement)) found.push(placement);
      }
      return found;
    },
  };
};

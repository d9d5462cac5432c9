import { setMaxListeners } from 'node:events';
import { sleep } from '../../src/util/sleep.ts';
import { createRandom } from '../../test/support/random.ts';
import { type Calls, serveLoad } from '../lib/load.ts';
import { eachOf } from '../lib/pace.ts';
import { createVisitor, type Visitor, type VisitorCounts } from '../lib/visitor.ts';

/** Learners that come, talk with the tutor and go, again and again. */
export interface SoakLoad extends Calls {
  begin(argument: {
    readonly url: string;
    readonly tokens: readonly string[];
    readonly seed: number;
  }): Promise<void>;
  tally(): Promise<VisitorCounts>;
  /** Resolves when all have gone. */
  end(): Promise<VisitorCounts>;
}

const beginAtOnce = 10;
/** Between two that begin, so that they are not in step. */
const spreadMs = 100;

const stopping = new AbortController();
// One of every learner.
setMaxListeners(0, stopping.signal);
let visitors: Visitor[] = [];
let visiting: Promise<unknown> = Promise.resolve();

const sum = (): VisitorCounts => {
  const totals: Record<string, number> = {};
  for (const { counts } of visitors) {
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  }
  return totals as unknown as VisitorCounts;
};

serveLoad<SoakLoad>({
  async begin({ url, tokens, seed }) {
    visitors = tokens.map((token, at) =>
      createVisitor({ url, token, random: createRandom(seed * 1_000_003 + at), signal: stopping.signal }),
    );
    const all: Promise<void>[] = [];
    await eachOf(visitors, beginAtOnce, async (visitor) => {
      await sleep(spreadMs, stopping.signal);
      all.push(visitor.visit());
    });
    visiting = Promise.all(all);
  },
  tally: async () => sum(),
  async end() {
    stopping.abort();
    await visiting;
    return sum();
  },
});

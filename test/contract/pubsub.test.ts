import { describe } from '@jest/globals';
import { createMemoryPubSub } from '../../src/pubsub/memory.ts';
import { createRedisPubSub } from '../../src/pubsub/redis.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { dropKeys } from '../support/redis-servers.ts';
import { testRedisUrl } from '../support/services.ts';
import { type PubSubPair, pubSubContract } from './pubsub-contract.ts';

pubSubContract('pub/sub in process', async (now) => {
  const pubSub = createMemoryPubSub({ now });
  return { here: pubSub, there: pubSub, dispose: () => pubSub.dispose() };
});

const url = testRedisUrl();

const createPair = async (now: () => number): Promise<PubSubPair> => {
  const prefix = `test:${newId()}:`;
  const options = { url: url ?? '', prefix, log: silentLog, now };
  const [here, there] = [createRedisPubSub(options), createRedisPubSub(options)];
  return {
    here,
    there,
    async dispose() {
      await Promise.all([here.dispose(), there.dispose()]);
      await dropKeys(options.url, prefix);
    },
  };
};

if (url) pubSubContract('pub/sub on Redis', createPair);
else describe.skip('pub/sub on Redis', () => {});

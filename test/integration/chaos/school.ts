import { join } from 'node:path';
import { createPgliteSql } from '../../../src/store/pglite.ts';
import type { Tutor } from '../../../src/tutor/port.ts';
import { documents } from '../../chaos/api.ts';
import { readStoreBy } from '../../chaos/final-store.ts';
import type { FinalStore } from '../../chaos/history.ts';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor, type TutorCall } from '../../support/scripted-tutor.ts';
import { createTempFolder } from '../../support/stores.ts';
import { startTestApp, testToken } from '../../support/test-app.ts';

/** One node for all lessons, one after the other, each with a tutor of its own. */
export interface School {
  readonly port: number;
  /** All calls of the model so far. */
  readonly calls: readonly TutorCall[];
  /** @param toTutor what stands between the node and the model. */
  hire(toTutor: (tutor: Tutor) => Tutor, onCall: (call: TutorCall) => void): void;
  countConnections(): Promise<number>;
  /** Resolves when there are so many. */
  waitForConnections(count: number): Promise<void>;
  /** Ends the node, then reads what it has left: an embedded store has room for one at a time. */
  close(): Promise<FinalStore>;
}

export const openSchool = async (): Promise<School> => {
  let onCall = (_: TutorCall): void => {};
  const model = createScriptedTutor((call) => onCall(call));
  let tutor: Tutor = model;
  const folder = await createTempFolder();
  const dataDir = join(folder.path, 'data');
  const app = await startTestApp({
    dataDir,
    tutor: { kind: model.kind, reply: (...asked) => tutor.reply(...asked) },
  });
  const adminToken = await testToken('admin', { role: 'admin' });

  const readStore = async (): Promise<FinalStore> => {
    const sql = await createPgliteSql({ dataDir });
    try {
      return await readStoreBy(sql.query);
    } finally {
      await sql.dispose();
    }
  };

  const countConnections = async (): Promise<number> => {
    const { data } = await app.query(adminToken, documents.status);
    return data.connectionStatus.connectionCount;
  };

  return {
    port: Number(new URL(app.url).port),
    calls: model.calls,
    hire(toTutor, listener) {
      tutor = toTutor(model);
      onCall = listener;
    },
    countConnections,
    async waitForConnections(count) {
      await eventually(async () => (await countConnections()) === count, { intervalMs: 25 });
    },
    async close() {
      try {
        await app.dispose();
        return await readStore();
      } finally {
        await folder.dispose();
      }
    },
  };
};

/** What a store that others have used too holds of these users. */
export const storeOf = (store: FinalStore, userIds: readonly string[]): FinalStore => {
  const conversations = store.conversations.filter(({ ownerId }) => userIds.includes(ownerId));
  const ids = new Set(conversations.map(({ id }) => id));
  const topics = new Set(
    [...ids].map((id) => `conversation:${id}`).concat(userIds.map((id) => `user:${id}`)),
  );
  return {
    epoch: store.epoch,
    conversations,
    messages: store.messages.filter(({ conversationId }) => ids.has(conversationId)),
    answers: store.answers.filter(({ conversationId }) => ids.has(conversationId)),
    placements: store.placements.filter(({ topic }) => topics.has(topic)),
  };
};

import { type Data, documents } from '../../chaos/api.ts';
import type { History } from '../../chaos/history.ts';
import { eventually } from '../../support/eventually.ts';
import type { TutorCall } from '../../support/scripted-tutor.ts';
import type { Crime } from './crimes.ts';
import { type Lesson, openLesson } from './lesson.ts';
import type { Line } from './line.ts';
import type { School } from './school.ts';
import { deltaOf, endOfTyping, event, type Match, ofType } from './tampering.ts';

/** What the tutor has to say to each question, piece by piece. */
const explanations = {
  fractions: ['A fraction ', 'is a part ', 'of a whole.'],
  primes: ['A prime ', 'has two divisors '],
} as const;

type Question = keyof typeof explanations;

export interface Played {
  readonly userIds: readonly string[];
  readonly history: History;
}

/** Beyond every bound of the checkers that ends without a fault. */
const longMs = 10_000;

const ofAnswer =
  (typename: string, answerId: string): Match =>
  ({ frame }) =>
    frame?.__typename === typename && frame.messageId === answerId;

const tutorTypes =
  (isTyping: boolean): Match =>
  ({ typing }) =>
    typing?.author.kind === 'TUTOR' && typing.isTyping === isTyping;

/** The phone is subscribed twice: to the conversation, and to all that is its user's. */
const everyoneHears = async ({ lines }: Lesson, matches: Match): Promise<void> => {
  await Promise.all([lines.phone.hear(matches, 2), lines.laptop.hear(matches)]);
};

const measure = async ({ recorder, school }: Lesson, when: 'baseline' | 'end'): Promise<void> => {
  const connections = await school.countConnections();
  recorder.add({ kind: 'measured', when, node: null, gauges: { connections } });
};

/** Records what the model is asked. Asked again, it has nothing to add. */
const listen = ({ school, crime, recorder }: Lesson): void => {
  const asked = new Set<string>();
  const onCall = (call: TutorCall): void => {
    const question = /\[([\w-]+)\]$/.exec(call.question)?.[1] ?? '';
    const text = toPieces(call, question).join('');
    recorder.add({ kind: 'model-called', callId: String(call.index), question, text });
    if (asked.has(question)) call.finish();
    asked.add(question);
  };
  school.hire(crime.tutor ?? ((tutor) => tutor), onCall);
};

const toPieces = ({ index }: TutorCall, question: string): readonly string[] => [
  `Call ${index}: `,
  ...explanations[question.split('-')[0] as Question],
];

const begin = async (lesson: Lesson): Promise<string> => {
  const { lines, friendId: userId, recorder } = lesson;
  const { phone, laptop, tablet } = lines;
  const { createConversation } = await phone.device.request(documents.create, { id: 'lesson' });
  const conversationId: string = createConversation.id;
  // Who has never been seen cannot be added.
  await tablet.device.request(documents.viewer, {});
  recorder.add({ kind: 'participant-add-called', conversationId, userId });
  await phone.device.request(documents.add, { id: conversationId, userId });
  phone.device.followUser();
  phone.device.followTyping(conversationId);
  await Promise.all([phone, laptop, tablet].map(({ device }) => device.openConversation(conversationId)));
  await Promise.all([phone, laptop, tablet].map((line) => line.ready()));
  return conversationId;
};

/** On the socket, so that the line has a hand in it. Thanks are not answered. */
const send = async (lesson: Lesson, conversationId: string, subject: Question | 'thanks'): Promise<Data> => {
  const { recorder, lines, ownerId } = lesson;
  const client = lines.phone.device.name;
  const clientMessageId = `${subject}-${ownerId}`;
  const text = `About ${subject} [${clientMessageId}]`;
  recorder.add({ kind: 'send-called', client, clientMessageId, conversationId, text });
  const input = { clientMessageId, conversationId, text, answer: subject !== 'thanks' };
  const { sendMessage } = await lines.phone.device.request(documents.send, { input }, 'socket');
  const { message, cursor } = sendMessage;
  const answerId: string | null = sendMessage.answer?.id ?? null;
  const ids = { client, clientMessageId, conversationId, messageId: message.id, answerId };
  recorder.add({ kind: 'send-acknowledged', ...ids, text: message.text, cursor });
  return { clientMessageId, answerId };
};

/** Until all that the tutor has said so far is on the lines of the owner. */
const explain = async (lesson: Lesson, conversationId: string, question: Question) => {
  const { school, lines } = lesson;
  const { clientMessageId, answerId } = await send(lesson, conversationId, question);
  const call = await eventually(() =>
    school.calls.find((one) => one.question.endsWith(`[${clientMessageId}]`)),
  );
  // It types until it is told to end, so the subscription to typing is told of it, and later of the end.
  await lines.phone.hear(tutorTypes(true));
  for (const piece of toPieces(call, clientMessageId)) {
    call.say(piece);
    await Promise.all([lines.phone.hear(deltaOf(piece)), lines.laptop.hear(deltaOf(piece))]);
  }
  return { call, answerId: answerId as string };
};

const explainAll = async (lesson: Lesson, conversationId: string, question: Question): Promise<void> => {
  const { call, answerId } = await explain(lesson, conversationId, question);
  call.finish();
  await everyoneHears(lesson, ofAnswer('AnswerFinished', answerId));
};

const explainUntilStopped = async (
  lesson: Lesson,
  conversationId: string,
  question: Question,
): Promise<void> => {
  const { recorder, lines } = lesson;
  const { device } = lines.laptop;
  const { answerId: messageId } = await explain(lesson, conversationId, question);
  recorder.add({ kind: 'stop-called', client: device.name, messageId });
  await device.request(documents.stop, { id: messageId });
  recorder.add({ kind: 'stop-acknowledged', client: device.name, messageId });
  await everyoneHears(lesson, ofAnswer('AnswerStopped', messageId));
};

const allOf = ({ lines }: Lesson): Line[] => Object.values(lines);

/** Until the devices have what the node has said. */
const flush = async (lesson: Lesson): Promise<void> => {
  await Promise.all(allOf(lesson).map(({ tap }) => tap.flush()));
};

/** The laptop loses its line and comes back, and something is said meanwhile. */
const loseLine = async (lesson: Lesson, conversationId: string): Promise<void> => {
  const { recorder, history, lines, pass } = lesson;
  const { laptop } = lines;
  recorder.add({ kind: 'fault-begin', faultId: 1, fault: 'network-cut', node: 0 });
  laptop.tap.drop();
  await eventually(() => history.facts.some((fact) => fact.kind === 'closed' && fact.client === 'laptop'));
  recorder.add({ kind: 'fault-end', faultId: 1 });
  await send(lesson, conversationId, 'thanks');
  await laptop.hear(event('Ready'), 2);
  // For a while the checkers forgive on every line what a fault on one may have held up.
  await flush(lesson);
  await pass(longMs);
};

const type = async ({ recorder, lines }: Lesson, conversationId: string): Promise<void> => {
  const { phone, tablet } = lines;
  const signal = async (isTyping: boolean): Promise<void> => {
    recorder.add({ kind: 'typing-called', client: tablet.device.name, conversationId, isTyping });
    await tablet.device.request(documents.typing, { id: conversationId, isTyping });
  };
  await signal(true);
  await phone.hear(({ typing }) => typing?.author.kind === 'LEARNER' && typing.isTyping);
  await signal(false);
  await phone.hear(endOfTyping);
};

const removeFriend = async (lesson: Lesson, conversationId: string): Promise<void> => {
  const { crime, recorder, lines, friendId: userId } = lesson;
  await lines.phone.device.request(documents.remove, { id: conversationId, userId });
  recorder.add({ kind: 'removal-acknowledged', conversationId, userId });
  // Whose line is in other hands may be told anything.
  if (crime.on !== 'tablet') await lines.tablet.hear(ofType('complete'));
};

const end = async (lesson: Lesson): Promise<void> => {
  const { crime, school, recorder, lines, pass } = lesson;
  await lines.phone.hear(tutorTypes(false), Object.keys(explanations).length);
  await flush(lesson);
  await pass(longMs);
  recorder.add({ kind: 'settled' });
  for (const { device } of allOf(lesson)) device.recordShown();
  await Promise.all(allOf(lesson).map(({ device }) => device.retire()));
  const expected = crime.keepsNodeSide ? 1 : 0;
  await school.waitForConnections(expected);
  await measure(lesson, 'end');
};

/** A lesson with everything in it that a checker judges, and this crime. */
export const playLesson = async (school: School, crime: Crime): Promise<Played> => {
  const lesson = await openLesson(school, crime);
  const { ownerId, friendId, history } = lesson;
  try {
    listen(lesson);
    await measure(lesson, 'baseline');
    const conversationId = await begin(lesson);
    await explainAll(lesson, conversationId, 'fractions');
    await type(lesson, conversationId);
    await loseLine(lesson, conversationId);
    await removeFriend(lesson, conversationId);
    await explainUntilStopped(lesson, conversationId, 'primes');
    await end(lesson);
    return { userIds: [ownerId, friendId], history };
  } finally {
    await Promise.all(allOf(lesson).map(({ device }) => device.retire()));
    await Promise.all(allOf(lesson).map(({ tap }) => tap.dispose()));
    await school.waitForConnections(0);
  }
};

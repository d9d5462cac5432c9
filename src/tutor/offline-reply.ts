import { toLevel } from './level.ts';
import type { TutorContext } from './port.ts';
import {
  formatQuestion,
  formatSolution,
  makeQuestion,
  parseAnswer,
  parseQuestion,
  type Question,
  solve,
} from './quiz.ts';
import { cleanTopic, composeStudyPlan, parsePlanRequest } from './study-plan.ts';

const askForTopic = 'Which topic is the plan for?';
const tryAgain = 'Try once more:';

const abilities = [
  '- **a study plan** for a topic: "Make a study plan for photosynthesis"',
  '- **a quiz** in simple arithmetic: "Quiz me"',
].join('\n');

const howToConnect =
  'To talk with a language model, set `OPENAI_BASE_URL`, `OPENAI_API_KEY` and `OPENAI_MODEL` (any OpenAI-compatible ' +
  'endpoint: OpenAI, Ollama, vLLM, llama.cpp, LM Studio) and restart the server.';

/** Part of a context that decides a reply. */
interface Scene {
  readonly context: TutorContext;
  readonly name: string;
  readonly text: string;
  /** What the tutor said last; null when it has said nothing yet. */
  readonly before: string | null;
}

/**
 * The offline tutor's whole answer. A function of the context alone: what a quiz asked last is read from the tutor's
 * previous turn, so that any node can go on with any conversation.
 */
export const composeOfflineReply = (context: TutorContext, tutorName = 'EdAgent'): string => {
  const text = context.turns.at(-1)?.text ?? '';
  const before = context.turns.slice(0, -1).findLast((turn) => turn.from === 'TUTOR')?.text ?? null;
  const scene: Scene = { context, name: tutorName, text, before };
  return composePlan(scene) ?? continueQuiz(scene) ?? startQuiz(scene) ?? composeTalk(scene);
};

const composePlan = ({ context, text, before }: Scene): string | null => {
  const { name, profile } = context.learner;
  const request = parsePlanRequest(text);
  if (request?.topic) return composeStudyPlan(request.topic, name, profile);
  if (request) return `Gladly, ${name}. ${askForTopic}`;
  const answersTopic = before?.endsWith(askForTopic) && !wantsQuiz(text) && !wantsToStop(text);
  const topic = answersTopic ? cleanTopic(text) : '';
  return topic === '' ? null : composeStudyPlan(topic, name, profile);
};

const wantsQuiz = (text: string): boolean =>
  /\b(quiz|arithmetic|mental math\w*|test me|another (one|question)|practi[cs]e (math\w*|sums))\b/i.test(
    text,
  );

const wantsToStop = (text: string): boolean => /\b(stop|enough|quit|no more|finish(ed)?|done)\b/i.test(text);

const ask = ({ context }: Scene): string =>
  formatQuestion(
    makeQuestion(toLevel(context.learner.profile), `${context.learner.id}:${context.turns.length}`),
  );

const startQuiz = (scene: Scene): string | null =>
  wantsQuiz(scene.text) ? `Let us warm up, ${scene.context.learner.name}.\n\n${ask(scene)}` : null;

const continueQuiz = (scene: Scene): string | null => {
  const question = parseQuestion(scene.before ?? '');
  if (!question) return null;
  const answer = parseAnswer(scene.text);
  if (answer.kind === 'number') return judge(scene, question, answer.value);
  if (wantsToStop(scene.text)) {
    return `Well done for today, ${scene.context.learner.name}. It was ${formatSolution(question)}.`;
  }
  return answer.kind === 'pass' ? `It is ${formatSolution(question)}. The next one:\n\n${ask(scene)}` : null;
};

const judge = (scene: Scene, question: Question, value: number): string => {
  const solution = solve(question);
  if (value === solution) return `Correct: ${formatSolution(question)}. The next one:\n\n${ask(scene)}`;
  if (scene.before?.includes(tryAgain)) {
    return `Not this time: ${formatSolution(question)}. Here is another:\n\n${ask(scene)}`;
  }
  const hint = value < solution ? 'more' : 'less';
  return `Not quite, it is ${hint} than ${value}. ${tryAgain}\n\n${formatQuestion(question)}`;
};

const composeTalk = ({ context, name, text, before }: Scene): string => {
  const learner = context.learner.name;
  if (/^\s*(thanks|thank you|thx|great|cool)\b/i.test(text) && before !== null) {
    return `You are welcome, ${learner}. What is next: a study plan, or a quiz?`;
  }
  if (/^\s*(hi|hello|hey|hola|good (morning|afternoon|evening)|greetings)\b/i.test(text)) {
    return `Hello ${learner}! I am ${name}, the offline tutor. I can make you\n\n${abilities}\n\nWhat shall it be?`;
  }
  const greeting = before === null ? `Hello ${learner}! ` : '';
  return [
    `${greeting}I am ${name}, the offline tutor: a small program without a language model, so I cannot answer that.`,
    `What I can make is\n\n${abilities}`,
    howToConnect,
  ].join('\n\n');
};

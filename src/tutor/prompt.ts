import { fitTurns } from './context-window.ts';
import type { TutorContext, TutorTurn } from './port.ts';
import { composeSystemPrompt, hasSeveralLearners } from './system-prompt.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export type Prompt = readonly ChatMessage[];

export interface PromptOptions {
  readonly systemPrompt?: string | undefined;
  /** What system prompt and turns may take together, by `estimateTokens`. */
  readonly budgetTokens: number;
}

/**
 * What is sent to the model: the system prompt, then turns that alternate and begin with a learner's, because the chat
 * templates of several local models refuse anything else. Neighbours of one side become one message.
 * @throws {TutorError} CONTEXT_TOO_LONG
 */
export const composePrompt = (
  context: TutorContext,
  { systemPrompt, budgetTokens }: PromptOptions,
): Prompt => {
  const system = composeSystemPrompt(context, systemPrompt);
  const named = hasSeveralLearners(context.turns) ? context.turns.map(withName) : context.turns;
  const kept = fitTurns(system, named, budgetTokens);
  const begin = kept.findIndex((turn) => turn.from === 'LEARNER');
  return [{ role: 'system', content: system }, ...toMessages(begin === -1 ? kept : kept.slice(begin))];
};

const withName = (turn: TutorTurn): TutorTurn =>
  turn.from === 'LEARNER' ? { ...turn, text: `${turn.name}: ${turn.text}` } : turn;

const toMessages = (turns: readonly TutorTurn[]): ChatMessage[] => {
  const groups: { from: TutorTurn['from']; texts: string[] }[] = [];
  for (const { from, text } of turns) {
    const last = groups.at(-1);
    if (last?.from === from) last.texts.push(text);
    else groups.push({ from, texts: [text] });
  }
  return groups.map(({ from, texts }) => ({
    role: from === 'LEARNER' ? 'user' : 'assistant',
    content: texts.join('\n\n'),
  }));
};

import type { Level } from './level.ts';

export type Operator = '+' | '−' | '×' | '÷';

export interface Question {
  readonly left: number;
  readonly operator: Operator;
  readonly right: number;
}

/** How a learner's turn reads as the answer to a question. */
export type QuizAnswer =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'pass' | 'none' };

const results: Record<Operator, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '−': (left, right) => left - right,
  '×': (left, right) => left * right,
  '÷': (left, right) => left / right,
};

export const solve = ({ left, operator, right }: Question): number => results[operator](left, right);

export const formatQuestion = ({ left, operator, right }: Question): string =>
  `**What is ${left} ${operator} ${right}?**`;

export const formatSolution = (question: Question): string =>
  `${question.left} ${question.operator} ${question.right} = ${solve(question)}`;

/** The question that a tutor's turn ends with: all the state that a quiz has. */
export const parseQuestion = (text: string): Question | null => {
  const match = /\*\*What is (\d+) ([+−×÷]) (\d+)\?\*\*\s*$/.exec(text);
  if (!match) return null;
  return { left: Number(match[1]), operator: match[2] as Operator, right: Number(match[3]) };
};

/** The last number in the text, so that "7 times 8 is 56" is 56. */
export const parseAnswer = (text: string): QuizAnswer => {
  const last = text.match(/(?<![\w.,])[-−]?\d+(?:[.,]\d+)?(?!\w)/g)?.at(-1);
  if (last) return { kind: 'number', value: Number(last.replace('−', '-').replace(',', '.')) };
  const passes = /\b(pass|skip|next|hint|give up|no idea|(don'?t|do not) know|not sure)\b/i.test(text);
  return { kind: passes ? 'pass' : 'none' };
};

/** The same seed gives the same question. */
export const makeQuestion = (level: Level, seed: string): Question => {
  const pick = createPicker(seed);
  switch (level) {
    case 'beginner': {
      const [one, other] = [pick(2, 20), pick(2, 20)];
      if (pick(0, 1) === 0) return { left: one, operator: '+', right: other };
      return { left: Math.max(one, other), operator: '−', right: Math.min(one, other) };
    }
    case 'intermediate':
      return { left: pick(3, 12), operator: '×', right: pick(3, 12) };
    case 'advanced': {
      const [one, other] = [pick(12, 30), pick(3, 12)];
      if (pick(0, 1) === 0) return { left: one, operator: '×', right: other };
      return { left: one * other, operator: '÷', right: other };
    }
  }
};

/** Numbers of a range, each call another, from an FNV-1a hash of the seed stepped by an LCG. */
const createPicker = (seed: string): ((min: number, max: number) => number) => {
  let state = 0x811c9dc5;
  for (const unit of Buffer.from(seed)) state = Math.imul(state ^ unit, 0x01000193);
  return (min, max) => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return min + ((state >>> 16) % (max - min + 1));
  };
};

import type { TutorContext, TutorTurn } from '../../../src/tutor/port.ts';

export const ada = {
  id: 'ada',
  name: 'Ada',
  profile: { goals: 'pass the exam', level: 'beginner', interests: ['football', 'music'] },
} as const;

export const learnerTurn = (text: string, name = 'Ada'): TutorTurn => ({ from: 'LEARNER', name, text });
export const tutorTurn = (text: string): TutorTurn => ({ from: 'TUTOR', name: 'EdAgent', text });

/** A conversation of Ada's whose last turn asks `text`. */
export const exampleContext = (text: string, before: readonly TutorTurn[] = []): TutorContext => ({
  learner: ada,
  turns: [...before, learnerTurn(text)],
});

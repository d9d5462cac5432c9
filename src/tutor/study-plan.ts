import type { Profile } from '../domain/entities.ts';
import { firstCharacters } from '../domain/text.ts';
import { type Level, toLevel } from './level.ts';

const maxTopicLength = 80;

const topicPatterns = [
  /(?:^\s*(?:an?\s+)?|\b(?:study|learning|lesson|make|create|give|need|lay out|draw up|write|show)\b[^.?!]{0,24})\bplan\b(?:\s+\w+){0,3}?\s+(?:for|about|on|in|of|to learn|to study)\s+(.+)/i,
  /\b(?:teach me|help me (?:to )?(?:learn|study|with|understand))\s+(.+)/i,
  /\b(?:want|like|need|have|going|how) to (?:learn|study|understand)\s+(.+)/i,
  /^\s*(?:please\s+)?(?:learn|study)\s+(.+)/i,
];

/** What the learner asks for: a plan for a topic, a plan without saying for what (`topic` null), or none. */
export const parsePlanRequest = (text: string): { readonly topic: string | null } | null => {
  for (const pattern of topicPatterns) {
    const topic = cleanTopic(pattern.exec(text)?.[1] ?? '');
    if (topic !== '') return { topic };
  }
  return /\b(study|learning|lesson)\s+plan\b|\bplan\b.{0,20}\b(study|studies|learning)\b/i.test(text)
    ? { topic: null }
    : null;
};

/** One line without the politeness around it. */
export const cleanTopic = (text: string): string => {
  const line = (text.split('\n')[0] ?? '').replace(/[\s,]+(please|thanks|thank you)\b.*$/i, '');
  return firstCharacters(
    line
      .replace(/^(?:about|the topic|topic)\s+/i, '')
      .replace(/^["'“«*]+|[\s."'”»*!?,;:]+$/g, '')
      .replace(/\s+/g, ' '),
    maxTopicLength,
  );
};

const paces: Record<Level, { readonly minutes: number; readonly start: string; readonly stretch: string }> = {
  beginner: {
    minutes: 20,
    start: 'Read or watch one short introduction. Write down five new words in your own words.',
    stretch: 'Explain it to somebody in two minutes, without notes.',
  },
  intermediate: {
    minutes: 30,
    start: 'List what you know already and what you are unsure of. Read up on the unsure half.',
    stretch: 'Solve one task that is harder than you think you can.',
  },
  advanced: {
    minutes: 45,
    start: 'Skim a demanding source and note the three claims that you could not defend yet.',
    stretch: 'Write one page that a critical expert would accept.',
  },
};

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** A week's plan in Markdown, made of what the profile says. */
export const composeStudyPlan = (topic: string, name: string, profile: Profile): string => {
  const { minutes, start, stretch } = paces[toLevel(profile)];
  const level = oneLine(profile.level);
  const goals = oneLine(profile.goals);
  const interest = oneLine(profile.interests[0] ?? '');
  const facts = [
    `for ${name}`,
    ...(level === '' ? [] : [`level: ${level}`]),
    `${minutes} minutes a day`,
    ...(goals === '' ? [] : [`goal: ${goals}`]),
  ];
  const practice = interest === '' ? 'something from your own day' : interest;
  return [
    `## Study plan: ${topic}`,
    '',
    `*${facts.join(' · ')}*`,
    '',
    `1. **Day 1, find your start.** ${start}`,
    `2. **Day 2, the core.** Take the one idea that ${topic} rests on, and work through an example line by line.`,
    `3. **Day 3, practise.** Make three small exercises and check them. Keep the mistakes: they are day 5.`,
    `4. **Day 4, connect.** Find an example of it in ${practice} and describe it in five sentences.`,
    '5. **Day 5, repair.** Do again what went wrong on day 3, first without looking.',
    `6. **Day 6, stretch.** ${stretch}`,
    `7. **Day 7, look back.** What can you do now that you could not?${goals === '' ? '' : ` How far is it to your goal (${goals})?`}`,
    '',
    `Tell me how day 1 went, or ask me to quiz you in arithmetic as a break.`,
  ].join('\n');
};

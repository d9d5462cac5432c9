import { createInterface } from 'node:readline';
import type { ChatScreen } from './chat-screen.ts';
import type { CommandContext } from './context.ts';

/** For scripts: standard output has the answers and nothing else; everything beside them is said on standard error. */
export const createPipeScreen = ({ input, output, note, onInterrupt }: CommandContext): ChatScreen => {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  // From now on: a line that nobody waits for yet would be lost.
  const iterator = lines[Symbol.asyncIterator]();
  const typists = new Set<string>();
  let endInterrupts: () => void = () => {};
  let isMidLine = false;

  const write = (text: string): void => {
    output.write(text);
    isMidLine = !text.endsWith('\n');
  };
  const endLine = (): void => {
    if (isMidLine) write('\n');
  };

  return {
    lines: iterator,
    isSequential: true,
    prompt() {},
    message() {},
    answerText: (_name, text) => write(text),
    answerAgain() {
      endLine();
      note('The tutor begins this answer again.');
    },
    answerEnded(end, reason) {
      endLine();
      if (end === 'STOPPED') note('Stopped.');
      if (end === 'FAILED') note(`The answer failed: ${reason ?? 'for an unknown reason.'}`);
    },
    announcement: (text) => note(`Announcement: ${text}`),
    typing(name, isTyping) {
      if (isTyping && !typists.has(name)) note(`${name} is typing …`);
      if (isTyping) typists.add(name);
      else typists.delete(name);
    },
    note,
    onInterrupt(handler) {
      endInterrupts = onInterrupt(handler);
    },
    close() {
      endInterrupts();
      lines.close();
    },
  };
};

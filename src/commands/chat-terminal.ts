import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ChatScreen } from './chat-screen.ts';
import type { CommandContext, TerminalOutput } from './context.ts';

/**
 * What the lowest line of the terminal holds; everything else is written above it:
 *
 *     prompt ──line──▶ waiting ──text──▶ answer ──end──▶ waiting ──prompt()──▶ prompt
 *
 * While it is no prompt, what is typed is kept and not echoed: it would stand in the middle of the answer.
 */
type Lowest = 'prompt' | 'waiting' | 'answer';

const clearLine = '\r\u001b[J';

type Paint = (text: string) => string;

const createPaint = (isOn: boolean) => {
  const paint =
    (code: number): Paint =>
    (text) =>
      isOn ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { name: paint(36), faint: paint(2), alert: paint(33) };
};

/** The part of the terminal that readline writes to, unless it is told to be silent. */
const createEcho = (output: TerminalOutput) => {
  const state: { isOn: boolean } = { isOn: false };
  const stream = new Writable({
    write(chunk, _encoding, done) {
      if (state.isOn) output.write(chunk);
      done();
    },
  });
  Object.defineProperty(stream, 'columns', { get: () => output.columns });
  output.on('resize', () => stream.emit('resize'));
  return { stream, state };
};

export const createTerminalScreen = (context: CommandContext): ChatScreen => {
  const { input, output, env } = context;
  const paint = createPaint(!env.NO_COLOR);
  const echo = createEcho(output);
  const lines: Interface = createInterface({ input, output: echo.stream, terminal: true, prompt: '> ' });
  const iterator = lines[Symbol.asyncIterator]();
  const typists = new Set<string>();
  let lowest: Lowest = 'waiting';
  let wantsPrompt = false;
  let endInterrupts: () => void = () => {};

  const clear = (): void => {
    const { rows } = lines.getCursorPos();
    if (lowest === 'prompt' && rows > 0) output.write(`\u001b[${rows}A`);
    if (lowest === 'answer') output.write('\n');
    else output.write(clearLine);
  };

  const drawLowest = (): void => {
    echo.state.isOn = lowest === 'prompt';
    if (lowest === 'prompt') lines.prompt(true);
    else if (lowest === 'waiting' && typists.size > 0) {
      output.write(paint.faint(`${[...typists].join(', ')} ${typists.size > 1 ? 'are' : 'is'} typing …`));
    }
  };

  const above = (write: () => void): void => {
    clear();
    if (lowest === 'answer') lowest = 'waiting';
    write();
    drawLowest();
  };

  const prompt = (): void => {
    wantsPrompt = true;
    if (lowest !== 'waiting') return;
    clear();
    lowest = 'prompt';
    drawLowest();
  };

  lines.on('line', () => {
    lowest = 'waiting';
    wantsPrompt = false;
    echo.state.isOn = false;
  });

  return {
    lines: iterator,
    isSequential: false,
    prompt,
    message: (name, text) => above(() => output.write(`${paint.name(`${name}:`)} ${text}\n`)),
    answerText(name, text) {
      if (lowest !== 'answer') {
        clear();
        lowest = 'answer';
        echo.state.isOn = false;
        output.write(`${paint.name(`${name}:`)} `);
      }
      output.write(text);
    },
    answerAgain: () => above(() => context.note(paint.faint('The tutor begins this answer again.'))),
    answerEnded(end, reason) {
      above(() => {
        if (end === 'STOPPED') context.note(paint.faint('Stopped.'));
        if (end === 'FAILED') {
          context.note(paint.alert(`The answer failed: ${reason ?? ''} /retry has it made again.`));
        }
      });
      if (wantsPrompt) prompt();
    },
    announcement: (text) => above(() => output.write(`${paint.alert('Announcement:')} ${text}\n`)),
    typing(name, isTyping) {
      if (isTyping) typists.add(name);
      else typists.delete(name);
      if (lowest !== 'waiting') return;
      clear();
      drawLowest();
    },
    note: (line) => above(() => context.note(paint.faint(line))),
    onInterrupt(handler) {
      lines.on('SIGINT', handler);
      endInterrupts = context.onInterrupt(handler);
    },
    close() {
      endInterrupts();
      clear();
      lines.close();
    },
  };
};

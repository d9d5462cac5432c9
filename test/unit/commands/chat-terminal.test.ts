import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChatScreen } from '../../../src/commands/chat-screen.ts';
import { createTerminalScreen } from '../../../src/commands/chat-terminal.ts';
import type { CommandContext } from '../../../src/commands/context.ts';
import { eventually } from '../../support/eventually.ts';

/** What the terminal was sent since the last look, without colours and movements of the cursor. */
const createTerminal = () => {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let raw = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
  });
  const context: CommandContext = {
    env: {},
    print: (line) => output.write(`${line}\n`),
    note: (line) => output.write(`${line}\n`),
    input,
    output,
    signal: new AbortController().signal,
    readerGone: new AbortController().signal,
    onInterrupt: () => () => {},
    seedPath: null,
    webPath: null,
  };
  return {
    context,
    type: (text: string) => input.write(text),
    get raw() {
      return raw;
    },
    get text() {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
      return raw.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').replaceAll('\r', '');
    },
    clear() {
      raw = '';
    },
  };
};

describe('the terminal of a chat', () => {
  let terminal: ReturnType<typeof createTerminal>;
  let screen: ChatScreen;
  let typed: string[];

  beforeEach(() => {
    terminal = createTerminal();
    screen = createTerminalScreen(terminal.context);
    typed = [];
    void (async () => {
      for await (const line of screen.lines) typed.push(line);
    })();
  });

  afterEach(() => screen.close());

  test('what is typed while the tutor answers is kept, and stands at the next prompt', async () => {
    screen.prompt();
    terminal.type('Hello\r');
    await eventually(() => typed.length === 1);
    terminal.clear();
    screen.typing('Tutor', true);
    screen.answerText('Tutor', 'One ');
    terminal.type('next');
    screen.answerText('Tutor', 'two.');
    screen.answerEnded('FINISHED', null);
    await eventually(() => terminal.text.includes('two.'));
    expect(terminal.text).toContain('Tutor: One two.\n');
    expect(terminal.text).not.toContain('next');
    screen.prompt();
    await eventually(() => terminal.text.endsWith('> next'));
    terminal.type('\r');
    await eventually(() => typed.length === 2);
    expect(typed).toEqual(['Hello', 'next']);
  });

  test('what others write comes above the prompt, which stays as it was', async () => {
    screen.prompt();
    terminal.type('half');
    await eventually(() => terminal.text.endsWith('half'));
    terminal.clear();
    screen.message('Ben', 'Good morning');
    await eventually(() => terminal.text.endsWith('Ben: Good morning\n> half'));
  });

  test('an answer that nobody here asked for leaves the prompt after it', async () => {
    screen.prompt();
    terminal.clear();
    screen.answerText('Tutor', 'One.');
    screen.answerEnded('FAILED', 'It broke.');
    await eventually(() => terminal.text.endsWith('> '));
    expect(terminal.text).toContain(
      'Tutor: One.\nThe answer failed: It broke. /retry has it made again.\n> ',
    );
  });

  test('Ctrl-C goes to the handler', async () => {
    let presses = 0;
    screen.onInterrupt(() => {
      presses += 1;
    });
    terminal.type('\u0003');
    await eventually(() => presses === 1);
  });
});

import { type AccessOptions, openAccess } from './access.ts';
import { createApi } from './api.ts';
import { type ChatDialogue, createChatDialogue } from './chat-dialogue.ts';
import { type ViewerData, viewerDocument } from './chat-documents.ts';
import { createPipeScreen } from './chat-pipe.ts';
import type { ChatScreen } from './chat-screen.ts';
import { createTerminalScreen } from './chat-terminal.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './exit.ts';
import { createLive } from './live.ts';

export interface ChatOptions extends AccessOptions {
  readonly conversation?: string;
  readonly user?: string;
}

const help = [
  '/new        begins another conversation',
  '/list       lists the latest conversations',
  '/open <id>  goes on with one of them',
  '/stop       stops the answer',
  '/retry      has the last answer made again',
  '/quit       leaves; so does Ctrl-D, and Ctrl-C when there is no answer to stop',
  '//…         sends a message that begins with a slash',
];

type Command = (dialogue: ChatDialogue, screen: ChatScreen, rest: string) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  async '/new'(dialogue, screen) {
    dialogue.leave();
    screen.note('The next message begins a conversation.');
  },
  async '/list'(dialogue, screen) {
    const rows = await dialogue.list();
    if (rows.length === 0) screen.note('There are no conversations yet.');
    for (const { id, title, unreadCount } of rows) {
      screen.note(`${id}  ${title}${unreadCount > 0 ? `  (${unreadCount} unread)` : ''}`);
    }
  },
  '/open': (dialogue, _screen, id) => dialogue.open(id),
  async '/stop'(dialogue, screen) {
    if (!(await dialogue.stop())) screen.note('There is no answer to stop.');
  },
  '/retry': (dialogue) => dialogue.retry(),
  async '/help'(_session, screen) {
    for (const line of help) screen.note(line);
  },
};

const obey = async (dialogue: ChatDialogue, screen: ChatScreen, line: string): Promise<void> => {
  const text = line.trim();
  if (text === '') return;
  if (!text.startsWith('/') || text.startsWith('//')) {
    await dialogue.send(text.startsWith('//') ? text.slice(1) : text);
    return;
  }
  const [name = '', ...rest] = text.split(/\s+/);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) await command(dialogue, screen, rest.join(' '));
  else screen.note(`There is no ${name}: /help tells what there is.`);
};

/** For scripts: a line waits for the answer to the one before, and the first refusal is the end. */
const followPipe = async (dialogue: ChatDialogue, screen: ChatScreen): Promise<void> => {
  for await (const line of screen.lines) {
    if (line.trim() === '/quit') break;
    await obey(dialogue, screen, line);
    await dialogue.idle();
  }
  if (dialogue.failures > 0) throw new CommandError('failed', `Answers that failed: ${dialogue.failures}`);
};

/** For people: a line is taken at any time, and a refusal is told. */
const followTerminal = async (dialogue: ChatDialogue, screen: ChatScreen): Promise<void> => {
  const take = async (line: string): Promise<void> => {
    try {
      await obey(dialogue, screen, line);
    } catch (error) {
      screen.note(error instanceof Error ? error.message : String(error));
    }
    await dialogue.idle();
    screen.prompt();
  };
  screen.prompt();
  for await (const line of screen.lines) {
    if (line.trim() === '/quit') break;
    void take(line);
  }
};

/** The first Ctrl-C stops the answer; the next one, or one without an answer, leaves. */
const watchInterrupts = (dialogue: ChatDialogue, screen: ChatScreen, leave: () => void): void => {
  let isStopping = false;
  screen.onInterrupt(() => {
    if (isStopping || !dialogue.isAnswering) {
      leave();
      return;
    }
    isStopping = true;
    screen.note('Stopping the answer; once more to leave.');
    dialogue
      .stop()
      .then(() => dialogue.idle())
      .catch((error: unknown) => screen.note(String(error)))
      .finally(() => {
        isStopping = false;
      });
  });
};

export const chat = async (context: CommandContext, options: ChatOptions): Promise<void> => {
  const { user = 'ada' } = options;
  const name = options.user ?? 'Ada';
  const access = openAccess(context, options, { user, name, role: 'learner' });
  // Asked first over HTTP: a server that is not there or refuses ends the command; from then on, it is waited for.
  const { viewer } = await createApi(access, context.signal).execute<ViewerData>(viewerDocument);
  const isTerminal = context.input.isTTY === true && context.output.isTTY === true;
  const screen = isTerminal ? createTerminalScreen(context) : createPipeScreen(context);
  const live = createLive({
    access,
    note: screen.note,
    onResync: () => void dialogue.refresh().catch((error: unknown) => screen.note(String(error))),
  });
  const dialogue = createChatDialogue({ live, viewerId: viewer.user.id, view: screen });
  const left = new AbortController();
  const leaving = AbortSignal.any([context.signal, context.readerGone, left.signal]);
  const gone = new Promise<void>((resolve) => {
    leaving.addEventListener('abort', () => resolve(), { once: true });
    if (leaving.aborted) resolve();
  });
  watchInterrupts(dialogue, screen, () => left.abort());

  const converse = async (): Promise<void> => {
    if (isTerminal) screen.note(`You are ${viewer.user.name}. /help tells what there is beside messages.`);
    if (options.conversation !== undefined) await dialogue.open(options.conversation);
    await (isTerminal ? followTerminal : followPipe)(dialogue, screen);
  };
  try {
    await Promise.race([converse(), gone, dialogue.broken]);
  } finally {
    dialogue.dispose();
    screen.close();
    await live.dispose();
  }
};

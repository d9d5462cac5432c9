import { Command, Option } from 'commander';
import { loadVersion } from '../util/version.ts';
import type { CommandContext } from './context.ts';
import { exitCodesHelp } from './exit.ts';
import { collectUserIds, parseApiUrl, parseDuration, parseText, parseUserId } from './options.ts';

const defaultTtlMs = 24 * 60 * 60_000;

/** Modules are loaded by the command that needs them: a token does not wait for a database to be loaded. */
const addServe = (program: Command, context: CommandContext): void => {
  program
    .command('serve')
    .description('serves the API until it is stopped; settings come from the environment')
    .addHelpText('after', '\nExample:\n  PORT=8080 edagent serve')
    .action(async () => (await import('./serve.ts')).serve(context));
};

const addToken = (program: Command, context: CommandContext): void => {
  program
    .command('token')
    .description(
      'prints a token, signed with EDAGENT_JWT_SECRET or, in development, with the secret in the data folder',
    )
    .requiredOption('--user <id>', 'whose token', parseUserId)
    .option('--name <name>', 'how the user is called; the id otherwise', parseText)
    .addOption(new Option('--role <role>', 'what they may').choices(['learner', 'admin']).default('learner'))
    .addOption(
      new Option('--ttl <duration>', 'how long it is good for')
        .argParser(parseDuration)
        .default(defaultTtlMs, '24h'),
    )
    .addHelpText('after', '\nExample:\n  edagent token --user ada --name "Ada" --role admin --ttl 1h')
    .action(async (options) => (await import('./token.ts')).token(context, options));
};

const talking = (command: Command): Command =>
  command
    .option('--url <address>', 'where the server is (default: http://127.0.0.1 and PORT)', parseApiUrl)
    .option('--token <token>', 'who asks; in development, one is made when none is given', parseText);

const addChat = (program: Command, context: CommandContext): void => {
  talking(program.command('chat'))
    .description('talks with the tutor; lines that come through a pipe are sent one after the other')
    .option('--conversation <id>', 'goes on with this one; a new one otherwise', parseText)
    .option('--user <id>', 'as whom, when no token is given (default: ada)', parseUserId)
    .addHelpText(
      'after',
      '\nExamples:\n  edagent chat --user ada\n  echo "Make a study plan for photosynthesis" | edagent chat > plan.md',
    )
    .action(async (options) => (await import('./chat.ts')).chat(context, options));
};

const addBroadcast = (program: Command, context: CommandContext): void => {
  talking(program.command('broadcast'))
    .description('announces something to all, or to some users')
    .requiredOption('--text <text>', 'what', parseText)
    .option('--to <user>', 'to this user only; may be given several times', collectUserIds)
    .option('--expires <duration>', 'until when it is shown, from now (default: 30 days)', parseDuration)
    .addHelpText(
      'after',
      '\nExample:\n  edagent broadcast --text "Maintenance at noon" --to ada --to ben --expires 2d',
    )
    .action(async (options) => (await import('./broadcast.ts')).broadcast(context, options));
};

const addStatus = (program: Command, context: CommandContext): void => {
  talking(program.command('status'))
    .description('shows nodes, connections, users and rates')
    .option('--json', 'for scripts; one line each time with --watch')
    .option('--watch', 'goes on and shows every change')
    .addHelpText('after', '\nExample:\n  edagent status --json | jq .connectionCount')
    .action(async (options) => (await import('./status.ts')).status(context, options));
};

const addConfig = (program: Command, context: CommandContext): void => {
  const config = program.command('config').description('about the settings');
  config
    .command('check')
    .description('validates the environment and prints the settings in force, without secrets')
    .addHelpText('after', '\nExample:\n  NODE_ENV=production edagent config check')
    .action(async () => (await import('./config-check.ts')).checkConfig(context));
};

const addEpoch = (program: Command, context: CommandContext): void => {
  const epoch = program.command('epoch').description('about the identity of the history');
  epoch
    .command('rotate')
    .description(
      'begins a new history after the database was restored from a logical dump: all clients refetch. With DATABASE_URL ' +
        'the nodes may go on serving; an embedded database has to be stopped first',
    )
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://edagent@db/edagent edagent epoch rotate')
    .action(async () => (await import('./epoch-rotate.ts')).rotateEpoch(context));
};

export const createProgram = (context: CommandContext): Command => {
  const program = new Command('edagent')
    .description('A realtime tutoring chat as a GraphQL API.')
    .version(loadVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.write(text),
      writeErr: (text) => context.note(text.trimEnd()),
    })
    .showHelpAfterError('(--help tells what there is)')
    .addHelpText('afterAll', exitCodesHelp);
  for (const add of [addServe, addToken, addChat, addBroadcast, addStatus, addConfig, addEpoch]) {
    add(program, context);
  }
  return program;
};

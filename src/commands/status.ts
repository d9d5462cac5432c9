import { type Access, type AccessOptions, openAccess } from './access.ts';
import { createApi } from './api.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './exit.ts';
import { createLive } from './live.ts';
import { type Status, toStatusText } from './status-text.ts';

export interface StatusOptions extends AccessOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const fields = /* GraphQL */ `
  at connectionCount userCount
  nodes { id version startedAt connectionCount userCount answersInProgress residentBytes isDraining }
  rates { at connections messages deltas answers timeToFirstTokenMs }
`;

const statusDocument = /* GraphQL */ `
  query Status {
    connectionStatus {
      ${fields}
      connections(first: 100) {
        totalCount
        nodes { id userId userName transport nodeId userAgent connectedAt lastActivityAt messagesIn messagesOut subscriptionCount }
      }
    }
  }
`;

const watchDocument = /* GraphQL */ `
  subscription Watch { connectionStatusChanged { ${fields} } }
`;

/** Clears the screen and what scrolled off it. */
const clear = '\u001b[2J\u001b[3J\u001b[H';

const watch = async (
  context: CommandContext,
  access: Access,
  show: (status: Status) => void,
): Promise<void> => {
  const live = createLive({ access, note: context.note });
  const stop = AbortSignal.any([context.signal, context.readerGone]);
  try {
    await new Promise<void>((resolve, reject) => {
      stop.addEventListener('abort', () => resolve(), { once: true });
      live.follow<{ connectionStatusChanged: Status }>(
        { query: watchDocument },
        {
          next: ({ connectionStatusChanged }) => show(connectionStatusChanged),
          failed: reject,
          completed: () => reject(new CommandError('failed', 'The server ended the subscription.')),
        },
      );
      if (stop.aborted) resolve();
    });
  } finally {
    await live.dispose();
  }
};

export const status = async (context: CommandContext, options: StatusOptions): Promise<void> => {
  const { print, output, signal } = context;
  const access = openAccess(context, options, { user: 'operator', name: 'Operator', role: 'admin' });
  const api = createApi(access, signal);
  // Asked first over HTTP when watching too: a server that is not there or refuses ends the command.
  const { connectionStatus } = await api.execute<{ connectionStatus: Status }>(statusDocument);
  if (!options.watch) {
    print(options.json ? JSON.stringify(connectionStatus, null, 2) : toStatusText(connectionStatus));
    return;
  }
  await watch(context, access, (seen) => {
    if (options.json) print(JSON.stringify(seen));
    else if (output.isTTY) output.write(`${clear}${toStatusText(seen)}\n`);
    else print(`${toStatusText(seen)}\n`);
  });
};

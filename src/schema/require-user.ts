import type { Viewer } from '../conversations/port.ts';
import type { User } from '../domain/entities.ts';
import { EdAgentError } from '../domain/errors.ts';
import type { Context } from './context.ts';

/** The context of a field that only signed-in viewers reach. */
export interface SignedInContext extends Context {
  readonly viewer: Viewer;
}

const load = async ({ viewer, services }: Context): Promise<User> => {
  if (!viewer) throw new EdAgentError('UNAUTHENTICATED');
  return services.accounts.load(viewer);
};

/**
 * For who needs no more of the viewer than that they may be here.
 * @throws {EdAgentError} UNAUTHENTICATED without a token and for blocked users.
 */
export const admitViewer = async ({ viewer, services }: Context): Promise<void> => {
  if (!viewer) throw new EdAgentError('UNAUTHENTICATED');
  await services.accounts.admit(viewer);
};

const users = new WeakMap<Context, Promise<User>>();

/**
 * The viewer's user, created on first sight; asked for once an operation, however many of its fields need it.
 * @throws {EdAgentError} UNAUTHENTICATED without a token and for blocked users.
 */
export const requireUser = (context: Context): Promise<User> => {
  const known = users.get(context);
  if (known) return known;
  const user = load(context);
  users.set(context, user);
  return user;
};

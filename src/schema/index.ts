import type { GraphQLSchema } from 'graphql';
import './root.ts';
import './answer.ts';
import './auth.ts';
import './author.ts';
import './broadcast.ts';
import './connection-status.ts';
import './conversation.ts';
import './conversation-mutations.ts';
import './errors.ts';
import './message.ts';
import './message-events.ts';
import './scalars.ts';
import './typing.ts';
import './user.ts';
import './viewer.ts';
import { builder } from './builder.ts';

/** Each call makes a schema of its own; none holds state. */
export const createSchema = (): GraphQLSchema => builder.toSchema({ sortSchema: false });

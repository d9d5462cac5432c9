import { type RatePoint, rateIntervalMs } from '../connections/port.ts';
import { badInput } from '../domain/errors.ts';
import { builder, needsContext } from './builder.ts';
import { ClientConnectionPage, ConnectionFilterInput, toClientConnections } from './client-connection.ts';
import { defaultPageSize } from './pagination.ts';
import { ConnectionStatusRef, NodeStatusRef } from './refs.ts';
import { selectsField } from './selections.ts';

const maxHistoryMinutes = 15;
const perSecond = (count: number): number => count / (rateIntervalMs / 1_000);

const RatesRef = builder.objectRef<RatePoint>('Rates').implement({
  description: `What happened in one interval of ${rateIntervalMs / 1_000} s, over all nodes.`,
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'Begin of the interval.' }),
    connections: t.exposeInt('connections', { description: 'Connections at the end of the interval.' }),
    userCount: t.exposeInt('userCount', {
      nullable: true,
      description:
        'Distinct users connected, at the end of the interval. Null while they have not been counted.',
    }),
    answersInProgress: t.exposeInt('answersInProgress', {
      description: 'Answers being made, at the end of the interval.',
    }),
    messages: t.float({
      description: 'Messages sent by people, per second, on average over the interval.',
      resolve: ({ messages }) => perSecond(messages),
    }),
    deltas: t.float({
      description: 'Deltas made by producers, per second, on average over the interval.',
      resolve: ({ deltas }) => perSecond(deltas),
    }),
    answers: t.float({
      description: 'Answers closed, per second, on average over the interval.',
      resolve: ({ answers }) => perSecond(answers),
    }),
    broadcasts: t.float({
      description: 'Broadcasts sent, to all or to some, per second, on average over the interval.',
      resolve: ({ broadcasts }) => perSecond(broadcasts),
    }),
    timeToFirstTokenMs: t.float({
      nullable: true,
      description:
        'Mean time from the begin of an answer to its first token, in milliseconds. Null when none came in the interval.',
      resolve: ({ firstTokenMs, firstTokens }) => (firstTokens === 0 ? null : firstTokenMs / firstTokens),
    }),
  }),
});

NodeStatusRef.implement({
  description: 'A server process, as it last told of itself; one that died leaves within 15 s.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Made anew at each start.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began to serve.' }),
    version: t.exposeString('version', { description: 'Of the server.' }),
    connectionCount: t.exposeInt('connectionCount', { description: 'Connections on it.' }),
    userCount: t.exposeInt('userCount', { description: 'Distinct users connected to it.' }),
    answersInProgress: t.exposeInt('answersInProgress', { description: 'Answers it is making.' }),
    isDraining: t.exposeBoolean('isDraining', {
      description: 'Whether it is stopping and takes no new connections.',
    }),
    residentBytes: t.exposeFloat('residentBytes', {
      description: 'Memory it holds, in bytes; a whole number that may be larger than an Int.',
    }),
  }),
});

ConnectionStatusRef.implement({
  description: 'Who is connected: for admins in the whole cluster, for learners they themselves.',
  fields: (t) => {
    const asked = t.withAuth({ authenticated: true });
    return {
      at: t.expose('at', { type: 'DateTime', description: 'When this was so.' }),
      connectionCount: t.exposeInt('connectionCount', {
        description: "Connections over all nodes; for learners, one's own.",
      }),
      userCount: t.exposeInt('userCount', { description: 'Distinct users connected, over all nodes.' }),
      nodes: t.expose('nodes', { type: [NodeStatusRef], description: 'The nodes that are alive.' }),
      rates: t.expose('rates', { type: RatesRef, description: 'The latest complete interval.' }),
      history: asked.field({
        type: [RatesRef],
        extensions: needsContext,
        description:
          'The intervals before, oldest first, one every 5 s; those in which nothing was told are left out. Empty for learners.',
        args: {
          minutes: asked.arg.int({
            defaultValue: maxHistoryMinutes,
            description: `How far back, in minutes: 1 to ${maxHistoryMinutes}, anything else is BAD_INPUT.`,
          }),
        },
        resolve: async (_status, args, { services, viewer }) => {
          const minutes = args.minutes ?? maxHistoryMinutes;
          if (minutes < 1 || minutes > maxHistoryMinutes) {
            throw badInput('minutes', `must be 1 to ${maxHistoryMinutes}.`);
          }
          return viewer.role === 'ADMIN' ? services.connections.history(minutes) : [];
        },
      }),
      connections: asked.field({
        type: ClientConnectionPage,
        extensions: needsContext,
        description:
          "The connections one by one, longest connected first; for learners, one's own. Not in a subscription: BAD_INPUT.",
        args: {
          first: asked.arg.int({
            defaultValue: defaultPageSize,
            description: 'How many, 1 to 100; anything else is BAD_INPUT.',
          }),
          after: asked.arg.string({ description: 'Begin after this `endCursor` of the page before.' }),
          filter: asked.arg({ type: ConnectionFilterInput, description: 'Which of them; null: all.' }),
        },
        resolve: (_status, args, context) => toClientConnections(context, args),
      }),
    };
  },
});

builder.queryField('connectionStatus', (t) =>
  t.withAuth({ authenticated: true }).field({
    type: ConnectionStatusRef,
    description: 'Who is connected now: for admins in the whole cluster, for learners they themselves.',
    resolve: (_root, _args, { services, viewer }) =>
      services.connections.status(viewer.role === 'ADMIN' ? null : viewer.userId),
  }),
);

builder.subscriptionField('connectionStatusChanged', (t) =>
  t.withAuth({ admin: true }).field({
    type: ConnectionStatusRef,
    description:
      'Admins only. The present status first, then a new one when something changed, at most one a second. Selecting ' +
      '`connections` in it is BAD_INPUT: query those.',
    subscribe: (_root, _args, { services }, info) => {
      if (selectsField(info, 'connections')) {
        throw badInput(
          'connections',
          'may not be selected in a subscription; query connectionStatus instead.',
        );
      }
      return services.connections.watchStatus();
    },
    resolve: (status) => status,
  }),
);

const DisconnectInput = builder.inputType('DisconnectInput', {
  isOneOf: true,
  description: 'What to cut off: exactly one of these.',
  fields: (t) => ({
    connectionId: t.id({ description: 'This connection.' }),
    userId: t.id({ description: 'All connections of this user.' }),
  }),
});

builder.mutationField('disconnect', (t) =>
  t.withAuth({ admin: true }).int({
    description:
      'Admins only. Closes connections with 4292 on every node, within 2 s (5 s without Redis). Clients may come back at ' +
      'once; `setUserBlocked` keeps them out. Returns how many were cut, 0 when there were none.',
    args: {
      by: t.arg({ type: DisconnectInput, required: true, description: 'What to cut off.' }),
      reason: t.arg.string({ description: 'Told to the client with the close code.' }),
    },
    resolve: (_root, { by, reason }, { services }) => services.connections.disconnect(by, reason ?? null),
  }),
);

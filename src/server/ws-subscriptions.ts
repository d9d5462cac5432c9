import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import type { Context, Services } from '../schema/context.ts';
import { isPullSource, type PullSource } from '../util/pull-source.ts';
import type { Auth } from './auth.ts';
import { type FanOut, toMessageFrame } from './fan-out.ts';
import { createPlans, type Plan } from './fan-out-plan.ts';
import { type MaskError, toWire } from './mask-error.ts';
import type { Pipeline } from './pipeline.ts';
import { createContext } from './request-context.ts';
import type { Connected, SocketState } from './ws-state.ts';

export interface WsSubscriptionsOptions {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly services: Services;
  readonly auth: Auth;
  readonly maskError: MaskError;
  readonly fanOut: FanOut;
}

/**
 * Begins the subscriptions whose events are shared, in place of graphql-ws, which would keep a suspended function and
 * a chain of promises for each. They stand among graphql-ws' own in its context, so that it goes on to complete them, to
 * refuse a duplicate id and to end them with the socket. It gets every other message.
 */
export interface WsSubscriptions {
  /** False: the message is not for here. */
  accept(state: SocketState, data: string): boolean;
}

/** Stands in the context while a subscription begins: whether it is still this one shows whether it is still wanted. */
type Beginning = AsyncIterable<never>;

const toBeginning = (): Beginning => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }),
});

const parseSubscribe = (data: string): SubscribeMessage | null => {
  // Most of what clients send is something else; that is parsed once, by graphql-ws.
  if (!data.includes('subscription')) return null;
  try {
    const message = parseMessage(data);
    return message.type === MessageType.Subscribe ? message : null;
  } catch {
    return null;
  }
};

export const createWsSubscriptions = (options: WsSubscriptionsOptions): WsSubscriptions => {
  const { schema, pipeline, services, auth, maskError, fanOut } = options;
  const plans = createPlans({ schema, maskError });
  const maxSubscriptions = services.limits.subscriptionsPerConnection;

  const toWireErrors = (errors: readonly unknown[]) =>
    errors.map((error) => toWire(maskError(error)).toJSON());

  const load = ({ live }: Connected, payload: SubscribeMessage['payload']) => {
    const enveloped = pipeline.getEnveloped({ live, params: payload });
    try {
      const document: DocumentNode = enveloped.parse(payload.query);
      return enveloped.validate(enveloped.schema, document).length === 0 ? document : null;
    } catch {
      return null;
    }
  };

  const toContext = ({ live }: Connected, { extensions }: SubscribeMessage['payload']): Context => {
    const { token, connectionId } = live;
    return createContext({ services, auth, token, connectionId, live, extensions });
  };

  const open = async (
    { document, operationName }: Plan,
    variables: SubscribeMessage['payload']['variables'],
    contextValue: Context,
  ): Promise<PullSource<unknown> | ExecutionResult> => {
    const source = await createSourceEventStream({
      schema,
      document,
      operationName,
      variableValues: variables ?? null,
      contextValue,
    });
    if (isPullSource(source)) return source;
    if (Symbol.asyncIterator in source) throw new Error('a field that shares events needs a PullSource');
    return source;
  };

  const begin = async (
    state: SocketState,
    connected: Connected,
    { id, payload }: SubscribeMessage,
    plan: Plan,
  ): Promise<void> => {
    const { outlet, context } = state;
    if (!context) return;
    let viewerContext: Context;
    try {
      viewerContext = toContext(connected, payload);
    } catch (error) {
      outlet.socket.write(toMessageFrame(id, 'error', toWireErrors([error])), 1);
      return;
    }
    const beginning = toBeginning();
    context.subscriptions[id] = beginning;
    connected.registered.subscriptionBegan();
    const onEnd = (): void => connected.registered.subscriptionEnded();

    const source = await open(plan, payload.variables, viewerContext).catch(
      (error: unknown): ExecutionResult => ({ errors: [maskError(error)] }),
    );
    const isWanted = context.subscriptions[id] === beginning;
    if (!isPullSource(source)) {
      const errors = toWireErrors(source.errors ?? []);
      if (isWanted) {
        delete context.subscriptions[id];
        const frames = toMessageFrame(id, 'next', { errors }) + toMessageFrame(id, 'complete');
        outlet.socket.write(frames, 2);
      }
      onEnd();
      return;
    }
    if (!isWanted) {
      onEnd();
      await source.return();
      return;
    }
    context.subscriptions[id] = source;
    const cohort = plan.cohortOf(payload.variables ?? {});
    fanOut.deliver({ outlet, context, id, source, cohort, onEnd });
  };

  return {
    accept(state, data) {
      const { context, connected } = state;
      if (!connected || !context?.acknowledged) return false;
      const message = parseSubscribe(data);
      if (!message || message.id in context.subscriptions) return false;
      if (Object.keys(context.subscriptions).length >= maxSubscriptions) return false;
      const { query, operationName = null } = message.payload;
      const plan = plans.find({ query, operationName }, () => load(connected, message.payload));
      if (!plan) return false;
      void begin(state, connected, message, plan).catch(maskError);
      return true;
    },
  };
};

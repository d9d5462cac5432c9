import type { IncomingMessage, ServerResponse } from 'node:http';
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { createYoga, type GraphQLParams, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Context, Services } from '../schema/context.ts';
import { newId } from '../util/id.ts';
import type { Log } from '../util/log.ts';
import type { Auth, AuthToken } from './auth.ts';
import { renderGraphiqlPage } from './graphiql.ts';
import { badInputExtensions, type MaskError } from './mask-error.ts';
import { createContext, type LiveAuth } from './request-context.ts';
import { trackSseConnection } from './sse.ts';
import { createSubscribe } from './subscribe.ts';

/** What a transport hands to the pipeline, beside the GraphQL parameters. */
export interface TransportContext {
  /** Over HTTP. */
  readonly req?: IncomingMessage;
  readonly res?: ServerResponse;
  /** The live connection, over WebSocket. */
  readonly live?: LiveAuth;
  /** It was executed already, and this became of it. */
  readonly result?: ExecutionResult;
}

export type Pipeline = YogaServerInstance<TransportContext, Context>;

export interface PipelineOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly auth: Auth;
  readonly maskError: MaskError;
  readonly log: Log;
  readonly isGraphiqlOn: boolean;
  /** How long a peer may take nothing of what waits for it. @default 10_000 */
  readonly stallMs?: number;
}

export const graphqlPath = '/graphql';
export const graphqlMethods = ['GET', 'POST', 'OPTIONS'];

const exampleDocument = `# Paste a token into "Headers" below: { "authorization": "Bearer …" }
mutation Send {
  sendMessage(input: { clientMessageId: "first", text: "Hello! Make me a study plan for fractions." }) {
    ... on SendMessageSuccess { conversation { id title } answer { id } cursor }
    ... on Error { code reason }
  }
}
`;

/** Limits on documents, the same on every transport. */
const armor = () =>
  EnvelopArmorPlugin({
    maxDepth: { n: 12 },
    maxAliases: { n: 15 },
    maxTokens: { n: 2_000 },
    maxDirectives: { n: 50 },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  });

/** Yoga masks what is thrown, and what comes of execution; what validation finds goes past that. */
const validationErrors: Plugin = {
  onValidate:
    () =>
    ({ valid, result }) => {
      if (!valid) for (const error of result) Object.assign(error.extensions, badInputExtensions);
    },
};

const knownResults: Plugin<TransportContext> = {
  onParams({ context, setResult }) {
    const { result } = context as TransportContext;
    if (result) setResult(result);
  },
};

export const createPipeline = (options: PipelineOptions): Pipeline => {
  const { schema, services, auth, maskError, log, isGraphiqlOn, stallMs = 10_000 } = options;

  const loadToken = async (request: Request): Promise<AuthToken | null> => {
    const header = request.headers.get('authorization');
    return header === null ? null : auth.authenticate(header);
  };

  const loadContext = async (transport: TransportContext & { request: Request; params: GraphQLParams }) => {
    const { live } = transport;
    const token = live ? live.token : await loadToken(transport.request);
    const connectionId = live ? live.connectionId : newId();
    const { extensions } = transport.params;
    return createContext({ services, auth, token, connectionId, live: live ?? null, extensions });
  };

  const subscriptions: Plugin<TransportContext & Context> = {
    onSubscribe({ args, setSubscribeFn }) {
      const subscribe = createSubscribe({ maskError });
      const { live, res } = args.contextValue;
      const track = live
        ? subscribe
        : trackSseConnection({ subscribe, services, context: args.contextValue, res, stallMs });
      setSubscribeFn(track);
    },
  };

  return createYoga<TransportContext, Context>({
    schema,
    graphqlEndpoint: graphqlPath,
    context: loadContext,
    maskedErrors: { maskError: (error) => maskError(error), errorMessage: 'Unexpected error.' },
    plugins: [armor(), validationErrors, knownResults, subscriptions],
    graphiql: isGraphiqlOn && {
      subscriptionsProtocol: 'WS',
      title: 'EdAgent',
      defaultQuery: exampleDocument,
    },
    renderGraphiQL: renderGraphiqlPage,
    landingPage: false,
    batching: false,
    multipart: false,
    // The server reads bodies with a bound of its own; Yoga's would send each through two streams once more.
    maxRequestBodySize: false,
    // Tokens come in a header that no page of another origin can make a browser send by itself.
    cors: { origin: '*', credentials: false, methods: graphqlMethods },
    // Bugs are logged where they are masked; what Yoga logs beside that are refusals.
    logging: {
      debug: (...args) => log.debug({ args }, 'yoga'),
      info: (...args) => log.debug({ args }, 'yoga'),
      warn: (...args) => log.debug({ args }, 'yoga'),
      error: (...args) => log.debug({ args }, 'yoga'),
    },
  });
};

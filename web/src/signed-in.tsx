import { useEffect, useState } from 'react';
import { Provider } from 'urql';
import { useRoute } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import type { TokenSource } from './auth/token-source.ts';
import { ChatPage } from './chat/chat-page.tsx';
import { ChatProvider, type ChatServices, createChatServices } from './chat/chat-services.ts';
import { createGraphqlClient, type GraphqlClient, reasonOf } from './graphql/client.ts';
import { ViewerDocument } from './graphql/documents.ts';
import { Button } from './ui/button.tsx';
import { createLazy } from './ui/lazy.ts';
import { Notice } from './ui/notice.tsx';
import { useStore } from './ui/use-store.ts';

const adminPage = createLazy(() => import('./admin/admin-page.tsx'));

const Admin = () => {
  const page = useStore(adminPage.loaded);
  const hasFailed = useStore(adminPage.hasFailed);
  useEffect(adminPage.load, []);
  if (page) return <page.AdminPage />;
  if (!hasFailed) return <Notice title="EdAgent">Loading…</Notice>;
  return (
    <Notice title="EdAgent">
      <p role="alert">This page could not be loaded.</p>
      <Button onClick={() => location.reload()}>Reload</Button>
    </Notice>
  );
};

const viewerRetryMs = 2_000;

interface SignedInProps {
  readonly tokens: TokenSource;
  readonly canSignOut: boolean;
  readonly onSignedOut: (reason?: string) => void;
}

type State =
  | { readonly kind: 'loading'; readonly reason?: string }
  | { readonly kind: 'ready'; readonly services: ChatServices };

const isRefused = (error: unknown): boolean =>
  (error as { graphQLErrors?: { extensions?: { code?: unknown } }[] }).graphQLErrors?.[0]?.extensions
    ?.code === 'UNAUTHENTICATED';

/** Where the reader is when a conversation begins: nobody is taken away from another one. */
const showBegun = (conversationId: string) => {
  if (location.pathname === '/') navigate(`/c/${conversationId}`, { replace: true });
};

const useServices = (tokens: TokenSource, onRefused: (reason: string) => void): State => {
  const [state, setState] = useState<State>({ kind: 'loading' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: one client for each source of tokens, for its whole life.
  useEffect(() => {
    const client = createGraphqlClient(tokens);
    let services: ChatServices | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const load = async () => {
      const { data, error } = await client.urql.query(ViewerDocument, {}).toPromise();
      if (isOver) return;
      if (data) {
        services = createChatServices({ client, viewer: data.viewer, onBegun: showBegun });
        setState({ kind: 'ready', services });
      } else if (isRefused(error)) onRefused(reasonOf(error));
      else {
        setState({ kind: 'loading', reason: reasonOf(error) });
        timer = setTimeout(() => void load(), viewerRetryMs);
      }
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
      services?.dispose();
      void client.dispose();
    };
  }, [tokens]);
  return state;
};

const Ended = ({ client, onSignedOut }: { client: GraphqlClient; onSignedOut: (reason: string) => void }) => {
  const connection = useStore(client.connection);
  const isSignedOut = connection.kind === 'ended' && connection.signedOut;
  useEffect(() => {
    if (isSignedOut) onSignedOut('You were signed out.');
  }, [isSignedOut, onSignedOut]);
  return null;
};

export const SignedIn = ({ tokens, canSignOut, onSignedOut }: SignedInProps) => {
  const state = useServices(tokens, onSignedOut);
  const [isAdminPage] = useRoute('/admin');
  const [, params] = useRoute('/c/:id');
  if (state.kind === 'loading')
    return (
      <Notice title="EdAgent">
        <p role="status">{state.reason ? `${state.reason} Trying again…` : 'Loading…'}</p>
        {state.reason && canSignOut && <Button onClick={() => onSignedOut()}>Sign out</Button>}
      </Notice>
    );
  const { services } = state;
  return (
    <Provider value={services.client.urql}>
      <ChatProvider value={services}>
        <Ended client={services.client} onSignedOut={onSignedOut} />
        {isAdminPage ? (
          <Admin />
        ) : (
          <ChatPage
            conversationId={params?.id ?? null}
            onSignOut={canSignOut ? () => onSignedOut() : undefined}
          />
        )}
      </ChatProvider>
    </Provider>
  );
};

import { useEffect, useState } from 'react';
import { createAddressTokens } from './auth/address-tokens.ts';
import { createDevelopmentSignIn } from './auth/development-tokens.ts';
import { createEmbeddedTokens } from './auth/embedded-tokens.ts';
import { loadPageConfig, type PageConfig } from './auth/page-config.ts';
import { SignInPage } from './auth/sign-in-page.tsx';
import type { TokenSource } from './auth/token-source.ts';
import { SignedIn } from './signed-in.tsx';
import { Button } from './ui/button.tsx';
import { Notice } from './ui/notice.tsx';
import { toSafeStorage } from './ui/storage.ts';

const development = createDevelopmentSignIn(toSafeStorage(() => sessionStorage));

const tokensOf = ({ signIn }: PageConfig): TokenSource | undefined => {
  switch (signIn.kind) {
    case 'development':
      return development.current() ? development.tokens() : undefined;
    case 'address':
      return createAddressTokens({
        address: signIn.address,
        fetch: (address, init) => fetch(address, init),
        goTo: (to) => location.assign(to),
      });
    case 'embedded':
      return createEmbeddedTokens({
        origins: signIn.origins,
        parent: window.parent,
        isEmbedded: window.parent !== window,
        parentOrigin: location.ancestorOrigins?.[0],
        listen(listener) {
          addEventListener('message', listener);
          return () => removeEventListener('message', listener);
        },
      });
    case 'none':
      return undefined;
  }
};

const configRetryMs = 2_000;

const usePageConfig = (): PageConfig | undefined => {
  const [config, setConfig] = useState<PageConfig>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const load = async () => {
      try {
        const loaded = await loadPageConfig();
        if (!isOver) setConfig(loaded);
      } catch {
        if (!isOver) timer = setTimeout(() => void load(), configRetryMs);
      }
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);
  return config;
};

/** Who is signed in decides what is shown; another user is another tree with another client. */
export const App = () => {
  const config = usePageConfig();
  const [tokens, setTokens] = useState<TokenSource>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (config) setTokens(tokensOf(config));
  }, [config]);

  if (!config) return <Notice title="EdAgent">Loading…</Notice>;
  if (config.signIn.kind === 'none')
    return (
      <Notice title="Sign-in is not configured">
        This server does not say where people sign in. Whoever runs it sets <code>EDAGENT_WEB_SIGN_IN</code>{' '}
        or <code>EDAGENT_WEB_EMBED_ORIGINS</code>; the documentation page “EdAgent from your front end” says
        how.
      </Notice>
    );

  const isDevelopment = config.signIn.kind === 'development';
  const signOut = (reason?: string) => {
    tokens?.dispose();
    if (isDevelopment) development.signOut();
    setProblem(reason);
    setTokens(undefined);
  };
  const signInAgain = () => {
    setProblem(undefined);
    setTokens(tokensOf(config));
  };
  if (tokens) return <SignedIn tokens={tokens} onSignedOut={signOut} canSignOut={isDevelopment} />;
  // Not by itself: whoever is refused would ask for tokens without end.
  if (!isDevelopment && problem !== undefined)
    return (
      <Notice title="Not signed in">
        <p role="alert">{problem}</p>
        <Button look="primary" onClick={signInAgain}>
          Sign in again
        </Button>
      </Notice>
    );
  if (!isDevelopment) return <Notice title="EdAgent">Signing in…</Notice>;
  return (
    <SignInPage
      problem={problem}
      onSignIn={async (user) => {
        await development.signIn(user);
        setProblem(undefined);
        setTokens(development.tokens());
      }}
    />
  );
};

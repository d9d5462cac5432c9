import { useEffect, useState } from 'react';
import type { GraphqlClient } from '../graphql/client.ts';
import { Button } from '../ui/button.tsx';
import { useStore } from '../ui/use-store.ts';
import styles from './banners.module.css';

/** Short breaks are nobody's business. */
const quietMs = 1_000;
const tickMs = 250;

/** Whole seconds from now on, ticking; undefined when that moment is no more ahead. */
const useCountDown = (until: number | undefined): number | undefined => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (until === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, [until]);
  return until !== undefined && until > now ? Math.ceil((until - now) / 1_000) : undefined;
};

const useIsLasting = (isSo: boolean): boolean => {
  const [isLasting, setLasting] = useState(false);
  useEffect(() => {
    if (!isSo) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), quietMs);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isSo && isLasting;
};

export const ConnectionBanner = ({ client }: { readonly client: GraphqlClient }) => {
  const state = useStore(client.connection);
  const seconds = useCountDown(state.kind === 'waiting' ? state.until : undefined);
  const isShown = useIsLasting(state.kind !== 'live');
  if (!isShown) return null;
  if (state.kind === 'ended')
    return (
      <div className={styles.banner} role="alert">
        <span>The connection was closed{state.reason ? `: ${state.reason}` : '.'}</span>
        <Button look="plain" onClick={() => location.reload()}>
          Reload
        </Button>
      </div>
    );
  const reason = state.kind === 'waiting' ? state.reason : undefined;
  return (
    <div className={styles.banner}>
      <span role="status">{reason ?? 'No connection.'} What you write is kept.</span>
      <span aria-hidden="true">{seconds === undefined ? 'Connecting…' : `Next try in ${seconds} s`}</span>
      <Button look="plain" onClick={client.retryNow}>
        Try now
      </Button>
    </div>
  );
};

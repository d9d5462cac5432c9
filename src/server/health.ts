/**
 * Live: the process answers. Ready: it should get new work. Redis does not count: without it the service is slower, not
 * broken, and all nodes would leave the balancer at once.
 */
export interface Health {
  readonly isDraining: () => boolean;
  /** Resolves when the store answers. */
  readonly pingStore: () => Promise<void>;
}

export interface HealthReport {
  readonly status: 200 | 503;
  readonly body: Record<string, string>;
}

const pingTimeoutMs = 2_000;

export const liveReport = (): HealthReport => ({ status: 200, body: { status: 'live' } });

export const readyReport = async ({ isDraining, pingStore }: Health): Promise<HealthReport> => {
  if (isDraining()) return { status: 503, body: { status: 'draining' } };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), pingTimeoutMs);
  });
  try {
    await Promise.race([pingStore(), late]);
    return { status: 200, body: { status: 'ready' } };
  } catch {
    return { status: 503, body: { status: 'store unreachable' } };
  } finally {
    clearTimeout(timer);
  }
};
